// The card at the left: the reader whose books are being lent, with the shelf of what they hold; or nobody.

import { byId, copyOf, fill, redraw, words } from "./desk-draw.js";

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.textContent = text;
  return element;
}

/** A cover as macros.html draws it; `art` tells pair, motif, size, lines [[text, baseline]], author. */
export function cover({ art }) {
  const drawn = copyOf("cover");
  drawn.setAttribute("class", `cover cover--shelf pair-${art.pair}`);
  redraw(drawn, `motif-${art.motif}`);
  const title = drawn.querySelector(".cover-title");
  title.setAttribute("font-size", art.size);
  title.replaceChildren(...art.lines.map(([text, y]) => svg("tspan", { x: 14, y }, text)));
  drawn.querySelectorAll(".cover-author").forEach((author) => author.remove());
  if (art.author) { drawn.append(svg("text", { class: "cover-author", x: 14, y: art.author[1] }, art.author[0])); }
  return drawn;
}

function slot(text) {
  const drawn = copyOf("slot");
  drawn.textContent = text;
  return drawn;
}

// As macros.shelf: three covers of full size or six small ones, then how many more, or how many places are free.
function drawShelf(shelf, books, free) {
  const many = books.length + free > 3;
  const most = many ? 6 : 3;
  const shown = books.length <= most ? books : books.slice(0, most - 1);
  shelf.classList.toggle("shelf--many", many);
  shelf.replaceChildren(...shown.map(cover));
  if (books.length > most) { shelf.append(slot(`+${books.length - shown.length}`)); }
  else if (free && shown.length < most) { shelf.append(slot(words("left", { count: free }))); }
}

function loanLine(loan) {
  const drawn = copyOf("loan");
  ["title", "line", "due", "weekday"].forEach((part) => fill(drawn, `held-${part}`, loan[part]));
  drawn.querySelectorAll(".held-due, .held-weekday").forEach((part) => part.classList.toggle("is-late", !!loan.late));
  return drawn;
}

function heldWords({ held, full }) {
  if (full) { return words("held-full", { count: held }); }
  return held ? words("held", { count: held }) : words("held-none");
}

function drawCounts(drawn, card) {
  const free = card.limit === null ? 0 : Math.max(card.limit - card.held, 0);
  drawn.classList.toggle("is-full", !!card.full);
  drawn.querySelector(".reader-count b").textContent = heldWords(card);
  drawn.querySelector(".reader-count span").textContent = card.limit === null ? "" : words("limit", { count: card.limit });
  drawShelf(drawn.querySelector(".shelf"), card.books, free);
}

export class Card {
  /** `drawn(uid)` is called when a card was drawn, with a place for the class chosen: of a reader, or of nobody (null). */
  constructor(place, drawn) {
    this.place = place;
    this.drawn = drawn;
    this.card = null;
  }

  get uid() {
    return this.card && this.card.uid;
  }

  /** Draw {uid, name, group, card, held, limit, full, books, loans}. */
  show(card) {
    const drawn = copyOf("reader");
    this.card = card;
    fill(drawn, "reader-name", card.name);
    fill(drawn, "reader-card", card.card);
    const group = drawn.querySelector(".reader-group");
    if (card.group) { group.firstElementChild.textContent = card.group; } else { group.replaceChildren(); }
    drawCounts(drawn, card);
    drawn.querySelector(".held").replaceChildren(...card.loans.map(loanLine));
    this.place.replaceChildren(drawn);
    this.drawn(card.uid);
  }

  /** A book was lent: `counts` {uid, held, limit, full}, `added` {book, loan}. */
  add(counts, added) {
    if (!this.card || counts.uid !== this.card.uid) { return false; }
    const { books, loans } = this.card;
    this.card = { ...this.card, ...counts, books: [...books, added.book], loans: [added.loan, ...loans] };
    drawCounts(this.place.firstElementChild, this.card);
    this.place.querySelector(".held").prepend(loanLine(added.loan));
    return true;
  }

  close() {
    if (!this.card && byId("class-picker")) { return; }
    this.card = null;
    this.place.replaceChildren(copyOf("nobody"));
    this.drawn(null);
  }
}
