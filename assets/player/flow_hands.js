// How a reader points at a flow: mouse, finger, keyboard. Strips and words are buttons without a look of their own.

import { cellAt } from "./flow_place.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const WAYS = { ArrowUp: -1, ArrowDown: 1 };
export const HELP = "The up and down arrows go from vector to vector, left and right from number to number.";

/** Knows the cell that is looked at: {strip, index}, or null. */
export class Hands {
  /** changed(isTold) when another cell is looked at; press(i) when a word is. */
  constructor(element, layer, view, { changed, press }) {
    Object.assign(this, { element, layer, view, changed, press, looked: null, key: "" });
    layer.addEventListener("mousedown", (event) => event.preventDefault()); // the arrow keys stay the player's
    layer.addEventListener("click", (event) => this.click(event));
    layer.addEventListener("keydown", (event) => this.keyed(event));
    layer.addEventListener("focusin", (event) => this.rove(event.target));
    layer.addEventListener("focusout", (event) => layer.contains(event.relatedTarget) || this.look(null));
    for (const kind of ["pointermove", "pointerdown"]) element.addEventListener(kind, (event) => this.point(event));
    element.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.look(null));
  }

  point({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    const at = cellAt(this.view.place, clientX - left, clientY - top);
    this.look(at && { strip: at.place.strip, index: at.index });
  }

  look(cell, isTold = false) {
    const text = (one) => (one ? `${one.strip.key} ${one.index}` : "");
    if (text(cell) === text(this.looked)) return;
    this.looked = cell;
    this.changed(isTold);
  }

  /** A button over every word that can be pressed, and over every strip. Who stands on one stays there. */
  lay(flow, place) {
    const words = flow.spec.press ? place.chips.map((box, i) => ({ key: `word${i}`, box })) : [];
    const all = [...words, ...place.strips.map((box) => ({ key: box.strip.key, box }))];
    const known = new Map([...this.layer.children].map((button) => [button.dataset.key, button]));
    all.forEach(({ key, box }, i) => {
      const button = known.get(key) ?? Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
      known.delete(key);
      button.dataset.key = key;
      if (this.layer.children[i] !== button) this.layer.insertBefore(button, this.layer.children[i] ?? null);
      for (const [name, value] of [["left", box.x], ["top", box.y], ["width", box.width], ["height", box.height]]) button.style[name] = `${value.toFixed(1)}px`;
      button.className = key.startsWith("word") && i < words.length ? "dp-flow-word" : "";
    });
    for (const button of known.values()) button.remove();
    this.strips = new Map(flow.strips.map((strip) => [strip.key, strip]));
    if (this.looked) this.looked = this.strips.has(this.looked.strip.key) ? { ...this.looked, strip: this.strips.get(this.looked.strip.key) } : null;
    this.rove([...this.layer.children].find(({ tabIndex }) => tabIndex === 0));
  }

  button(key) {
    return [...this.layer.children].find(({ dataset }) => dataset.key === key);
  }

  /** Tab reaches one part, the arrow keys the others. */
  rove(button = this.layer.children[0]) {
    for (const one of this.layer.children) one.tabIndex = one === button ? 0 : -1;
  }

  click({ target }) {
    const button = target.closest("button");
    if (button?.classList.contains("dp-flow-word")) this.press(Number(button.dataset.key.slice(4)));
  }

  keyed(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const parts = [...this.layer.children];
    const at = parts.indexOf(target);
    if (at < 0) return;
    if (key in WAYS) this.leave(parts, at, WAYS[key]);
    else if (key in STEPS && target.classList.contains("dp-flow-word")) parts[at + STEPS[key]]?.focus();
    else if (key in STEPS) this.step(this.strips.get(target.dataset.key), STEPS[key]);
    else if (key === "Escape" && this.looked) this.look(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Up or down: to the next strip; all words are one step. */
  leave(parts, at, way) {
    const isWord = (button) => button.classList.contains("dp-flow-word");
    let to = at + way;
    while (isWord(parts[at]) && parts[to] && isWord(parts[to])) to += way;
    parts[to]?.focus();
    if (parts[to]) this.look(null);
  }

  /** To the next number of a strip; the first one is that where the reader was. */
  step(strip, by) {
    const { looked } = this;
    const from = looked?.strip === strip ? looked.index + by : 0;
    this.look({ strip, index: Math.max(0, Math.min(strip.cells - 1, from)) }, true);
  }
}
