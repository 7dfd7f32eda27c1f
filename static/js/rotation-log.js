// The log of a site: the number grows at the touch, the messages follow one by one; what the server says wins in the end.

import { play, wake } from "./sounds.js";
import { message, send, unanswered } from "./shelf-send.js";

const form = document.getElementById("site-log");
const away = document.querySelector("[data-away].top-state");
const said = document.querySelector("[data-said]");

function draw(answer) {
  for (const name of ["visits", "uses"]) {
    document.querySelector(`[data-day="${name}"]`).textContent = answer.day[name];
  }
  said.textContent = answer.do;
  const undo = document.querySelector("[data-undo] button");
  if (undo && answer.act) { undo.value = answer.act; }
}

function notAnswered(signedOut) {
  const { away: lost, gone } = form.dataset;
  away.textContent = (signedOut ? gone : lost).replace("{n}", unanswered());
  away.hidden = false;
}

async function touch(body) {
  wake();
  const { found, json } = await send(form.action, { ...body, ...message(form.dataset.account) }, notAnswered);
  away.hidden = true;
  play(found === "done" ? "ghi" : "khong");
  if (found !== "done") { location.reload(); return; }
  if (!unanswered()) { draw(json); }
  if (!document.querySelector("[data-undo]")) { location.reload(); }
}

function told(button) {
  if (button.name !== "group") { return { [button.name]: button.value }; }
  return { group: button.value, visits: button.dataset.visits };
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = told(event.submitter);
    for (const name of ["visits", "uses"]) {
      const number = document.querySelector(`[data-day="${name}"]`);
      number.textContent = Number(number.textContent) + Number(body[name] || 0);
    }
    touch(body);
  });
}
