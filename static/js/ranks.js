// The slider under the ranks: shows them up to one month or year, whose list stands beside; "Play" moves on
// by itself. Without JavaScript every period is listed. Listens on the document, since a page may be swapped in.
(() => {
  const STEP = 900; // milliseconds a period
  let timer = null;

  function show(ranks, at) {
    const sections = [...ranks.querySelectorAll("[data-period]")].reverse(); // the latest is listed first
    sections.forEach((section, place) => (section.hidden = place !== at));
    for (const mark of ranks.querySelectorAll("[data-at]")) mark.classList.toggle("is-later", mark.dataset.at > at);
    // Those of the list stand out.
    for (const line of ranks.querySelectorAll(".bump-line")) line.classList.toggle("is-aside", !line.querySelector(`circle[data-at="${at}"]`));
    const slider = ranks.querySelector("input[type=range]");
    const name = sections[at].querySelector("h3").textContent;
    slider.value = at;
    slider.setAttribute("aria-valuetext", name);
    ranks.querySelector("output").textContent = name;
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    for (const button of document.querySelectorAll("[data-play]")) button.textContent = "Play";
  }

  function begin() {
    stop();
    for (const ranks of document.querySelectorAll("[data-ranks]")) {
      const player = ranks.querySelector("[data-ranks-player]");
      if (ranks.querySelectorAll("[data-period]").length < 2) continue;
      player.hidden = false;
      show(ranks, Number(player.querySelector("input").max));
    }
  }

  document.addEventListener("input", (event) => {
    const ranks = event.target.closest("[data-ranks]");
    if (!ranks) return;
    stop();
    show(ranks, Number(event.target.value));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (!button) return;
    if (timer) return stop();
    const ranks = button.closest("[data-ranks]");
    const slider = ranks.querySelector("input[type=range]");
    const last = Number(slider.max);
    let at = Number(slider.value) < last ? Number(slider.value) : -1;
    const step = () => {
      at += 1;
      if (!ranks.isConnected || at > last) return stop();
      show(ranks, at);
    };
    button.textContent = "Stop";
    timer = setInterval(step, STEP);
    step();
  });

  document.addEventListener("swapped", begin);
  begin();
})();
