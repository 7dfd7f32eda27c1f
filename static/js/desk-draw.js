// Small hands for drawing from the page's own templates.

export const byId = (id) => document.getElementById(id);

/** Tell whatever else is on this page: desk-answer (what a scan came to), desk-reader (uid or null), desk-class ({code, name}). */
export function announce(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** A copy of the first element of <template id="t-…">. */
export function copyOf(name) {
  return byId(`t-${name}`).content.cloneNode(true).firstElementChild;
}

/** Put words into the first element of a class, if there is one. */
export function fill(root, name, words) {
  const element = root.querySelector(`.${name}`);
  if (element) { element.textContent = words || ""; }
  return element;
}

/** A sentence of the page with its {places} filled. */
export function words(name, facts = {}) {
  const sentence = byId("t-words").content.querySelector(`[data-word="${name}"]`);
  return sentence.textContent.replace(/\{(\w+)\}/g, (all, fact) => (fact in facts ? String(facts[fact]) : all));
}

/** The shape of an outcome and its letter, as nodes. */
export function shapeOf(outcome) {
  return byId(`t-shape-${outcome}`).content.cloneNode(true);
}

/** Point the drawing of an icon at another one of the same file. */
export function redraw(svg, name) {
  const use = svg.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, `#${name}`));
}

/** Words without marks and in small letters: "Đàm Quốc" → "dam quoc". */
export function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().trim();
}

/** "10:42:11" by the clock on the wall of the library, whatever zone the computer was set to. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { timeZone: "Asia/Ho_Chi_Minh" });
}
