// Somebody new at the desk: a name, a class, Enter, and their card is open. The form stands on the desk's own page; while it
// is open a scan fills its card field, when it closes the scan line has the focus again. It needs the server, and says so.

import { byId, fold, words } from "./desk-draw.js";
import { talk } from "./desk-send.js";
import { uuid7 } from "./desk-store.js";

const FIELDS = { full_name: "name", group: "group", born: "born", card: "card" };
const SHOWN = 14; // two rows: the others come while the name of the class is typed
const plain = (text) => fold(text).replace(/\s+/g, "");

export class QuickAdd {
  /** `heard`: opened({reader, name, group, card}), chosen({code, name}) for a namesake who was meant, closed(). */
  constructor(section, address, heard) {
    Object.assign(this, { section, address, heard, busy: false });
    if (!section) { return; }
    this.form = byId("quick-form");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); event.stopPropagation(); this.send(); });
    this.form.addEventListener("click", (event) => this.onClick(event));
    this.field("group").addEventListener("input", () => this.showGroups());
    this.field("group").addEventListener("blur", () => this.complete());
  }

  /** Whether this account may add readers. */
  get can() {
    return !!this.section;
  }

  get open() {
    return this.can && !this.section.hidden;
  }

  holds(element) {
    return this.open && this.section.contains(element);
  }

  field(name) {
    return byId(`quick-${name}`);
  }

  /** The class of the one before stays: a class comes one after the other. */
  start(name, card) {
    this.uid = uuid7();
    this.field("name").value = name;
    this.field("card").value = card || "";
    this.field("born").value = "";
    this.section.hidden = false;
    this.say("");
    this.offer([]);
    this.showGroups();
    this.field(name ? "group" : "name").focus();
    if (name) { this.field("group").select(); }
  }

  close() {
    if (!this.open) { return; }
    this.section.hidden = true;
    this.heard.closed();
  }

  /** A blank card printed beforehand. */
  scanned(code) {
    this.field("card").value = code;
    this.say(words("quick-card", { card: code }));
    const empty = ["name", "group"].find((name) => !this.field(name).value.trim());
    (empty ? this.field(empty) : byId("quick-send")).focus();
  }

  // Classes

  groups() {
    return Array.from(byId("quick-groups").querySelectorAll("[data-group]"));
  }

  fitting() {
    const typed = plain(this.field("group").value);
    const found = this.groups().filter((one) => plain(one.dataset.group).startsWith(typed));
    const same = found.filter((one) => plain(one.dataset.group) === typed);
    return same.length === 1 ? same : found;
  }

  showGroups() {
    const found = this.fitting();
    const shown = found.slice(0, SHOWN);
    this.groups().forEach((one) => {
      one.parentElement.hidden = !shown.includes(one);
      if (found.length === 1 && found[0] === one) { one.setAttribute("aria-current", "true"); } else { one.removeAttribute("aria-current"); }
    });
  }

  complete() {
    const found = this.fitting();
    if (this.field("group").value.trim() && found.length === 1) { this.field("group").value = found[0].dataset.group; this.showGroups(); }
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button) { return; }
    if (button.dataset.quick === "close") { this.close(); }
    if (button.dataset.group) { this.field("group").value = button.dataset.group; this.showGroups(); byId("quick-send").focus(); }
  }

  // Sending

  async send(anyway = false) {
    if (this.busy) { return; }
    this.busy = true;
    this.complete();
    const body = { uid: this.uid, anyway };
    for (const [name, id] of Object.entries(FIELDS)) { body[name] = this.field(id).value; }
    const { status, json } = await talk(this.address, { method: "POST", body: JSON.stringify(body) });
    this.busy = false;
    if (!this.open) { return; }
    this.answered(status, json || {});
  }

  answered(status, answer) {
    this.offer([]);
    this.mark(answer.complaints || {});
    if (status === 200 && answer.reader) { this.close(); this.heard.opened(answer); return; }
    if (status === 200 && answer.namesakes) { this.say(words("quick-same")); this.offer(answer.namesakes); return; }
    if (status === 422 && answer.complaints) { this.complain(answer.complaints); return; }
    this.say(words(status === 401 ? "quick-signed-out" : status === 0 || status >= 502 ? "quick-offline" : "quick-not-done"));
  }

  say(text) {
    byId("quick-said").textContent = text;
  }

  mark(complaints) {
    for (const [name, id] of Object.entries(FIELDS)) {
      const field = this.field(id);
      if (complaints[name]) { field.setAttribute("aria-invalid", "true"); } else { field.removeAttribute("aria-invalid"); }
      field.parentElement.classList.toggle("is-bad", !!complaints[name]);
    }
  }

  complain(complaints) {
    const first = Object.keys(FIELDS).find((name) => complaints[name]);
    this.say(Object.values(complaints).join(" "));
    if (first) { this.field(FIELDS[first]).focus(); }
  }

  /** Readers of the same name: Enter takes the first, who has the focus. */
  offer(known) {
    const place = byId("quick-same");
    const choices = known.map((one) => this.choice([one.name, one.group, one.born].filter(Boolean).join(" · "), () => { this.close(); this.heard.chosen(one); }));
    if (known.length) { choices.push(this.choice(words("quick-other"), () => this.send(true))); }
    place.replaceChildren(...choices);
    place.hidden = !known.length;
    byId("quick-send").hidden = !!known.length;
    if (known.length) { choices[0].focus(); }
  }

  choice(text, deed) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = text;
    button.addEventListener("click", deed);
    return button;
  }
}
