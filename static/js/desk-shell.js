// So that a reload without a connection still opens the desk: the page as drawn, without anybody's name, is kept
// together with its static files; the worker answers with it when the server cannot.

const NAME = "tusach-desk-";

function stamped() {
  return /\/static\/([0-9a-f]{8})\//.exec(import.meta.url);
}

/** The page without people: readers, rows, answers and the person signed in are taken out. */
function bare() {
  const page = document.documentElement.cloneNode(true);
  const nobody = page.querySelector("#t-nobody");
  ["#rows", "#result", "#alert", "#tally", ".notes ul", ".who"].forEach((one) => {
    page.querySelectorAll(one).forEach((element) => element.replaceChildren());
  });
  page.querySelector("#reader").replaceChildren(nobody.content.cloneNode(true));
  page.querySelectorAll("#scan input[name=reader]").forEach((one) => one.remove());
  page.querySelector("#context").hidden = true;
  page.querySelector(".context-words").textContent = "";
  page.querySelector("#scan").dataset.person = "";
  return `<!doctype html>${page.outerHTML}`;
}

function files() {
  const here = location.origin + "/static/";
  return performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.startsWith(here));
}

async function keep(html) {
  const cache = await caches.open(NAME + (stamped() || ["", "dev"])[1]);
  const headers = { "Content-Type": "text/html; charset=utf-8", ...(await policy()) };
  await cache.put("/desk", new Response(html, { headers }));
  await cache.addAll(Array.from(new Set(files().map((name) => name.split("#")[0]))));
  const old = (await caches.keys()).filter((name) => name.startsWith(NAME) && name !== NAME + (stamped() || ["", "dev"])[1]);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// The kept page is held to the same rules as the one from the server.
async function policy() {
  const answer = await fetch(location.pathname, { method: "HEAD" });
  const rules = answer.headers.get("Content-Security-Policy");
  return rules ? { "Content-Security-Policy": rules } : {};
}

// The server says whether a script from its static files may answer for /desk.
async function mayWork(worker) {
  const answer = await fetch(worker, { method: "HEAD" });
  return answer.ok && answer.headers.has("Service-Worker-Allowed");
}

/** `worker`: the address of the worker's script. Without HTTPS, or without a worker, nothing is kept. */
export function keepShell(worker) {
  if (!worker || !("serviceWorker" in navigator) || !("caches" in window)) { return; }
  const html = bare();
  addEventListener("load", () => setTimeout(async () => {
    try {
      if (!(await mayWork(worker))) { return; }
      await navigator.serviceWorker.register(worker, { scope: "/desk" });
      await keep(html);
    } catch { /* then a reload needs the server */ }
  }, 1500));
}
