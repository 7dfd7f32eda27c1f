// What to do with the book in the hand: the answer under the scan line, always in the same place.

import { byId, copyOf, fill, shapeOf, words } from "./desk-draw.js";

function keyButton(name, value, label, number) {
  const button = copyOf("choice");
  Object.assign(button, { name, value });
  button.querySelector("kbd").textContent = number;
  button.querySelector("span").textContent = label;
  return button;
}

function reasonLine([reason, wayOut]) {
  const line = copyOf("reason");
  fill(line, "reason", reason);
  fill(line, "way-out", wayOut);
  return line;
}

function choicesOf(choices) {
  const box = document.createElement("div");
  box.className = "override-keys";
  box.append(...choices.map(([value, label, key], place) => keyButton("answer", value, label, key || place + 1)));
  return box;
}

function overridesOf(overrides) {
  const box = copyOf("override");
  const buttons = overrides.map(([value, label], place) => keyButton("override", value, label, place + 1));
  box.querySelector(".override-keys").replaceChildren(...buttons);
  return box;
}

function wide(drawn, told) {
  const { reasons = [], overrides = [], choices = [] } = told;
  const place = drawn.querySelector(".result-wide");
  const long = reasons.length + overrides.length + choices.length > 0;
  drawn.classList.toggle("result--long", long);
  if (!long) { place.remove(); return; }
  const list = place.querySelector(".reasons");
  place.replaceChildren();
  if (reasons.length) { list.replaceChildren(...reasons.map(reasonLine)); place.append(list); }
  if (overrides.length) { place.append(overridesOf(overrides)); }
  if (choices.length) { place.append(choicesOf(choices)); }
}

function side(drawn, told, undoAddress) {
  const place = drawn.querySelector(".result-side");
  if (told.act) { place.querySelector("form").action = `${undoAddress}?act=${told.act}`; return; }
  place.replaceChildren();
  if (told.link) {
    const link = document.createElement("a");
    Object.assign(link, { className: "btn btn--small", href: told.link[0], textContent: told.link[1] });
    place.append(link);
  }
}

/** Draw `told`: outcome, word, title, do, act, reasons, overrides, choices, person (the title is a name), link. */
export function show(told, undoAddress) {
  const drawn = copyOf("result");
  drawn.classList.remove("is-ok");
  drawn.classList.add(`is-${told.outcome}`);
  drawn.querySelector(".result-spine").replaceChildren(shapeOf(told.outcome));
  drawn.querySelectorAll(".result-spine svg").forEach((svg) => { svg.removeAttribute("role"); svg.removeAttribute("aria-label"); svg.setAttribute("aria-hidden", "true"); });
  fill(drawn, "result-word", told.word);
  fill(drawn, "result-title", told.title).classList.toggle("result-title--name", !!told.person);
  fill(drawn, "result-do", told.do);
  ["title", "do"].filter((part) => !told[part]).forEach((part) => drawn.querySelector(`.result-${part}`).remove());
  side(drawn, told, undoAddress);
  wide(drawn, told);
  byId("result").replaceChildren(drawn);
  if (told.outcome === "khong") { alertOf(told); }
}

function alertOf(told) {
  const reasons = (told.reasons || []).map(([reason]) => reason);
  byId("alert").textContent = [told.word, told.title, told.do, ...reasons].filter(Boolean).join(". ");
}

/** The override keys are waiting for a number. */
export function arm(on) {
  const box = byId("result").querySelector(".override");
  if (box) { box.classList.toggle("is-armed", on); }
}

/** A refusal by the server itself, as problem+json, told like any other. */
export function refusal(act, problem) {
  const reasons = (problem && problem.reasons) || [];
  const text = reasons.map((reason) => reason.text || reason.code).join(" ");
  const kept = act.state === "parked";
  const word = words(kept ? "kept-word" : act.kind === "undo" ? "not-undone" : "not-done");
  const said = [word, text].filter(Boolean).join(" – ");
  return { outcome: "khong", word, title: act.title || act.code || "", do: text || words("kept-do"), said, time: "", code: "", fact: "" };
}
