// Choosing the units of a campaign: one touch ticks all of a kind, the next one unticks them.
(() => {
  "use strict";
  const form = document.getElementById("choose");
  const chips = form && form.querySelector("[data-all]");
  if (!chips) return;
  chips.hidden = false;
  chips.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-kind]");
    if (!chip) return;
    const boxes = [...form.querySelectorAll(`input[data-kind="${chip.dataset.kind}"]`)];
    const tick = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = tick; });
  });
})();
