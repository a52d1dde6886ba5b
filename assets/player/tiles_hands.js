// How a reader points at tiles: mouse, finger, keyboard. Every tile is a button without a look of its own.

import { hitAt, nextTile } from "./tiles_place.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
export const HELP = "The arrow keys go from tile to tile, with Shift from cell to cell; Enter selects.";

/** Knows the cell that is looked at: {index, row, col}, or null. */
export class Hands {
  /** changed(isTold) when another cell is looked at; choose(index, isByKey, at) when a tile is clicked. */
  constructor(element, layer, view, { changed, choose }) {
    Object.assign(this, { element, layer, view, changed, choose, looked: null });
    this.buttons = new Map(); // a button outlives the tiles, so that the keyboard stays on it
    // A click must not take the arrow keys from the player: only the keyboard's own way here does.
    layer.addEventListener("mousedown", (event) => event.preventDefault());
    layer.addEventListener("click", (event) => this.click(event));
    layer.addEventListener("keydown", (event) => this.key(event));
    layer.addEventListener("focusin", (event) => this.rove(event.target));
    layer.addEventListener("focusout", (event) => layer.contains(event.relatedTarget) || this.look(null));
    element.addEventListener("pointermove", (event) => this.look(this.cellAt(event)));
    element.addEventListener("pointerdown", (event) => this.look(this.cellAt(event)));
    element.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.look(null));
  }

  /** Where a pointer is: the tile's index, and x and y in its cells; null beside all. */
  placeAt({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    return this.view.place ? hitAt(this.view.place.places, clientX - left, clientY - top) : null;
  }

  cellAt(event) {
    const at = this.placeAt(event);
    return at && { index: at.index, row: Math.floor(at.y), col: Math.floor(at.x) };
  }

  look(cell, isTold = false) {
    const text = (one) => (one ? `${one.index} ${one.row} ${one.col}` : "");
    if (text(cell) === text(this.looked)) return;
    this.looked = cell;
    this.isByKey = isTold;
    this.changed(isTold);
  }

  /** A button over every tile. */
  lay(tiles, places) {
    const keys = new Set(tiles.map(({ key }) => key));
    for (const [key, button] of this.buttons) if (!keys.has(key)) {
      button.remove();
      this.buttons.delete(key);
    }
    tiles.forEach((tile, i) => this.layOne(tile, places[i].box, i));
    this.rove([...this.layer.children].find(({ tabIndex }) => tabIndex === 0));
    if (this.looked && !isIn(tiles, this.looked)) this.looked = null;
  }

  layOne(tile, box, i) {
    let button = this.buttons.get(tile.key);
    if (!button) {
      button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
      this.buttons.set(tile.key, button);
    }
    if (this.layer.children[i] !== button) this.layer.insertBefore(button, this.layer.children[i] ?? null);
    button.classList.toggle("dp-paints", tile.paints);
    button.classList.toggle("dp-places", Boolean(tile.placing));
    for (const [name, value] of Object.entries({ left: box.x, top: box.y, width: box.width, height: box.height })) {
      button.style[name] = `${value.toFixed(1)}px`;
    }
  }

  at(index) {
    return this.layer.children[index];
  }

  indexOf(button) {
    return [...this.layer.children].indexOf(button);
  }

  /** Tab reaches one tile, the arrow keys the others. */
  rove(button = this.at(0)) {
    for (const one of this.layer.children) one.tabIndex = one === button ? 0 : -1;
  }

  click(event) {
    const index = this.indexOf(event.target.closest("button"));
    if (index >= 0) this.choose(index, event.detail === 0, this.placeAt(event));
  }

  key(event) {
    const index = this.indexOf(event.target);
    const move = ARROWS[event.key];
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (move && event.shiftKey) this.step(index, ...move);
    else if (move) this.at(nextTile(this.view.place.places, index, ...move)).focus();
    else if (event.key === "Escape" && this.looked) this.look(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** To the next cell of a tile; the first one is its middle. */
  step(index, across, down) {
    const { width, height } = this.view.set.tiles[index];
    const { looked } = this;
    const within = (value, most) => Math.max(0, Math.min(most - 1, value));
    const from = looked ? { row: within(looked.row + down, height), col: within(looked.col + across, width) }
      : { row: Math.floor(height / 2), col: Math.floor(width / 2) };
    this.look({ index, ...from }, true);
  }
}

const isIn = (tiles, { index, row, col }) => index < tiles.length && row < tiles[index].height && col < tiles[index].width;
