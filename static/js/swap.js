// Links of a control with `data-swap` change <main> in place: the focus stays on the control, the new page is
// announced, Back and Forward work. Whatever is no page of ours, or fails, is loaded whole instead.
// Afterwards the document hears "swapped"; without this script the links are plain links.
(() => {
  const LONGEST = 20_000; // milliseconds
  const announcer = document.createElement("div");
  announcer.className = "visually-hidden";
  announcer.setAttribute("aria-live", "polite");
  announcer.setAttribute("aria-atomic", "true");
  document.body.append(announcer);

  let shown = pageOf(location);
  let asking = null;

  function pageOf({ pathname, search }) {
    return pathname + search;
  }

  function loadWhole(address) {
    if (new URL(address, location.href).href === location.href) location.reload();
    else location.assign(address);
  }

  async function swapTo(address, arrive) {
    asking?.abort();
    const mine = new AbortController();
    const tooLong = setTimeout(() => loadWhole(address), LONGEST);
    mine.signal.addEventListener("abort", () => clearTimeout(tooLong));
    asking = mine;
    document.getElementById("main").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
      // A redirect (the login has ended), an error, a file: let the browser show it.
      const isPage = (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
      if (!answer.ok || answer.redirected || !isPage) throw new TypeError("not a page");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine.signal.aborted) return;
      arrive();
      show(page);
    } catch (error) {
      if (error.name !== "AbortError") loadWhole(address);
    } finally {
      clearTimeout(tooLong);
    }
  }

  function show(page) {
    const used = document.activeElement?.closest("main [data-swap]")?.getAttribute("aria-label");
    shown = pageOf(location);
    document.title = page.title;
    document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
    addScripts(page);
    const current = [...document.querySelectorAll("main nav [aria-current]")];
    const again = current.find((link) => link.closest("nav").getAttribute("aria-label") === used);
    again?.focus({ preventScroll: true });
    const heading = document.querySelector("h1").textContent.trim();
    announcer.textContent = [heading, ...current.map((link) => link.textContent.trim())].join(", ");
    document.dispatchEvent(new Event("swapped"));
  }

  function addScripts(page) {
    const known = new Set([...document.scripts].map((script) => script.src));
    for (const { src } of page.head.querySelectorAll("script[src]")) {
      if (known.has(src)) continue;
      const script = document.createElement("script");
      script.src = src;
      document.head.append(script);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("main [data-swap] a[href]");
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
    if (!link || modified || event.defaultPrevented || link.target || link.origin !== location.origin) return;
    event.preventDefault();
    swapTo(link.href, () => history.pushState(null, "", link.href));
  });

  window.addEventListener("popstate", () => {
    if (pageOf(location) !== shown) swapTo(location.href, () => {});
  });
})();
