// Readers without a card: by name while typing, or by class with F4. Both use the list under the scan line.

import { announce, byId, copyOf, fill, fold, words } from "./desk-draw.js";
import { talk } from "./desk-send.js";

const DEBOUNCE = 150;
const SILENCE = 120;

/** The list under the scan line: {name, group, note, deed} each. */
class Tips {
  constructor(input, list) {
    Object.assign(this, { input, list });
    this.items = [];
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => this.take(Array.from(list.children).indexOf(event.target.closest("li"))));
  }

  show(items, none = "") {
    this.items = items;
    this.list.replaceChildren(...items.map(tip), ...(items.length || !none ? [] : [note(none)]));
    this.list.hidden = this.list.children.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.choose(0);
  }

  hide() {
    this.show([]);
  }

  choose(place) {
    this.at = Math.max(0, Math.min(place, this.items.length - 1));
    Array.from(this.list.children).forEach((one, number) => one.setAttribute("aria-selected", String(!!this.items.length && number === this.at)));
    const chosen = this.items.length ? this.list.children[this.at] : null;
    if (chosen) { this.input.setAttribute("aria-activedescendant", chosen.id); chosen.scrollIntoView({ block: "nearest" }); }
    else { this.input.removeAttribute("aria-activedescendant"); }
  }

  take(place = this.at) {
    const item = this.items[place];
    if (item) { item.deed(); }
    return !!item;
  }
}

function tip({ name, group, note: extra }, number) {
  const drawn = copyOf("tip");
  drawn.id = `tip-${number}`;
  fill(drawn, "tip-name", name);
  if (group) { fill(drawn, "tip-group", group); } else { drawn.querySelector(".tip-group").remove(); }
  fill(drawn, "tip-note", extra);
  return drawn;
}

function note(text) {
  const drawn = tip({ name: "", group: "", note: text }, 0);
  drawn.setAttribute("aria-disabled", "true");
  return drawn;
}

const begins = (name, typed) => fold(name).split(/\s+/).some((word, at, all) => all.slice(at).join(" ").startsWith(typed));

export class Names {
  /** `pick({code, name})` is called with whoever was chosen; `address` lists readers. */
  constructor(input, address, pick) {
    Object.assign(this, { input, address, pick });
    this.tips = new Tips(input, byId("tips"));
    this.prompt = input.placeholder;
    this.mode = "names";
    this.klass = null;
    this.pupils = [];
    this.reader = null; // whose card is drawn
    byId("reader").addEventListener("click", (event) => this.onClick(event));
  }

  get open() {
    return !this.tips.list.hidden;
  }

  /** Back to an ordinary scan line. */
  stop() {
    clearTimeout(this.timer);
    this.asked = null;
    this.mode = "names";
    this.input.placeholder = this.prompt;
    this.tips.hide();
  }

  typed(text) {
    clearTimeout(this.timer);
    this.asked = null;
    if (this.mode === "classes") { this.showClasses(text); return; }
    if (this.mode === "pupils") { this.showPupils(text); return; }
    if ((text.match(/\p{L}/gu) || []).length < 2) { this.tips.hide(); return; }
    this.timer = setTimeout(() => this.look(text), DEBOUNCE);
  }

  async look(text) {
    this.asked = text;
    const { status, json } = await talk(`${this.address}?q=${encodeURIComponent(text)}`);
    if (this.asked !== text || this.mode !== "names") { return; }
    this.offer(status === 200 ? json : [], status === 200 ? words("nobody-named", { text }) : words("names-offline"));
  }

  offer(readers, none) {
    this.tips.show(readers.map((one) => this.item(one)), none);
  }

  item(reader) {
    const extra = [reader.born, reader.note].filter(Boolean).join(" · ");
    const deed = () => { this.stop(); this.pick(reader); };
    return { name: reader.name, group: this.mode === "pupils" ? "" : reader.class, note: extra, deed };
  }

  /** Enter on typed text: true if it was about a name. Codes have digits; names have none. */
  entered(text) {
    if (this.mode !== "names") { this.tips.take(); return true; }
    if (/\d/.test(text) || (text.match(/\p{L}/gu) || []).length < 2) { return false; }
    if (this.asked === text && this.tips.items.length) { return this.tips.take(); }
    clearTimeout(this.timer);
    this.look(text);
    return true;
  }

  move(step) {
    this.tips.choose(this.tips.at + step);
  }

  // Classes

  classes() {
    const drawn = document.querySelectorAll("#class-picker [data-class]");
    const links = drawn.length ? drawn : byId("t-nobody").content.querySelectorAll("[data-class]");
    return Array.from(links, (link) => ({ code: link.dataset.class, name: link.textContent.trim() }));
  }

  /** F4: the pupils of the class chosen before; once more, or at first, the classes. */
  start() {
    if (this.klass && this.mode === "names") { this.showClass(this.klass); return; }
    this.mode = "classes";
    this.input.placeholder = words("class-prompt");
    this.showClasses("");
  }

  showClasses(text) {
    const typed = fold(text);
    const found = this.classes().filter((one) => fold(one.name).startsWith(typed));
    this.tips.show(found.map((one) => ({ name: one.name, group: "", note: "", deed: () => this.showClass(one) })), words("no-class"));
    const only = found.length === 1 && fold(found[0].name) === typed;
    clearTimeout(this.timer);
    if (only) { this.timer = setTimeout(() => { if (this.mode === "classes") { this.showClass(found[0]); } }, SILENCE); }
  }

  async showClass(klass) {
    clearTimeout(this.timer);
    this.mode = "pupils";
    this.input.value = "";
    this.input.placeholder = words("pupil-prompt", { name: klass.name });
    await this.load(klass);
    if (this.mode === "pupils" && this.klass === klass) { this.showPupils(this.input.value); }
  }

  async load(klass, quiet = false) {
    if (!this.klass || this.klass.code !== klass.code) { this.pupils = []; }
    this.klass = klass;
    if (!quiet) { announce("desk-class", klass); }
    const { status, json } = await talk(`${this.address}?class=${encodeURIComponent(klass.code)}`);
    if (this.klass !== klass) { return; }
    this.offline = status !== 200;
    this.pupils = status === 200 ? json : [];
    this.drawPicker();
  }

  showPupils(text) {
    const typed = fold(text);
    const found = this.pupils.filter((one) => begins(one.name, typed));
    this.offer(found, this.offline ? words("names-offline") : words("nobody-named", { text }));
  }

  /** A card was drawn, of a reader or of nobody: the chosen class stays chosen, its pupils are asked for again. */
  redraw(uid) {
    this.reader = uid;
    if (this.klass) { this.drawPicker(); this.load(this.klass, !!uid); }
  }

  drawPicker() {
    const picker = byId("pupils");
    if (!picker) { return; }
    document.querySelectorAll("#class-picker [data-class]").forEach((link) => {
      if (link.dataset.class !== this.klass.code) { link.removeAttribute("aria-current"); return; }
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest" });
    });
    const twice = namesakes(this.pupils);
    picker.replaceChildren(...this.pupils.map((one) => pupilPick(one, one.code === this.reader, twice.has(one.name))));
    const mates = picker.closest(".mates");
    if (mates) { mates.hidden = !this.pupils.length; fill(mates, "mates-class", this.klass.name); }
    picker.closest(".card").classList.toggle("is-picked", !mates || !mates.hidden); // a low screen makes room for the names
  }

  onClick(event) {
    const link = event.target.closest("[data-class]");
    if (link) {
      event.preventDefault();
      this.load({ code: link.dataset.class, name: link.textContent.trim() });
    }
  }
}

/** Names that two of the class have: only these need a year of birth. */
function namesakes(pupils) {
  const names = pupils.map((one) => one.name);
  return new Set(names.filter((name, place) => names.indexOf(name) !== place));
}

function pupilPick(pupil, isOpen, showsBorn) {
  const drawn = copyOf("pupil");
  const button = drawn.querySelector("button");
  button.value = pupil.code;
  if (isOpen) { button.setAttribute("aria-current", "true"); }
  fill(drawn, "pick-name", [pupil.name, showsBorn && pupil.born].filter(Boolean).join(" · "));
  const extra = drawn.querySelector(".quiet");
  if (extra) { extra.textContent = pupil.note; }
  return drawn;
}
