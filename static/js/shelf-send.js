// Messages of a shelf's page, one after the other: each has its own uid, and is sent again until it is answered, also
// after a session that ended has begun anew in another tab.

import { pause, post, verdict } from "./desk-send.js";
import { uuid7 } from "./desk-store.js";

const device = uuid7();
let number = 0;
let line = Promise.resolve();
let waiting = 0;

/** After so long, or at once when the network is back. */
const later = (milliseconds) => new Promise((done) => {
  const over = new AbortController();
  const go = () => { clearTimeout(timer); over.abort(); done(); };
  const timer = setTimeout(go, milliseconds);
  addEventListener("online", go, { signal: over.signal });
});

/** How many are not answered yet. */
export function unanswered() {
  return waiting;
}

/** The facts every message begins with: of the moment of the scan, whenever its turn comes. */
export function message(account) {
  number += 1;
  return { account, uid: uuid7(), device, number, at: new Date().toISOString() };
}

async function settle(address, sent, away) {
  for (let failures = 1; ; failures += 1) {
    const { status, json } = await post(address, sent);
    const found = verdict(status, failures, false);
    if (found !== "later" && found !== "signed-out") { return { found, json, uid: sent.uid }; }
    away(found === "signed-out");
    await later(pause(failures));
  }
}

/** {found, json, uid} once the server has answered `sent`; `away(signedOut)` is told of each try that was in vain. In order. */
export function send(address, sent, away) {
  waiting += 1;
  const answered = line.then(() => settle(address, sent, away)).finally(() => { waiting -= 1; });
  line = answered.catch(() => null);
  return answered;
}

addEventListener("beforeunload", (event) => { if (waiting) { event.preventDefault(); event.returnValue = ""; } });
