// The line of acts: kept first, then sent in order, one at a time, each until it is answered.
//
// Every scan, undo and change of reader made in this page passes here, so that each finds the desk as the one before
// left it. Whose books are being lent is settled when an act's turn comes; from then on what is sent stays the same.

import { post, pause, verdict } from "./desk-send.js";
import { uuid7 } from "./desk-store.js";
import { askedAt } from "./desk-missed.js";
import * as rules from "./desk-rules.js";

const CHECK_OTHERS = 20000;
const ANSWER_TIME = 400;
const WHO = "who";
const HERE = "here";

function tried(deed) {
  try { return deed(); } catch { return null; }
}

function contextOf({ reader, name, at, recent }) {
  return { reader, name, at, recent };
}

export class Queue {
  /**
   * `place`: {account, person, scans, undo (addresses)}. `tell`: answered(act, answer, live), refused(act, problem),
   * repeated(act, former), dropped(act), context(context), connection(trouble or null), changed(), behind(): all that
   * the page before left is answered, and the server drew this page before it knew of all of it.
   */
  constructor(store, place, tell) {
    Object.assign(this, { store, place, tell });
    this.page = uuid7();
    this.line = this.takeLine();
    this.acts = [];
    this.others = new Map();
    this.contexts = new Map();
    this.acted = new Map();
    this.failures = 0;
    this.trouble = null;
    this.loaded = false;
    this.busy = false;
    this.behind = false;
    this.heard = 0;
  }

  // A reload goes on with its line; a second window, though copied from this one, finds none and begins its own.
  takeLine() {
    const key = `desk-line-${this.place.account}`;
    const line = tried(() => sessionStorage.getItem(key)) || uuid7();
    const hold = () => tried(() => sessionStorage.setItem(key, line));
    const release = () => tried(() => sessionStorage.removeItem(key));
    release();
    addEventListener("pagehide", hold);
    addEventListener("pageshow", release);
    return line;
  }

  async start() {
    const { acts, lines } = await this.store.everything();
    const mine = lines.find((line) => line.line === this.line);
    this.contexts.set(this.line, mine ? contextOf(mine) : rules.closed());
    this.adopt(acts.filter((act) => act.line === this.line));
    this.behind ||= !!mine && mine.heard > askedAt();
    this.noteOthers(acts);
    await this.store.keepLine(this.record(this.line));
    this.loaded = true;
    this.tell.context(this.context());
    this.tell.changed();
    this.listen();
    this.pump();
  }

  listen() {
    addEventListener("online", () => this.retry());
    addEventListener("focus", () => this.retry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.retry(); } });
    this.channel = new BroadcastChannel("tusach-desk");
    this.channel.onmessage = ({ data }) => {
      if (data.ask === WHO) { this.channel.postMessage({ ask: HERE, page: this.page }); }
      if (data.ask === HERE && this.alive) { this.alive.add(data.page); }
    };
    this.claim();
    setInterval(() => this.claim(), CHECK_OTHERS);
  }

  /** Windows that closed or crashed with acts unsent: those of this account are ours to send now. */
  async claim() {
    this.alive = new Set([this.page]);
    this.channel.postMessage({ ask: WHO });
    await new Promise((done) => { setTimeout(done, ANSWER_TIME); });
    const claimed = await this.store.claim(this.page, this.place.account, this.alive).catch(() => []);
    const { acts } = await this.store.everything();
    claimed.forEach((line) => this.contexts.set(line.line, contextOf(line)));
    const known = new Set(claimed.map((line) => line.line));
    this.adopt(acts.filter((act) => known.has(act.line)));
    this.noteOthers(acts);
    this.tell.changed();
    this.pump();
  }

  adopt(acts) {
    const known = new Set(this.acts.map((act) => act.uid));
    const fresh = acts.filter((act) => !known.has(act.uid)).map((act) => ({ ...act, saved: Promise.resolve(), adopted: true }));
    this.acts = [...fresh, ...this.acts];
    this.behind ||= fresh.length > 0;
    fresh.forEach((act) => { if (act.state !== "parked") { this.tell.waiting(act); } });
  }

  /** Whoever else has acts waiting on this computer, by name. */
  noteOthers(acts) {
    this.others = new Map();
    for (const act of acts.filter((one) => one.account !== this.place.account)) {
      this.others.set(act.person, (this.others.get(act.person) || 0) + 1);
    }
  }

  context() {
    return this.contexts.get(this.line) || rules.closed();
  }

  record(line) {
    const { page, heard, place } = this;
    return { line, owner: page, account: place.account, heard, ...(this.contexts.get(line) || rules.closed()) };
  }

  /** Acts not answered yet, without those set aside. */
  waiting() {
    return this.acts.filter((act) => act.state !== "parked");
  }

  parked() {
    return this.acts.filter((act) => act.state === "parked");
  }

  /** Keep an act: {kind: "scan" | "undo" | "finish" | "pick", …}. Returns it at once; sending follows. */
  add(kind, more) {
    const made = { uid: uuid7(), kind, line: this.line, at: new Date().toISOString(), state: "waiting", ...more };
    const act = { ...made, account: this.place.account, person: this.place.person };
    this.acts.push(act);
    act.saved = this.store.add(act, this.record(this.line));
    this.tell.waiting(act);
    this.tell.changed();
    this.pump();
    return act;
  }

  /** Take back a scan that nobody has sent yet: the newest one only, for later ones may rest on it. */
  cancel(act) {
    if (act !== this.waiting().at(-1) || act.body || act === this.current) { return false; }
    this.leave(act, null);
    return true;
  }

  async leave(act, context) {
    this.acts = this.acts.filter((one) => one !== act);
    if (context) { this.contexts.set(act.line, context); }
    this.tell.changed();
    await act.saved;
    await this.store.settle(act, this.record(act.line));
    if (context && act.line === this.line) { this.tell.context(context); }
    return true;
  }

  retry() {
    clearTimeout(this.timer);
    this.pump();
  }

  async pump() {
    if (this.busy || !this.loaded) { return; }
    this.busy = true;
    try {
      for (let act = this.waiting()[0]; act; act = this.waiting()[0]) {
        this.current = act;
        await act.saved;
        if (!(await this.step(act))) { break; }
      }
    } finally {
      this.busy = false;
      this.current = null;
    }
    if (this.behind && !this.waiting().length) { this.behind = false; this.tell.behind(); }
  }

  /** True when the next act may follow. */
  step(act) {
    const context = this.contexts.get(act.line) || rules.closed();
    if (act.kind === "finish") { return this.leave(act, rules.closed(context)); }
    if (act.kind === "pick") { return this.leave(act, rules.afterPick(context, act)); }
    if (act.kind === "undo" && this.acted.get(act.act) === null) { this.tell.dropped(act); return this.leave(act, null); }
    const former = act.kind === "scan" && !act.body && rules.formerOf(context, act);
    if (former) { this.tell.repeated(act, former); return this.leave(act, rules.afterRepeat(context, act)); }
    return this.send(act, context);
  }

  async send(act, context) {
    const body = act.body || (await this.store.freeze(act, rules.bodyOf(act, context)));
    if (!body) { this.tell.dropped(act); return this.leave(act, null); }
    const { status, json } = await post(act.kind === "undo" ? this.place.undo : this.place.scans, body);
    act.tries = (act.tries || 0) + (status >= 500 && status !== 503 ? 1 : 0);
    const what = verdict(status, act.tries, act.kind === "scan" && !act.override);
    if (what === "later" || what === "signed-out") { return this.wait(what); }
    this.connected();
    if (what === "parked") { return this.park(act, json); }
    this.heard = Date.now();
    const answer = what === "done" ? json : null;
    if (answer) { this.tell.answered(act, answer); } else { this.tell.refused(act, json); }
    return this.leave(act, this.after(act, context, body, answer));
  }

  after(act, context, body, answer) {
    if (act.kind === "undo") { return rules.afterUndo(context, act.act); }
    this.acted.set(act.uid, (answer && answer.act) || null);
    return rules.afterScan(context, act, body.reader, answer);
  }

  async park(act, problem) {
    act.state = "parked";
    this.tell.refused(act, problem);
    this.tell.changed();
    await this.store.change(act);
    return true;
  }

  /** Try again what was set aside. */
  unpark() {
    this.parked().forEach((act) => { act.state = "waiting"; act.tries = 0; });
    this.pump();
  }

  wait(what) {
    this.failures += 1;
    this.trouble = { what, since: this.trouble ? this.trouble.since : new Date() };
    this.tell.connection(this.trouble);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), pause(this.failures));
    return false;
  }

  connected() {
    this.failures = 0;
    if (this.trouble) { this.trouble = null; this.tell.connection(null); }
  }

  /** What waits, for a file: the last resort. */
  exported() {
    return { made: new Date().toISOString(), acts: this.acts.map(({ saved, adopted, ...act }) => act) };
  }
}
