// A part of a page that is still being made says where it can be had: it is asked for again until it is whole.
// What has the focus keeps it, and its place on the screen.
// Without this the page loads itself anew.
(() => {
  const EVERY = 1500; // milliseconds

  async function look(part) {
    if (document.visibilityState !== "visible") return true;
    const address = part.dataset.lookAgain;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const whole = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!part.isConnected) return false; // another page has taken its place
    const next = answer.ok && !answer.redirected ? whole.getElementById(part.id) : null;
    if (!next) {
      // Another page is there by now, or it must be said what went wrong.
      if (new URL(address, location.href).href === location.href) location.reload();
      else location.replace(address);
      return false;
    }
    document.title = whole.title;
    replace(part, document.adoptNode(next));
    if (next.dataset.lookAgain) watch(next);
    return false;
  }

  // From the end: what arrives, arrives above what is there.
  function replace(part, next) {
    const used = part.contains(document.activeElement) ? document.activeElement : null;
    const like = (within) => {
      const looks = used.cloneNode(false).outerHTML;
      const all = [...within.querySelectorAll(used.tagName)];
      return all.filter((one) => one.cloneNode(false).outerHTML === looks).reverse();
    };
    const top = used?.getBoundingClientRect().top;
    const again = used && like(next)[like(part).indexOf(used)];
    part.replaceWith(next);
    if (!again) return;
    again.focus({ preventScroll: true });
    scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
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
