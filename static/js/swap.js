// Makes the swaps that htmx does dependable: what is not a page of ours is loaded whole, the focus stays
// on the control that was used, and the new page is announced. Without htmx its links are plain links.
(() => {
  const announcer = document.createElement("div");
  announcer.className = "visually-hidden";
  announcer.setAttribute("aria-live", "polite");
  announcer.setAttribute("aria-atomic", "true");
  document.body.append(announcer);

  let usedControl = null;

  function loadWhole(address) {
    if (new URL(address, location.href).href === location.href) location.reload();
    else location.assign(address);
  }

  // A click for a new tab or window is the browser's: htmx 4.0.1 would swallow it.
  document.addEventListener(
    "click",
    (event) => {
      const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (modified && event.target.closest("main nav a")) event.stopPropagation();
    },
    { capture: true },
  );

  // A redirect (the login has ended), an error, a file: let the browser show it.
  document.addEventListener("htmx:before:response", (event) => {
    const { response, request } = event.detail.ctx;
    const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    if (response.raw.ok && !response.raw.redirected && isPage) return;
    event.preventDefault();
    loadWhole(response.raw.redirected ? response.raw.url : request.action);
  });

  document.addEventListener("htmx:error", (event) => {
    const action = event.detail.ctx?.request.action;
    if (action) loadWhole(action);
  });

  document.addEventListener("htmx:before:swap", () => {
    usedControl = document.activeElement?.closest("main nav")?.getAttribute("aria-label") ?? null;
  });

  document.addEventListener("htmx:after:swap", () => {
    const current = [...document.querySelectorAll("main nav [aria-current]")];
    const again = current.find((link) => link.closest("nav").getAttribute("aria-label") === usedControl);
    again?.focus({ preventScroll: true });
    const heading = document.querySelector("h1").textContent.trim();
    announcer.textContent = [heading, ...current.map((link) => link.textContent.trim())].join(", ");
  });
})();
