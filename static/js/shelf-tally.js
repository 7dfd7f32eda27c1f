// Touches by colour, as fast as a row of children passes: the number grows at once, the messages follow one by one.

import { play, wake } from "./sounds.js";
import { message, send, unanswered } from "./shelf-send.js";

const form = document.getElementById("shelf-tally");
const away = document.querySelector("[data-away].top-state");
const each = (selector, deed) => document.querySelectorAll(selector).forEach(deed);
const set = (selector, value) => each(selector, (one) => { one.textContent = value; });

function draw(counts) {
  each("[data-level]", (one) => { one.textContent = counts.levels[one.dataset.level] || 0; });
  set("[data-total]", counts.total);
  set("[data-visits]", counts.visits);
  set("[data-week]", counts.this_week);
  let from = 0;
  each("[data-bar]", (bar) => {
    const share = ((counts.levels[bar.dataset.bar] || 0) * 100) / (counts.total || 1);
    bar.firstElementChild.setAttribute("x", `${from}%`);
    bar.firstElementChild.setAttribute("width", `${share}%`);
    bar.lastElementChild.setAttribute("x", `${from + share / 2}%`);
    bar.lastElementChild.textContent = share >= 5 ? counts.levels[bar.dataset.bar] : "";
    from += share;
  });
}

function notAnswered(signedOut) {
  const { away: lost, gone } = form.dataset;
  away.textContent = (signedOut ? gone : lost).replace("{n}", unanswered());
  away.hidden = false;
}

async function touch(address, body) {
  wake();
  const { found, json } = await send(address, { ...body, ...message(form.dataset.account) }, notAnswered);
  away.hidden = true;
  if (found === "done") { play("ghi"); } else { play("khong"); }
  if (found === "done" && !unanswered()) { draw(json); }
  if (found !== "done") { location.reload(); }
}

if (form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    event.preventDefault();
    if (button.matches("[data-less]")) { touch(form.dataset.back, {}); return; }
    const number = button.querySelector("[data-level]");
    if (number) { number.textContent = Number(number.textContent) + 1; }
    touch(form.action, { [button.name]: button.value });
  });
}
