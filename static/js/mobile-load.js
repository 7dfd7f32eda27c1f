// Books and crates at the vehicle's door: every scan is a message, sent in order; what changes is fetched anew as a page.

import { play, wake } from "./sounds.js";
import { message, send } from "./shelf-send.js";

const form = document.getElementById("van-load");
const typed = form.elements.text;
const said = document.getElementById("scan-said");
let drawn = 0;

function tell(words) {
  said.textContent = words;
  said.hidden = !words;
}

async function redraw(last) {
  drawn += 1;
  const mine = drawn;
  const address = new URL(form.dataset.page, location.href);
  address.searchParams.set("last", last);
  if (form.elements.visit && form.elements.visit.value) { address.searchParams.set("visit", form.elements.visit.value); }
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  const text = await answer.text();
  if (mine !== drawn) { return; }
  if (!answer.ok || answer.redirected) { location.assign(address); return; }
  const page = new DOMParser().parseFromString(text, "text/html");
  document.getElementById("live").replaceChildren(...page.getElementById("live").childNodes);
  history.replaceState(null, "", address);
}

async function act(address, body) {
  wake();
  const away = (signedOut) => tell(signedOut ? form.dataset.gone : form.dataset.away);
  const { found, json, uid } = await send(address, { ...body, ...message(form.dataset.account) }, away);
  tell(json && json.title && found !== "done" ? json.title : "");
  if (found !== "done") { play("khong"); return; }
  play(json.outcome);
  await redraw(uid).catch(() => tell(form.dataset.away));
}

function scan(text) {
  const code = text.trim();
  typed.value = "";
  if (code) { act(form.action, { text: code, visit: form.elements.visit ? form.elements.visit.value : "" }); }
  if (matchMedia("(pointer: fine)").matches) { typed.focus(); }
}

form.addEventListener("submit", (event) => { event.preventDefault(); scan(typed.value); });
form.addEventListener("scanned", (event) => scan(event.detail.text));
document.getElementById("live").addEventListener("submit", (event) => {
  if (!event.target.classList.contains("result-undo")) { return; }
  event.preventDefault();
  act(form.dataset.undo, { act: new URL(event.target.action).searchParams.get("act") });
});
if (matchMedia("(pointer: fine)").matches) { typed.focus(); }
