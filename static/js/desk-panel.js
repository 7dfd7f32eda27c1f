// All keys, and what waits: opened with "?" on an empty line. It is no dialog: scans go on beneath it.

import { words } from "./desk-draw.js";

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export class Panel {
  constructor(box, queue) {
    Object.assign(this, { box, queue });
    box.querySelector("[data-do=export]").addEventListener("click", () => this.save());
    box.querySelector("[data-do=resend]").addEventListener("click", () => queue.unpark());
    box.querySelector("[data-do=close]").addEventListener("click", () => this.close());
  }

  get open() {
    return !this.box.hidden;
  }

  toggle() {
    this.box.hidden = !this.box.hidden;
    this.draw();
  }

  close() {
    this.box.hidden = true;
  }

  draw() {
    if (!this.open) { return; }
    const waiting = this.queue.waiting().length;
    const parked = this.queue.parked().length;
    const kept = this.box.querySelector(".keys-waiting");
    kept.textContent = words(waiting + parked ? "panel-waiting" : "panel-none", { waiting, parked });
    this.box.querySelector("[data-do=export]").hidden = waiting + parked === 0;
    this.box.querySelector("[data-do=resend]").hidden = parked === 0;
  }

  save() {
    const day = new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-");
    download(`luot-chua-gui-${day}.json`, JSON.stringify(this.queue.exported(), null, 1));
  }
}
