// Counts down to the time from which this page may be asked for again, on the reader's own clock, and asks then.
(() => {
  const time = document.querySelector("[data-countdown] time");
  const left = document.querySelector("[data-countdown-left]");
  if (!time) return;
  const until = new Date(time.dateTime);
  const tomorrow = until - Date.now() > 12 * 3600 * 1000;
  const day = tomorrow ? { weekday: "long" } : {};
  time.textContent = until.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });

  function words(seconds) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    if (hours) return `${hours} h ${minutes} min`;
    return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  }

  function tick() {
    const seconds = Math.ceil((until - Date.now()) / 1000) + 1; // the time is told in whole seconds
    if (seconds <= 0) {
      location.reload();
      return;
    }
    left.textContent = `, in ${words(seconds)}`;
    setTimeout(tick, 1000);
  }
  tick();
})();
