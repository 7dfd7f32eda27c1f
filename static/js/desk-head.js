// The line above: how many acts wait, when the last was saved, what the scan line is doing, and the day's tally.

import { byId, clock, redraw, words } from "./desk-draw.js";

const ICONS = { reader: "user-check", returns: "undo-2", waiting: "cloud-off" };
const COUNTED = { lent: 0, returned: 1, counted: 2 };

/** Badge and time of saving. */
export function unsent(count) {
  byId("offline").hidden = count === 0;
  byId("offline").querySelector(".offline-count").textContent = count;
  if (count > 0) { byId("saved").hidden = true; }
}

export function saved() {
  const time = byId("saved").querySelector(".saved-time");
  time.textContent = clock(Date.now()).slice(0, 5);
  byId("saved").hidden = !byId("offline").hidden;
}

/** The chip at the right of the scan line. */
export function chip({ reader, name, returnsOnly, box, waiting }) {
  const text = box || (returnsOnly ? words("returns-only") : reader ? words("lending", { name }).trim() : "");
  const place = byId("context");
  place.hidden = !text && !waiting;
  place.querySelector(".context-words").textContent = text;
  const more = place.querySelector(".context-unsent");
  more.hidden = !waiting;
  more.textContent = waiting ? words("unsent", { count: waiting }) : "";
  more.classList.toggle("is-alone", !text);
  redraw(place.querySelector("svg"), box || returnsOnly ? ICONS.returns : reader ? ICONS.reader : ICONS.waiting);
}

/** Add a deed to the three numbers beside "Vừa quét", or take it off. */
export function tally(what, step) {
  const place = COUNTED[what];
  if (place === undefined) { return; }
  let at = -1;
  const shown = byId("tally");
  shown.textContent = shown.textContent.replace(/\d+/g, (number) => {
    at += 1;
    return at === place ? Math.max(0, Number(number) + step) : number;
  });
}
