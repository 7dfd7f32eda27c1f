// A mini stocktake: every scan, and every title tapped in the list, is a copy that stands here. It is of the count
// that the page showed, whenever it is sent.

import { Lines } from "./shelf-lines.js";

const form = document.getElementById("scan");

new Lines((said) => {
  const count = form.elements.count.value;
  return () => ({ ...said, count });
}, () => ({}));
