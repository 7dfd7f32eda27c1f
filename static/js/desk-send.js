// One message to the server and what its answer means for the queue.

const PATIENCE = 8000;
const LATER = new Set([0, 408, 425, 429, 502, 503, 504]);
const TRIES = 3;

const HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

/** {status, json}; status 0 when nothing readable came back, which says nothing about what the server did. */
export async function talk(address, options = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  const fixed = { credentials: "same-origin", cache: "no-store", redirect: "error", signal: giveUp.signal };
  try {
    const answer = await fetch(address, { headers: HEADERS, ...fixed, ...options });
    return { status: answer.status, json: await answer.json() };
  } catch {
    return { status: 0, json: null };
  } finally {
    clearTimeout(timer);
  }
}

export function post(address, body) {
  return talk(address, { method: "POST", body: JSON.stringify({ ...body, sent_at: new Date().toISOString() }) });
}

/**
 * "done", "refused" (answered: no), "later", "signed-out", or "parked": kept, but no longer in the way of others.
 * `fact`: it happened already, with a book in somebody's hand; one that may not be recorded now is kept, not dropped.
 */
export function verdict(status, tries, fact) {
  if (status === 200) { return "done"; }
  if (status === 401) { return "signed-out"; }
  if (LATER.has(status) || (status >= 500 && tries < TRIES)) { return "later"; }
  return status >= 500 || (status === 403 && fact) ? "parked" : "refused";
}

/** Milliseconds until the next try: 0.5 s at first, 15 s at most, spread so that desks do not come all at once. */
export function pause(failures) {
  return Math.min(15000, 500 * 2 ** Math.min(failures - 1, 6)) * (0.75 + Math.random() / 2);
}
