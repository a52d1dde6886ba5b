// The transport bar: reset, step, play, speed, scrub; by mouse, keyboard and presenter clicker.

import { Marks } from "./marks.js";
import { typed } from "./numbers.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const WHOLE_RUN_S = 7; // at speed 1 a run takes about this long, whatever its length
const ICONS = {
  reset: "M4 3v14M17 3 7 10l10 7z", back: "M15 3 5 10l10 7z", play: "M5 3l12 7-12 7z",
  pause: "M5 3h4v14H5zM11 3h4v14h-4z", forward: "M5 3l10 7-10 7z", end: "M16 3v14M3 3l10 7-10 7z",
};
/** A step may be a fraction, such as the strength of something. */
const written = (step) => (Number.isInteger(step) ? step : typed(step));
const icon = (name) => `<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;

export class Transport {
  constructor(bar, root, on) {
    Object.assign(this, { bar, root, on, k: 0, last: 0, ready: 0, playing: false, speed: 1 });
    root.tabIndex = -1;
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Playback");
    bar.innerHTML = `
      <button data-do="reset" aria-label="Back to step 0" title="Back to step 0 (Home)">${icon("reset")}</button>
      <button data-do="back" aria-label="One step back" title="One step back (←)">${icon("back")}</button>
      <button data-do="toggle" class="dp-play" aria-label="Play" title="Play or pause (Space)">${icon("play")}</button>
      <button data-do="forward" aria-label="One step forward" title="One step forward (→)">${icon("forward")}</button>
      <button data-do="end" aria-label="To the last step" title="To the last step (End)">${icon("end")}</button>
      <span class="dp-scrub"><input type="range" min="0" value="0" step="1" aria-label="Step"></span>
      <output></output>
      <select aria-label="Speed" title="Speed">${SPEEDS.map((s) => `<option value="${s}">${s}×</option>`).join("")}</select>
      <button data-do="stop" class="dp-stop" title="End the computation; what there is stays" hidden>Stop</button>
      <button data-do="again" class="dp-stop" title="Compute the rest" hidden>Go on</button>
      <span class="dp-images"><button data-do="png" title="The picture as PNG">PNG</button><button data-do="svg" title="The picture as SVG">SVG</button></span>`;
    this.range = bar.querySelector("input");
    this.label = bar.querySelector("output");
    bar.querySelector("select").value = "1";
    bar.querySelector("select").onchange = (event) => (this.speed = +event.target.value);
    bar.onclick = (event) => this.act(event.target.closest("[data-do]")?.dataset.do);
    this.range.oninput = () => {
      this.pause(false);
      this.move(+this.range.value);
    };
    this.range.onchange = () => this.on.commit(this.k);
    this.marks = new Marks(bar.querySelector(".dp-scrub"), (k) => this.seek(k));
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
  }

  /** Takes a new stage's length, of which `count` frames are there, and stands at frame k, or goes there once it has come. */
  take(header, k, count) {
    this.last = header.frames - 1;
    this.ready = Math.max(0, count - 1);
    this.goal = Math.min(k, this.last);
    this.ends = this.done = false;
    for (const name of ["stop", "again"]) this.bar.querySelector(`[data-do=${name}]`).hidden = true;
    this.steps = header.steps && (Array.isArray(header.steps) ? header.steps : header.arrays[header.steps.$].data);
    this.unit = header.unit;
    this.told = header.told ?? true;
    this.rate = header.rate || Math.min(60, Math.max(4, this.last / WHOLE_RUN_S));
    this.range.max = this.last;
    this.bar.classList.toggle("dp-computed", Boolean(header.stream));
    this.k = Math.max(0, Math.min(k, this.ready));
    this.marks.take(header, this.steps);
    this.write();
  }

  act(name) {
    const acts = {
      reset: () => this.seek(0), back: () => this.seek(this.k - 1), forward: () => this.seek(this.k + 1),
      end: () => this.seek(this.last), toggle: () => (this.playing ? this.pause() : this.play()),
      stop: () => this.on.stop(), again: () => this.on.again(), png: () => this.on.image("png"), svg: () => this.on.image("svg"),
    };
    acts[name]?.();
  }

  key(event) {
    if (!this.root.isConnected || this.last < 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    const inside = this.bar.contains(target);
    // Typing, and widgets that use these keys themselves, come first.
    if (target.matches?.("textarea, select, [contenteditable=true], [role=slider], [role=tab], [role=option], [role=combobox]")) return;
    if (target.matches?.("input") && !(inside && event.key === " ")) return;
    const press = target.matches?.("button, a, summary, [role=button], [role=radio]");
    if (press && (event.key === " " || event.key === "Enter") && target.dataset?.do !== "toggle") return;
    if (event.key === "Escape") return this.on.release();
    const keys = {
      " ": "toggle", ArrowLeft: "back", ArrowRight: "forward", PageUp: "back", PageDown: "forward", Home: "reset", End: "end",
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    this.act(keys[event.key]);
  }

  /** Plays from a frame (or on from the present one) to `until`, or to the last. */
  play(from, until = this.last) {
    if (this.last < 1) return;
    if (from !== undefined) this.move(from);
    else if (this.k >= this.last) this.move(0);
    this.playing = true;
    this.write();
    let before = performance.now();
    let exact = from ?? this.k;
    const tick = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      const further = exact + ((now - before) / 1000) * this.rate * this.speed;
      if (this.ready >= exact) exact = Math.min(further, this.ready, Math.max(until, this.k));
      before = now;
      this.move(Math.floor(exact));
      if (this.k >= Math.min(until, this.ends ? this.ready : this.last)) this.pause();
      else this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  pause(commit = true) {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.write();
    if (commit) this.on.commit(this.k);
  }

  /** One deliberate step; the server hears of it once the reader rests. */
  seek(k) {
    this.pause(false);
    this.move(k);
    this.settle();
  }

  settle() {
    clearTimeout(this.rest);
    const rests = () => !this.playing && this.root.isConnected && (this.ends || this.k >= this.goal);
    this.rest = setTimeout(() => rests() && this.on.commit(this.k), 400);
  }

  move(k) {
    this.goal = k;
    this.k = Math.max(0, Math.min(k, this.ready));
    this.on.show(this.k);
    this.write();
  }

  /** So many frames are there; the run still goes on, or was cut short, or is whole. */
  loading({ ready, ended, canGoOn }) {
    const atEdge = this.k >= this.ready;
    this.ready = Math.max(0, ready - 1);
    this.ends = Boolean(ended);
    this.done = this.ends && !canGoOn; // there may be fewer frames than were announced
    this.bar.querySelector("[data-do=stop]").hidden = this.ends;
    this.bar.querySelector("[data-do=again]").hidden = !canGoOn;
    if (atEdge && !this.playing && this.k < this.goal) this.seek(this.goal);
    this.write();
  }

  write() {
    this.range.value = this.k;
    this.range.style.setProperty("--dp-ready", `${this.last ? (100 * this.ready) / this.last : 100}%`);
    this.marks.show(this.k);
    const step = this.steps ? written(this.steps[this.k]) : this.k;
    const total = this.steps ? written(this.steps[this.last]) : this.last;
    const told = this.told || this.k === this.last;
    this.label.textContent = `${this.unit} ${step}${told ? ` / ${total}` : ""}`;
    this.range.setAttribute("aria-valuetext", `${this.unit} ${step}${told ? ` of ${total}` : ""}`);
    const button = this.bar.querySelector("[data-do=toggle]");
    if (button.dataset.playing !== String(this.playing)) {
      button.dataset.playing = this.playing;
      button.innerHTML = icon(this.playing ? "pause" : "play");
      button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    }
  }

  remove() {
    this.pause(false);
    clearTimeout(this.rest);
    document.removeEventListener("keydown", this.keys);
  }
}
