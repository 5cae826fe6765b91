// A part of a page that is still being made says where it can be had: it is asked for again until it is whole.
// Without this the page loads itself anew.
(() => {
  const EVERY = 1500; // milliseconds

  async function look(part) {
    if (document.visibilityState !== "visible") return true;
    const address = part.dataset.lookAgain;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const whole = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = answer.ok && !answer.redirected ? whole.getElementById(part.id) : null;
    if (!next) {
      // Another page is there by now, or it must be said what went wrong.
      if (new URL(address, location.href).href === location.href) location.reload();
      else location.replace(address);
      return false;
    }
    document.title = whole.title;
    part.replaceWith(document.adoptNode(next));
    if (next.dataset.lookAgain) watch(next);
    return false;
  }

  async function again(part) {
    let goes = true;
    try {
      goes = await look(part);
    } catch {
      // The connection may come back.
    }
    if (goes) setTimeout(again, EVERY, part);
  }

  function watch(part, after = EVERY) {
    setTimeout(again, after, part);
  }

  function begin() {
    document.querySelectorAll("[data-look-again]").forEach((part) => watch(part, 100));
  }

  document.addEventListener("swapped", begin);
  begin();
})();
