// Pictures and maps side by side: a place of one is seen in all, and each can be selected.

import { pictureOf } from "./lattice_file.js";
import { told } from "./network_words.js";
import { Brush } from "./tiles_brush.js";
import { Handles } from "./tiles_handles.js";
import { HELP, Hands } from "./tiles_hands.js";
import { stripBox } from "./tiles_key.js";
import { Live } from "./tiles_live.js";
import { TileSet } from "./tiles_model.js";
import { Sheet, drawSheet, lookOf, stripOf } from "./tiles_paint.js";
import { layOut } from "./tiles_place.js";
import { rectOf, tilesSvg } from "./tiles_svg.js";
import { isNarrow } from "./turn.js";
import { View } from "./view.js";

export class TilesView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-tiles");
    element.innerHTML = `<canvas aria-hidden="true"></canvas><svg aria-hidden="true"></svg><div class="dp-tile-buttons"></div><div class="dp-handles"></div>
      <p class="dp-spoken" aria-live="polite"></p>`;
    this.canvas = element.querySelector("canvas");
    this.svg = element.querySelector("svg");
    this.hands = new Hands(element, element.querySelector(".dp-tile-buttons"), this, {
      changed: (isTold) => this.look(isTold), choose: (index, isByKey, at) => this.choose(index, isByKey, at),
    });
    this.handles = new Handles(element, element.querySelector(".dp-handles"), this);
    this.brush = new Brush(element, this, this.hands, (points) => this.env.say("paint", { points }));
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.set = new TileSet(spec, arrays);
    this.sheets = this.set.tiles.map(({ width, height }) => new Sheet(width, height));
    this.brush.settle();
    this.handles.take(this.set.tiles, arrays);
    this.element.classList.toggle("dp-many", spec.tiles.length > 1);
    this.k = k;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", spec.alt || spec.title);
    this.element.setAttribute("aria-description", HELP);
    this.draw();
  }

  hue = (colour) => (this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour);

  /** Everything anew: for other tiles, another size, another theme. */
  draw() {
    const { spec, set, env, element } = this;
    const isTall = isNarrow() && spec.area === "main";
    const page = { isTall, lecture: env.lecture, font: env.font };
    element.classList.toggle("dp-tall", isTall);
    const { clientWidth: width } = element;
    if (!width) return;
    if (isTall) element.style.height = `${layOut(set, { width, height: 0 }, page).height}px`;
    else element.style.height = "";
    const { clientHeight: height } = element;
    if (!height) return;
    this.size = { width, height };
    this.place = layOut(set, this.size, page);
    this.maps = lookOf(spec, this.hue);
    this.strip = stripOf(this.maps);
    const look = { hue: this.hue, colours: spec.colours, lecture: env.lecture, font: env.font, maps: this.maps };
    this.over = (index) => this.handles.svg(index, this.k, look);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("font-family", env.font);
    this.svg.innerHTML = tilesSvg(set, this.place, look) + (this.place.key ? `<g class="dp-key"></g>` : "");
    this.live = new Live(this.svg, set, this.place, look);
    this.hands.lay(set.tiles, this.place.places);
    this.brush.draw();
    this.isFresh = true;
    this.show(this.k);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.spec && width && (width !== this.size?.width || height !== this.size?.height)) this.draw();
  }

  /** The tile with a frame: the selected one, else the one of this frame; −1 for none. */
  framed() {
    const { tiles } = this.set;
    const selected = tiles.findIndex(({ key }) => key === this.env.reader.selected);
    return selected < 0 && this.spec.follow ? tiles.findIndex(({ row }) => row === this.k) : selected;
  }

  /** The cell that is looked at; a hand that draws, or moves things, needs no cross. */
  looked() {
    const { looked, isByKey } = this.hands;
    const { handles = [], placing } = (looked && this.set.tiles[looked.index]) ?? {};
    return this.brush.stroke || (!isByKey && (handles.length || placing)) ? null : looked;
  }

  show(k) {
    this.k = k;
    if (!this.place) return;
    this.handles.show(k);
    this.live.show(k, { looked: this.looked(), framed: this.framed(), over: this.over });
    this.paint();
    this.name();
  }

  /** Rows have come: a tile that waits for one of them shows it, whatever the frame. */
  arrived(start, count) {
    const isAwaited = ({ row }) => row !== null && row >= start && row < start + count;
    if (this.place && !this.element.hidden && this.spec.tiles.some(isAwaited)) this.show(this.k);
  }

  forget() {
    this.set?.forget();
    for (const sheet of this.sheets ?? []) sheet.stamp = "";
  }

  heed() {
    this.show(this.k);
  }

  /** Another cell is looked at. */
  look(isTold) {
    this.show(this.k);
    const { looked } = this.hands;
    if (isTold && looked) this.element.querySelector(".dp-spoken").textContent = this.spoken(looked);
  }

  spoken({ index, row, col }) {
    const tile = this.set.tiles[index];
    const parts = this.set.at(tile, row * tile.width + col, this.k);
    const value = parts ? parts.map((part) => told(part, tile.kind === "map" ? 3 : 2)).join(", ") : "not computed yet";
    return `${tile.title}, row ${row + 1}, column ${col + 1}: ${value}`;
  }

  choose(index, isByKey, at) {
    const { key, paints, placing, width, height } = this.set.tiles[index];
    if (placing) {
      const { looked } = this.hands;
      const [x, y] = !isByKey && at ? [at.x, at.y] : looked ? [looked.col + 0.5, looked.row + 0.5] : [width / 2, height / 2];
      return this.env.say("place", { x: Number(x.toFixed(1)), y: Number(y.toFixed(1)), step: this.k });
    }
    if (!paints) return this.env.choose(this.env.reader.selected === key ? "" : key);
    if (isByKey && this.hands.looked) this.brush.dab(key, this.hands.looked);
  }

  /** What the buttons are called. */
  name() {
    this.set.tiles.forEach((tile, i) => {
      const button = this.hands.at(i);
      const amount = this.set.amountOf(tile, this.k).join("");
      const there = this.set.numbers(tile, this.k) ? "" : ", not computed yet";
      const text = `${tile.title}${tile.caption && `, ${tile.caption}`}${amount && ` ${amount}`}${there}${tile.placing && `. ${tile.placing}`}`;
      if (button.getAttribute("aria-label") !== text) button.setAttribute("aria-label", text);
      if (button.title !== tile.placing) button.title = tile.placing;
      if (!tile.paints && !tile.placing) button.setAttribute("aria-pressed", tile.key === this.env.reader.selected);
      else button.removeAttribute("aria-pressed");
    });
  }

  /** Colours what has changed, and puts it in its place. */
  paint() {
    const scale = devicePixelRatio;
    const { canvas, size, set, place } = this;
    const [wide, high] = [Math.round(size.width * scale), Math.round(size.height * scale)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    if (this.isFresh) pen.clearRect(0, 0, size.width, size.height);
    if (this.isFresh && place.key) this.paintKey(pen);
    set.tiles.forEach((tile, i) => {
      const { box } = place.places[i];
      if (!this.colour(tile, i) && !this.isFresh) return;
      pen.clearRect(box.x, box.y, box.width, box.height);
      drawSheet(pen, this.sheets[i].canvas, box, scale);
    });
    this.isFresh = false;
  }

  /** Colours a tile's cells; whether they are others than before. */
  colour(tile, i) {
    const { set, k, maps } = this;
    const numbers = set.numbers(tile, k);
    const limit = set.limit(tile, k);
    const under = tile.kind === "map" ? set.under(tile, k) : null;
    const rows = [numbers, under].map((part) => part?.byteOffset ?? "");
    if (!this.sheets[i].turns(`${rows} ${limit}`)) return false;
    if (!numbers) this.sheets[i].clear();
    else if (tile.kind === "picture") this.sheets[i].picture(numbers);
    else this.sheets[i].map(numbers, limit, maps, under);
    return true;
  }

  paintKey(pen) {
    const { x, y, width, height } = stripBox(this.place, this.env.font, this.spec.signed);
    drawSheet(pen, this.strip, { x, y, width, height }, 1);
  }

  /** The picture as it stands, as a file of this kind: its cells as so many pixels, drawn sharp. */
  image(kind) {
    const copy = this.svg.cloneNode(true);
    copy.removeAttribute("aria-hidden");
    copy.querySelectorAll(".dp-tile-cells").forEach((cells, i) => cells.insertAdjacentHTML("beforebegin", this.imageSvg(i)));
    const strip = this.place.key && stripBox(this.place, this.env.font, this.spec.signed);
    if (strip) copy.insertAdjacentHTML("afterbegin", `<image href="${this.strip.toDataURL()}" ${rectOf(strip)} preserveAspectRatio="none"/>`);
    return pictureOf(copy, this.size, this.hue(this.spec.colours.ground), kind);
  }

  imageSvg(i) {
    const { box, scale } = this.place.places[i];
    const look = scale < 1 ? "auto" : "pixelated";
    return `<image href="${this.sheets[i].canvas.toDataURL()}" ${rectOf(box)} preserveAspectRatio="none" style="image-rendering: ${look}"/>`;
  }
}
