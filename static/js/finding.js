// Titles while typing (a combobox), conditions that take effect when chosen, printing. Without this script the forms ask the
// server as forms do.
(function () {
  "use strict";
  const line = document.querySelector("[data-suggest]");
  const list = document.getElementById("tips");
  const told = document.getElementById("tips-told");
  let waiting = 0;
  let asking = null;
  let at = -1;

  function options() {
    return Array.from(list.children);
  }

  function choose(place) {
    const rows = options();
    at = rows.length ? Math.max(-1, Math.min(place, rows.length - 1)) : -1;
    rows.forEach(function (row, number) { row.setAttribute("aria-selected", String(number === at)); });
    if (at < 0) { line.removeAttribute("aria-activedescendant"); return; }
    line.setAttribute("aria-activedescendant", rows[at].id);
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function show(books) {
    list.replaceChildren.apply(list, books.map(shown));
    list.hidden = !books.length;
    line.setAttribute("aria-expanded", String(!!books.length));
    told.textContent = books.length ? told.dataset.some : "";
    choose(-1);
  }

  function close() {
    if (asking) { asking.abort(); }
    show([]);
  }

  function shown(book, number) {
    const row = document.createElement("li");
    row.id = "tip-" + number;
    row.setAttribute("role", "option");
    row.dataset.url = book.url;
    row.appendChild(document.createElement("b")).textContent = book.title;
    if (book.author) { row.appendChild(document.createElement("span")).textContent = " " + book.author; }
    return row;
  }

  function ask() {
    if (asking) { asking.abort(); }
    const text = line.value.trim();
    if (text.length < 2) { close(); return; }
    asking = new AbortController();
    fetch(line.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: asking.signal, headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : []; })
      .then(function (books) { if (document.activeElement === line) { show(books); } })
      .catch(function () { /* typed on, or no network: the form still works */ });
  }

  function key(event) {
    if (list.hidden || event.isComposing) { return; }
    if (event.key === "ArrowDown") { choose(at + 1); event.preventDefault(); }
    if (event.key === "ArrowUp") { choose(at - 1); event.preventDefault(); }
    if (event.key === "Escape") { close(); event.preventDefault(); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); window.location.assign(options()[at].dataset.url); }
  }

  if (line && list && told && window.fetch) {
    list.setAttribute("role", "listbox");
    const says = { role: "combobox", "aria-autocomplete": "list", "aria-controls": "tips", "aria-expanded": "false" };
    Object.keys(says).forEach(function (name) { line.setAttribute(name, says[name]); });
    line.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(ask, 180);
    });
    line.addEventListener("keydown", key);
    line.addEventListener("blur", close);
    list.addEventListener("pointerdown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      const row = event.target.closest("[role=option]");
      if (row) { window.location.assign(row.dataset.url); }
    });
  }

  // Arrows walk through radio buttons, so a condition takes effect by a click or by its own button, never on the way.
  document.querySelectorAll("[data-narrow]").forEach(function (form) {
    form.addEventListener("click", function (event) {
      if (event.target.matches("input[type=radio]") && event.detail > 0) { form.requestSubmit(); }
    });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
