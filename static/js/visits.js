// The form of a day's visits shows what belongs to the chosen kind. Without this script it shows everything.

const form = document.getElementById("visit-form");
const whole = form.querySelector("[data-whole]").placeholder;

function show() {
  const kind = form.querySelector("[name=kind]:checked");
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !!kind && !part.dataset.for.split(" ").includes(kind.value);
  }
  const heads = form.querySelector("[data-whole]");
  heads.placeholder = kind && kind.value === "class" ? whole : "";
}

form.addEventListener("change", show);
show();
