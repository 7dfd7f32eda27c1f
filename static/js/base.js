// Small comforts on every page; nothing here is needed to get work done.
(function () {
  "use strict";

  function isTyping(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  document.addEventListener("keydown", function (event) {
    if (event.altKey && !event.ctrlKey && event.key >= "1" && event.key <= "9") {
      const link = document.querySelectorAll(".rail-list .rail-item")[Number(event.key) - 1];
      if (link) { event.preventDefault(); link.click(); }
    }
    if (event.key === "/" && !isTyping(event.target)) {
      const line = document.querySelector("[data-search]");
      if (line) { event.preventDefault(); line.focus(); line.select(); }
    }
    if (event.key === "Escape") { closeMenus(null); }
  });

  function closeMenus(except) {
    document.querySelectorAll("details.who[open]").forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.who"));
    if (event.target.closest("[data-print]")) { window.print(); }
  });
})();
