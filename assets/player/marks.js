// Lines below the scrubber at places that mean something, with their words: a click goes there.

import { typed } from "./numbers.js";
import { fieldOf } from "./pack.js";

export class Marks {
  /** scrub: holds the slider. seek(k) when a mark is clicked. */
  constructor(scrub, seek) {
    this.scrub = scrub;
    this.seek = seek;
    this.shown = [];
  }

  /** Takes a new stage; steps: what its frames are called, or nothing where they are counted. hold: a question is open. */
  take({ marks = [], arrays, frames, hold }, steps) {
    Object.assign(this, { steps, last: frames - 1, hold });
    for (const { element } of this.shown) element.remove();
    this.scrub.classList.toggle("dp-marked", marks.length > 0);
    this.shown = marks.map(({ at, text }) => ({ text, field: fieldOf(at, arrays), element: this.add() }));
  }

  add() {
    const element = Object.assign(document.createElement("button"), { type: "button", className: "dp-mark", hidden: true });
    element.innerHTML = "<i></i><span></span>";
    element.onclick = () => this.seek(Math.ceil(+element.dataset.frame));
    return this.scrub.appendChild(element);
  }

  /** Where the marks are at frame k. */
  show(k) {
    for (const { text, field, element } of this.shown) {
      const row = Math.min(k, field.shape[0] - 1);
      const value = row < field.ready ? field.data[row] : NaN;
      const frame = this.frameOf(value);
      element.hidden = Number.isNaN(frame) || (this.hold && k === 0); // it would give the answer away
      if (element.hidden || element.dataset.frame === String(frame)) continue;
      element.dataset.frame = frame;
      element.style.setProperty("--dp-at", this.last ? frame / this.last : 0);
      element.lastChild.textContent = `${text} ${typed(value, 3)}`;
      element.title = `Go to where it is ${text} ${typed(value, 3)}`;
    }
  }

  /** The frame of a step, with a fraction where it lies between two; NaN beside all. */
  frameOf(value) {
    const { steps, last } = this;
    if (!steps) return value >= 0 && value <= last ? value : NaN;
    for (let k = 0; k <= last; k++) {
      if (steps[k] === value) return k;
      if (k < last && steps[k] < value && value < steps[k + 1]) return k + (value - steps[k]) / (steps[k + 1] - steps[k]);
    }
    return NaN;
  }
}
