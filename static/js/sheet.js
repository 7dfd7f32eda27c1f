// A unit's sheet: what differs from the machine's number opens its reason at once; numbers are written as they are read.
(() => {
  "use strict";
  const script = document.currentScript;
  const form = document.getElementById("sheet");
  if (!form) return;

  const bare = (text) => text.replace(/[.\s\u00a0đ]/g, "");
  const written = (digits) => digits.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+(?!\d))/g, ".");
  const change = (by) => (by > 0 ? "+" : "−") + written(String(Math.abs(by)));

  function differs(row) {
    const field = row.querySelector(".stated");
    const computed = row.dataset.computed;
    const told = field ? bare(field.value) : "";
    return field && computed !== "" && told !== "" && told !== computed;
  }

  function compare(row) {
    const field = row.querySelector(".stated");
    if (!field) return;
    const other = differs(row);
    const why = form.querySelector(`[data-why="${row.dataset.line}"]`);
    const reasons = why && why.querySelector(".why-reasons");
    row.classList.toggle("is-hoi", Boolean(other));
    if (reasons) {
      reasons.hidden = !other;
      if (!why.querySelector(".evidence") && !why.querySelector(".why-wrong")) why.hidden = !other;
    }
    const cell = row.querySelector(".compared");
    if (cell && row.dataset.computed !== "") {
      const by = Number(bare(field.value)) - Number(row.dataset.computed);
      cell.textContent = other && Number.isFinite(by) ? change(by) : script.dataset.agrees;
    }
  }

  function count() {
    const many = [...form.querySelectorAll("tr.sheet-line")].filter(differs).length;
    const told = document.getElementById("differing");
    if (!told) return;
    told.hidden = many === 0;
    told.querySelector("span:last-child").textContent = script.dataset.differing.replace("{count}", many);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.matches(".stated")) return;
    compare(event.target.closest("tr"));
    count();
  });
  form.addEventListener("focusout", (event) => {
    if (event.target.matches(".stated") && /^\d+$/.test(bare(event.target.value))) {
      event.target.value = written(bare(event.target.value));
    }
  });
  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".stated")) event.target.select();
  });
  // Enter goes to the next number, as on paper; the sheet goes out by its button only.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".stated")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll(".stated")];
    const next = fields[fields.indexOf(event.target) + 1];
    (next || document.querySelector('[form="sheet"][value="send"]')).focus();
  });
})();
