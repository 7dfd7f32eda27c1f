// A name, then a book. Scans, taps and the camera's finds are sent as messages; what changes is fetched anew as a page and
// put in place, so that the camera beside it goes on. Without this script every one of them is a plain form.

import { play, wake } from "./sounds.js";
import { AGAIN, formerOf } from "./desk-rules.js";
import { message, send } from "./shelf-send.js";

const form = document.getElementById("shelf-scan");
const live = document.getElementById("live");
const said = document.getElementById("scan-said");
const named = form.elements.pupil;
const typed = form.elements.text;
const account = form.dataset.account;

let turns = 0; // scans and taps, as they were made
let opened = 0; // the one that said whose name is open
let drawn = 0; // pictures of the page that were asked for
let recent = before(); // the latest scans, newest first, for desk-rules.js

/** What the page shows as just done: a form sent before this script was in place, or before a reload. */
function before() {
  const { lastCode: code, lastAct: uid, lastAge: age } = form.dataset;
  return code ? [{ code, returns_only: false, uid, at: Date.now() - age * 1000, reader: "name 0", wrote: true }] : [];
}

function tell(words) {
  said.textContent = words;
  said.hidden = !words;
}

function show(parameters) {
  const address = new URL(form.dataset.page, location.href);
  Object.entries(parameters).forEach(([name, value]) => { if (value) { address.searchParams.set(name, value); } });
  return address;
}

/** Fetch the page at this state and take over its changing part. */
async function redraw(parameters) {
  drawn += 1;
  const mine = drawn;
  const address = show(parameters);
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  const text = await answer.text();
  if (mine !== drawn) { return; } // a newer one is on its way
  if (!answer.ok || answer.redirected) { location.assign(address); return; }
  const page = new DOMParser().parseFromString(text, "text/html");
  live.replaceChildren(...page.getElementById("live").childNodes);
  named.value = page.getElementById("shelf-scan").elements.pupil.value;
  history.replaceState(null, "", address);
  if (matchMedia("(pointer: fine)").matches) { typed.focus({ preventScroll: true }); }
}

/** Whose name stays open after an answer: as the page without scripts does (board_views.next_pupil). */
function next(answer, pupil) {
  if (answer.pupil) { return answer.pupil; }
  const done = ["lent", "renewed", "read-here"].includes(answer.what) || (answer.what === "returned" && !answer.again);
  return done ? "" : pupil;
}

/** The name tapped, or opened by a card, after this was sent stays: a slow answer does not close it. */
function name(answer, sent, turn) {
  if (turn < opened || (named.value && !sent && !answer.pupil)) { return; }
  if (answer.pupil) { opened = turn; }
  named.value = next(answer, sent);
}

/** As the desk remembers a scan. It is of the name open now: the same code after another name is another matter. */
function remember(made, code) {
  const one = { code, returns_only: false, uid: made.uid, at: Date.parse(made.at), reader: `name ${opened}`, wrote: true };
  recent = [one, ...recent.filter((other) => one.at - other.at <= AGAIN)];
  return one;
}

function repeats({ at }, code) {
  return formerOf({ reader: `name ${opened}`, at: Date.parse(at), recent }, { code, at, returns_only: false });
}

function settled(one, found, json) {
  one.wrote = found === "done" && !!json.act;
  one.code = one.code || (json && json.code) || "";
  recent.forEach((other) => { if (json && other.uid === json.undid) { other.wrote = false; } });
}

async function act(address, body, made = message(account)) {
  wake();
  turns += 1;
  const turn = turns;
  const one = remember(made, body.text || "");
  const away = (signedOut) => tell(signedOut ? form.dataset.gone : form.dataset.away);
  const { found, json, uid } = await send(address, { ...body, ...made }, away);
  settled(one, found, json);
  tell(json && json.title && found !== "done" ? json.title : "");
  if (found !== "done") { play("khong"); return; }
  play(json.outcome);
  name(json, body.pupil || "", turn);
  try {
    await redraw({ pupil: named.value, last: uid });
  } catch {
    tell(form.dataset.away);
  }
}

function scan(text) {
  const code = text.trim();
  typed.value = "";
  if (!code) { return; }
  const made = message(account);
  if (repeats(made, code)) { tell(form.dataset.repeated); play("ghi"); return; }
  act(form.action, { text: code, pupil: named.value }, made);
}

form.addEventListener("submit", (event) => { event.preventDefault(); scan(typed.value); });
form.addEventListener("scanned", (event) => scan(event.detail.text));

// Covers, "Trả", answers to a question, undo: small forms inside the changing part.
live.addEventListener("submit", (event) => {
  const small = event.target;
  const body = Object.fromEntries(new FormData(small, event.submitter));
  event.preventDefault();
  if (small.classList.contains("result-undo")) {
    act(form.dataset.undo, { act: new URL(small.action).searchParams.get("act"), pupil: named.value });
  } else {
    act(form.action, body);
  }
});

live.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pupil], [data-drop]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
  event.preventDefault();
  wake();
  turns += 1;
  opened = turns;
  named.value = link.dataset.pupil || "";
  redraw({ pupil: named.value }).then(() => scrollTo({ top: 0 })).catch(() => tell(form.dataset.away));
});

if (matchMedia("(pointer: fine)").matches) { typed.focus(); }
