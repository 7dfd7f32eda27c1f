// The book just returned looks worn or damaged: Alt R, then one digit. A photo if there is time. Scanning goes on at any moment.

import { byId } from "./desk-draw.js";

const SILENCE = 120; // ms after which a digit stands alone: a scanner is faster

const panel = byId("look");
const said = panel.querySelector("p");
const asks = said.textContent;
const photo = panel.querySelector("input[type=file]");
const input = byId("code");

let act = "";
let waiting = 0;

function newest() {
  return byId("rows").querySelector(".entry[data-uid]:not(.is-undone)");
}

function tell(words, link = "", address = "") {
  said.textContent = words;
  if (!link) { return; }
  const to = document.createElement("a");
  Object.assign(to, { href: address, textContent: link });
  said.append(" ", to);
}

// Only what the server has written down can look like anything: the newest scan, or none; never the one before it.
function open() {
  const row = newest();
  if (!row || !row.querySelector(".entry-undo")) {
    panel.hidden = false;
    panel.querySelectorAll("button[name], label").forEach((one) => { one.hidden = true; });
    tell(panel.dataset.none);
    return;
  }
  act = row.dataset.uid;
  photo.value = "";
  panel.hidden = false;
  panel.querySelectorAll("button, label").forEach((one) => { one.hidden = false; });
  tell(`${asks} ${row.querySelector(".entry-title").textContent}`);
  panel.querySelector("button").focus();
}

function close() {
  panel.hidden = true;
  input.focus();
}

async function send(after) {
  const body = new FormData();
  body.append("act", act);
  body.append("after", after);
  if (photo.files[0]) { body.append("photo", photo.files[0]); }
  panel.querySelectorAll("button[name], label").forEach((one) => { one.hidden = true; });
  input.focus();
  try {
    const answer = await fetch(panel.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const json = await answer.json();
    if (answer.ok) { tell(`${json.title}: ${json.said}`, panel.dataset.slip, json.slip); } else { tell(json.title); }
  } catch { tell(panel.dataset.offline); }
}

/** A digit alone is an answer. The scan line takes every character; when more come, it was a scan, and this gives way. */
function key(event) {
  if (panel.hidden) { return; }
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
  if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) { return; }
  clearTimeout(waiting);
  waiting = setTimeout(() => answer(), SILENCE);
}

function answer() {
  const chosen = panel.querySelector(`button[data-digit="${CSS.escape(input.value)}"]:not([hidden])`);
  if (chosen) { input.value = ""; send(chosen.value); } else { panel.hidden = true; }
}

panel.addEventListener("submit", (event) => { event.preventDefault(); if (event.submitter) { send(event.submitter.value); } });
panel.querySelector("[data-do=close]").addEventListener("click", close);
byId("look-open").hidden = false;
byId("look-open").addEventListener("pointerdown", (event) => event.preventDefault());
byId("look-open").addEventListener("click", open);
addEventListener("keydown", key, true);
document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && event.code === "KeyR") { event.preventDefault(); if (panel.hidden) { open(); } else { close(); } }
}, true);
