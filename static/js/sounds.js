// One short sound per result, never the only carrier. Five results within a second keep their order.

// Hertz and milliseconds, one after the other; 0 is a pause.
const NOTES = {
  ok: [[880, 90]],
  luu: [[660, 80], [880, 80]],
  ghi: [[220, 30]],
  hoi: [[520, 80], [0, 80], [520, 80]],
  khong: [[330, 140], [220, 140]],
};
const VOLUME = 0.3;
const APART = 0.2;
const KEPT = "tusach-sound";

let audio = null;
let free = 0;

function remembered() {
  try { return localStorage.getItem(KEPT) !== "off"; } catch { return true; }
}

function remember(on) {
  try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* this page only */ }
}

/** The switch in the header; it is shown because there is a script. */
export function bindSwitch(button) {
  const draw = (on) => button.setAttribute("aria-pressed", String(on));
  button.hidden = false;
  draw(remembered());
  button.addEventListener("click", () => { remember(!remembered()); draw(remembered()); });
}

/** Browsers let a page sound only after somebody did something in it. */
export function wake() {
  const asleep = navigator.userActivation && !navigator.userActivation.hasBeenActive;
  if (asleep || !remembered() || !window.AudioContext) { return; }
  audio = audio || new AudioContext();
  if (audio.state === "suspended") { audio.resume(); }
}

function tone(hertz, from, seconds) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(VOLUME, from + 0.004);
  gain.gain.setValueAtTime(VOLUME, from + seconds - 0.006);
  gain.gain.linearRampToValueAtTime(0, from + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds);
}

/** Sound an outcome: "ok", "luu", "ghi", "hoi" or "khong". */
export function play(outcome) {
  wake();
  if (!audio || !remembered() || !NOTES[outcome]) { return; }
  const began = Math.max(audio.currentTime, free);
  let at = began;
  for (const [hertz, milliseconds] of NOTES[outcome]) {
    if (hertz) { tone(hertz, at, milliseconds / 1000); }
    at += milliseconds / 1000;
  }
  free = Math.max(at + 0.04, began + APART);
}
