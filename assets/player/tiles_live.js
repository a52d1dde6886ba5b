// What of tiles follows the frame and the reader: numbers, rings, the cross at the place that is looked at, frames.

import { label } from "./network_text.js";
import { told } from "./network_words.js";
import { keySvg } from "./tiles_key.js";
import { cssOf } from "./tiles_paint.js";
import { SMALL } from "./tiles_place.js";
import { boldness, rectOf, twoTone } from "./tiles_svg.js";
import { cut, widthOf } from "./tiles_text.js";

const RING = 7; // pixels, the radius
const LEAST_CELL = 7; // pixels of the square around a cell that is looked at
const SWATCH = 0.72; // of the type

const f = (number) => number.toFixed(1);

export class Live {
  /** svg: the drawn tiles, the key last. look: {hue, colours, lecture, font, maps}. */
  constructor(svg, set, place, look) {
    Object.assign(this, { set, place, look });
    const part = (group, name) => group.querySelector(`.dp-tile-${name}`);
    this.groups = [...svg.querySelectorAll("[data-tile]")].map((group) => Object.fromEntries(
      ["empty", "over", "frame", "words", "number", "value", "stroke"].map((name) => [name, part(group, name)])));
    this.key = svg.querySelector(".dp-key");
    this.written = new Map(); // element -> what was last written into it
  }

  /** Frame k; looked: {index, row, col}, the cell that is looked at, or null; framed: the tile with a frame, or −1; over(i): what lies on tile i. */
  show(k, { looked, framed, over }) {
    this.set.tiles.forEach((tile, i) => this.showTile(tile, i, k, looked, framed === i, over(i)));
    if (this.key) this.write(this.key, keySvg(this.set, this.place, this.look, looked ? this.set.tiles[looked.index] : null, k), "innerHTML");
  }

  showTile(tile, i, k, looked, isFramed, onTop) {
    const { empty, over, frame, words, number, value } = this.groups[i];
    const isThere = this.set.numbers(tile, k) !== null;
    const place = this.place.places[i];
    const cell = looked && isThere && this.isAsLarge(tile, looked) ? looked : null;
    this.display(empty, !isThere);
    this.display(frame, isFramed);
    this.display(words, !cell);
    this.write(number, this.amount(tile, place, k), "textContent");
    this.write(over, (isThere && tile.mark ? this.ringSvg(tile, place, k) : "") + onTop + (cell ? this.crossSvg(place, cell) : ""), "innerHTML");
    this.write(value, cell ? this.valueSvg(tile, place, cell, k) : "", "innerHTML");
  }

  /** What stands right of the caption, or in its place: no wider than the tile. */
  amount(tile, { box, type, words }, k) {
    const [text, tail] = this.set.amountOf(tile, k);
    if (words.caption.length) return text + tail;
    return cut(text, tail, box.width, (line) => widthOf(line, SMALL * type, this.look.font));
  }

  /** Whether a tile has as many cells as the one that is looked at. */
  isAsLarge(tile, { index }) {
    const other = this.set.tiles[index];
    return tile.width === other.width && tile.height === other.height;
  }

  /** Most of it stays from frame to frame. */
  write(element, text, property) {
    if (this.written.get(element) === text) return;
    this.written.set(element, text);
    element[property] = text;
  }

  display(element, isShown) {
    if (this.written.get(element) === isShown) return;
    this.written.set(element, isShown);
    element.style.display = isShown ? "" : "none";
  }

  ringSvg(tile, place, k) {
    const { box, scale } = place;
    const cell = this.set.strongest(tile, k);
    if (cell < 0) return "";
    const [x, y] = [box.x + (cell % tile.width + 0.5) * scale, box.y + (Math.floor(cell / tile.width) + 0.5) * scale];
    const bold = boldness(place, this.look);
    return twoTone(`<circle class="dp-tile-ring" cx="${f(x)}" cy="${f(y)}" r="${f(RING * bold)}"/>`, 1.8 * bold, this.look);
  }

  /** A square around the cell, and lines from it to the edges. */
  crossSvg({ box, scale }, { row, col }) {
    const [x, y] = [box.x + (col + 0.5) * scale, box.y + (row + 0.5) * scale];
    const half = Math.max(scale, LEAST_CELL) / 2;
    const [right, bottom] = [box.x + box.width, box.y + box.height];
    const lines = [[box.x, y, x - half, y], [x + half, y, right, y], [x, box.y, x, y - half], [x, y + half, x, bottom]];
    const isRoomy = ([a, b, c, d]) => c > a || d > b;
    const d = lines.filter(isRoomy).map(([a, b, c, e]) => `M${f(a)},${f(b)}L${f(c)},${f(e)}`).join("");
    const square = rectOf({ x: x - half, y: y - half, width: 2 * half, height: 2 * half });
    return twoTone(`<path class="dp-tile-cross" d="${d}" stroke-opacity="0.75"/><rect ${square}/>`, 1, this.look);
  }

  /** The colour there and what it stands for. */
  valueSvg(tile, { box, captionAt, type }, { row, col }, k) {
    const parts = this.set.at(tile, row * tile.width + col, k);
    const isPicture = tile.kind === "picture";
    const isGrey = isPicture && parts.every((part) => part === parts[0]);
    const colour = isPicture ? `rgb(${parts.map((part) => 255 * part).join(",")})` : cssOf(parts[0], this.set.limit(tile, k), this.look.maps);
    const size = SWATCH * type;
    const base = captionAt(0);
    const text = isPicture && !isGrey ? parts.map((part) => part.toFixed(2)).join(" ") : told(parts[0], isPicture ? 2 : 3);
    return `<rect x="${f(box.x + 0.5)}" y="${f(base - size)}" width="${f(size)}" height="${f(size)}" fill="${colour}"
      stroke="${this.look.hue(this.look.colours.muted)}" stroke-opacity="0.6"/>${label(box.x + size + 6, base, text)}`;
  }
}
