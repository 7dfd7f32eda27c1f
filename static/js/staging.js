// While a list is being read, written or taken back: ask how far it is, and show the next page when it is done.
(function () {
  "use strict";
  const box = document.getElementById("working");
  if (!box || !box.dataset.progress) { return; }
  const done = document.getElementById("working-done");
  const total = document.getElementById("working-total");
  const spines = box.querySelectorAll(".progress i");

  function thousands(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, "."); }

  function show(told) {
    const of = Math.max(told.total || 0, told.done, 1);
    done.textContent = thousands(told.done);
    total.textContent = thousands(told.total || 0);
    spines.forEach(function (spine, at) { spine.classList.toggle("is-ok", at < spines.length * told.done / of); });
  }

  function ask() {
    fetch(box.dataset.progress, { headers: { Accept: "application/json" } })
      .then(function (answer) { if (!answer.ok) { throw new Error(answer.status); } return answer.json(); })
      .then(function (told) {
        if (told.state !== box.dataset.state || told.stopped) { window.location.reload(); return; }
        show(told);
        setTimeout(ask, 1000);
      })
      .catch(function () { setTimeout(ask, 4000); });
  }
  setTimeout(ask, 700);
})();
