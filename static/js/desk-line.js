// The scan line: what a scanner types is told from what a person types, and taken whole wherever the focus is.
//
// A scanner is a fast keyboard. Four or more characters with at most 35 ms between them, ended by Enter or Tab, are a
// scan; so is a code (it has digits) that came at an even pace nobody types at, for scanners without a wire are slower.
// Anything else ended by Enter was typed. Times are those of the key events, so a busy page does not matter.
//
// A Vietnamese keyboard program may change letters on their way ("ASS" → "ÁS"). The text goes on as the line holds it:
// the server knows what such programs do. Where the browser still told us the keys themselves (the programs built into
// Windows, macOS and Linux do; UniKey's erasing and retyping does not) and the text was changed, the keys are taken.

const GAP = 35;
const LEAST = 4;
const BEGUN = 1000;
const PACE = 60;
const END_GAP = 100;
const SILENCE = 120;
const PONDER = 350;
const COMPOSING = 60;

const PLAIN = { Minus: "-_", Period: ".>", Slash: "/?", Comma: ",<", Space: "  ", Equal: "=+", Semicolon: ";:" };
const ABOVE = ")!@#$%^&*(";

/** The character a US keyboard has on this key; null for keys that are none. */
function onKey(event) {
  const { code, shiftKey } = event;
  const capital = shiftKey !== event.getModifierState("CapsLock");
  if (/^Key[A-Z]$/.test(code)) { return capital ? code[3] : code[3].toLowerCase(); }
  if (/^Digit\d$/.test(code)) { return shiftKey ? ABOVE[code[5]] : code[5]; }
  if (/^Numpad\d$/.test(code)) { return code[6]; }
  return code in PLAIN ? PLAIN[code][shiftKey ? 1 : 0] : null;
}

function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

function isCharacter(event) {
  if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph")) { return false; }
  return event.key.length === 1 || (isComposing(event) && !/Enter|Tab/.test(event.code));
}

function isEnd(event) {
  const bare = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  return bare && (["Enter", "Tab"].includes(event.key) || ["Enter", "NumpadEnter", "Tab"].includes(event.code));
}

function isEditable(element) {
  return element && element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

/** Characters that came quickly one after the other, `gap` after those before them. */
const run = (field, gap) => ({ count: 0, first: 0, last: -Infinity, seen: "", keys: "", field, gap, before: (field && field.value) || "" });

/** One of our own codes, rightly read: twelve digits, the last one checks the others. */
function isOurs(text) {
  if (!/^[1-6]\d{11}$/.test(text)) { return false; }
  const sum = Array.from(text).reverse().reduce((total, digit, place) => total + digit * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

function keysOf(runs) {
  return runs.some((one) => one.keys === null) ? null : runs.map((one) => one.keys).join("");
}

export class Line {
  /**
   * `heard`: scanned(text, seen) for a scan, entered(text) for typed text and Enter, typed(text) while typing,
   * asks(key) → would this key answer a question? answer(key) → true if it did. A digit is one after a short silence,
   * a letter after a longer one: it may be the beginning of a name.
   */
  constructor(form, input, heard) {
    Object.assign(this, { form, input, heard });
    this.rest();
    document.addEventListener("keydown", (event) => this.onKey(event), true);
    input.addEventListener("input", () => this.onInput());
    input.addEventListener("compositionstart", () => { this.composed = true; });
    input.addEventListener("compositionend", () => { if (this.ending) { this.finish(); } });
    this.keepFocus();
    this.focus();
  }

  get text() {
    return this.input.value;
  }

  focus() {
    this.input.focus({ preventScroll: true });
    this.form.classList.remove("is-off");
  }

  clear() {
    this.input.value = "";
    this.composed = false;
    this.rest();
    this.heard.typed("");
  }

  rest() {
    this.runs = [];
    this.length = 0;
    this.burst = run(this.input, Infinity);
  }

  // Clicking anywhere brings the focus back; the line is off only while the whole window is.
  keepFocus() {
    const finger = matchMedia("(pointer: coarse)");
    addEventListener("blur", () => { if (!document.hasFocus()) { this.form.classList.add("is-off"); } });
    addEventListener("focus", () => { this.form.classList.remove("is-off"); this.reclaim(); });
    document.addEventListener("click", (event) => {
      const wanted = event.target.closest("input, textarea, select, summary, [contenteditable]");
      if (!wanted && event.detail > 0 && !finger.matches && !String(getSelection())) { this.focus(); }
    });
    this.input.addEventListener("blur", () => setTimeout(() => this.reclaim()));
  }

  reclaim() {
    if (document.hasFocus() && (!document.activeElement || document.activeElement === document.body)) { this.focus(); }
  }

  onKey(event) {
    clearTimeout(this.silence);
    if (isEnd(event)) { this.onEnd(event); }
    else if (isCharacter(event)) { this.onCharacter(event); }
    else if (event.key === "Backspace" || event.key === "Delete") { this.burst.keys = null; }
  }

  onCharacter(event) {
    const field = document.activeElement;
    if (!isEditable(field)) {
      if (event.key === " " && field && field !== document.body) { return; } // presses the button it stands on
      this.focus();
    }
    this.count(event);
    const key = onKey(event) || event.key;
    if (this.burst.count === 1 && this.burst.before === "" && this.heard.asks(key)) {
      this.silence = setTimeout(() => this.answer(), /\d/.test(key) ? SILENCE : PONDER);
    }
  }

  count(event) {
    const gap = event.timeStamp - this.burst.last;
    if (gap > GAP || event.repeat) { this.runs.push(this.burst = run(document.activeElement, gap)); }
    const key = onKey(event);
    const { burst } = this;
    burst.first = burst.first || event.timeStamp;
    burst.count += 1;
    burst.last = event.timeStamp;
    burst.seen += event.key.length === 1 ? event.key : "";
    burst.keys = key === null || burst.keys === null || this.grewByItself() ? null : burst.keys + key;
  }

  // Text that came without a key (pasted, or retyped by a keyboard program): then the keys do not tell all of it.
  grewByItself() {
    const { length } = document.activeElement.value || "";
    const most = this.length;
    this.length = length + 1;
    return length > most;
  }

  answer() {
    if (this.text.length !== 1 || !this.heard.answer(this.text)) { return; }
    if (this.composed) { this.input.blur(); this.focus(); } // else the input method would type it again
    this.clear();
  }

  isScan(event) {
    if (event.timeStamp - this.burst.last > END_GAP) { return false; }
    return this.burst.count >= LEAST || this.isPaced();
  }

  isPaced() {
    const since = this.runs.slice(this.runs.findLastIndex((one) => one.gap >= BEGUN));
    const count = since.reduce((total, one) => total + one.count, 0);
    return count >= LEAST && /\d/.test(this.text) && (this.burst.last - since[0].first) / (count - 1) <= PACE;
  }

  onEnd(event) {
    const scan = this.isScan(event);
    const here = document.activeElement === this.input;
    if (!scan && (!here || event.key === "Tab" || event.code === "Tab")) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (!here) { this.takeFromElsewhere(); return; }
    this.ending = { scan };
    if (isComposing(event)) { setTimeout(() => this.endComposing(), COMPOSING); } else { this.finish(); }
  }

  // An input method that does not end by itself is made to, or its text would come after the line was cleared.
  endComposing() {
    if (!this.ending) { return; }
    this.input.blur();
    this.focus();
    this.finish();
  }

  /** The Enter button of a phone's keyboard sends the form without a key. */
  submit() {
    this.ending = this.ending || { scan: this.burst.count >= LEAST };
    this.finish();
  }

  // A field that is not the line: what the scanner typed into it is taken out again.
  takeFromElsewhere() {
    const { field, before, keys, seen } = this.burst;
    if (isEditable(field) && field !== this.input) { field.value = before; }
    this.rest();
    this.focus();
    this.heard.scanned(keys || seen, seen);
  }

  finish() {
    if (!this.ending) { return; }
    const { scan } = this.ending;
    const { runs, composed } = this;
    const seen = this.text;
    this.ending = null;
    if (!scan) { this.enter(seen); return; }
    this.clear();
    const { text, keys } = this.read(seen, runs);
    const code = keys && (composed || !text || /[^\x20-\x7e]/.test(text)) ? keys : text;
    if (code.trim()) { this.heard.scanned(code, seen); }
  }

  // Somebody may have begun to type before the scanner's first character; or the computer was busy for a moment in the
  // middle of a code. The check digit tells which; without one, a whole second does.
  read(seen, runs) {
    const mine = runs.filter((one) => one.field === this.input && seen.startsWith(one.before));
    const from = (one) => ({ text: seen.slice(one.before.length), keys: keysOf(runs.slice(runs.indexOf(one))) });
    const readings = mine.map(from);
    const begun = mine.filter((one) => one.gap >= BEGUN && one.gap < Infinity).at(-1);
    return readings.find(({ text, keys }) => isOurs(text) || isOurs(keys)) || (begun ? from(begun) : { text: seen, keys: keysOf(runs) });
  }

  enter(text) {
    if (this.heard.asks(text) && this.heard.answer(text)) { this.clear(); return; }
    this.heard.entered(text);
  }

  onInput() {
    if (this.burst.count < LEAST) { this.heard.typed(this.text); }
  }
}
