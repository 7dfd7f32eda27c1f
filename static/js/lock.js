// Covers the page when nobody is at it. The server holds the lock: it answers nothing but the key until it is unlocked.
//
// Every page of this browser counts as one desk: a key pressed in one window keeps the others open, and they lock and
// unlock together. Without a connection the server cannot be told, so the page is covered only, and Enter uncovers it:
// books must be lent also when the line is down.
(function () {
  "use strict";

  const box = document.getElementById("lock");
  if (!box || !box.showModal) { return; }
  const form = box.querySelector("form");
  const said = box.querySelector(".lock-said");
  const words = box.querySelector(".lock-words").dataset;
  const who = form.elements.who;
  const secret = form.elements.secret;
  const LIMIT = Number(box.dataset.minutes) * 60000;
  const SEEN = 600000;
  const SCAN = 35; // milliseconds between the keys of a scanner
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("tusach-lock") : null;

  let state = "open"; // "open", "locked", or "covered": locked for the eye only
  let last = Date.now();
  let told = Date.now();
  let keys = [];

  // Who is here

  function stir() {
    if (state !== "open") { return; }
    const now = Date.now();
    if (now - last > 1000) { try { localStorage.setItem("tusach-active", String(now)); } catch { /* this window alone */ } }
    last = now;
    if (now - told > SEEN) { told = now; send(box.dataset.seen, {}).catch(function () { return null; }); }
  }

  function lately() {
    let elsewhere = 0;
    try { elsewhere = Number(localStorage.getItem("tusach-active")) || 0; } catch { /* this window alone */ }
    return Math.max(last, Math.min(elsewhere, Date.now()));
  }

  function look() {
    if (state === "open" && Date.now() - lately() >= LIMIT) { lock(); }
    else if (state === "covered" && navigator.onLine) { tell(); }
  }

  // Locking

  function send(address, facts) {
    const giveUp = new AbortController();
    const timer = setTimeout(function () { giveUp.abort(); }, 8000);
    const options = { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(facts), credentials: "same-origin", signal: giveUp.signal };
    return fetch(address, options).finally(function () { clearTimeout(timer); });
  }

  function cover(as) {
    state = as;
    keys = [];
    const name = document.querySelector(".who-name");
    const line = box.querySelector(".lock-who");
    line.hidden = !name || !name.textContent;
    line.querySelector("b").textContent = name ? name.textContent : "";
    document.body.classList.add("is-locked");
    form.reset();
    who.value = "";
    say(as === "covered" ? words.cover : "", true);
    if (!box.open) { box.showModal(); }
    secret.focus();
  }

  function uncover() {
    state = "open";
    last = Date.now();
    try { localStorage.setItem("tusach-active", String(last)); } catch { /* this window alone */ }
    document.body.classList.remove("is-locked");
    if (box.open) { box.close(); }
    window.dispatchEvent(new Event("focus")); // the desk goes on sending, and its line listens again
  }

  function lock() {
    cover("covered");
    tell();
  }

  /** Covered at once; locked from when the server says so. */
  function tell() {
    send(box.dataset.lock, {}).then(function (answer) {
      if (answer.status === 401) { location.assign(box.dataset.signIn); return; }
      if (!answer.ok) { return; }
      if (state === "open") { cover("locked"); }
      state = "locked";
      say("", true);
      if (channel) { channel.postMessage("locked"); }
    }).catch(function () { return null; });
  }

  function say(text, quiet) {
    said.textContent = text;
    said.classList.toggle("is-quiet", Boolean(quiet));
  }

  // Unlocking

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (state === "covered") { uncover(); return; }
    if (!secret.value) { secret.focus(); return; }
    const facts = { who: who.value, secret: secret.value };
    secret.value = "";
    send(box.dataset.unlock, facts).then(answered).catch(function () { say(words.away); secret.focus(); });
  });

  function answered(answer) {
    if (answer.status === 401) { location.assign(box.dataset.signIn); return null; }
    if (!answer.ok) { say(answer.status === 429 ? words.many : answer.status === 422 ? words.wrong : words.away); secret.focus(); return null; }
    return answer.json().then(function (json) {
      if (channel) { channel.postMessage(json.same ? "open" : "changed"); }
      if (json.same) { uncover(); } else if (json.go && new URL(json.go, location.href).pathname !== "/") { location.assign(json.go); } else { location.reload(); }
    });
  }

  // A card scanned into the password field is no password: it says who is there, and a PIN follows.
  function scanned() {
    const fast = keys.length >= 6 && keys.every(function (key, place) { return !place || key - keys[place - 1] <= SCAN; });
    if (!fast || document.activeElement !== secret || keys.length < secret.value.length) { return false; }
    who.value = secret.value;
    secret.value = "";
    return true;
  }

  // While locked no key reaches the page: the desk listens everywhere. What a key does in a field, it does all the same.
  function swallow(event) {
    if (state === "open") { return; }
    event.stopImmediatePropagation();
    if (event.type !== "keydown") { return; }
    if (event.key === "Escape" || (event.altKey && /^[1-9]$/.test(event.key))) { event.preventDefault(); }
    if (event.key !== "Enter") { if (event.key.length === 1) { keys.push(event.timeStamp); } return; }
    const card = scanned();
    const next = document.activeElement === who && !secret.value;
    keys = [];
    if (card || next) { event.preventDefault(); secret.focus(); }
  }

  ["keydown", "keypress", "keyup"].forEach(function (name) { window.addEventListener(name, swallow, true); });
  ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"].forEach(function (name) { window.addEventListener(name, stir, { capture: true, passive: true }); });
  box.addEventListener("cancel", function (event) { event.preventDefault(); });
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-lock-now]")) { event.preventDefault(); lock(); }
  }, true);
  if (channel) {
    channel.onmessage = function (event) {
      if (event.data === "locked" && state !== "locked") { cover("locked"); }
      if (event.data === "open" && state !== "open") { uncover(); }
      if (event.data === "changed") { location.reload(); }
    };
  }
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } });
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
})();
