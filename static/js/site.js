// What every page does. Tells the server the reader's time zone, in the cookie "tz", so that pages show times
// on their clock; and installs what shows a page of ours where there is no connection.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || !/^[A-Za-z0-9_+\-/]+$/.test(zone)) return;
  if (document.cookie.split("; ").includes(`tz=${zone}`)) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${zone}; Path=/; SameSite=Lax; Max-Age=31536000${secure}`;
})();

addEventListener("load", () => {
  const script = document.querySelector("link[rel=manifest]").dataset.worker;
  navigator.serviceWorker?.register(script).catch(() => {}); // private windows may refuse: nothing is missing
});
