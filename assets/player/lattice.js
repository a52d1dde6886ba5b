// Maps of cells to point at: a window slides over them frame by frame, and any cell shows all that it meets.

import { CellForm } from "./cellform.js";
import { cellsOf } from "./cells.js";
import { pictureOf } from "./lattice_file.js";
import { frameCells, ringAround, washOver, weightsInCorners } from "./lattice_marks.js";
import { heightOf, layOut, typeSizes } from "./lattice_place.js";
import { captionTexts, fillOf, gridSvg } from "./lattice_svg.js";
import { nextCell } from "./lattice_walk.js";
import { isNarrow } from "./turn.js";
import { View } from "./view.js";
import { spoken } from "./working.js";

const QUICK_MS = 160; // frames that follow faster than this do not slide
const HELP = "Maps of cells. The arrow keys move from cell to cell, Enter keeps a cell or changes its number, Escape lets go.";
const PARTNERS = { ground: "window", window: "ground" }; // what a cell is multiplied by
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class LatticeView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-lattice");
    element.innerHTML = `<svg role="application" tabindex="0" aria-label="${HELP}"></svg><p class="dp-spoken" aria-live="polite"></p>`;
    this.svg = element.querySelector("svg");
    this.form = new CellForm(element, (edit) => this.env.edit({ ...edit, step: this.k }), () => this.svg.focus());
    this.cursor = -1; // where the keyboard is
    this.listen();
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    this.cells = cellsOf(spec, arrays);
    this.lasts = spec.grids.map((grid) => grid.known.reduce((last, known) => Math.max(last, known), 0));
    this.layout = null;
    this.k = k;
    this.cursor = Math.min(this.cursor, this.cells.count - 1);
    this.element.setAttribute("aria-label", spec.alt);
    this.element.setAttribute("role", "figure");
    this.draw();
  }

  hue = (colour) => (this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour);
  outline = (cell) => this.boxes[cell].getAttribute("d");

  /** Everything anew: for other cells, another size, another theme. */
  draw() {
    const { grids, colours } = this.spec;
    const { lecture } = this.env;
    const narrow = isNarrow();
    this.element.classList.toggle("dp-tall", narrow);
    this.element.style.height = narrow ? `${heightOf(grids, this.element.clientWidth, lecture)}px` : "";
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    this.layout = layOut(grids, width, height, narrow, lecture);
    this.sizes = typeSizes(grids, this.layout);
    this.names = captionTexts(grids, this.layout, this.env.font);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("font-family", this.env.font);
    const maps = grids.map((grid, i) => gridSvg(grid, i, this.cells.firsts[i], this.layout, this.sizes[i], this.hue, this.spec));
    const frame = `<path class="dp-frame" fill="none" stroke="${this.hue(colours.accent)}" stroke-width="${lecture ? 5 : 3}" stroke-linejoin="round"/>`;
    this.svg.innerHTML = `${maps.join("")}<g class="dp-lit" pointer-events="none"></g><g pointer-events="none">${frame.repeat(grids.length)}</g>`;
    this.find();
    this.show(this.k);
  }

  /** The parts that frames and pointing change. */
  find() {
    const all = (selector) => [...this.svg.querySelectorAll(selector)];
    this.boxes = all(".dp-boxes path");
    this.numbers = all(".dp-numbers text");
    this.frames = all(".dp-frame");
    this.captions = all(".dp-caption");
    this.outlines = all(".dp-outline");
    this.crosses = all(".dp-crosses");
    [this.lit] = all(".dp-lit");
    this.isShown = new Uint8Array(this.cells.count).fill(1);
    this.isWhole = [];
    this.replaced = new Map(); // cell -> what is written in it otherwise
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.spec && width && (width !== this.layout?.width || height !== this.layout?.height)) this.draw();
  }

  /** Which cell matters now: the one that is pointed at, or kept, or computed in this frame. */
  get focus() {
    return this.env.focus.cell(this.cells, this.env.reader.selected, this.k);
  }

  show(k) {
    const now = performance.now();
    this.element.classList.toggle("dp-quick", now - (this.last ?? 0) < QUICK_MS);
    this.last = now;
    this.k = k;
    this.heed();
  }

  heed() {
    if (!this.layout) return;
    this.restore();
    this.reveal();
    this.light();
  }

  /** Numbers appear in the frame that computes them; what no window has read is crossed out behind the last one. */
  reveal() {
    const { spec, cells, k } = this;
    const isOver = k >= Math.max(...this.lasts);
    for (const cross of this.crosses) cross.style.display = isOver ? "" : "none";
    spec.grids.forEach((grid, number) => {
      this.complete(number, this.lasts[number] <= k);
      if (!this.lasts[number]) return;
      for (let i = 0; i < grid.known.length; i++) {
        const cell = cells.firsts[number] + i;
        const isKnown = Number(grid.known[i] <= k);
        if (isKnown === this.isShown[cell]) continue;
        this.isShown[cell] = isKnown;
        this.numbers[cell].style.display = isKnown ? "" : "none";
        this.boxes[cell].setAttribute("fill", this.hue(isKnown ? fillOf(grid, i, spec.colours, spec.shades) : spec.colours.ground));
      }
    });
  }

  /** How large a map is shows once it is all there: before, one may guess. */
  complete(number, isWhole) {
    if (isWhole === this.isWhole[number]) return;
    this.isWhole[number] = isWhole;
    this.outlines[number].style.display = isWhole ? "" : "none";
    this.captions[number].textContent = this.names[number][Number(isWhole)];
  }

  /** Marks all that the present cell meets. */
  light() {
    const { cells, env, layout, outline, focus: cell } = this;
    const [accent, ink] = [this.hue(this.spec.colours.accent), this.hue(this.spec.colours.ink)];
    const met = cells.meeting(cell);
    const pinned = env.focus.pinned(cells, env.reader.selected);
    const ring = (one, dash) => (one < 0 ? "" : ringAround(outline(one), ink, layout, env.lecture, dash));
    this.lit.innerHTML = washOver(met, outline, accent, env.lecture) + weightsInCorners(this, cell)
      + ring(cell) + (pinned === cell ? "" : ring(pinned, "4 3"));
    const isResult = cells.roleOf(cell) === "result";
    frameCells(this.frames, cells, isResult ? met.filter((other) => cells.roleOf(other) === "ground") : [], layout);
    this.showPartners(cell);
    this.form.follow(this, pinned);
  }

  /** Every result that a cell of the input feeds shows the weight on the way instead of its number; and vice versa. */
  showPartners(cell) {
    const { cells } = this;
    const other = PARTNERS[cells.roleOf(cell)];
    if (!other || this.spec.kind === "max") return;
    for (const link of cells.linksOf(cell)) {
      const [result, partner] = [cells.at(link, "result"), cells.at(link, other)];
      const label = this.numbers[result];
      if (label.textContent === "") continue; // there is no room for a number
      this.replaced.set(result, label.textContent);
      label.textContent = `×${cells.told(partner, "texts")}`;
      Object.assign(label.style, { display: "", fontWeight: "600" });
    }
  }

  restore() {
    for (const [cell, text] of this.replaced) {
      const label = this.numbers[cell];
      label.textContent = text;
      Object.assign(label.style, { display: this.isShown[cell] ? "" : "none", fontWeight: "" });
    }
    this.replaced.clear();
  }

  listen() {
    const under = (event) => Number(event.target.closest?.("[data-c]")?.dataset.c ?? -1);
    // A click must not take the arrow keys from the player: only the keyboard's own way here does.
    this.svg.addEventListener("mousedown", (event) => event.preventDefault());
    this.svg.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.point(under(event)));
    this.svg.addEventListener("pointerleave", () => this.point(-1));
    // A finger that taps a cell wants to see it: the keys of a telephone would cover the picture.
    this.svg.addEventListener("click", (event) => this.pin(under(event), event.pointerType !== "touch"));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("blur", () => this.point(-1));
  }

  point(cell) {
    this.env.focus.point(cell < 0 ? "" : this.cells.keyOf(cell));
  }

  /** Keeps a cell, or lets it go again; `types`: its number can be typed at once. */
  pin(cell, types = true) {
    const key = cell < 0 ? "" : this.cells.keyOf(cell);
    this.point(-1);
    this.env.choose(key === this.env.reader.selected ? "" : key);
    if (types && key && key === this.env.reader.selected) this.form.open();
  }

  key(event) {
    if (event.target !== this.svg || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.walk(...ARROWS[event.key]);
    else if (event.key === "Enter" && this.cursor >= 0) this.pin(this.cursor);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  leave() {
    this.cursor = -1;
    this.point(-1);
    this.env.choose("");
  }

  /** One cell on, or into the map that lies there. */
  walk(down, across) {
    const { cells, layout } = this;
    this.cursor = this.cursor < 0 ? Math.max(this.focus, 0) : nextCell(cells, layout, this.cursor, down, across);
    this.point(this.cursor);
    this.element.querySelector(".dp-spoken").textContent = spoken(cells, this.cursor, this.k);
  }

  /** The picture as it stands, as a file of this kind. */
  image(kind) {
    return pictureOf(this.svg, this.layout, this.hue(this.spec.colours.ground), kind);
  }
}
