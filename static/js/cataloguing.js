// Typing and scanning books with less waiting. Without this script both pages are plain forms and lose nothing.
(function () {
  "use strict";

  // A page that comes back begins where something is wrong.
  const wrong = document.querySelector('main [aria-invalid="true"]');
  if (wrong) { wrong.focus(); }

  // Titles that may be the one being typed: arrow down walks into them, Escape comes back.
  const title = document.querySelector("[data-suggests]");
  const same = title && document.getElementById(title.dataset.suggests);
  if (same) {
    title.form.addEventListener("keydown", function (event) {
      const links = Array.from(same.querySelectorAll("a"));
      const at = links.indexOf(document.activeElement);
      if (!links.length || (at < 0 && document.activeElement !== title)) { return; }
      if (event.key === "Escape") { same.textContent = ""; title.focus(); event.preventDefault(); }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") { return; }
      event.preventDefault();
      (links[Math.min(at + (event.key === "ArrowDown" ? 1 : -1), links.length - 1)] || title).focus();
    });
  }

  const form = document.getElementById("scan");
  if (!form || !window.fetch) { return; }
  const line = document.getElementById("code");
  const list = document.getElementById("lines");
  const told = document.getElementById("code-said");
  const KEPT = "tusach-scans";
  let waiting = kept();
  let sending = false;
  let saving = false;

  function kept() {
    try { return JSON.parse(window.localStorage.getItem(KEPT)) || []; } catch (error) { return []; }
  }

  function keep() {
    try { window.localStorage.setItem(KEPT, JSON.stringify(waiting)); } catch (error) { /* private window */ }
  }

  function say(words, bad) {
    told.textContent = words;
    told.classList.toggle("field-error", Boolean(bad));
    line.closest(".scanline").classList.toggle("is-bad", Boolean(bad));
  }

  function count() {
    const copies = Array.from(list.querySelectorAll(".scan-n input"));
    form.querySelector("[data-lines]").textContent = copies.length;
    form.querySelector("[data-copies]").textContent = copies.reduce((sum, one) => sum + (Number(one.value) || 0), 0);
    form.querySelector(".scan-none").hidden = copies.length > 0;
  }

  function post(deed, code) {
    const body = new FormData(form);
    body.set("do", deed);
    body.set("code", code);
    return fetch(form.action, { method: "POST", body: body, headers: { "X-Part": "line", Accept: "application/json" } });
  }

  function put(answer, html) {
    const old = list.querySelector('[data-line="' + answer.headers.get("X-Line") + '"]');
    if (old) {
      old.querySelector(".scan-n input").value = answer.headers.get("X-Copies");
      list.prepend(old);
    } else {
      list.insertAdjacentHTML("afterbegin", html);
    }
    list.querySelectorAll(".is-fresh").forEach((one) => one.classList.remove("is-fresh"));
    list.firstElementChild.classList.add("is-fresh");
    const book = list.firstElementChild.querySelector(".book, .scan-said");
    say(book ? book.textContent + " · " + form.dataset.many.replace("%s", answer.headers.get("X-Copies")) : "", false);
    count();
  }

  async function send() {
    if (sending) { return; }
    sending = true;
    while (waiting.length) {
      try {
        const answer = await post("scan", waiting[0]);
        if (answer.ok && answer.headers.get("X-Line")) {
          put(answer, await answer.text());
        } else if (answer.status === 422) {
          say(waiting[0] + ": " + (await answer.json()).title, true);
        } else {
          throw new Error(String(answer.status));
        }
        waiting.shift();
        keep();
      } catch (error) {
        say(form.dataset.offline.replace("%s", String(waiting.length)), true);
        window.setTimeout(send, 3000);
        break;
      }
    }
    sending = false;
    if (saving && !waiting.length) { saving = false; form.requestSubmit(document.getElementById("save")); }
  }

  function scanned(code) {
    waiting.push(code);
    keep();
    send();
  }

  form.addEventListener("submit", function (event) {
    const deed = event.submitter ? event.submitter.value : "scan";
    if (deed === "save" && (waiting.length || sending)) { event.preventDefault(); saving = true; send(); return; }
    if (deed !== "scan") { return; }
    event.preventDefault();
    const code = line.value.trim();
    line.value = "";
    if (code) { scanned(code); } else { post("keep", "").catch(function () { /* the next scan brings it */ }); }
    line.focus();
  });

  // A scanner types wherever the focus is: thirteen figures at the end of a field were meant for the scan line.
  form.addEventListener("keydown", function (event) {
    const field = event.target;
    if (event.key !== "Enter" || field === line || !field.matches('input[type="text"]')) { return; }
    const found = /\d{13}$/.exec(field.value);
    if (found) { field.value = field.value.slice(0, -13); line.value = found[0]; }
  });

  form.addEventListener("change", function (event) {
    if (!event.target.closest(".scan-line")) { return; }
    const which = event.target.closest(".scan-which");
    post("keep", "").then(function () { if (which) { window.location.reload(); } }).catch(function () { /* as above */ });
    count();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "F9") { event.preventDefault(); document.getElementById("save").click(); }
    if (event.key === "F2") { event.preventDefault(); line.focus(); line.select(); }
  });

  if (waiting.length) { send(); }
})();
