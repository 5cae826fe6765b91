// Shows a card with the cover, name and figures of the mood map's point under the pointer or in focus.
// Listens on the document, so that a map that is swapped in later works too.
(() => {
  const NEAR = 24; // CSS pixels: from here on a point counts as meant
  let shown = null;
  let touched = false;

  const mapOf = (target) => (target instanceof Element ? target.closest("[data-mood-map]") : null);
  const dotOf = (point) => point.querySelector(".map-dot");

  function nearest(map, x, y) {
    let best = null;
    let least = NEAR;
    for (const point of map.querySelectorAll(".map-point")) {
      const box = dotOf(point).getBoundingClientRect();
      const distance = Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
      if (distance < least) [best, least] = [point, distance];
    }
    return best;
  }

  function line(name, text) {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    return span;
  }

  function fill(card, row) {
    const words = document.createElement("div");
    const name = line("card-name", row.querySelector(".credit-name").textContent);
    name.dir = "auto";
    const [, , , valence, energy, quadrant] = row.cells;
    words.append(name);
    const by = row.querySelector(".credit-by").textContent.trim();
    if (by) words.append(line("card-by", by));
    words.append(line("card-figures", `${quadrant.textContent}: valence ${valence.textContent}, energy ${energy.textContent}`));
    if (row.dataset.here > 1) words.append(line("card-here", `one of ${row.dataset.here} tracks at this spot`));
    card.replaceChildren(row.querySelector(".picture").cloneNode(true), words);
  }

  function show(point) {
    if (point === shown) return;
    hide();
    const map = mapOf(point);
    const row = document.getElementById(point.dataset.row);
    if (!map || !row) return;
    shown = point;
    point.classList.add("is-shown");
    point.querySelector("title")?.remove(); // the card says it; aria-label stays
    const dot = dotOf(point);
    const ring = map.querySelector(".map-ring");
    for (const name of ["cx", "cy"]) ring.setAttribute(name, dot.getAttribute(name));
    const card = map.querySelector(".map-card");
    fill(card, row);
    card.hidden = false;
    place(card, dot.getBoundingClientRect(), card.parentElement.getBoundingClientRect());
  }

  // Above the point, or below it where there is no room; never beyond the map's sides.
  function place(card, dot, field) {
    const left = dot.x + dot.width / 2 - field.x - card.offsetWidth / 2;
    const above = dot.y - field.y - card.offsetHeight - 10;
    card.style.left = `${Math.max(0, Math.min(left, field.width - card.offsetWidth))}px`;
    card.style.top = `${above < 0 && dot.y < card.offsetHeight + 10 + field.y ? dot.bottom - field.y + 10 : above}px`;
  }

  function hide() {
    const map = shown && mapOf(shown);
    shown?.classList.remove("is-shown");
    shown = null;
    if (map) map.querySelector(".map-card").hidden = true;
  }

  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const map = mapOf(event.target);
    if (!map) {
      if (shown && !shown.matches(":focus")) hide();
      return;
    }
    const point = nearest(map, event.clientX, event.clientY);
    if (point) show(point);
  });
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (shown && !mapOf(event.target)) hide();
  });
  // On a touch screen the first tap shows the card and the second one follows the link.
  document.addEventListener("click", (event) => {
    const map = mapOf(event.target);
    if (!map || !touched) return;
    const point = nearest(map, event.clientX, event.clientY);
    const meant = event.target.closest(".map-point");
    if (meant && meant !== shown) event.preventDefault();
    if (point) show(point);
    else if (!meant) hide();
  }, true);
  document.addEventListener("focusin", (event) => {
    const point = event.target.closest?.(".map-point");
    if (point && !touched) show(point);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === shown) hide();
  });
  document.addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape") hide();
  });
})();
