// The kiosk: a scanner, fingers or keys. A burst of keys that ends in Enter is a card; what is typed slowly is a name. An
// answer stands for some seconds, what was typed and nobody sent is gone after some more.

import { talk } from "./desk-send.js";
import * as shelf from "./shelf-send.js";
import { play } from "./sounds.js";

const kiosk = document.getElementById("kiosk");
const words = kiosk.dataset;
const part = (name) => kiosk.querySelector(`[data-${name}]`);
const [asked, told, find, list, keys] = ["ask", "told", "find", "names-list", "keys"].map(part);
const none = part("none-said");
const input = find.elements.q;
const group = find.elements.class;
const SHOWN = 6000;
const REFUSED = 9000;
const IDLE = 25000;
const TYPING = 180;
const BURST = 35;
const LEAST = 4;
const SILENT = 1500;

let question = 0;
let typing = 0;
let shown = 0;
let idle = 0;
let struck = [];
let busy = false;

// Names

function button(one) {
  const item = document.createElement("li");
  const made = document.createElement("button");
  const name = document.createElement("b");
  made.name = "reader";
  made.value = one.uid;
  name.textContent = one.name;
  made.append(name);
  if (one.group) {
    const tag = document.createElement("span");
    tag.textContent = one.group;
    made.append(tag);
  }
  item.append(made);
  return item;
}

function list_(names, said) {
  list.replaceChildren(...names.map(button));
  none.textContent = said;
  none.hidden = !said;
}

async function look() {
  const number = ++question;
  const typed = input.value.trim();
  if (!group.value && typed.length < 2) { list_([], typed ? words.more : ""); return; }
  const { status, json } = await talk(`${words.names}?${new URLSearchParams({ q: typed, class: group.value })}`);
  if (number !== question) { return; }
  if (status === 401) { closed(); return; }
  if (status === 200) { list_(json.names, json.names.length ? "" : words.none); }
}

function typed() {
  clearTimeout(typing);
  typing = setTimeout(look, TYPING);
  wait();
}

// Voice: a Vietnamese one of this machine, else a short sound. A voice that fails (no network, no sound device) or does not
// begin in time is a short sound too; what is written stands either way.

function voice() {
  const found = window.speechSynthesis ? speechSynthesis.getVoices() : [];
  return found.find((one) => one.lang.toLowerCase().startsWith("vi")) || null;
}

function greet(outcome, said) {
  const speaker = words.voice === "1" ? voice() : null;
  if (!speaker) { play(outcome); return; }
  const speech = new SpeechSynthesisUtterance(said);
  speech.voice = speaker;
  speech.lang = speaker.lang;
  const late = setTimeout(() => { speechSynthesis.cancel(); play(outcome); }, SILENT);
  speech.onstart = () => clearTimeout(late);
  speech.onerror = ({ error }) => {
    clearTimeout(late);
    if (error !== "canceled" && error !== "interrupted") { play(outcome); }
  };
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
}

// Answers

function answer({ outcome, head, do: said, act, today }, stays = SHOWN) {
  const drawn = part("answer").content.cloneNode(true);
  const box = drawn.querySelector(".kiosk-answer");
  box.classList.add(`is-${outcome}`);
  box.querySelector(".kiosk-picture").hidden = outcome !== "ok";
  const shape = box.querySelector(".shape");
  const drawing = shape.querySelector("use");
  shape.classList.replace("is-ok", `is-${outcome}`);
  shape.dataset.o = outcome;
  drawing.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, `#o-${outcome}`));
  box.querySelector(".kiosk-answer-head").textContent = head;
  box.querySelector(".kiosk-answer-do").textContent = said;
  box.querySelector("[data-next]").addEventListener("click", ready);
  const back = box.querySelector("[data-not-me]");
  back.hidden = !act;
  back.addEventListener("click", () => send(words.back, { act }));
  if (today !== undefined) { part("today").textContent = today.toLocaleString("vi-VN"); }
  told.replaceChildren(drawn);
  asked.hidden = true;
  busy = false;
  greet(outcome, `${head}. ${said}`);
  clearTimeout(shown);
  shown = setTimeout(ready, stays);
}

function ready() {
  clearTimeout(shown);
  clearTimeout(idle);
  question += 1;
  told.replaceChildren();
  asked.hidden = false;
  input.value = "";
  group.value = "";
  list_([], "");
  input.focus({ preventScroll: true });
}

function wait() {
  clearTimeout(idle);
  idle = setTimeout(ready, IDLE);
}

function closed() {
  answer({ outcome: "khong", head: words.gone, do: "", act: null }, 600000);
}

async function send(address, body) {
  const away = (signedOut) => {
    if (signedOut) { closed(); } else { answer({ outcome: "luu", head: words.away, do: "", act: null }); }
  };
  const { account, ...message } = shelf.message(null);
  const { found, json } = await shelf.send(address, { ...message, ...body }, away);
  if (found === "done") { answer(json); return; }
  answer({ outcome: "khong", head: json && json.title ? json.title : words.failed, do: "", act: null }, REFUSED);
}

const come = (body) => send(words.come, body);

/** Fingers tap twice: until something was answered the second tap is the first. Cards that are scanned wait in line. */
function tapped(body) {
  if (busy) { return; }
  busy = true;
  asked.hidden = true;
  come(body);
}

// Fingers and keys

list.closest("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter && event.submitter.value) { tapped({ reader: event.submitter.value }); }
});
part("guests").addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter) { tapped({ guest: event.submitter.value }); }
});
group.addEventListener("change", typed);
input.addEventListener("input", typed);
find.addEventListener("submit", (event) => event.preventDefault());
keys.hidden = false;
keys.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (!key) { return; }
  if (key.dataset.key === "back") { input.value = input.value.slice(0, -1); }
  else if (key.dataset.key === "clear") { input.value = ""; }
  else { input.value += key.dataset.key; }
  typed();
});

/** Whether what was struck came from a scanner: many keys, each right after the one before. */
function scanned() {
  const gaps = struck.slice(1).map((at, place) => at - struck[place]);
  return struck.length >= LEAST && gaps.every((gap) => gap <= BURST);
}

function entered() {
  const code = input.value.trim();
  const fast = scanned();
  const only = list.querySelectorAll("button");
  struck = [];
  clearTimeout(typing);
  if (!code && !group.value) { return; }
  if (fast || /\d/.test(code)) { come({ code }); }
  else if (only.length === 1) { come({ reader: only[0].value }); }
  else { look(); }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) { return; }
  if (event.key === "Escape") { ready(); return; }
  if (asked.hidden) {
    if (event.target.closest("button, a") && (event.key === "Enter" || event.key === " ")) { return; }
    if (event.key.length === 1) { ready(); }
  }
  if (event.target.closest("button, a, select")) { struck = []; if (event.key.length !== 1 || event.key === " ") { return; } }
  if (event.key === "Enter") { event.preventDefault(); entered(); return; }
  if (event.key.length !== 1) { return; }
  const now = event.timeStamp;
  if (struck.length && now - struck[struck.length - 1] > 400) { struck = []; }
  struck.push(now);
  if (event.target !== input) { input.focus({ preventScroll: true }); }
});

addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });
if (window.speechSynthesis) { speechSynthesis.getVoices(); }
if (!told.children.length) { input.focus({ preventScroll: true }); }
