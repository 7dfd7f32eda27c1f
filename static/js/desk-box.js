// The drop box: books that came back while nobody was here, on the day somebody says. Only returns are taken meanwhile.

import { byId, words } from "./desk-draw.js";

export class Box {
  /** `changed()` is called when it was opened, closed, or another day was said. */
  constructor(place, changed) {
    Object.assign(this, { place, changed });
    this.day = place.querySelector("[name=returned_on]");
    this.amnesty = place.querySelector("[name=amnesty]");
    this.day.addEventListener("change", () => this.tell());
    place.querySelector("[data-do=close]").addEventListener("click", (event) => { event.preventDefault(); this.toggle(); });
  }

  get open() {
    return !this.place.hidden;
  }

  /** What a scan says of it; nothing while it is closed, or for a day that is no day. */
  get said() {
    if (!this.open) { return {}; }
    return { returned_on: this.day.validity.valid ? this.day.value || null : null, amnesty: !!this.amnesty && this.amnesty.checked };
  }

  get words() {
    if (!this.open) { return ""; }
    const day = this.said.returned_on;
    return day ? words("box", { day: day.split("-").reverse().slice(0, 2).join("/") }) : words("box-today");
  }

  toggle() {
    this.place.hidden = !this.place.hidden;
    this.place.querySelectorAll("input").forEach((one) => { one.disabled = this.place.hidden; });
    this.tell();
  }

  tell() {
    byId("box-open").setAttribute("aria-pressed", String(this.open));
    this.changed();
  }
}
