// The camera beside a line that takes codes. What is read is told to that line by an event: "scanned", {text, live}.
//
// On a school's plain network no browser opens the camera for a page, but all of them take a photograph for a field: it
// is made smaller here and read by the server. Where the page is safe the picture is looked at live, by the browser's own
// BarcodeDetector, or by a decoder of ours (WebAssembly) that is fetched when it is first needed.
import { play } from "./sounds.js";

const FORMATS = ["code_128", "code_39", "ean_13", "qr_code", "codabar"];
const OURS = ["Code128", "Code39", "EAN13", "QRCode", "Codabar"];
const SIDE = 2400; // dots: larger photographs are made smaller before they travel
const SMALL = 1500000; // bytes: such a file goes as it is
const APART = 90; // milliseconds between two looks
const AGAIN = 2500; // the same code counts again after so long, or when it has been away for AWAY
const AWAY = 900;
const isIsbn = (text) => /^97[89]\d{10}$/.test(text);

/** Of what is seen at once, our label goes before the ISBN beside it. */
function meant(texts) {
  const ours = texts.filter((text) => !isIsbn(text));
  return (ours.length ? ours : texts)[0];
}

async function ownDetector() {
  if (!("BarcodeDetector" in window)) { return null; }
  const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
  const formats = FORMATS.filter((one) => known.includes(one));
  if (!formats.includes("code_128")) { return null; }
  const detector = new window.BarcodeDetector({ formats });
  return async (canvas) => (await detector.detect(canvas)).map((one) => one.rawValue);
}

async function ourDetector(root) {
  const reader = await import(root.dataset.reader);
  const overrides = { locateFile: () => root.dataset.wasm };
  await reader.prepareZXingModule({ overrides, fireImmediately: true });
  const options = { formats: OURS, tryHarder: true, maxNumberOfSymbols: 4, textMode: "Plain" };
  return async (canvas, ink) => {
    const picture = ink.getImageData(0, 0, canvas.width, canvas.height);
    return (await reader.readBarcodes(picture, options)).map((one) => one.text);
  };
}

async function smaller(file) {
  if (file.size < SMALL || !window.createImageBitmap) { return file; }
  const picture = await createImageBitmap(file).catch(() => null);
  const part = picture ? SIDE / Math.max(picture.width, picture.height) : 1;
  if (part >= 1) { return file; }
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * part);
  canvas.height = Math.round(picture.height * part);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob((made) => done(made || file), "image/jpeg", 0.88); });
}

class Camera {
  constructor(root) {
    this.root = root;
    this.field = root.querySelector("input[type=file]");
    this.live = root.querySelector(".camera-live");
    this.video = root.querySelector("video");
    this.torch = root.querySelector(".camera-torch");
    this.start = root.querySelector(".camera-start");
    this.canvas = document.createElement("canvas");
    this.ink = this.canvas.getContext("2d", { willReadFrequently: true });
    this.seen = new Map();
    this.bind();
  }

  bind() {
    this.root.hidden = false;
    this.field.addEventListener("change", () => this.read());
    this.start.hidden = !(window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
    this.start.addEventListener("click", () => this.open());
    this.root.querySelector(".camera-stop").addEventListener("click", () => { this.close(); this.start.focus(); });
    this.torch.addEventListener("click", () => this.light(this.torch.getAttribute("aria-pressed") !== "true"));
    document.addEventListener("visibilitychange", () => { if (document.hidden) { this.close(); } });
    window.addEventListener("pagehide", () => this.close());
  }

  say(text) { this.root.querySelector(".camera-said").textContent = text; }

  tell(text, live = false) {
    const named = this.root.dataset.for && document.getElementById(this.root.dataset.for);
    const line = named || this.root.closest("form") || document.getElementById("scan") || document;
    line.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, live } }));
  }

  // A photograph

  async read() {
    const [file] = this.field.files;
    if (!file) { return; }
    this.say(this.root.dataset.reading);
    this.choices([]);
    try { this.told(await this.sent(await smaller(file))); } catch { this.say(this.root.dataset.lost); }
    this.field.value = "";
  }

  async sent(picture) {
    const body = new FormData();
    body.append("photo", picture, "photo.jpg");
    const answer = await fetch(this.root.dataset.photo, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    return answer.ok ? told : { codes: [], said: told.title || this.root.dataset.lost };
  }

  told({ codes, said }) {
    this.say(said);
    if (codes.length > 1 && !("many" in this.root.dataset)) {
      this.say(this.root.dataset.choose);
      this.choices(codes);
    } else {
      codes.forEach((text) => this.tell(text));
    }
  }

  choices(codes) {
    this.root.querySelector(".camera-choice").replaceChildren(...codes.map((text) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn", textContent: text });
      button.addEventListener("click", () => { this.choices([]); this.say(""); this.tell(text); });
      return button;
    }));
  }

  // Live

  async open() {
    if (this.opening || this.stream) { return; }
    this.opening = true;
    this.say("");
    try {
      const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (trouble) {
      this.say(trouble.name === "NotAllowedError" ? this.root.dataset.denied : this.root.dataset.none);
    }
    this.opening = false;
    if (this.stream) { await this.show(); }
  }

  async show() {
    this.live.hidden = false;
    this.start.hidden = true;
    this.video.srcObject = this.stream;
    this.torch.hidden = !this.can().torch;
    await this.video.play().catch(() => null);
    try {
      this.detect = this.detect || await ownDetector() || await ourDetector(this.root);
    } catch {
      this.close();
      this.say(this.root.dataset.undecoded);
    }
    this.look();
  }

  can() {
    const [track] = this.stream ? this.stream.getVideoTracks() : [];
    return track && track.getCapabilities ? track.getCapabilities() : {};
  }

  async light(on) {
    const [track] = this.stream.getVideoTracks();
    await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => null);
    this.torch.setAttribute("aria-pressed", String(on));
  }

  close() {
    if (!this.stream) { return; }
    this.stream.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.live.hidden = true;
    this.start.hidden = false;
    this.torch.setAttribute("aria-pressed", "false");
    this.say("");
  }

  async look() {
    while (this.stream) {
      const began = performance.now();
      if (this.video.readyState >= 2) {
        this.draw();
        const texts = await this.detect(this.canvas, this.ink).catch(() => []);
        if (this.stream) { this.noted(texts.map((text) => text.trim()).filter(Boolean)); }
      }
      await new Promise((done) => { setTimeout(done, Math.max(20, APART - (performance.now() - began))); });
    }
  }

  /** What stands around the frame: the middle of the picture. */
  draw() {
    const { videoWidth: wide, videoHeight: high } = this.video;
    const [w, h] = [Math.round(wide * 0.9), Math.round(high * 0.7)];
    if (this.canvas.width !== w || this.canvas.height !== h) { Object.assign(this.canvas, { width: w, height: h }); }
    this.ink.drawImage(this.video, (wide - w) / 2, (high - h) / 2, w, h, 0, 0, w, h);
  }

  noted(texts) {
    const now = performance.now();
    this.root.querySelector(".camera-frame").classList.toggle("is-read", texts.length > 0);
    const text = meant(texts);
    if (!text) { return; }
    const known = this.seen.get(text);
    const again = !known || now - known.told > AGAIN && now - known.last > AWAY;
    this.seen.set(text, { told: again ? now : known.told, last: now });
    if (!again) { return; }
    play("ghi");
    this.say(this.root.dataset.read.replace("{text}", text));
    this.tell(text, true);
  }
}

document.querySelectorAll("[data-camera]").forEach((root) => new Camera(root));
