// Maps of cells to point at: a window slides over them frame by frame, and any cell shows all that it meets.

import { CellForm } from "./cellform.js";
import { cellsOf } from "./cells.js";
import { boxAround, captionOf, fillOf, gridSvg, heightOf, layOut, pointAt, typeSize } from "./lattice_svg.js";
import { numbersInCorners } from "./lattice_words.js";
import { spoken } from "./working.js";
import { nextCell } from "./lattice_walk.js";
import { isNarrow } from "./turn.js";
import { View } from "./view.js";

const QUICK_MS = 160; // frames that follow faster than this do not slide
const HELP = "Maps of cells. The arrow keys move from cell to cell, Enter keeps a cell or changes its number, Escape lets go.";
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
    this.k = k;
    this.cursor = Math.min(this.cursor, this.cells.count - 1);
    this.element.setAttribute("aria-label", spec.alt);
    this.element.setAttribute("role", "figure");
    this.draw();
  }

  hue = (colour) => (this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour);

  /** Everything anew: for other cells, another size, another theme. */
  draw() {
    const { grids } = this.spec;
    const narrow = isNarrow();
    this.element.classList.toggle("dp-tall", narrow);
    this.element.style.height = narrow ? `${heightOf(grids, this.element.clientWidth)}px` : "";
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    this.layout = layOut(grids, width, height, narrow, this.env.lecture);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("font-family", this.env.font);
    const maps = grids.map((grid, i) => gridSvg(grid, i, this.cells.firsts[i], this.layout, this.hue, this.spec));
    const frames = grids.map(() => `<path class="dp-frame" fill="none" stroke="${this.hue(this.spec.colours.accent)}" stroke-width="${this.env.lecture ? 5 : 3}" stroke-linejoin="round"/>`);
    this.svg.innerHTML = `${maps.join("")}<g class="dp-lit" pointer-events="none"></g><g class="dp-frames" pointer-events="none">${frames.join("")}</g>`;
    this.boxes = [...this.svg.querySelectorAll(".dp-boxes path")];
    this.numbers = [...this.svg.querySelectorAll(".dp-numbers text")];
    this.frames = [...this.svg.querySelectorAll(".dp-frame")];
    this.lit = this.svg.querySelector(".dp-lit");
    this.sizes = grids.map((grid) => typeSize(grid, this.layout));
    this.shownAt = new Int8Array(this.cells.count).fill(1);
    this.replaced = [];
    this.show(this.k);
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
    if (!this.layout) return;
    this.reveal();
    this.light();
  }

  /** Results appear in the frame that computes them. */
  reveal() {
    const { spec, cells } = this;
    spec.grids.forEach((grid, number) => {
      if (grid.role !== "result") return;
      this.end(number, Math.max(...grid.known) <= this.k);
      for (let i = 0; i < grid.known.length; i++) {
        const cell = cells.firsts[number] + i;
        const known = Number(grid.known[i] <= this.k);
        if (known === this.shownAt[cell]) continue;
        this.shownAt[cell] = known;
        this.numbers[cell].style.display = known ? "" : "none";
        this.boxes[cell].setAttribute("fill", this.hue(known ? fillOf(grid, i, spec.colours, spec.shades) : spec.colours.ground));
      }
    });
  }

  /** How large a result is shows once it is all there: before, one may guess. */
  end(number, ended) {
    const group = this.svg.querySelector(`[data-grid="${number}"]`);
    const grid = this.spec.grids[number];
    group.querySelector(".dp-outline").style.display = ended ? "" : "none";
    group.querySelector(".dp-caption").textContent = captionOf(grid, (ended && grid.ended) || grid.title, number, this.layout);
  }

  /** Marks all that the present cell meets. */
  light() {
    const { cells, env } = this;
    const cell = this.focus;
    const met = cells.meeting(cell);
    this.restore();
    const all = [...new Set(Object.values(met).flatMap((set) => [...set]))];
    const accent = this.hue(this.spec.colours.accent);
    const path = all.map((other) => this.outline(other)).join("");
    const pinned = env.focus.pinned(cells, env.reader.selected);
    const thin = env.lecture ? 2.5 : 1.5;
    this.lit.innerHTML = (path ? `<path d="${path}" fill="${accent}" fill-opacity="0.1" stroke="${accent}" stroke-width="${thin}"/>` : "")
      + numbersInCorners(this, cell) + this.ring(cell, "") + (pinned === cell ? "" : this.ring(pinned, "4 3"));
    this.frame(cell < 0 || cells.roleOf(cell) !== "result" ? [] : [...met.ground ?? []]);
    this.replaceNumbers(cell);
    this.form.follow(this, pinned);
  }

  ring(cell, dash) {
    if (cell < 0) return "";
    const width = Math.min(this.env.lecture ? 5 : 3, 0.16 * this.layout.scale);
    return `<path d="${this.outline(cell)}" fill="none" stroke="${this.hue(this.spec.colours.ink)}" stroke-width="${width}" stroke-dasharray="${dash}"/>`;
  }

  outline(cell) {
    const { number, row, col } = this.cells.placeOf(cell);
    return boxAround(this.layout.places[number], row, col);
  }

  /** A frame around the cells under the window, in each map that it lies on. */
  frame(ground) {
    const boxes = new Map();
    for (const cell of ground) {
      const { number, row, col } = this.cells.placeOf(cell);
      const box = boxes.get(number) ?? { top: row, left: col, bottom: row, right: col };
      boxes.set(number, {
        top: Math.min(box.top, row), left: Math.min(box.left, col), bottom: Math.max(box.bottom, row), right: Math.max(box.right, col),
      });
    }
    this.frames.forEach((frame, number) => {
      const box = boxes.get(number);
      frame.style.display = box ? "" : "none";
      if (!box) return;
      // The shape stays at the map's corner and is moved, so that the style sheet can let it slide.
      const place = this.layout.places[number];
      frame.setAttribute("d", boxAround(place, 0, 0, box.bottom - box.top + 1, box.right - box.left + 1));
      const [x, y] = pointAt(place, box.top, box.left);
      frame.style.transform = `translate(${(x - place.x).toFixed(1)}px, ${(y - place.y).toFixed(1)}px)`;
    });
  }

  /** Pointed at in the input, every output it feeds shows the weight on the way; pointed at a weight, nothing changes. */
  replaceNumbers(cell) {
    if (cell < 0 || this.cells.roleOf(cell) !== "ground") return;
    for (const link of this.cells.linksOf(cell)) {
      const [result, weight] = [this.cells.at(link, "result"), this.cells.at(link, "window")];
      const label = this.numbers[result];
      if (!this.replaced.includes(result)) this.replaced.push(result);
      label.style.display = "";
      label.style.fontWeight = "600";
      if (label.textContent !== "") label.textContent = `×${this.cells.told(weight, "texts")}`;
    }
  }

  restore() {
    for (const cell of this.replaced) {
      this.numbers[cell].textContent = this.cells.told(cell, "texts");
      this.numbers[cell].style.fontWeight = "";
      this.numbers[cell].style.display = this.shownAt[cell] ? "" : "none";
    }
    this.replaced = [];
  }

  heed() {
    if (this.layout) this.light();
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
    this.element.querySelector(".dp-spoken").textContent = spoken(cells, this.cursor);
  }

  resize() {
    if (this.element.offsetParent && this.spec) this.draw();
  }

  /** The picture as it stands, as a file. */
  async image(kind) {
    const copy = this.svg.cloneNode(true);
    const { width, height } = this.layout;
    for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width, height })) copy.setAttribute(name, value);
    copy.insertAdjacentHTML("afterbegin", `<rect width="${width}" height="${height}" fill="${this.hue(this.spec.colours.ground)}"/>`);
    const svg = new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
    if (kind === "svg") return svg;
    const picture = new Image();
    picture.src = URL.createObjectURL(svg);
    await picture.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(picture, 0, 0, 2 * width, 2 * height);
    URL.revokeObjectURL(picture.src);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }
}
