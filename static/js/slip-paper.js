// The paper chosen here is the paper of this computer: the desk prints on it too.

const KEPT = "tusach-paper";

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-paper]");
  if (chosen) { try { localStorage.setItem(KEPT, chosen.dataset.paper); } catch { /* this page only */ } }
});
