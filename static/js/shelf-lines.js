// A scan line whose answers change the page below it: what is scanned is sent in order, one at a time, because what a scan
// means may hang on the answer before it. What changes is fetched anew and put in place; the line and the camera stay.

import { play, wake, bindSwitch } from "./sounds.js";
import { Line } from "./desk-line.js";
import { message, send, unanswered } from "./shelf-send.js";

const form = document.getElementById("scan");
const live = document.getElementById("live");
const said = document.getElementById("said");
const input = form.elements.code;

function tell(words) {
  said.textContent = words;
  said.hidden = !words;
}

/** The page as it is now; where it left off is kept in the address. */
async function redraw(parameters) {
  const address = new URL(form.dataset.page, location.href);
  Object.entries(parameters).forEach(([name, value]) => { if (value) { address.searchParams.set(name, value); } });
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) { location.assign(address); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = live.querySelector("details[open]") !== null;
  live.replaceChildren(...page.getElementById("live").childNodes);
  live.querySelectorAll("details").forEach((one) => { one.open = open; });
  document.getElementById("chosen").replaceChildren(...page.getElementById("chosen").childNodes);
  input.placeholder = page.getElementById("code").placeholder;
  const sub = page.querySelector(".top-place");
  if (sub && document.querySelector(".top-place")) { document.querySelector(".top-place").replaceWith(sub); }
  history.replaceState(null, "", address);
}

const waiting = [];
let busy = false;

/**
 * `scanBody(said, live)`: of what is scanned ({code}, by the live camera or not) or tapped ({copy}), at once; it makes
 * what is sent when its turn comes, from the answer before, or null. `where(answer)`: what the page is asked for.
 */
export class Lines {
  constructor(scanBody, where) {
    Object.assign(this, { scanBody, where, former: null });
    const heard = { scanned: (code) => this.scan(code), entered: (text) => { this.line.clear(); this.scan(text); }, typed: () => null,
      asks: () => false, answer: () => false };
    this.line = new Line(form, input, heard);
    this.bind();
    form.dataset.ready = "1";
  }

  bind() {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { submitter } = event;
      if (submitter && submitter.name === "answer") { this.choose(submitter.value); } else { this.line.submit(); }
    });
    form.addEventListener("scanned", (event) => this.scan(event.detail.text, event.detail.live));
    live.addEventListener("submit", (event) => this.small(event));
    document.addEventListener("keydown", (event) => this.key(event));
    const sound = document.getElementById("sound");
    if (sound) { bindSwitch(sound); }
  }

  key(event) {
    wake();
    const bare = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (bare && event.key === "F2") { event.preventDefault(); this.line.focus(); }
    if (event.ctrlKey && !event.altKey && !event.shiftKey && event.code === "KeyZ" && !this.line.text) {
      const undo = live.querySelector("#result form[action*='act='] button");
      if (undo) { event.preventDefault(); undo.click(); }
    }
  }

  scan(text, live = false) {
    const code = text.trim();
    if (code) { this.add(form.dataset.scans, this.scanBody({ code }, live)); }
  }

  choose(item) {
    const { text } = this.former || { text: form.elements.before.value };
    const body = this.scanBody({ code: text }, false);
    if (text) { this.add(form.dataset.scans, (former) => ({ ...body(former), item })); }
  }

  /** Undo and ticks are small forms of the changing part; any other form there is the page's own. */
  small(event) {
    const { target, submitter } = event;
    const act = new URL(target.action).searchParams.get("act");
    if (submitter && submitter.name === "copy") {
      event.preventDefault();
      submitter.closest("li").classList.add("is-sent");
      this.add(form.dataset.scans, this.scanBody({ copy: submitter.value }, false));
    } else if (act) {
      event.preventDefault();
      this.add(form.dataset.undo, () => ({ act }));
    }
  }

  add(address, body) {
    wake();
    waiting.push({ address, body, made: message(form.dataset.account) });
    this.pump();
  }

  async pump() {
    if (busy) { return; }
    busy = true;
    while (waiting.length) { await this.settle(waiting.shift()); }
    busy = false;
  }

  /** The page after the last answer, once nothing waits. */
  async draw() {
    if (waiting.length || unanswered() || !this.former) { return; }
    await redraw({ ...this.where(this.former), last: this.last }).catch(() => tell(form.dataset.away));
  }

  async settle({ address, body, made }) {
    const said = body(this.former);
    if (!said) { await this.draw(); return; }
    const away = (signedOut) => tell(signedOut ? form.dataset.gone : form.dataset.away);
    const { found, json, uid } = await send(address, { ...said, ...made }, away);
    if (found !== "done") { tell((json && (json.title || json.code)) || form.dataset.away); play("khong"); return; }
    tell("");
    play(json.outcome);
    Object.assign(this, { former: json, last: uid });
    await this.draw();
  }
}
