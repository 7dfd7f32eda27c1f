// A leg is received, or handed on: what is scanned is kept in the form itself, line by line, so that nothing is lost and
// nothing has to be sent before it is signed. The page knows its list; a code it does not know is kept all the same.

import { Line } from "./desk-line.js";
import { bindSwitch, play, wake } from "./sounds.js";

const known = JSON.parse(document.getElementById("known").textContent);
const form = document.getElementById("receive") || document.getElementById("forward");
const handsOn = form.id === "forward";
const box = form.querySelector("[data-scan]");
const said = document.getElementById("scan-said");
const codes = form.elements.codes;
const fold = (text) => text.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "");
const copies = new Map(known.copies.flatMap((one) => one.keys.map((key) => [fold(key), one])));
const crates = new Map(known.crates.flatMap((one) => one.keys.map((key) => [fold(key), one])));
const seen = new Set();

function tell(outcome, words) {
  said.textContent = words;
  said.className = `way-said is-${outcome}`;
  play(outcome);
}

function filled(words, values) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words);
}

function counted() {
  const all = handsOn ? form.querySelectorAll('[name="missing"]').length : form.dataset.expected;
  const done = [...seen].filter((key) => copies.has(key)).length;
  return filled(form.dataset.left, { n: done, a: all });
}

function keep(text) {
  if (codes) { codes.value += `${codes.value && !codes.value.endsWith("\n") ? "\n" : ""}${text}\n`; }
}

function crate(one) {
  const row = form.querySelector(`[data-crate="${one.uid}"]`);
  const tick = row && row.querySelector('[name="crate"]');
  if (tick && !tick.disabled) { tick.checked = true; row.classList.add("is-seen"); }
  const broken = form.querySelector(`[name="broken"][value="${one.uid}"]`);
  tell(broken && broken.checked ? "hoi" : "ok", filled(form.dataset.knownCrate, { n: one.number, c: one.count }));
}

function copy(one, key) {
  const row = form.querySelector(`[data-copy="${one.uid}"]`);
  if (row) { row.classList.add("is-seen"); }
  const missing = form.querySelector(`[name="missing"][value="${one.uid}"]`);
  if (missing) { missing.checked = false; }
  seen.add(key);
  tell("ok", `${one.title} · ${counted()}`);
}

function scanned(text) {
  wake();
  const key = fold(text);
  if (!key) { return; }
  if (seen.has(key)) { tell("ghi", form.dataset.twice); return; }
  if (crates.has(key)) { seen.add(key); keep(text); crate(crates.get(key)); return; }
  if (copies.has(key)) { keep(text); copy(copies.get(key), key); return; }
  seen.add(key);
  keep(text);
  tell("luu", form.dataset.stranger);
}

/** Only what belongs to the chosen way is shown. */
function show() {
  const chosen = form.elements.method && form.elements.method.value;
  if (!chosen) { return; }
  for (const part of form.querySelectorAll("[data-way]")) {
    part.hidden = !part.dataset.way.split(" ").includes(chosen);
  }
}

/** What was typed before the page came back is known as scanned. */
function recall() {
  if (!codes) { return; }
  for (const line of codes.value.split("\n")) {
    const key = fold(line);
    if (key) { seen.add(key); }
    if (crates.has(key)) { const row = form.querySelector(`[data-crate="${crates.get(key).uid}"]`); if (row) { row.classList.add("is-seen"); } }
  }
}

box.hidden = false;
if (codes) { codes.hidden = true; form.querySelector('label[for="codes"]').htmlFor = "scan"; }
recall();
show();
form.addEventListener("change", show);
form.addEventListener("scanned", (event) => scanned(event.detail.text));
new Line(box, document.getElementById("scan"), {
  scanned, entered: scanned, typed() {}, asks: () => false, answer: () => false,
});
// Enter ends a code; it signs nothing.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); }
});
const sound = document.getElementById("sound");
if (sound) { bindSwitch(sound); }
const rest = form.elements.rest;
if (rest) {
  rest.addEventListener("click", () => {
    for (const tick of form.querySelectorAll('[name="missing"]')) {
      const one = known.copies.find((found) => found.uid === tick.value);
      tick.checked = !one.keys.some((key) => seen.has(fold(key)));
    }
    form.querySelector("details").open = true;
  });
}
document.getElementById("scan").dataset.ready = "1";
