// Printing a reader's slip from the desk: what they took today. The page prints itself with nothing but the slip on it, so
// no window opens and the scan line keeps the focus.

import { byId } from "./desk-draw.js";
import { talk } from "./desk-send.js";

const KEPT = "tusach-paper";
const input = byId("code");
const slip = document.body.appendChild(document.createElement("div"));
slip.id = "slip";

let reader = null;

function paper() {
  try { return localStorage.getItem(KEPT) || "80"; } catch { return "80"; }
}

/** Of whoever is being lent to, else of whoever was last: their slip is asked for once they have gone on. */
async function print() {
  input.focus();
  if (!reader) { return; }
  const { status, json } = await talk(`/people/${reader}/slip?what=today&paper=${paper()}&as=part`);
  if (status !== 200) { return; }
  slip.innerHTML = json.html;
  document.body.classList.add("prints-slip");
  window.print();
}

function printed() {
  document.body.classList.remove("prints-slip");
  slip.replaceChildren();
  input.focus();
}

document.addEventListener("desk-reader", ({ detail }) => { if (detail) { reader = detail; byId("print-slip").hidden = false; } });
document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && event.code === "KeyP") { event.preventDefault(); print(); }
}, true);
byId("print-slip").addEventListener("pointerdown", (event) => event.preventDefault());
byId("print-slip").addEventListener("click", print);
addEventListener("afterprint", printed);
