// The tally of a school yard, as fast as classes pass: a number grows at once, the messages follow one by one, also after
// a stretch without a network. The class is changed here too: that needs no network.

import { play, wake } from "./sounds.js";
import { message, send, unanswered } from "./shelf-send.js";

const form = document.getElementById("stop-tally");
const away = document.querySelector("[data-away]");
const each = (selector, deed) => document.querySelectorAll(selector).forEach(deed);
const set = (selector, value) => each(selector, (one) => { one.textContent = value; });
const rooms = JSON.parse(form.dataset.rooms || "[]");
let at = Number(form.dataset.at);

/** Numbers in the order of the tally's cards that a touch of `what` adds to. */
function adds({ what, level, box }) {
  const more = { boy: ["pupil"], girl: ["pupil"], teacher: ["grown"], disabled: ["grown"], blind: ["grown"], citizen: ["grown"] };
  return [what, ...(more[what] || []), ...(level ? [`level-${level}`] : []), ...(box ? [`box-${box}`] : [])];
}

function grow(tap, by) {
  adds(tap).forEach((name) => each(`[data-number="${name}"]`, (one) => { one.textContent = Number(one.textContent) + by; }));
}

function draw(told) {
  each("[data-number]", (one) => { one.textContent = told.numbers[one.dataset.number] || 0; });
  if (told.last) { set("[data-last]", told.last); }
  set("[data-left]", told.left);
}

function tellAway(signedOut) {
  const { lost, gone, keep, again } = form.dataset;
  set("[data-away-head]", (signedOut ? gone : lost).replace("{n}", unanswered()));
  set("[data-away-rest]", signedOut ? again : keep);
  away.hidden = false;
}

async function touch(address, body) {
  wake();
  const sent = send(address, { ...body, ...message(form.dataset.account) }, tellAway);
  if (!away.hidden) { tellAway(false); }
  const { found, json } = await sent;
  away.hidden = !unanswered();
  if (found !== "done") { play("khong"); location.reload(); return; }
  play("ghi");
  if (!unanswered()) { draw(json); }
}

/** "book 1 level 2" */
function read(words) {
  const [what, quantity, ...pairs] = words.split(" ");
  const more = pairs.length ? { [pairs[0]]: pairs[1] } : {};
  return { what, quantity: quantity === "money" ? form.elements.money.value.replace(/\D/g, "") : quantity, ...more };
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  event.preventDefault();
  if (button.matches("[data-less]")) { touch(form.dataset.back, {}); return; }
  const tap = { ...read(button.value), class: form.elements.class.value };
  if (!Number(tap.quantity)) { form.elements.money.focus(); return; }
  grow(tap, Number(tap.quantity));
  const now = new Date();
  set("[data-last]", `+${tap.quantity} · ${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`);
  form.elements.money.value = "";
  touch(form.action, tap);
});

function pick(step) {
  at = (at + step + rooms.length) % rooms.length;
  const room = rooms[at];
  form.elements.class.value = room.uid;
  set("[data-room-name]", room.name);
  set("[data-room-size]", room.size);
  each("[data-all]", (button) => {
    const label = button.closest(".count").querySelector(".count-label").textContent;
    button.value = `${button.value.split(" ")[0]} ${room.size}`;
    button.hidden = !room.size;
    button.setAttribute("aria-label", `${label}: ${room.name} +${room.size}`);
  });
  const address = new URL(form.dataset.page, location.href);
  address.searchParams.set("class", room.uid);
  history.replaceState(null, "", address);
}

each("[data-room]", (link) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
  event.preventDefault();
  pick(Number(link.dataset.room));
}));
