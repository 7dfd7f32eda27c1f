// Titles while typing. Without this script the form asks the server as forms do.
(function () {
  "use strict";
  const line = document.querySelector("[data-suggest]");
  const list = document.getElementById("tips");
  const told = document.getElementById("tips-told");
  if (!line || !list || !window.fetch) { return; }
  let waiting = 0;
  let asking = null;

  function close() {
    list.hidden = true;
    list.textContent = "";
    told.textContent = "";
  }

  function shown(book) {
    const row = document.createElement("li");
    const link = row.appendChild(document.createElement("a"));
    link.href = book.url;
    link.appendChild(document.createElement("b")).textContent = book.title;
    if (book.author) { link.appendChild(document.createElement("span")).textContent = " " + book.author; }
    return row;
  }

  function show(books) {
    close();
    books.forEach(function (book) { list.appendChild(shown(book)); });
    list.hidden = !books.length;
    told.textContent = books.length ? told.dataset.some : "";
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

  function walk(event) {
    const links = Array.from(list.querySelectorAll("a"));
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape" && !list.hidden) { close(); line.focus(); event.preventDefault(); return; }
    if (!links.length || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) { return; }
    event.preventDefault();
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    (links[Math.min(next, links.length - 1)] || line).focus();
  }

  line.addEventListener("input", function () {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, 180);
  });
  line.form.addEventListener("keydown", walk);
  // A little later: some browsers tell of the tap on a suggestion only after the line has lost the focus.
  line.form.addEventListener("focusout", function () {
    window.setTimeout(function () { if (!line.form.contains(document.activeElement)) { close(); } }, 250);
  });
})();
