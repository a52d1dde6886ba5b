// Rings on a tile by which things in it are moved: with the mouse, a finger, or the keyboard.

import { fieldOf } from "./pack.js";
import { twoTone } from "./tiles_svg.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 3; // cells that an arrow key moves a thing; with Shift so many times as far
const FAR = 5;
const REST_MS = 700; // after the last arrow key the move is told
const ANSWER_MS = 5000; // a page that will not have it gives no other stage
const SLACK = 4; // pixels that a click may wander
const LEAST = 22; // pixels of a ring that a finger meets
const f = (number) => number.toFixed(1);

export class Handles {
  /** element: the view's; layer: where buttons are; view: knows tiles and places. */
  constructor(element, layer, view) {
    Object.assign(this, { element, layer, view, moved: null, grabbed: null, buttons: new Map() });
    layer.addEventListener("pointerdown", (event) => this.grab(event));
    layer.addEventListener("pointermove", (event) => this.pull(event));
    layer.addEventListener("pointerup", (event) => this.let(event));
    layer.addEventListener("pointercancel", () => this.drop());
    layer.addEventListener("click", (event) => event.detail === 0 && this.select(event.target.closest("button")));
    layer.addEventListener("mousedown", (event) => event.preventDefault()); // the arrow keys stay the player's
    layer.addEventListener("keydown", (event) => this.key(event));
    layer.addEventListener("focusout", () => this.settle());
    for (const kind of ["pointerover", "pointerout"]) layer.addEventListener(kind, (event) => this.hover(kind === "pointerover" ? event.target.dataset.key : ""));
  }

  /** Takes a new stage: what was told is in it. */
  take(tiles, arrays) {
    clearTimeout(this.rest);
    this.moved = this.grabbed = null;
    this.list = tiles.flatMap((tile, index) => tile.handles.map((handle) => ({ ...handle, index, field: fieldOf(handle.places, arrays) })));
    const keys = new Set(this.list.map(({ key }) => key));
    for (const [key, button] of this.buttons) if (!keys.has(key)) {
      const isHeld = button === document.activeElement;
      button.remove();
      this.buttons.delete(key);
      if (isHeld) this.lost = true; // whoever took a thing out stands on another one
    }
    this.list.forEach(({ key, title, moves }, i) => {
      let button = this.buttons.get(key);
      if (!button) this.buttons.set(key, (button = Object.assign(document.createElement("button"), { type: "button" })));
      button.dataset.key = key;
      button.dataset.title = title;
      button.classList.toggle("dp-fixed", !moves);
      if (this.layer.children[i] !== button) this.layer.insertBefore(button, this.layer.children[i] ?? null);
    });
    if (this.lost) this.buttons.values().next().value?.focus({ preventScroll: true });
    this.lost = false;
  }

  /** Where a thing is at frame k, in cells; null: not there. */
  at(handle, k) {
    if (this.moved?.key === handle.key) return this.moved.at;
    const { field } = handle;
    const row = field.row(Math.min(k, field.shape[0] - 1));
    return Number.isFinite(row[0]) ? [row[0], row[1]] : null;
  }

  /** Puts the rings where things are. */
  show(k) {
    const { place, env } = this.view;
    for (const handle of this.list ?? []) {
      const button = this.buttons.get(handle.key);
      const at = this.at(handle, k);
      button.hidden = !at;
      if (!at) continue;
      const { box, scale } = place.places[handle.index];
      const size = Math.max(LEAST, handle.size * scale);
      const [x, y] = [box.x + at[0] * scale, box.y + at[1] * scale];
      for (const [name, value] of [["left", x - size / 2], ["top", y - size / 2], ["width", size], ["height", size]]) button.style[name] = `${f(value)}px`;
      button.style.zIndex = handle.moves ? Math.round(9999 / size) : 0; // the smaller one is met first
      button.setAttribute("aria-pressed", env.reader.selected === handle.key);
      const can = handle.moves ? "the arrow keys move it, Delete removes it" : "Delete removes it";
      const text = `${handle.title}, at ${Math.round(at[0])}, ${Math.round(at[1])}; ${can}`;
      if (button.getAttribute("aria-label") !== text) button.setAttribute("aria-label", text);
      button.title = handle.title;
    }
  }

  /** Rings as they are drawn, and the way that the one in hand has come. */
  svg(index, k, look) {
    const { places } = this.view.place;
    const { box, scale } = places[index];
    const point = ([x, y]) => [box.x + x * scale, box.y + y * scale];
    const rings = (this.list ?? []).filter((handle) => handle.index === index).map((handle) => {
      const at = this.at(handle, k);
      if (!at) return "";
      const [x, y] = point(at);
      const radius = Math.max(LEAST, handle.size * scale) / 2;
      const isHeld = this.moved?.key === handle.key || this.view.env.reader.selected === handle.key || this.hovered === handle.key;
      const ring = `<circle cx="${f(x)}" cy="${f(y)}" r="${f(radius)}"${handle.moves ? "" : ` stroke-dasharray="3 3"`}/>`;
      const way = this.moved?.key === handle.key ? this.wayOf(handle, point, [x, y], radius, look) : "";
      return `${way}<g class="dp-handle" opacity="${isHeld ? 1 : 0.8}">${twoTone(ring, isHeld ? 2.4 : 1.1, look)}</g>`;
    });
    return rings.join("");
  }

  wayOf(handle, point, [x, y], radius, look) {
    const [a, b] = point(this.moved.from);
    const long = Math.hypot(x - a, y - b);
    const ghost = this.moved.ghost ? `<image href="${this.moved.ghost}" x="${f(x - radius)}" y="${f(y - radius)}" width="${f(2 * radius)}" height="${f(2 * radius)}"/>` : "";
    const line = long > radius ? `<path d="M${f(a)},${f(b)}L${f(x - ((x - a) / long) * radius)},${f(y - ((y - b) / long) * radius)}" stroke-dasharray="5 4"/>` : "";
    const away = this.isOut(handle) ? `<path d="M${f(x - 6)},${f(y - 6)}l12,12m0,-12l-12,12"/>` : "";
    return ghost + twoTone(line + away, 1.6, look);
  }

  hover(key) {
    if (key === this.hovered) return;
    this.hovered = key;
    if (this.view.place) this.view.show(this.view.k);
  }

  /** What is within a ring, as the picture shows it: it comes along until the page has drawn the scene anew. */
  ghostOf({ index, size }, [x, y]) {
    const { scale } = this.view.place.places[index];
    const wide = Math.max(LEAST / scale, size);
    const side = Math.max(1, Math.round(wide));
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const pen = canvas.getContext("2d");
    pen.arc(side / 2, side / 2, side / 2, 0, 2 * Math.PI);
    pen.clip();
    pen.drawImage(this.view.sheets[index].canvas, x - wide / 2, y - wide / 2, wide, wide, 0, 0, side, side);
    return canvas.toDataURL();
  }

  handleOf(target) {
    const button = target.closest?.("button");
    return button && this.list.find(({ key }) => key === button.dataset.key);
  }

  grab(event) {
    const handle = this.handleOf(event.target);
    if (!handle || event.button !== 0) return;
    this.settle();
    event.target.setPointerCapture?.(event.pointerId);
    const at = this.at(handle, this.view.k);
    this.grabbed = { handle, at, x: event.clientX, y: event.clientY, isMoved: false };
  }

  pull(event) {
    const { grabbed } = this;
    if (!grabbed) return;
    const [dx, dy] = [event.clientX - grabbed.x, event.clientY - grabbed.y];
    if (!grabbed.isMoved && Math.hypot(dx, dy) < SLACK) return;
    grabbed.isMoved = true;
    if (!grabbed.handle.moves) return;
    const { scale } = this.view.place.places[grabbed.handle.index];
    grabbed.ghost ??= this.ghostOf(grabbed.handle, grabbed.at);
    this.moved = { key: grabbed.handle.key, ghost: grabbed.ghost, from: grabbed.at, at: [grabbed.at[0] + dx / scale, grabbed.at[1] + dy / scale] };
    this.view.show(this.view.k);
  }

  let() {
    const { grabbed } = this;
    if (!grabbed) return;
    this.grabbed = null;
    if (!grabbed.isMoved) return this.view.env.choose(this.view.env.reader.selected === grabbed.handle.key ? "" : grabbed.handle.key);
    if (grabbed.handle.moves) this.tell(grabbed.handle);
  }

  select(button) {
    const handle = button && this.handleOf(button);
    if (handle) this.view.env.choose(this.view.env.reader.selected === handle.key ? "" : handle.key);
  }

  /** The hand was taken away: all is as it was. */
  drop() {
    this.grabbed = this.moved = null;
    this.view.show(this.view.k);
  }

  /** Whether the thing in hand is beside its tile. */
  isOut({ index }) {
    const [x, y] = this.moved.at;
    const { width, height } = this.view.set.tiles[index];
    return x < 0 || y < 0 || x >= width || y >= height;
  }

  /** What was done with a thing; it stays where it was put until the page's answer comes, or for a while. */
  tell(handle) {
    const { env, k } = this.view;
    this.rest = setTimeout(() => this.moved && this.drop(), ANSWER_MS);
    if (this.isOut(handle)) env.say("remove", { key: handle.key, step: k });
    else env.say("drag", { key: handle.key, x: Number(f(this.moved.at[0])), y: Number(f(this.moved.at[1])), step: k });
  }

  key(event) {
    const handle = this.handleOf(event.target);
    if (!handle || event.ctrlKey || event.metaKey || event.altKey) return;
    const { view } = this;
    if (event.key in ARROWS && handle.moves) this.push(handle, ARROWS[event.key], event.shiftKey ? FAR * STEP : STEP);
    else if (event.key === "Delete" || event.key === "Backspace") view.env.say("remove", { key: handle.key, step: view.k });
    else if (event.key === "Escape" && this.moved) this.drop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** One step of the keyboard; the move is told when the keys rest. */
  push(handle, [across, down], far) {
    const { from, ghost } = this.moved?.key === handle.key ? this.moved : this.first(handle);
    const [x, y] = this.at(handle, this.view.k);
    const { width, height } = this.view.set.tiles[handle.index];
    const within = (value, most) => Math.max(0, Math.min(most - 1, value));
    this.moved = { key: handle.key, from, ghost, at: [within(x + across * far, width), within(y + down * far, height)], isByKey: true };
    this.view.show(this.view.k);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.settle(), REST_MS);
  }

  /** Where a move begins. */
  first(handle) {
    const from = this.at(handle, this.view.k);
    return { from, ghost: this.ghostOf(handle, from) };
  }

  /** A move by keys that has not been told yet is told. */
  settle() {
    clearTimeout(this.rest);
    if (!this.moved?.isByKey) return;
    this.moved.isByKey = false;
    this.tell(this.list.find(({ key }) => key === this.moved.key));
  }
}
