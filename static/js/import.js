// The import page: files may be dropped anywhere on it, an upload and an import show how far they are. Without it
// the form sends files as any form does, and the page reloads itself while an import runs.
(() => {
  const form = document.querySelector("[data-import-form]");
  const LOOK_EVERY = 700; // milliseconds
  // What is sent of a folder: files of these kinds, and JSON only where it has plays, by its first letters.
  const KINDS = /\.(zip|jsonl?|csv|tsv|txt|xlsx|log|html)$/i;
  const SHADOW = /(^|\/)(\._|__MACOSX\/)/;
  const OURS = /(streaming_?history|endsong|endvideo)[^/]*\.json$/i;
  const PLAYS = /"(ts|by_minute|endTime|played_at|corrections|uts|scrobbles|listened_at|listens|timeMs|titleUrl|(Apple Music )?Track Identifier)"\s*:/;
  const number = new Intl.NumberFormat("en");

  const rows = (count) => `${number.format(count)} ${count === 1 ? "row" : "rows"}`;
  const megabytes = (bytes) => `${number.format(Math.max(0.1, Math.round(bytes / 1e5) / 10))} MB`;

  // Sending

  // On the first page of all the server does not know the browser's time zone yet.
  const zones = form.querySelector("[data-browser-zone]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...(zones?.options ?? [])].some(({ value }) => value === own)) zones.value = own;

  const sending = form.querySelector("[data-sending]");
  const bar = sending.querySelector("progress");
  const sentence = sending.querySelector(".reading-sentence");
  const fault = form.querySelector("[data-fault]");
  const choice = form.querySelector(".drop-choose");
  let request = null;

  function show(words) {
    sending.hidden = true;
    choice.hidden = false;
    request = null;
    fault.textContent = words;
    fault.hidden = !words;
  }

  // What a proxy in front refuses comes without our words.
  function errorIn(text) {
    try {
      return JSON.parse(text).error ?? {};
    } catch {
      return {};
    }
  }

  function why(status, text) {
    if (status === 409) return "Ten of your imports are waiting already. Send this one again when one is done.";
    if (status === 413) return "This upload is too large: 4 GB in 900 files at most. Nothing of it was kept.";
    if (status === 507) return "The disk of this site is full. Nothing of this upload was kept; tell its owner.";
    const { message, resume_at: resumeAt } = errorIn(text);
    if (!message) return "This site could not take the upload. Nothing of it was kept; try again in a minute.";
    if (!resumeAt) return `${message}. Nothing of this upload was kept; load the page anew and try again.`;
    const time = new Date(resumeAt).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    return `${message}. Nothing of this upload was kept; send it again after ${time}.`;
  }

  function send(files) {
    if (request || !files.length) return;
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    if (size > Number(form.dataset.largest)) {
      show(why(413));
      return;
    }
    const body = new FormData();
    const token = form.elements.csrf_token.value;
    body.append("csrf_token", token);
    for (const name of ["zone", "day_first"]) body.append(name, form.elements[name].value);
    for (const { file, name } of files) body.append("files", file, name);
    show("");
    choice.hidden = true;
    sending.hidden = false;
    bar.value = 0;
    sentence.textContent = `Sending ${megabytes(size)}`;

    request = new XMLHttpRequest();
    request.open("POST", new URL(form.action).pathname); // the token goes in the header
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => {
      bar.value = (100 * event.loaded) / event.total;
      sentence.textContent =
        event.loaded < event.total
          ? `${megabytes(event.loaded)} of ${megabytes(event.total)} sent`
          : "All sent; the site is putting it away";
    });
    request.addEventListener("load", ({ target }) => {
      if (target.status < 400) location.replace(target.responseURL);
      else show(why(target.status, target.responseText));
    });
    request.addEventListener("error", () => {
      show("The upload broke off before it was complete. Nothing of it was kept; send it again.");
    });
    request.addEventListener("abort", () => show("The upload is stopped. Nothing of it was kept."));
    request.send(body);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send([...form.elements.files.files].map((file) => ({ file, name: file.name })));
  });
  sending.querySelector("[data-stop]").addEventListener("click", () => request?.abort());

  // Dropping: files, or the folder that some systems make of a zip

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  async function inside(entry) {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      return [{ file, name: entry.fullPath.replace(/^\//, "") }];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) break;
      for (const one of some) found.push(...(await inside(one)));
    }
    const wanted = await Promise.all(found.map(mayHoldPlays));
    return found.filter((_, place) => wanted[place]);
  }

  async function mayHoldPlays({ file, name }) {
    if (!KINDS.test(name) || SHADOW.test(name)) return false;
    return !/\.json$/i.test(name) || OURS.test(name) || PLAYS.test(await file.slice(0, 8192).text());
  }

  async function dropped(transfer) {
    // Asked for at once: after the first wait the transfer is empty.
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...transfer.files].map((file) => ({ file, name: file.name }));
    if (!entries.some((entry) => entry.isDirectory)) return plain;
    return (await Promise.all(entries.map(inside))).flat();
  }

  let depth = 0;
  const mark = () => form.classList.toggle("drop-over", depth > 0);
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    mark();
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    mark();
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark();
    try {
      const files = await dropped(event.dataTransfer);
      if (files.length) send(files);
      else show("That folder has no plays in it. Drop the zip as it came.");
    } catch {
      show("The browser could not read what you dropped. Choose the files with the button instead.");
    }
  });

  // Years that stack up, drawn as the server draws them: 600 wide, 90 high

  const SVG = "http://www.w3.org/2000/svg";

  function svg(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function stack(place, counts) {
    const known = Object.keys(counts).map(Number);
    if (!known.length) return;
    const [first, last] = [Math.min(...known), Math.max(...known)];
    const [width, most] = [600 / (last - first + 1), Math.max(...Object.values(counts))];
    if (!place.querySelector(".months")) {
      const size = { viewBox: "0 -2 600 100", preserveAspectRatio: "none" };
      place.replaceChildren(svg("svg", { class: "months", ...size }), svg("svg", { class: "month-years" }));
    }
    const [chart, years] = place.querySelectorAll("svg");
    const labels = [];
    for (let year = first; year <= last; year += 1) {
      const height = (90 * (counts[year] ?? 0)) / most;
      const [x, y] = [(year - first) * width, 90 - height];
      let bar = chart.querySelector(`[data-year="${year}"]`);
      if (!bar) {
        bar = svg("rect", { class: "month-bar", "data-year": year, x, y: 90, width: 0, height: 0 });
        chart.append(bar);
        bar.getBoundingClientRect(); // so that it grows from nothing
      }
      for (const [key, value] of Object.entries({ x, y, width: Math.min(width * 0.8, 90), height })) {
        bar.style.setProperty(key, `${value}px`);
      }
      if ((year - first) % Math.ceil((last - first + 1) / 6)) continue;
      const label = svg("text", { class: "axis", x: `${x / 6}%`, y: "1em" });
      label.textContent = year;
      labels.push(label);
    }
    years.replaceChildren(...labels);
  }

  // Watching

  // A form that was sent leads to a page of its own: no reload comes in between. Scripts that send one themselves
  // have said so by the time that the event is over.
  let leaving = false;
  document.addEventListener("submit", (event) => setTimeout(() => (leaving ||= !event.defaultPrevented)));
  window.addEventListener("pageshow", () => (leaving = false));

  function watch(section) {
    const progress = section.querySelector("progress");
    const said = section.querySelector("[data-sentence]");
    const detail = section.querySelector("[data-detail]");
    const status = section.querySelector("[data-status]");
    const years = section.querySelector("[data-years]");
    years.replaceChildren(); // what the server drew has no names for its years
    let began = "elapsed" in section.dataset ? Date.now() - 1000 * section.dataset.elapsed : null;
    let told = 0;

    // Of an import with thousands of files not all are listed, but counted.
    function tell({ state, rows: sums, years: counts = {}, files, file_count: count = files.length, files_read: read, reading }) {
      if (state === "queued") return;
      began ??= Date.now();
      stack(years, counts);
      const done = read ?? files.filter((one) => !["queued", "running"].includes(one.state)).length;
      const at = reading ?? files.find((one) => one.state === "running")?.name;
      if (!files.length) {
        said.textContent = "Opening what you sent";
        detail.textContent = "";
        return;
      }
      // The history is made at the end, which is a step of its own.
      progress.max = count + 1;
      progress.value = done;
      // Over less than a second, rows a second say nothing.
      const seconds = (Date.now() - began) / 1000;
      const speed = seconds >= 1 && sums.read ? `, ${rows(Math.round(sums.read / seconds))} a second` : "";
      if (at) {
        said.textContent = `${rows(sums.read)} read so far${speed}`;
        detail.textContent = `File ${done + 1} of ${count}: ${at}`;
      } else {
        said.textContent = `${rows(sums.read)} read, putting them in order`;
        detail.textContent = "The last step: finding what came twice, adding up the years.";
      }
      // A screen reader hears of every quarter, not of every file.
      const quarter = Math.floor((4 * done) / count);
      if (quarter > told) status.textContent = said.textContent;
      told = quarter;
    }

    function over({ state, rows: sums, files, files_not_done: other = 0 }) {
      const clean = state === "done" && sums.kept && !other && files.every((one) => one.state === "done");
      if (clean && !sums.unreadable) location.assign(section.dataset.done);
      else location.replace(location.pathname);
    }

    async function look() {
      if (document.visibilityState !== "visible") return true;
      const answer = await fetch(section.dataset.import, { headers: { Accept: "application/json" } });
      if (leaving) return true;
      if (answer.status === 404) {
        location.replace(location.pathname);
        return false;
      }
      if (!answer.ok) return true; // the site may be starting again
      const found = await answer.json();
      if (found.state === "queued" || found.state === "running") {
        tell(found);
        return true;
      }
      // Nothing may tear the person away from what they are sending.
      if (request || leaving) return true;
      over(found);
      return false;
    }

    async function again() {
      let goes = true;
      try {
        goes = await look();
      } catch {
        // The connection may come back.
      }
      if (goes) setTimeout(again, LOOK_EVERY);
    }

    setTimeout(again, LOOK_EVERY / 2);
  }

  document.querySelectorAll("[data-import]").forEach(watch);
  if (document.querySelector("[data-again]")) {
    const again = () => (request || leaving ? setTimeout(again, LOOK_EVERY) : location.replace(location.pathname));
    setTimeout(again, 2 * LOOK_EVERY);
  }
})();
