// "Vừa quét": what was scanned, newest first, and walking it with the arrows. The banner above tells the latest.

import { byId, clock, copyOf, fill, shapeOf, words } from "./desk-draw.js";

const MOST = 200;
const SLOW = 400;

export class Rows {
  /** `undo(row)` is asked for by a row's button or the Delete key. */
  constructor(list, undoAddress, undo) {
    Object.assign(this, { list, undoAddress, undo });
    this.timers = new Map();
    list.addEventListener("keydown", (event) => this.onKey(event));
    list.addEventListener("focusin", (event) => this.mark(event.target.closest(".entry")));
    list.addEventListener("focusout", () => this.mark(null));
  }

  of(uid) {
    return uid ? this.list.querySelector(`[data-uid="${CSS.escape(uid)}"]`) : null;
  }

  /** A scan not answered yet: shown when it takes longer, or at once while there is no connection. */
  wait(act, now) {
    const show = () => { this.timers.delete(act.uid); this.put(act, waitingRow(act)); };
    if (now) { show(); } else { this.timers.set(act.uid, setTimeout(show, SLOW)); }
  }

  /** All that wait are shown now: the connection is gone. */
  reveal(acts) {
    acts.filter((act) => this.timers.has(act.uid)).forEach((act) => { this.stop(act.uid); this.wait(act, true); });
  }

  stop(uid) {
    clearTimeout(this.timers.get(uid));
    this.timers.delete(uid);
  }

  /** Draw `told` {outcome, time, title, said, code, fact, act} for an act, in the place of its number. */
  tell(act, told) {
    this.stop(act.uid);
    if (!told.said) { this.drop(act.uid); return; }
    if (told.act && (act.answer || act.override)) { this.asked(told.code)?.remove(); }
    this.put(act, answeredRow(told, this.undoAddress));
  }

  /** The newest row that asks about a copy, or will not lend it: answered, it is no news any more. */
  asked(code) {
    const open = this.list.querySelectorAll(".entry.is-hoi, .entry.is-khong");
    return Array.from(open).find((one) => !one.querySelector("form") && one.querySelector(".entry-code").textContent === code);
  }

  put(act, row) {
    row.dataset.uid = act.uid;
    row.dataset.at = act.at;
    const twin = this.twin(row);
    const old = this.of(act.uid) || twin;
    if (old) { old.replaceWith(row); } else { this.insert(row, act.at); }
    if (twin && twin !== old) { twin.remove(); } // the answer was slow: the scan stood here waiting, beside what the server drew
    byId("rows-none").hidden = true;
    Array.from(this.list.children).slice(MOST).forEach((extra) => extra.remove());
  }

  insert(row, at) {
    const later = Array.from(this.list.children).filter((one) => one.dataset.at > at);
    row.classList.add("is-new");
    if (later.length) { later.at(-1).after(row); } else { this.list.prepend(row); }
    this.list.scrollTop = 0;
  }

  // The server drew it before a reload, without a name because it wrote nothing; now the same answer came again.
  twin(row) {
    return this.alike(row).find((one) => !one.dataset.uid);
  }

  alike(row) {
    const parts = ["entry-time", "entry-title", "entry-said"];
    const text = (one) => parts.map((part) => one.querySelector(`.${part}`).textContent).join("\n");
    return Array.from(this.list.children).filter((one) => text(one) === text(row));
  }

  /** Rows as the server draws them now, newest first: each that is missing here takes its place. */
  takeOver(drawn) {
    const newest = Array.from(this.list.children).findLast((one) => one.dataset.at); // made here, later than all that is missing
    let above = newest;
    drawn.forEach((row) => {
      const known = this.of(row.dataset.uid) || (row.dataset.uid ? null : this.alike(row)[0]);
      if (!known && above) { above.after(row); } else if (!known) { this.list.prepend(row); }
      above = known || row;
    });
    byId("rows-none").hidden = this.list.children.length > 0;
  }

  drop(uid) {
    this.stop(uid);
    const row = this.of(uid);
    if (row) { row.remove(); }
    byId("rows-none").hidden = this.list.children.length > 0;
  }

  /** The newest row that may be undone and is not being undone already. */
  newest() {
    return this.list.querySelector(".entry:not(.is-undone):not([data-undoing]) form, .entry.is-waiting:not([data-undoing])")
      ?.closest(".entry");
  }

  strike(uid, note = words("undone")) {
    const row = this.of(uid);
    if (!row) { return; }
    row.classList.add("is-undone");
    row.classList.remove("is-waiting");
    delete row.dataset.undoing;
    row.querySelectorAll("form").forEach((form) => form.replaceWith(document.createElement("span")));
    fill(row, "entry-fact", note);
  }

  // Walking

  mark(row) {
    this.list.querySelectorAll(".is-here").forEach((one) => one.classList.remove("is-here"));
    if (row) { row.classList.add("is-here"); }
  }

  enter() {
    const first = this.list.querySelector(".entry");
    if (first) { first.focus(); }
  }

  onKey(event) {
    const row = event.target.closest(".entry");
    const next = row && { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    if (event.key === "ArrowDown" && !row) { this.enter(); event.preventDefault(); }
    if (next) { next.focus(); event.preventDefault(); }
    if (event.key === "ArrowUp" && row && !next) { byId("code").focus(); event.preventDefault(); }
    if (event.key === "Delete" && row) { this.undo(row); event.preventDefault(); }
  }
}

function rowOf(outcome, told) {
  const row = copyOf("row");
  row.className = `entry is-${outcome}`;
  row.querySelector(".entry-spine").replaceChildren(shapeOf(outcome));
  ["time", "title", "said", "code", "fact"].forEach((part) => fill(row, `entry-${part}`, told[part]));
  return row;
}

function waitingRow(act) {
  const told = { time: clock(act.at), title: act.code, said: words("waiting"), code: "", fact: "" };
  const row = rowOf("ghi", told);
  row.classList.add("is-waiting");
  return row;
}

function answeredRow(told, undoAddress) {
  const row = rowOf(told.outcome, told);
  if (!told.act) { return row; }
  const form = copyOf("undo");
  form.action = `${undoAddress}?act=${told.act}`;
  fill(form, "unseen", words("undo-title", { title: told.title }));
  row.lastElementChild.replaceWith(form);
  return row;
}
