// The desk's page: one line for every code. What is scanned is kept first, then sent, then drawn.

import * as banner from "./desk-banner.js";
import * as head from "./desk-head.js";
import * as sounds from "./sounds.js";
import { Box } from "./desk-box.js";
import { Card } from "./desk-card.js";
import { Line } from "./desk-line.js";
import { Names } from "./desk-names.js";
import { Panel } from "./desk-panel.js";
import { Queue } from "./desk-queue.js";
import { Rows } from "./desk-rows.js";
import { Store } from "./desk-store.js";
import { STALE, moment } from "./desk-rules.js";
import { announce, byId, clock, copyOf, fill, words } from "./desk-draw.js";
import { catchUp } from "./desk-missed.js";
import { talk } from "./desk-send.js";
import { keepShell } from "./desk-shell.js";
import { QuickAdd } from "./quick-add.js";

const LIVE = 5000;

const form = byId("scan");
const input = byId("code");
const desk = location.pathname.replace(/\/$/, "");
const at = { ...form.dataset, scans: `${desk}/scans`, undo: `${desk}/undo`, readers: `${desk}/readers` };
const done = new Map(); // act → what was done, for the tally
const read = new Set(); // copies counted as read in the house: the server counts each once

keepShell(at.worker);

let trouble = null;
let question = null;
let armed = false;
let returnsOnly = false;
let stale = 0;
let heard = 0; // answers, for whoever must know whether another came meanwhile
let unknown = ""; // the last code nobody knew: perhaps a blank card

const store = new Store(() => note("hoi", words("storage-trouble"), "storage"));
const queue = new Queue(store, { account: at.account, person: at.person, scans: at.scans, undo: at.undo }, {
  waiting: (act) => { if (act.kind === "scan") { rows.wait(act, !!trouble || !!act.adopted); } },
  answered, refused, repeated, dropped, context: showContext, connection: showConnection, changed: showCounts,
  behind: async () => { if (!(await catchUp(rows, () => heard))) { queue.behind = true; } },
});
const names = new Names(input, at.readers, (one) => queue.add("pick", { reader: one.code, name: one.name }));
const card = new Card(byId("reader"), (uid) => names.redraw(uid));
const rows = new Rows(byId("rows"), at.undo, (row) => undo(row.dataset.uid));
const panel = new Panel(byId("keys"), queue);
const quick = new QuickAdd(byId("quick"), `${desk}/new-reader`, { opened: openNew, chosen: pickKnown, closed: () => line.focus() });
const box = new Box(byId("box"), () => { showChip(); line.focus(); });
const line = new Line(form, input, { scanned, entered, typed, answer, asks: (key) => !!choiceOf(key) });

// What people do

/** A whole class borrows: the figures tell it from the desk. */
function channel() {
  return byId("class-names")?.hidden === false ? "class" : null;
}

function scanned(code, seen) {
  if (quick.open) { quick.scanned(code); return; }
  names.stop();
  ask(null);
  panel.close();
  queue.add("scan", { code, seen, returns_only: returnsOnly || box.open, channel: channel(), ...box.said });
  persist();
}

function entered(text) {
  if (names.entered(text)) { if (!names.open) { line.clear(); } return; }
  line.clear();
  if (text.trim()) { scanned(text, text); }
}

/** Another scan of what was asked about: the same code and reader, with the answer or the reason. */
function again(more) {
  const { answer: former, ...same } = question.scan;
  const which = (former || "").match(/^item-\d+/);
  const said = which && more.answer ? { answer: `${which[0]} ${more.answer}` } : more;
  ask(null);
  queue.add("scan", { ...same, answer: former, ...said });
}

/** What a key would choose: by its letter, or by the number of its place. */
function choiceOf(key) {
  const among = question ? (armed ? question.overrides : question.choices) : [];
  const letter = String(key).toUpperCase();
  return among.find(([, , own]) => own === letter) || (/^[1-9]$/.test(key) && among[key - 1]) || null;
}

// The one letter that answers is no name yet.
function typed(text) {
  if (text.length === 1 && choiceOf(text)) { return; }
  names.typed(text);
}

function answer(key) {
  const chosen = choiceOf(key);
  if (!chosen) { return false; }
  again(armed ? { override: chosen[0] } : { answer: chosen[0] });
  return true;
}

function ask(asked) {
  question = asked;
  armed = false;
  banner.arm(false);
}

function undo(uid) {
  const waiting = queue.waiting().find((act) => act.uid === uid);
  if (waiting && queue.cancel(waiting)) { rows.stop(uid); rows.strike(uid, words("cancelled")); return; }
  const row = rows.of(uid);
  if (row && row.classList.contains("is-undone")) { return; }
  if (row) { row.dataset.undoing = "1"; }
  const title = row ? row.querySelector(".entry-title").textContent : "";
  queue.add("undo", { act: uid, title });
}

// The newest scan may be so new that it has no row yet.
function undoLast() {
  const newest = queue.waiting().filter((act) => act.kind === "scan").at(-1);
  const undone = queue.waiting().some((act) => act.kind === "undo" && newest && act.act === newest.uid);
  if (newest && !undone && !rows.of(newest.uid)) { undo(newest.uid); return; }
  const row = rows.newest();
  if (row) { undo(row.dataset.uid); }
}

function finish() {
  ask(null);
  queue.add("finish", {});
}

function setReturnsOnly(on) {
  returnsOnly = on;
  byId("returns").setAttribute("aria-pressed", String(on));
  try { sessionStorage.setItem("desk-returns", on ? "1" : ""); } catch { /* this page only */ }
  showChip();
}

function arm() {
  if (!question || !question.overrides.length) { return; }
  armed = !armed;
  banner.arm(armed);
}

// Somebody new

function addNew() {
  const typed = /\d/.test(line.text) ? "" : line.text;
  names.stop();
  line.clear();
  quick.start(typed.trim(), unknown);
}

function openNew(made) {
  unknown = "";
  queue.add("pick", { reader: made.reader, name: made.name });
  const told = { outcome: "ok", word: words("quick-added", made), title: made.name, do: words("quick-do", made), person: true };
  banner.show(told, at.undo);
}

function pickKnown(known) {
  queue.add("pick", { reader: known.code, name: known.name });
}

// What came of it

function isLive(act) {
  return Date.now() - moment(act) < LIVE;
}

function showAnswer(act, answer) {
  if (isLive(act)) { sounds.play(answer.outcome); }
  banner.show({ ...answer, person: answer.what === "reader" }, at.undo);
  measure(act);
}

/** For whoever wants to know: performance.getEntriesByName("scan to paint"). */
function measure(act) {
  const began = performance.timeOrigin;
  const start = Math.max(0, moment(act) - began);
  requestAnimationFrame(() => requestAnimationFrame(() => performance.measure("scan to paint", { start, detail: act.uid })));
}

function answered(act, answer) {
  heard += 1;
  unknown = answer.what === "unknown" ? act.code : "";
  announce("desk-answer", answer);
  rows.tell(act, answer);
  if (answer.undid) { tookBack(answer.undid); } else { counted(act, answer); }
  showAnswer(act, answer);
  const { choices = [], overrides = [] } = answer;
  if (choices.length || overrides.length) { ask({ scan: asked(act), choices, overrides }); }
  head.saved();
  changeCard(answer);
}

function asked(act) {
  const { code, returns_only, answer = null, channel: by = null, returned_on = null, amnesty = false } = act;
  return { code, reader: act.body.reader, returns_only, answer, channel: by, returned_on, amnesty };
}

function counted(act, answer) {
  const seen = answer.what === "counted" && read.has(answer.code);
  if (answer.what === "counted") { read.add(answer.code); }
  if (!seen && answer.act) { done.set(answer.act, answer.what); head.tally(answer.what, 1); }
}

function tookBack(uid) {
  rows.strike(uid);
  head.tally(done.get(uid), -1);
  done.delete(uid);
}

function refused(act, problem) {
  const told = banner.refusal(act, problem);
  const code = problem && problem.code;
  if (act.kind === "undo") {
    const row = rows.of(act.act);
    if (row) { delete row.dataset.undoing; row.querySelectorAll("form").forEach((one) => one.replaceWith(document.createElement("span"))); }
    if (code === "already-undone") { rows.strike(act.act); }
  }
  rows.tell(act, { ...told, time: clock(act.at), act: null });
  showAnswer(act, told);
}

function repeated(act, former) {
  const told = { outcome: "ghi", word: words("repeated-word"), title: former.title, do: words("repeated-do"), act: former.uid };
  const row = { said: words("repeated-said"), fact: words("repeated-fact"), code: former.accession, time: clock(act.at) };
  rows.tell(act, { ...told, ...row, act: null });
  showAnswer(act, told);
}

function dropped(act) {
  rows.drop(act.uid);
  const row = rows.of(act.act);
  if (row) { delete row.dataset.undoing; }
}

// The reader

function changeCard(answer) {
  if (answer.what === "reader") { card.show(answer.reader); return; }
  const known = answer.added && card.add(answer.reader, answer.added);
  if (answer.reader_changed || answer.undid || (answer.added && !known)) { refresh(); }
}

let asking = null;

/** Draw the open reader as the server knows them now. Asked once more if something happened meanwhile. */
async function refresh() {
  const { reader } = queue.context();
  if (!reader) { return; }
  if (asking) { asking.again = true; return; }
  const mine = asking = { again: false };
  const { status, json } = await talk(`${at.readers}/${reader}`);
  asking = null;
  if (mine.again) { refresh(); return; }
  if (status === 200 && queue.context().reader === reader) { card.show(json); }
}

function showContext(context) {
  clearTimeout(stale);
  const fresh = context.reader && Date.now() - context.at <= STALE;
  if (fresh) { stale = setTimeout(() => closeStale(), STALE - (Date.now() - context.at) + 200); }
  if (!fresh) { card.close(); } else if (card.uid !== context.reader) { refresh(); }
  showChip();
}

// A minute without a scan: the next one, judged by its own time, will find nobody either.
function closeStale() {
  if (!queue.waiting().length) { card.close(); showChip(); }
}

function showChip() {
  const { reader, name, at: since } = queue.context();
  const open = reader && Date.now() - since <= STALE ? reader : null;
  announce("desk-reader", open);
  head.chip({ reader: open, name, returnsOnly, box: box.words, waiting: trouble ? unsent() : 0 });
}

// The connection

function unsent() {
  return queue.waiting().filter((act) => act.kind === "scan" || act.kind === "undo").length;
}

function showCounts() {
  head.unsent(trouble ? unsent() : 0);
  showOthers();
  panel.draw();
  showChip();
  if (trouble) { showTrouble(); }
}

function showConnection(now) {
  const began = !trouble && now;
  trouble = now;
  if (began) { rows.reveal(queue.waiting()); }
  showCounts();
}

function showTrouble() {
  const facts = { time: clock(trouble.since).slice(0, 5), count: unsent() };
  const out = trouble.what === "signed-out";
  const name = out ? "signed-out" : store.broken ? "offline-memory" : "offline";
  const told = { outcome: store.broken || out ? "hoi" : "luu", word: words(`${name}-word`, facts), do: words(`${name}-do`, facts) };
  banner.show({ ...told, link: out ? [at.signIn, words("sign-in")] : null }, at.undo);
}

function note(outcome, text, name) {
  closeNote(name);
  const drawn = copyOf("note");
  drawn.className = `entry entry--note is-${outcome}`;
  drawn.querySelector(".entry-spine").replaceChildren(byId(`t-shape-${outcome}`).content.cloneNode(true));
  fill(drawn, "entry-text", text);
  drawn.dataset.note = name;
  document.querySelector(".notes ul").append(drawn);
}

function closeNote(name) {
  document.querySelectorAll(`.notes [data-note="${name}"]`).forEach((one) => one.remove());
}

function showOthers() {
  document.querySelectorAll(".notes [data-note^=other-]").forEach((one) => one.remove());
  queue.others.forEach((count, name) => note("luu", words("others", { count, name: name || words("someone") }), `other-${name}`));
}

let persisted = false;

// Ask the browser not to tidy away what waits. It answers without asking people, or not at all.
function persist() {
  if (!persisted && navigator.storage && navigator.storage.persist) { navigator.storage.persist().catch(() => null); }
  persisted = true;
}

// Keys and buttons

const KEYS = {
  F2: () => { quick.close(); line.focus(); },
  F4: () => { line.clear(); line.focus(); names.start(); },
  F8: arm,
};

function escape() {
  if (quick.open) { quick.close(); return; }
  if (panel.open) { panel.close(); } else if (box.open && !line.text) { box.toggle(); } else if (names.open || names.mode !== "names") { names.stop(); line.clear(); }
  else if (armed) { arm(); } else if (line.text) { line.clear(); } else { finish(); }
  line.focus();
}

function arrow(event) {
  const step = event.key === "ArrowDown" ? 1 : -1;
  if (names.open) { names.move(step); event.preventDefault(); return; }
  if (document.activeElement === input && !line.text && step === 1) { rows.enter(); event.preventDefault(); }
}

document.addEventListener("keydown", (event) => {
  sounds.wake();
  const bare = !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.altKey && !event.ctrlKey && event.code === "KeyN" && quick.can) { event.preventDefault(); addNew(); return; }
  if (quick.holds(event.target) && event.key !== "Escape" && event.key !== "F2") { return; }
  if (event.ctrlKey && !event.altKey && !event.shiftKey && event.code === "KeyZ" && !line.text) { event.preventDefault(); undoLast(); return; }
  if (event.altKey && !event.ctrlKey && event.code === "KeyH") { event.preventDefault(); box.toggle(); return; }
  if (event.altKey && !event.ctrlKey && event.code === "KeyT") { event.preventDefault(); setReturnsOnly(!returnsOnly); return; }
  if (!bare || event.isComposing) { return; }
  if (event.key in KEYS) { event.preventDefault(); KEYS[event.key](); return; }
  if (event.key === "Escape") { escape(); return; }
  if (event.key === "?" && !line.text) { event.preventDefault(); panel.toggle(); return; }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { arrow(event); }
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target === form) { event.preventDefault(); submitted(button); return; }
  const act = event.target.action && new URL(event.target.action).searchParams.get("act");
  if (act) { event.preventDefault(); undo(act); }
});

const SUBMITTED = {
  finish: () => finish(),
  pick: (button) => queue.add("pick", { reader: button.value, name: button.querySelector(".pick-name").textContent }),
  answer: (button) => { if (question) { again({ answer: button.value }); } },
  override: (button) => { if (question) { again({ override: button.value }); } },
};

function submitted(button) {
  if (button && button.name in SUBMITTED) { SUBMITTED[button.name](button); } else { line.submit(); }
}

form.addEventListener("click", () => line.focus());
byId("returns").hidden = false;
byId("keys-open").hidden = false;
byId("keys-open").addEventListener("click", () => panel.toggle());
if (quick.can) { byId("quick-open").hidden = false; byId("quick-open").addEventListener("click", () => addNew()); }
byId("returns").addEventListener("click", () => setReturnsOnly(!returnsOnly));
byId("box-open").addEventListener("click", (event) => { event.preventDefault(); box.toggle(); });
sounds.bindSwitch(byId("sound"));
try { setReturnsOnly(sessionStorage.getItem("desk-returns") === "1"); } catch { /* as drawn */ }

// A link from elsewhere may name a reader: /desk?reader=…
const named = form.querySelector("input[name=reader]");
if (named) {
  history.replaceState(null, "", location.pathname);
  queue.add("pick", { reader: named.value, name: fillName() });
}

function fillName() {
  const shown = document.querySelector(".reader-name");
  return shown ? shown.textContent : "";
}

addEventListener("beforeunload", (event) => { if (queue.waiting().some((act) => act.loose)) { event.preventDefault(); event.returnValue = ""; } });
queue.start();
