// One's own books close by themselves on a computer that nobody touches; the server has closed them by then. Whoever reads on
// says so by moving: once a minute the server hears of it.

const self = document.getElementById("self");
const alone = Number(self.dataset.alone) * 1000;
const EVERY = 60000;

let touched = Date.now();
let told = Date.now();

function touch() {
  touched = Date.now();
  if (touched - told < EVERY || touched - told > alone) { return; }
  told = touched;
  fetch(self.dataset.door, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
}

for (const what of ["pointerdown", "keydown", "scroll"]) { document.addEventListener(what, touch, { passive: true }); }
addEventListener("pageshow", (event) => { if (event.persisted) { location.replace(self.dataset.door); } });
setInterval(() => { if (Date.now() - Math.max(touched, told) > alone) { location.replace(self.dataset.door); } }, 2000);
