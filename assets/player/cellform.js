// A field over a cell, in which its number is changed.

import { pointAt } from "./lattice_place.js";
import { COMPLAINT } from "./numberform.js";
import { parse, typed } from "./numbers.js";

const [LEAST_HEIGHT, LEAST_TYPE] = [22, 11]; // pixels

export class CellForm {
  /** send({name, value}) for a new number; done() when the keyboard may go on. */
  constructor(parent, send, done) {
    this.send = send;
    this.done = done;
    this.form = document.createElement("form");
    this.form.className = "dp-cell-form";
    this.form.hidden = true;
    this.form.innerHTML = `<input type="text" inputmode="decimal" autocomplete="off" spellcheck="false"><small role="alert"></small>`;
    parent.append(this.form);
    this.input = this.form.querySelector("input");
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (this.submit()) this.close();
      else this.complain(COMPLAINT);
    };
    this.input.oninput = () => this.complain("");
    this.input.onblur = () => this.submit() || this.put(this.given);
    this.input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Escape") {
        this.put(this.given);
        this.close();
      }
    };
  }

  /** Lies over the cell that is kept, if that can be changed. */
  follow(view, cell) {
    const name = cell < 0 ? "" : view.cells.told(cell, "edits") ?? "";
    if (!name) return this.lie("");
    const { number, row, col } = view.cells.placeOf(cell);
    const place = view.layout.places[number];
    this.lie(name, {
      at: pointAt(place, row + 0.5, col + 0.5), size: [Math.hypot(...place.right), Math.hypot(...place.down)], within: view.layout,
      type: view.sizes[number], label: `${view.cells.told(cell, "names")}, its number`, value: view.cells.told(cell, "values"),
    });
  }

  /** Lies somewhere in a view, for the number that is sent under this name; "": nowhere. */
  lie(name, { at: [x, y], size: [wide, high], within, type, label, value } = { at: [], size: [] }) {
    if (name !== this.name) this.leave();
    this.form.hidden = !name;
    if (!name) return;
    // What it has to say stands where there is room.
    this.form.classList.toggle("dp-leftward", x > within.width / 2);
    this.form.classList.toggle("dp-upward", y > within.height / 2);
    Object.assign(this.form.style, {
      left: `${x}px`, top: `${y}px`, minWidth: `${wide}px`, height: `${Math.max(high, LEAST_HEIGHT)}px`, fontSize: `${Math.max(type, LEAST_TYPE)}px`,
    });
    this.input.setAttribute("aria-label", label);
    if (name === this.name && document.activeElement === this.input) return;
    this.name = name;
    this.put(typed(value));
  }

  put(text) {
    this.input.value = this.given = text;
    this.complain("");
  }

  complain(sentence) {
    this.form.querySelector("small").textContent = sentence;
    this.input.ariaInvalid = sentence ? "true" : null;
  }

  /** The reader has gone on to another cell: what was typed about this one counts. */
  leave() {
    if (document.activeElement === this.input) this.submit();
    this.name = "";
  }

  get isOpen() {
    return !this.form.hidden;
  }

  open() {
    if (this.form.hidden) return;
    this.input.focus({ preventScroll: true });
    this.input.select();
  }

  close() {
    this.input.blur();
    this.done();
  }

  /** Sends a new number; false where it is none. */
  submit() {
    if (this.input.value === this.given) return true;
    const value = parse(this.input.value);
    if (Number.isNaN(value)) return false;
    this.given = this.input.value;
    this.send({ name: this.name, value });
    return true;
  }
}
