// Answers for the desk when the server cannot: the page kept by desk-shell.js, and its files. Nothing else is touched,
// and nothing is answered from here while the server can be reached.

const PATIENCE = 5000;

function soon(promise) {
  return Promise.race([promise, new Promise((_, fail) => { setTimeout(() => fail(new Error("too slow")), PATIENCE); })]);
}

async function page(request) {
  const known = await caches.match("/desk");
  try {
    const answer = await (known ? soon(fetch(request)) : fetch(request));
    return known && answer.status > 501 ? known : answer;
  } catch (error) {
    if (known) { return known; }
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request)) || fetch(request);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) { return; }
  if (request.mode === "navigate" && pathname === "/desk") { event.respondWith(page(request)); }
  if (/^\/static\/[0-9a-f]{8}\//.test(pathname)) { event.respondWith(file(request)); }
});
