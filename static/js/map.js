/* Draws `[data-map]` from the JSON beside it (library/mobile/maps.Drawing). Nothing is fetched but tiles, where the library
   names a server. Names that would cover each other are left out until there is room: the larger the map, the more names. */
(() => {
  "use strict";
  const RANK = { call: 0, depot: 1, idle: 2, stop: 3, site: 4, commune: 5 };
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function outcome() {
    const space = "http://www.w3.org/2000/svg";
    const made = document.createElementNS(space, "svg");
    made.setAttribute("viewBox", "0 0 24 24");
    for (const [name, d] of [["path", "M12 2 23 21.5H1z"], ["path", "M9.4 11.2c0-3.4 5.2-3.2 5.2-.2 0 1.9-2.5 2-2.5 4"], ["path", "M12.1 17.6v.6"]]) {
      const part = document.createElementNS(space, name);
      part.setAttribute("d", d);
      made.append(part);
    }
    return made;
  }

  function mark(point) {
    const made = element("span", `map-mark map-mark--${point.kind}`, point.number ? String(point.number) : "");
    if (point.kind === "idle") made.append(outcome());
    return made;
  }

  function icon(point) {
    const size = { call: 30, depot: 26, idle: 24, site: 14, stop: 12, commune: 6 }[point.kind];
    return L.divIcon({ className: "map-icon", html: mark(point), iconSize: [size, size] });
  }

  function said(point, words) {
    const box = element("div", "map-said");
    box.append(point.href ? Object.assign(element("a", "", point.name), { href: point.href }) : element("b", "", point.name));
    const more = [point.about, point.kind === "idle" ? words.idle : "", point.rough ? words.rough : ""].filter(Boolean).join(" · ");
    if (more) box.append(element("p", "quiet", more));
    return box;
  }

  function placed(point, words) {
    const loud = point.kind !== "commune";
    const title = point.rough ? `${point.name} (${words.rough})` : point.name;
    const made = L.marker([point.latitude, point.longitude], {
      icon: icon(point), keyboard: loud, interactive: loud, alt: title, zIndexOffset: (5 - RANK[point.kind]) * 1000,
    });
    if (loud) made.bindPopup(() => said(point, words), { maxWidth: 240, closeButton: false });
    made.bindTooltip(point.name, { permanent: true, direction: "right", offset: [loud ? 8 : 2, 0], className: `map-name map-name--${point.kind}`, interactive: false });
    return made;
  }

  const SIDES = [["right", [8, 0]], ["left", [-8, 0]], ["top", [0, -8]], ["bottom", [0, 8]]];

  function standsOn(taken, box) {
    return taken.some((other) => box.left < other.right && box.right > other.left && box.top + 5 < other.bottom && box.bottom - 5 > other.top);
  }

  /* Each name at the first side where it covers neither a name nor a mark that matters more; else it is left out. */
  function tidy(labels, place) {
    const frame = place.getBoundingClientRect();
    const within = (box) => box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
    const controls = [...place.querySelectorAll(".leaflet-control")].map((one) => one.getBoundingClientRect());
    const taken = labels.filter((label) => label.options.interactive).map((label) => label.getElement().getBoundingClientRect()).concat(controls);
    for (const label of labels) {
      const tooltip = label.getTooltip();
      const shown = tooltip.getElement();
      if (!shown) continue;
      const found = (label.options.interactive ? SIDES : SIDES.slice(0, 1)).some(([side, offset]) => {
        if (tooltip.options.direction !== side) {
          tooltip.options.direction = side;
          tooltip.options.offset = L.point(offset);
          tooltip.update();
        }
        const box = shown.getBoundingClientRect();
        if (standsOn(taken, box) || !within(box)) return false;
        taken.push(box);
        return true;
      });
      shown.classList.toggle("is-left-out", !found);
    }
  }

  function drawLine(map, line) {
    const kind = `map-line map-line--${line.pattern}`;
    if (!line.chosen) {
      L.polyline(line.points, { className: `${kind} map-line--other`, interactive: false, weight: 2.5 }).addTo(map);
      return;
    }
    L.polyline(line.points, { className: "map-line map-line--casing", interactive: false, weight: 9 }).addTo(map);
    L.polyline(line.points, { className: `${kind} map-line--chosen`, interactive: false, weight: 4.5 }).addTo(map);
  }

  /* What lies nearest each commune's centre, under everything else. */
  function drawOutlines(map, { areas, rim }) {
    for (const { ring, called } of areas) L.polygon(ring, { className: called ? "map-area map-area--called" : "map-area", interactive: false, weight: 1 }).addTo(map);
    if (rim.length) L.polyline(rim, { className: "map-rim", interactive: false, weight: 2.5 }).addTo(map);
  }

  function draw(place) {
    const data = JSON.parse(document.getElementById(place.dataset.map).textContent);
    const { words } = data;
    place.hidden = false;
    const map = L.map(place, {
      zoomControl: false, attributionControl: Boolean(data.credit && data.tiles), zoomSnap: 0.25, maxZoom: data.tiles ? 17 : 14,
      zoomAnimation: !still(), fadeAnimation: !still(), markerZoomAnimation: !still(), scrollWheelZoom: false,
    });
    map.attributionControl?.setPrefix(false);
    L.control.zoom({ zoomInTitle: words.bigger, zoomOutTitle: words.smaller }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 90 }).addTo(map);
    // First of all: what is added to a map without a view has no element yet.
    const whole = L.latLngBounds(data.points.map((one) => [one.latitude, one.longitude])).pad(0.08);
    map.fitBounds(whole, { maxZoom: 12, animate: false });
    if (data.tiles) L.tileLayer(data.tiles, { attribution: document.createTextNode(data.credit).textContent, maxZoom: 19 }).addTo(map);
    drawOutlines(map, data.outlines);
    [...data.lines].sort((a, b) => a.chosen - b.chosen).forEach((line) => drawLine(map, line));
    const near = data.tiles ? [] : data.communes.map(([name, latitude, longitude]) => ({ kind: "commune", name, latitude, longitude, about: "", href: "", number: 0, rough: false }));
    const points = [...data.points, ...near].sort((a, b) => RANK[a.kind] - RANK[b.kind]);
    const labels = points.map((point) => {
      const made = placed(point, words).addTo(map);
      if (made.options.interactive) made.getElement().setAttribute("aria-label", made.options.alt);
      return made;
    });
    let open = null;
    map.on("popupopen", (event) => { open = event.popup._source; });
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !open || !open.isPopupOpen()) return;
      open.closePopup();
      open.getElement().focus();
    });
    map.on("zoomend moveend", () => tidy(labels, place));
    tidy(labels, place);
  }

  document.querySelectorAll("[data-map]").forEach(draw);
})();
