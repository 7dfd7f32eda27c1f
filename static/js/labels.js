// The sheet answers at once: another paper, another kind, the cells that will be filled. Everything also works without.
(function () {
  "use strict";

  const form = document.getElementById("print");
  if (!form) { return; }
  const side = form.querySelector(".label-sheet");
  const pages = document.getElementById("pages");
  const cells = Array.from(form.querySelectorAll(".cell"));
  side.classList.add("has-script");

  function chosen(name) {
    const field = form.querySelector('[name="' + name + '"]:checked');
    return field ? field.value : "1";
  }

  function showAgain() {
    const asked = new URLSearchParams({ paper: form.elements.paper.value, kind: chosen("kind") });
    ["title", "run", "printer"].forEach(function (name) {
      if (form.elements[name]) { asked.set(name, form.elements[name].value); }
    });
    window.location.assign(form.dataset.queue + "?" + asked.toString());
  }

  function draw() {
    const start = Number(chosen("start"));
    const each = pages ? Number(pages.dataset.cells) : 1;
    const taken = pages ? Number(pages.dataset.count) * each : 0;
    cells.forEach(function (cell, at) {
      cell.classList.toggle("is-used", at + 1 < start);
      cell.classList.toggle("is-filled", at + 1 >= start && at + 1 < start + taken);
    });
    if (pages) {
      const total = Math.ceil((taken + start - 1) / Number(pages.dataset.page));
      pages.textContent = pages.dataset.words.replace("{pages}", total).replace("{start}", start);
    }
  }

  form.addEventListener("change", function (event) {
    if (["paper", "kind", "printer"].includes(event.target.name)) { showAgain(); }
    if (event.target.name === "start") { draw(); }
  });

  // The sheet opens beside this page: when one comes back, the list has become shorter.
  let sent = false;
  form.addEventListener("submit", function (event) { sent = !event.submitter || event.submitter.name === "what"; });
  document.addEventListener("visibilitychange", function () {
    if (sent && document.visibilityState === "visible") { window.location.reload(); }
  });

  draw();
})();
