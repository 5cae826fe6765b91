// Makes charts answer: the pointer, a finger or the arrow keys move through the marks and open a card, Enter
// or a click follows the mark's link, dragging (a finger sideways: up and down scrolls the page) or Shift with
// an arrow key chooses a range.
// Listens on the document, so that a chart that is swapped in later works too.
(() => {
  const NEAR = 24; // CSS pixels: from here on a mark counts as meant
  const STILL = 10; // CSS pixels that a finger may move in a tap
  const WAIT = 120; // milliseconds before a card asks what was played most
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const answers = new Map();
  let shown, start, touched, pressed, asking, timer, down;

  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("aria-live", "polite");
  document.body.append(live);

  const chartOf = (target) => (target instanceof Element ? target.closest("[data-chart]") : null);
  const marksOf = (chart) => [...chart.querySelectorAll("svg [tabindex]")];
  const markOf = (target) => (target instanceof Element ? target.closest("[data-chart] svg [tabindex]") : null);
  const linkOf = (mark) => mark.getAttribute("href");
  const boxOf = (mark) => mark.querySelector(":not(title)").getBoundingClientRect();
  const middle = (mark) => {
    const box = boxOf(mark);
    return [box.x + box.width / 2, box.y + box.height / 2];
  };

  function element(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  // `reach`: up to how far from a mark; a finger that drags may leave the chart, and still means its nearest one.
  function nearest(chart, x, y, reach = NEAR) {
    const field = chart.querySelector("svg").getBoundingClientRect();
    const byX = "byX" in chart.dataset;
    if (byX && reach === NEAR && (y < field.top || y > field.bottom)) return null;
    let best = null;
    let least = reach;
    for (const mark of marksOf(chart)) {
      const [mx, my] = middle(mark);
      const far = Math.hypot(mx - x, byX ? 0 : my - y);
      if (far < least) [best, least] = [mark, far];
    }
    return best;
  }

  // The card: what the mark says of itself, then what was played most.
  function fill(card, mark) {
    const words = mark.getAttribute("aria-label");
    const cut = words.lastIndexOf(": ");
    const name = element("strong", "card-name", words.slice(0, cut));
    name.dir = "auto";
    card.replaceChildren(name, element("span", "card-figures", words.slice(cut + 2)));
    const rows = mark.dataset.rows?.split(" ") ?? [];
    if (rows[0]) list(card, rows.map(fromRow));
    if (rows.length === 1 && linkOf(mark)) name.remove(); // the row has it
  }

  function fromRow(id) {
    const row = document.getElementById(id);
    const by = row.querySelector(".credit-by")?.textContent.trim();
    const link = row.querySelector(".credit-name a");
    return { picture: row.querySelector(".picture")?.cloneNode(true), name: row.querySelector(".credit-name").textContent, by, href: link?.href };
  }

  function list(card, items, heading) {
    const made = element("ol", "card-top");
    const before = card.querySelector(".card-open");
    if (heading) card.insertBefore(element("span", "card-heading", heading), before);
    for (const { picture, name, by, plays, href } of items) {
      const line = element("li", "");
      const link = element(href ? "a" : "span", "card-item", name);
      if (href) link.href = href;
      link.dir = "auto";
      if (typeof picture === "string") {
        const image = element("img", "picture");
        Object.assign(image, { src: picture, alt: "", referrerPolicy: "no-referrer" });
        line.append(image);
      } else if (picture) line.append(picture);
      line.append(link, element("span", "card-by", by ?? (plays === 1 ? "1 play" : `${plays.toLocaleString("en")} plays`)));
      made.append(line);
    }
    card.insertBefore(made, before);
    place(card);
  }

  async function ask(chart, mark, card) {
    const address = new URL(chart.dataset.card, location.href);
    const link = new URL(linkOf(mark), location.href);
    const day = link.pathname.match(/\/day\/([\d-]{10})$/);
    if (day) for (const name of ["from", "to"]) address.searchParams.set(name, day[1]);
    for (const name of ["range", "from", "to", "hour", "weekday"])
      if (link.searchParams.has(name)) address.searchParams.set(name, link.searchParams.get(name));
    const by = mark.closest("[data-artist]");
    if (by) address.searchParams.set("artist", by.dataset.artist);
    if (!answers.has(address.href)) {
      asking = new AbortController();
      const response = await fetch(address, { signal: asking.signal });
      if (!response.ok) return;
      answers.set(address.href, await response.json());
    }
    const { top } = answers.get(address.href);
    if (mark !== shown || !top.length) return;
    list(card, top, "Played most");
    live.textContent = `Most played: ${top.map((item) => item.name).join(", ")}`;
  }

  function show(mark) {
    if (mark === shown) return;
    hide();
    const chart = chartOf(mark);
    shown = mark;
    const title = mark.querySelector("title");
    if (title) {
      mark.setAttribute("aria-label", title.textContent);
      title.remove(); // the card says it
    }
    for (const other of marksOf(chart)) other.setAttribute("tabindex", other === mark ? 0 : -1);
    mark.classList.add("is-shown");
    const card = chart.querySelector(".chart-card") ?? chart.appendChild(element("div", "chart-card"));
    fill(card, mark);
    card.hidden = false;
    place(card);
    if (chart.dataset.card && linkOf(mark))
      timer = setTimeout(() => ask(chart, mark, card).catch(() => {}), WAIT);
    if (touched && !pressed && linkOf(mark)) actions(chart, mark, card);
  }

  // For fingers, which cannot hover: where the mark leads, and where a range begins.
  function actions(chart, mark, card) {
    const open = element("a", "card-open", "Open");
    open.href = linkOf(mark);
    card.append(open);
    if (!chart.dataset.range) return;
    const from = element("button", "card-from", "Range from here");
    from.type = "button";
    from.onclick = () => {
      start = mark;
      from.textContent = "Now tap its end";
    };
    card.append(from);
  }

  // Above the mark, or below it where there is no room; never beyond the chart's sides.
  function place(card) {
    if (!shown) return;
    const byX = "byX" in chartOf(shown).dataset;
    const mark = boxOf(shown);
    const { top } = byX ? shown.ownerSVGElement.getBoundingClientRect() : mark;
    const field = card.parentElement.getBoundingClientRect();
    const left = mark.x + mark.width / 2 - field.x - card.offsetWidth / 2;
    const below = top < card.offsetHeight + 10;
    card.style.left = `${Math.max(0, Math.min(left, field.width - card.offsetWidth))}px`;
    // Held at the side of its mark, so that it never grows over it.
    card.style.top = below ? `${mark.bottom - field.y + 10}px` : "auto";
    card.style.bottom = below ? "auto" : `${field.bottom - top + 10}px`;
  }

  function hide() {
    clearTimeout(timer);
    asking?.abort();
    if (!shown) return;
    shown.classList.remove("is-shown");
    const card = chartOf(shown)?.querySelector(".chart-card");
    if (card) card.hidden = true;
    shown = null;
  }

  addEventListener("resize", () => shown && place(chartOf(shown).querySelector(".chart-card")));

  // Ranges: from the mark `start` to the one that is shown.
  function span(chart, end) {
    const marks = marksOf(chart);
    const [first, last] = [marks.indexOf(start), marks.indexOf(end)].sort((a, b) => a - b);
    return first < 0 ? [] : marks.slice(first, last + 1);
  }

  function choose(chart, end) {
    const chosen = start && end && chart.dataset.range ? span(chart, end) : [];
    for (const mark of marksOf(chart)) mark.classList.toggle("is-chosen", chosen.length > 1 && chosen.includes(mark));
    return chosen;
  }

  function go(chart, end) {
    const chosen = choose(chart, end);
    const days = chosen.map((mark) => {
      const link = new URL(linkOf(mark), location.href);
      const day = link.pathname.slice(-10);
      return [link.searchParams.get("from") ?? day, link.searchParams.get("to") ?? day];
    });
    const address = new URL(chart.dataset.range, location.href);
    address.searchParams.set("from", days[0][0]);
    address.searchParams.set("to", days.at(-1)[1]);
    location.assign(address);
  }

  function forget() {
    start = pressed = null;
    for (const mark of document.querySelectorAll(".is-chosen")) mark.classList.remove("is-chosen");
  }

  // A finger that leaves the mark where it came down drags a range; the browser cancels it when the page scrolls.
  function dragged({ clientX: x, clientY: y }) {
    if (start !== pressed && Math.abs(x - down[0]) < STILL) return;
    start = pressed;
    const chart = chartOf(pressed);
    const mark = nearest(chart, x, y, Infinity);
    show(mark);
    choose(chart, mark);
  }

  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return pressed && dragged(event);
    const chart = chartOf(event.target);
    if (!chart) {
      if (shown && !chartOf(shown)?.contains(document.activeElement)) hide();
      return;
    }
    if (event.target.closest(".chart-card")) return;
    const mark = markOf(event.target) ?? nearest(chart, event.clientX, event.clientY);
    if (mark) show(mark);
    if (pressed) choose(chart, mark);
  });

  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    down = [event.clientX, event.clientY];
    const chart = chartOf(event.target);
    if (!chart) {
      hide();
      forget();
    } else if (event.isPrimary && event.button === 0 && chart.dataset.range && !event.target.closest(".chart-card")) {
      pressed = nearest(chart, event.clientX, event.clientY) ?? markOf(event.target);
      if (!touched) start = pressed;
    }
  });
  document.addEventListener("pointerup", (event) => {
    const drag = touched && pressed && start === pressed;
    pressed = null;
    if (drag && shown !== start) go(chartOf(start), shown);
    else if (drag || !chartOf(event.target)) forget();
  });
  document.addEventListener("pointercancel", () => {
    if (pressed && start === pressed) forget();
    pressed = null;
  });
  document.addEventListener("dragstart", (event) => {
    if (markOf(event.target)) event.preventDefault();
  });

  // On a touch screen the first tap shows the card and the second one follows the link.
  document.addEventListener("click", (event) => {
    const chart = chartOf(event.target);
    if (!chart || event.target.closest(".chart-card")) return;
    // A browser may move a finger's click to a neighbour that is easier to hit.
    const near = nearest(chart, ...(touched ? down : [event.clientX, event.clientY]));
    const mark = touched ? near ?? markOf(event.target) : markOf(event.target) ?? near;
    if (!mark) return touched ? hide() : forget();
    const inRange = start && start !== mark && chart.dataset.range && chartOf(start) === chart;
    if (inRange) {
      event.preventDefault();
      go(chart, mark);
    } else if (touched && mark !== shown) {
      event.preventDefault();
      show(mark);
    } else if (markOf(event.target) !== mark && linkOf(mark)) {
      event.preventDefault();
      location.assign(linkOf(mark));
    }
    if (!touched) forget();
  }, true);

  document.addEventListener("focusin", (event) => {
    const mark = markOf(event.target);
    if (mark && !touched) show(mark);
  });
  document.addEventListener("focusout", (event) => {
    const chart = chartOf(event.target);
    if (chart && !touched && !chart.contains(event.relatedTarget)) {
      hide();
      forget();
    }
  });

  // The next mark that way; in the order of the page where none lies there.
  function next(chart, mark, [dx, dy]) {
    const marks = marksOf(chart);
    const [x, y] = middle(mark);
    let best = null;
    let least = Infinity;
    if (!("byX" in chart.dataset)) {
      for (const other of marks) {
        const [ox, oy] = middle(other);
        const along = (ox - x) * dx + (oy - y) * dy;
        const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
        if (along > 1 && along + 3 * aside < least && aside <= 2 * along) [best, least] = [other, along + 3 * aside];
      }
    }
    return best ?? marks[marks.indexOf(mark) + dx + dy];
  }

  document.addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape") {
      hide();
      forget();
      return;
    }
    const mark = markOf(event.target);
    if (!mark) return;
    const chart = chartOf(mark);
    const ends = { Home: 0, End: -1 };
    const to = event.key in KEYS ? next(chart, mark, KEYS[event.key]) : event.key in ends ? marksOf(chart).at(ends[event.key]) : null;
    if (to && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      start = event.shiftKey ? start ?? mark : null;
      to.focus();
      const chosen = choose(chart, to);
      if (chosen.length > 1) live.textContent = `${chosen.length} chosen; Enter shows them`;
    } else if (event.key === "Enter" && start && start !== mark && chart.dataset.range) {
      event.preventDefault();
      go(chart, mark);
    }
  });
})();
