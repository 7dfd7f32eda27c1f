// What sets out is printed in a tab of its own; this one goes on to the papers.

/** A form that sends a batch away leaves its own page behind once its papers have been asked for. */
export function leaves() {
  document.querySelectorAll("form[data-leaves]:not([data-bound])").forEach((form) => {
    form.dataset.bound = "1";
    form.addEventListener("submit", () => {
      setTimeout(() => { form.querySelector("button").disabled = true; }, 0);
      setTimeout(() => location.assign(form.dataset.leaves), 2500);
    });
  });
}

leaves();
