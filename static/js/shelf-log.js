// The grid of the reading log: the whole class at once, and how many are ticked; who signs certificates, kept on this
// device. Everything works without, too.
const form = document.querySelector("[data-log]");

if (form) {
  const boxes = [...form.querySelectorAll("input[name=pupil]")];
  const all = form.querySelector("[data-all]");
  const send = form.querySelector(".log-send .btn");
  const words = form.querySelector("[data-words]").dataset.words;
  const usual = send.textContent;

  const draw = () => {
    const count = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => box.closest("label").classList.toggle("is-on", box.checked));
    send.textContent = count ? words.replace("{count}", count) : usual;
    all.setAttribute("aria-pressed", String(count === boxes.length));
  };

  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((box) => !box.checked);
    boxes.forEach((box) => { box.checked = on; });
    draw();
  });
  form.addEventListener("change", draw);
  draw();
}

const head = document.querySelector("[data-remember]");

if (head) {
  const key = `certificate-head ${head.dataset.remember}`;
  try {
    head.value ||= localStorage.getItem(key) ?? "";
    head.addEventListener("change", () => localStorage.setItem(key, head.value.trim()));
  } catch {
    // a browser that keeps nothing asks again
  }
}
