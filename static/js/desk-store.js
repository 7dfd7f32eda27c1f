// Where acts wait: IndexedDB, written and flushed before anything is sent. Several windows may share it; each has its
// own line of acts. A number is taken and its act written in one transaction, so no number is ever given twice.
//
//   acts    number → {number, device, uid, kind, line, account, person, at, …, body (once frozen), state}
//   lines   line → {line, owner (a page), account, heard (when the latest answer came), reader, name, at, recent}
//   meta    "device" → uuid of this browser; "number" → the last one given

const NAME = "tusach-desk";
const PATIENCE = 4000;

/** A UUID version 7; made by hand because randomUUID is missing on pages served without HTTPS. */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place += 1) { bytes[place] = Math.floor(now / 2 ** (8 * (5 - place))) % 256; }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function upgrade(db) {
  db.createObjectStore("acts", { keyPath: "number" });
  db.createObjectStore("lines", { keyPath: "line" });
  db.createObjectStore("meta");
}

function soon(promise) {
  const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("too slow")), PATIENCE); });
  return Promise.race([promise, late]);
}

function plain(act) {
  const { saved, ...kept } = act;
  return kept;
}

export class Store {
  /** `trouble(error)` is called once, when from now on acts are held in memory only. */
  constructor(trouble) {
    this.trouble = trouble;
    this.db = null;
    this.broken = false;
    this.loose = { device: uuid7(), number: 0 };
    this.ready = this.open();
  }

  async open() {
    try {
      this.db = await soon(window.idb.openDB(NAME, 1, { upgrade }));
      this.device = await this.deviceOf();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    if (!this.broken) { this.trouble(error); }
    this.broken = true;
  }

  writing(...stores) {
    return this.db.transaction(stores, "readwrite", { durability: "strict" });
  }

  async deviceOf() {
    const tx = this.writing("meta");
    const known = (await tx.store.get("device")) || uuid7();
    await tx.store.put(known, "device");
    await tx.done;
    return known;
  }

  /** Keep a new act of `line`; it gets its device and number. Never fails: what cannot be stored is held in memory. */
  async add(act, line) {
    await this.ready;
    try {
      if (this.broken) { throw new Error("memory only"); }
      await soon(this.addStored(act, line));
    } catch (error) {
      this.fail(error);
      this.addLoose(act);
    }
  }

  // The line is kept with its act: another window may have thought ours gone, and forgotten it while it was empty.
  async addStored(act, line) {
    const tx = this.writing("acts", "meta", "lines");
    if (!(await tx.objectStore("lines").get(line.line))) { tx.objectStore("lines").put(line); }
    const number = ((await tx.objectStore("meta").get("number")) || 0) + 1;
    const kept = { ...plain(act), number, device: this.device };
    await Promise.all([tx.objectStore("meta").put(number, "number"), tx.objectStore("acts").add(kept), tx.done]);
    if (act.loose) { await this.db.delete("acts", number); return; } // we had given up waiting for the disk
    Object.assign(act, { number, device: this.device });
  }

  /** Numbers of the stored device must not be used again: what is held in memory counts as another device's. */
  addLoose(act) {
    this.loose.number += 1;
    Object.assign(act, { ...this.loose, loose: true });
  }

  /** Fix what will be sent. Returns the body fixed first, by whichever window, or null if the act has gone. */
  async freeze(act, body) {
    if (act.loose) { act.body = body; return body; }
    try {
      const tx = this.writing("acts");
      const kept = await tx.store.get(act.number);
      if (kept && !kept.body) { await tx.store.put({ ...kept, body }); }
      await tx.done;
      act.body = kept ? kept.body || body : null;
    } catch (error) {
      this.fail(error);
      act.body = act.body || body;
    }
    return act.body;
  }

  /** The act is answered: it goes, and its line's context changes, together. */
  async settle(act, line) {
    if (!this.db) { return; }
    try {
      const tx = this.db.transaction(["acts", "lines"], "readwrite");
      const gone = act.loose ? null : tx.objectStore("acts").delete(act.number);
      await Promise.all([gone, line && tx.objectStore("lines").put(line), tx.done]);
    } catch (error) {
      this.fail(error);
    }
  }

  async change(act) {
    if (act.loose || !this.db) { return; }
    try {
      await this.db.put("acts", plain(act));
    } catch (error) {
      this.fail(error);
    }
  }

  async everything() {
    await this.ready;
    if (!this.db) { return { acts: [], lines: [] }; }
    try {
      return { acts: await this.db.getAll("acts"), lines: await this.db.getAll("lines") };
    } catch (error) {
      this.fail(error);
      return { acts: [], lines: [] };
    }
  }

  /** Take over the lines of this account whose pages are gone. Lines without acts are forgotten. */
  async claim(page, account, alive) {
    if (!this.db) { return []; }
    const tx = this.writing("lines", "acts");
    const busy = new Set((await tx.objectStore("acts").getAll()).map((act) => act.line));
    const orphans = (await tx.objectStore("lines").getAll()).filter((line) => line.account === account && !alive.has(line.owner));
    const lines = tx.objectStore("lines");
    await Promise.all(orphans.map((line) => (busy.has(line.line) ? lines.put({ ...line, owner: page }) : lines.delete(line.line))));
    await tx.done;
    return orphans.filter((line) => busy.has(line.line));
  }

  async keepLine(line) {
    await this.ready;
    await this.settle({ loose: true }, line);
  }
}
