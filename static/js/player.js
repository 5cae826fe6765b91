// Keeps the player up to date while the tab is seen, counts on in between, and sends its commands without
// leaving the page. Without this script the same forms and links lead to the player's page.
(() => {
  const place = document.querySelector("[data-player]");
  if (!place) return;
  const shown = place.matches("[data-player-shown]") ? place : place.querySelector("[data-player-shown]");
  const said = document.querySelector("[data-player-said]");
  const SETTLE = 500; // milliseconds that Spotify takes to notice a command
  const TROUBLE = 30; // seconds to leave it alone after an answer that is none

  let timer = 0;
  let due = 0; // when to look again
  let notBefore = 0; // Spotify asked us to wait until then
  let lookedAt = 0;
  let held = false; // a control is being dragged
  let asking = null;

  place.classList.add("is-live");

  function plan(seconds) {
    clearTimeout(timer);
    due = Math.max(Date.now() + seconds * 1000, notBefore);
    if (document.visibilityState === "visible") timer = setTimeout(look, Math.max(0, due - Date.now()));
  }

  async function look() {
    asking?.abort();
    asking = new AbortController();
    const mine = asking;
    try {
      const answer = await fetch(place.dataset.player, {
        headers: { "X-Requested-With": "fetch" },
        signal: mine.signal,
      });
      if (answer.status === 401) return; // logged out, in another tab
      if (!answer.ok || answer.redirected) return plan(TROUBLE);
      show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") plan(TROUBLE);
    }
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    if (!fresh) return plan(TROUBLE);
    const wait = Number(fresh.dataset.wait) || 15;
    if (wait > 15) notBefore = Date.now() + wait * 1000;
    plan(wait);
    if (held) return;
    lookedAt = performance.now();
    const current = shown.firstElementChild;
    if (current?.dataset.key !== fresh.dataset.key) replace(fresh);
    else current.toggleAttribute("data-playing", fresh.hasAttribute("data-playing"));
    const position = fresh.querySelector?.("[data-player-position]") ?? null;
    setStart(position ? Number(position.getAttribute("value")) : 0);
  }

  // The focus stays on the control that has it, or on the one that took its place.
  function replace(fresh) {
    const used = shown.contains(document.activeElement)
      ? document.activeElement.getAttribute("data-control")
      : null;
    shown.replaceChildren(document.adoptNode(fresh));
    shown.querySelectorAll("input[type=range]").forEach(fill);
    if (used === null) return;
    const again = [...shown.querySelectorAll("[data-control]")].find(
      (one) => one.getAttribute("data-control") === used && !one.disabled,
    );
    (again ?? shown.querySelector("a, button:not(:disabled)"))?.focus({ preventScroll: true });
  }

  // Progress

  let start = 0;

  function setStart(milliseconds) {
    start = milliseconds;
    count();
  }

  function clock(milliseconds) {
    const seconds = Math.floor(milliseconds / 1000);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const rest = String(seconds % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  function say(position, milliseconds) {
    const at = clock(milliseconds);
    const [time] = shown.querySelectorAll("[data-player-at]");
    if (time && time.textContent !== at) time.textContent = at;
    position.setAttribute("aria-valuetext", `${at} of ${clock(Number(position.max))}`);
    fill(position);
  }

  // How far the rail of a range is filled.
  function fill(range) {
    range.style.setProperty("--share", `${(100 * Number(range.value)) / (Number(range.max) || 1)}%`);
  }

  function count() {
    const position = shown.querySelector("[data-player-position]");
    if (!position || held || document.visibilityState !== "visible") return;
    const playing = shown.firstElementChild.hasAttribute("data-playing");
    const passed = playing ? performance.now() - lookedAt : 0;
    const length = Number(position.max);
    const now = Math.min(start + passed, length);
    position.value = String(now);
    say(position, now);
    // It has come to its end: what follows is known a moment later.
    if (playing && start < length && start + passed >= length) {
      start = length;
      plan(1);
    }
  }

  setInterval(count, 1000);

  // Commands

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-player-form]")) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  async function send(form, button) {
    if (button?.getAttribute("aria-busy") === "true") return;
    button?.setAttribute("aria-busy", "true");
    const body = new FormData(form);
    if (button?.name) body.set(button.name, button.value);
    body.set("next", location.pathname + location.search);
    try {
      const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { "X-Requested-With": "fetch", Accept: "application/json" },
      });
      tell(await answer.json());
    } catch {
      speak("That did not get through. Load the page again, and repeat it.", false);
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }

  function tell(told) {
    if (told.location) return location.assign(told.location);
    speak(told.sentence ?? told.error?.message ?? "", told.ok === true);
    if (told.wait) notBefore = Math.max(notBefore, Date.now() + told.wait * 1000);
    asking?.abort(); // what it would bring is of before
    plan(SETTLE / 1000);
  }

  function speak(sentence, good) {
    if (!said) return;
    said.classList.toggle("is-good", good);
    said.classList.toggle("note-stale", !good && said.matches(".note"));
    const words = document.createElement(said.matches("p") ? "span" : "p");
    words.textContent = sentence;
    said.replaceChildren(...(sentence ? [words] : []));
  }

  // A range acts when it is let go; while it is held, nothing is replaced under the hand.
  place.addEventListener("pointerdown", (event) => {
    held = event.target.matches("input[type=range]");
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => setTimeout(() => (held = false), 0));
  }
  place.addEventListener("input", (event) => {
    const range = event.target;
    if (range.matches("[data-player-position]")) say(range, Number(range.value));
    if (range.name === "volume_percent") range.setAttribute("aria-valuetext", `${range.value}%`);
    if (range.matches("input[type=range]")) fill(range);
  });

  // Keys change a range step by step: one command for all of them.
  let settled = 0;
  place.addEventListener("change", (event) => {
    const range = event.target;
    if (!range.matches("input[type=range]")) return;
    if (range.matches("[data-player-position]")) {
      start = Number(range.value);
      lookedAt = performance.now();
    }
    clearTimeout(settled);
    settled = setTimeout(() => range.form?.requestSubmit(), 250);
  });
  place.addEventListener("keydown", (event) => {
    const range = event.target;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    if (!range.matches("input[type=range]") || !(event.key in steps)) return;
    // Five seconds, or five percent: a step of one would take all day.
    event.preventDefault();
    const step = range.matches("[data-player-position]") ? 5000 : 5;
    range.value = String(Number(range.value) + steps[event.key] * step);
    range.dispatchEvent(new Event("input", { bubbles: true }));
    range.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return clearTimeout(timer);
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, due - Date.now()));
  });

  if (place === shown) {
    // The page came with its player.
    shown.querySelectorAll("input[type=range]").forEach(fill);
    lookedAt = performance.now();
    const position = shown.querySelector("[data-player-position]");
    setStart(position ? Number(position.getAttribute("value")) : 0);
    plan(Number(shown.firstElementChild?.dataset.wait) || 15);
  } else {
    plan(0);
  }
})();
