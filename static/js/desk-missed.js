// A page asked for while an answer was on its way may be drawn before the server knew of it, and its answer may still be
// heard by the page before. Nothing is lost, but this page does not show it: it asks again and takes over what it lacks.

import { byId } from "./desk-draw.js";

/** When this page was asked for, by this computer's clock, in milliseconds. */
export function askedAt() {
  const [navigation] = performance.getEntriesByType("navigation");
  return performance.timeOrigin + (navigation ? navigation.fetchStart : 0);
}

/** The page as the server draws it now; null when it cannot be had. */
async function drawnNow() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin", cache: "no-store", redirect: "error" });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** Missing rows and the tally. `count()`: answers heard so far; one more meanwhile, and it is asked anew. False: not done. */
export async function catchUp(rows, count) {
  const before = count();
  const page = await drawnNow();
  if (!page) { return false; }
  if (count() !== before) { return catchUp(rows, count); }
  rows.takeOver(Array.from(page.querySelectorAll("#rows .entry")));
  byId("tally").textContent = page.querySelector("#tally").textContent;
  return true;
}
