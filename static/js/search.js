// Search as you type: after a pause the finds are fetched and put in place, the address follows, and what was
// found is announced. Older requests are dropped. Without JavaScript, Enter sends the form.
(() => {
  const PAUSE = 300; // milliseconds
  // Where a site counts searches: after so many within a minute they come less often.
  const QUICK = 12;
  const SLOW_PAUSE = 4000;
  const form = document.getElementById("search");
  const said = document.getElementById("search-said");
  if (!form) return;
  const field = form.elements.q;
  let shown = field.defaultValue.trim();
  let waiting = 0;
  let asking = null;
  let asked = []; // when, of the latest minute
  let notBefore = 0; // the site has asked to wait until then

  function addressOf(words) {
    const address = new URL(form.action);
    if (words) address.searchParams.set("q", words);
    return address;
  }

  function text(tag, words, name) {
    const element = document.createElement(tag);
    element.textContent = words;
    if (name) element.className = name;
    return element;
  }

  // What an error page says, in the place of the finds.
  function trouble(page) {
    const note = text("div", "", "note note-stale");
    const words = document.createElement("p");
    words.append(text("strong", page?.querySelector("h1")?.textContent.trim() ?? "The search did not get through."));
    const more = page
      ? [...page.querySelectorAll(".fault-sentence, .fault-words p:has(time)")]
      : [text("p", "Check the connection, and type on or press Enter to try again.")];
    for (const one of more) words.append(" ", ...one.childNodes);
    note.append(words);
    const finds = text("div", "");
    finds.id = "finds";
    finds.append(note);
    return finds;
  }

  function show(finds, title) {
    document.getElementById("finds").replaceWith(finds);
    if (title) document.title = title;
    said.textContent = (finds.querySelector(".finds-said, .note p")?.textContent ?? "").replace(/\s+/g, " ").trim();
  }

  async function look() {
    const words = field.value.trim();
    asking?.abort();
    if (words === shown) {
      document.getElementById("finds").removeAttribute("aria-busy");
      return;
    }
    if (Date.now() < notBefore) {
      // The note about it stays, and what was typed is searched for when the time has come.
      document.getElementById("finds").removeAttribute("aria-busy");
      waiting = setTimeout(look, notBefore - Date.now());
      return;
    }
    const mine = new AbortController();
    asking = mine;
    document.getElementById("finds").setAttribute("aria-busy", "true");
    const address = addressOf(words);
    asked.push(Date.now());
    try {
      const response = await fetch(address, { signal: mine.signal });
      if (response.redirected) {
        location.assign(response.url); // the login has ended
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine.signal.aborted) return;
      const finds = response.ok ? page.getElementById("finds") : null;
      show(finds ?? trouble(page.querySelector(".fault-words") ? page : null), finds && page.title);
      shown = finds ? words : null;
      if (response.status === 429) {
        notBefore = Date.now() + 1000 * (Number(response.headers.get("Retry-After")) || 60);
        waiting = setTimeout(look, notBefore - Date.now());
      }
      history.replaceState(history.state, "", address);
      // Whoever presses play and is led away comes back to what was found.
      const back = document.querySelector("#play-form [name=next]");
      if (back) back.value = address.pathname + address.search;
    } catch {
      if (mine.signal.aborted) return;
      show(trouble(null));
      shown = null;
    }
  }

  function lookSoon() {
    clearTimeout(waiting);
    asked = asked.filter((time) => Date.now() - time < 60_000);
    waiting = setTimeout(look, form.dataset.counted && asked.length >= QUICK ? SLOW_PAUSE : PAUSE);
  }

  field.addEventListener("input", (event) => {
    if (!event.isComposing) lookSoon();
  });
  field.addEventListener("compositionend", lookSoon);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asking?.abort();
  });
  // The browser may have kept what was typed before the script ran, or before the page was left.
  if (field.value.trim() !== shown) lookSoon();
})();
