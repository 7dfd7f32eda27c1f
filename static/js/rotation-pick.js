// Picking a batch: book after book into the open crate, which the last answer named; a crate's label changes or seals it.

import { Lines } from "./shelf-lines.js";
import { leaves } from "./rotation-send.js";

const form = document.getElementById("scan");

function kept(former, name) {
  return former ? former[name] || null : form.elements[name].value || null;
}

/** A camera that still looks at the book it asked about, or at the label of a crate, says nothing new. */
function stillSeen(code, former) {
  return code === (former ? former.text : form.elements.before.value);
}

new Lines(
  (said, live) => (former) => {
    if (live && stillSeen(said.code, former)) { return null; }
    return { ...said, crate: kept(former, "crate"), sealed: kept(former, "sealed"), asked: former ? former.asks : form.elements.asked.value || null };
  },
  (answer) => ({ crate: answer.crate }),
);

// What is sent away is drawn anew with every scan.
new MutationObserver(leaves).observe(document.getElementById("live"), { childList: true, subtree: true });
