// Filling a shelf: its code once, then book after book. The shelf is the one the last answer named.

import { Lines } from "./shelf-lines.js";

const form = document.getElementById("scan");

function shelf(former) {
  return (former && former.shelf && former.shelf.uid) || form.elements.shelf.value || null;
}

function asked(former) {
  return former ? former.asks : form.elements.asked.value || null;
}

/** A camera that still looks at the book it asked about says nothing new. */
function stillSeen(code, former) {
  return asked(former) && code === (former ? former.text : form.elements.before.value);
}

new Lines(
  (said, live) => (former) => {
    if (live && stillSeen(said.code, former)) { return null; }
    return { ...said, shelf: shelf(former), asked: asked(former) };
  },
  (answer) => ({ shelf: shelf(answer) }),
);
