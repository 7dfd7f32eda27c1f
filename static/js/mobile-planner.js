/* A trip, or one of its stops by its number, is dragged onto another day: the page that moves it opens with that day filled in.
   The buttons "Dời cả chuyến" and "Dời sang ngày khác" open the same page, so nothing here needs a pointer. */
(() => {
  "use strict";
  const HERE = "is-target";
  let dragged = null;

  const dayUnder = (event) => {
    const day = event.target instanceof Element ? event.target.closest(".van-day[data-day]") : null;
    return dragged && day && day.dataset.day !== dragged.dataset.from ? day : null;
  };
  const unmark = () => document.querySelectorAll(`.${HERE}`).forEach((one) => one.classList.remove(HERE));

  document.addEventListener("dragstart", (event) => {
    dragged = event.target instanceof Element ? event.target.closest("[data-move]") : null;
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const day = dayUnder(event);
    unmark();
    if (!day) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    day.classList.add(HERE);
  });
  document.addEventListener("drop", (event) => {
    const day = dayUnder(event);
    if (!day) return;
    event.preventDefault();
    location.assign(`${dragged.dataset.move}?day=${day.dataset.day}`);
  });
  document.addEventListener("dragend", () => {
    unmark();
    dragged = null;
  });
})();
