// Where there is no connection, shows the page that says so. Keeps that page and its looks, nothing of a person.
const OFFLINE = {{ offline | tojson }};
const KEPT = [OFFLINE, ...{{ files | tojson }}];
const SHELF = "liner-notes " + KEPT.join(" ");

async function keep() {
  const shelf = await caches.open(SHELF);
  // Without cookies: as somebody who is not logged in sees it.
  await shelf.addAll(KEPT.map((address) => new Request(address, { credentials: "omit" })));
  await self.skipWaiting();
}

async function clear() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELF).map((name) => caches.delete(name)));
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await caches.match(OFFLINE)) ?? Promise.reject(error);
  }
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(clear()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.url.slice(location.origin.length);
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(request));
  else if (address !== OFFLINE && KEPT.includes(address)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
