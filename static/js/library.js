// Watches a library that is being read: moves the bar every second, and shows the whole page once it is done;
// a reading that waits goes on when its time has come. Without it the page reloads itself every five seconds.
(() => {
  const paused = document.querySelector("[data-resume]");
  if (paused) {
    // At most a day: a longer timer would overflow, and nobody keeps the page open for so long.
    setTimeout(() => location.reload(), Math.min(Number(paused.dataset.resume) + 1, 86400) * 1000);
    return;
  }
  const section = document.querySelector("[data-progress]");
  if (!section) return;
  const bar = section.querySelector("progress");
  const sentence = section.querySelector(".reading-sentence");
  const status = section.querySelector("[data-progress-status]");
  let told = 0;
  // A form that was sent leads to a page of its own: no reload comes in between. Scripts that send one themselves
  // have said so by the time that the event is over.
  let leaving = false;
  document.addEventListener("submit", (event) => setTimeout(() => (leaving ||= !event.defaultPrevented)));
  window.addEventListener("pageshow", () => (leaving = false));

  async function look() {
    if (document.visibilityState !== "visible") return true;
    const answer = await fetch(section.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const { state, loaded, total, sentence: words } = await answer.json();
    if (state !== "running") return false;
    if (total) {
      bar.max = total;
      bar.value = loaded;
      // A screen reader hears of every quarter, not of every second.
      const quarter = Math.floor((4 * loaded) / total);
      if (quarter > told) status.textContent = words;
      told = quarter;
    }
    sentence.textContent = words;
    return true;
  }

  async function watch() {
    let goes = false;
    try {
      goes = await look();
    } catch {
      goes = true; // the connection may come back
    }
    if (goes || leaving) setTimeout(watch, 1000);
    else location.reload();
  }

  setTimeout(watch, 700);
})();
