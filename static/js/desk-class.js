// A class at the desk: the board of its returns beside the scan line, and its names as large buttons while it borrows.
// It only listens: what is scanned goes the desk's own way. The focus never leaves the scan line for anything here.

import { byId } from "./desk-draw.js";
import { talk } from "./desk-send.js";

const AFTER_A_SCAN = 150; // ms: an Enter so soon after a character or an answer is the scanner's, not a person's
const GROUPS = "groups";
const KEPT = "desk-class";
const CHANGES = new Set(["lent", "returned", "undone", "renewed", "counted", "arrived"]);

const desk = location.pathname.replace(/\/$/, "");
const input = byId("code");
const panel = byId("class-names");
const seats = panel.querySelector(".seats");
const wall = "BroadcastChannel" in window ? new BroadcastChannel("tusach-class") : null;

const now = { klass: null, since: "", open: false, reader: null, html: "", going: false, answeredAt: 0, keyAt: 0, busy: false, again: false };

function say(name, facts = {}) {
  const sentence = byId("t-class-words").content.querySelector(`[data-word="${name}"]`).textContent;
  return sentence.replace(/\{(\w+)\}/g, (all, fact) => (fact in facts ? String(facts[fact]) : all));
}

function keep() {
  const { klass, since, open } = now;
  try { sessionStorage.setItem(KEPT, JSON.stringify({ klass, since, open })); } catch { /* this page only */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)) || {}; } catch { return {}; }
}

// Asking the server: one small answer, asked again once if something happened meanwhile

function address() {
  const where = now.klass.code === GROUPS ? `${desk}/groups` : `${desk}/classes/${now.klass.code}`;
  const asked = new URLSearchParams();
  if (now.since) { asked.set("since", now.since); }
  if (now.open) { asked.set("part", "names"); }
  return `${where}?${asked}`;
}

async function refresh() {
  if (!now.klass) { return; }
  if (now.busy) { now.again = true; return; }
  now.busy = true;
  const { klass, open } = now;
  const { status, json } = await talk(address());
  now.busy = false;
  if (now.klass === klass && now.open === open) { told(status, json); }
  if (now.again || now.klass !== klass || now.open !== open) { now.again = false; refresh(); }
}

function told(status, json) {
  panel.querySelector(".class-names-hint").classList.toggle("is-late", status !== 200);
  if (status !== 200) { if (now.open) { panel.querySelector(".class-names-count").textContent = say("offline"); } return; }
  now.since = json.since;
  keep();
  if (now.open) { drawNames(json); } else { now.html = json.html; now.going = json.done > 0; drawBoard(); }
  if (wall) { wall.postMessage(now.klass.code); }
}

// The board of returns

function drawBoard() {
  const place = byId("class-return");
  if (!place) { return; }
  place.innerHTML = now.html;
  place.closest("section").classList.toggle("is-returning", now.going);
}

// The names

function drawNames(json) {
  const before = seats.scrollTop;
  seats.innerHTML = json.html;
  seats.scrollTop = before;
  const head = now.klass.code === GROUPS ? say("groups") : say("head", { name: json.name });
  byId("class-names-head").textContent = head;
  drawTurn();
}

function all() {
  return Array.from(seats.querySelectorAll(".seat"));
}

/** Who is being lent to, and who comes after them: the next in the list that has not had a book since it was opened. */
function drawTurn() {
  const buttons = all();
  const at = buttons.findIndex((one) => one.value === now.reader);
  const inTurn = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
  const waits = at >= 0 && !buttons[at].classList.contains("is-served");
  const next = waits ? null : inTurn.find((one) => !one.classList.contains("is-served"));
  buttons.forEach((one, place) => {
    one.classList.toggle("is-next", one === next);
    if (place === at) { one.setAttribute("aria-current", "true"); } else { one.removeAttribute("aria-current"); }
  });
  const served = buttons.filter((one) => one.classList.contains("is-served")).length;
  panel.querySelector(".class-names-count").textContent = buttons.length ? say("count", { served, total: buttons.length }) : say("none");
  const seen = next || buttons[at];
  if (seen && now.open) { seen.scrollIntoView({ block: "nearest" }); }
}

function serve(uid) {
  const button = all().find((one) => one.value === uid);
  if (button) { button.classList.add("is-served"); drawTurn(); }
}

// Opening, choosing

function show(open) {
  now.open = open;
  panel.hidden = !open;
  panel.closest(".desk").classList.toggle("is-class", open);
  seats.replaceChildren();
  keep();
  refresh();
}

function choose(klass) {
  const same = now.klass && now.klass.code === klass.code;
  if (!same) { Object.assign(now, { klass, since: "", html: "", going: false }); seats.replaceChildren(); }
  panel.querySelectorAll("[data-class-code]").forEach((one) => {
    if (one.dataset.classCode === klass.code) { one.setAttribute("aria-current", "true"); } else { one.removeAttribute("aria-current"); }
  });
  keep();
  drawBoard();
  refresh();
}

/** Chosen in the panel: the picker beside the scan line learns of it the way it always does. */
function chooseHere(button) {
  const klass = { code: button.dataset.classCode, name: button.textContent.trim() };
  const link = byId("reader").querySelector(`[data-class="${klass.code}"]`);
  if (link) { link.click(); } else { choose(klass); }
}

const DEEDS = { names: () => show(true), close: () => show(false) };

document.addEventListener("click", (event) => {
  const deed = event.target.closest("[data-class-do]");
  if (deed) { DEEDS[deed.dataset.classDo](); input.focus(); return; }
  const button = event.target.closest("[data-class-code]");
  if (button) { chooseHere(button); input.focus(); }
});
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("#class-names button, [data-class-do]")) { event.preventDefault(); }
});

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && event.code === "KeyL") { event.preventDefault(); show(!now.open); input.focus(); return; }
  const sinceKey = event.timeStamp - now.keyAt;
  now.keyAt = event.timeStamp;
  const bare = !event.altKey && !event.ctrlKey && event.key === "Enter" && event.target === input && !input.value;
  if (!bare || !now.open || Math.min(sinceKey, event.timeStamp - now.answeredAt) < AFTER_A_SCAN) { return; }
  const next = seats.querySelector(".seat.is-next");
  if (next) { event.preventDefault(); event.stopPropagation(); next.click(); }
}, true);

document.addEventListener("desk-class", ({ detail }) => choose(detail));
document.addEventListener("desk-reader", ({ detail }) => { now.reader = detail; drawTurn(); });
document.addEventListener("desk-answer", ({ detail }) => {
  now.answeredAt = performance.now();
  if (detail.what === "lent" && detail.reader) { serve(detail.reader.uid); }
  if (CHANGES.has(detail.what)) { refresh(); }
});

// A reload goes on with the class that was chosen.
const before = kept();
if (before.klass) {
  now.since = before.since || "";
  now.klass = before.klass;
  const link = byId("reader").querySelector(`[data-class="${before.klass.code}"]`);
  if (link) { link.click(); } else { choose(before.klass); }
}
if (before.open) { show(true); }
