// The board on the projector follows the desk: at once in the same browser, else every few seconds.

const EVERY = 4000;
let timer = 0;

async function follow() {
  clearTimeout(timer);
  const wall = document.getElementById("wall");
  try {
    const answer = await fetch(wall.dataset.here, { credentials: "same-origin", cache: "no-store", redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("wall");
    if (answer.ok && fresh) { wall.replaceChildren(...fresh.childNodes); }
  } catch { /* the board stays as it was last known */ }
  timer = setTimeout(follow, EVERY);
}

if ("BroadcastChannel" in window) {
  new BroadcastChannel("tusach-class").onmessage = ({ data }) => { if (data === document.getElementById("wall").dataset.class) { follow(); } };
}
timer = setTimeout(follow, EVERY);
