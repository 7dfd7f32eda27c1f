// Copying a message, and printing. Browsers give a page the clipboard only where it is safe (HTTPS): elsewhere the text is
// marked and copied the old way, and stays marked if even that is refused.
const said = document.querySelector(".week-said");

function marked(box) {
  const range = document.createRange();
  range.selectNodeContents(box);
  const chosen = window.getSelection();
  chosen.removeAllRanges();
  chosen.addRange(range);
}

async function copied(box) {
  if (navigator.clipboard && window.isSecureContext) {
    const done = await navigator.clipboard.writeText(box.textContent).then(() => true, () => false);
    if (done) { return true; }
  }
  marked(box);
  return document.execCommand("copy");
}

document.querySelectorAll("[data-copy]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.querySelector("span");
    const usual = words.textContent;
    if (!await copied(document.getElementById(button.dataset.copy))) { return; }
    words.textContent = said.textContent = button.dataset.done;
    setTimeout(() => { words.textContent = usual; }, 4000);
  });
});

const paper = document.querySelector("[data-print]");
if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => window.print());
}
