// The arithmetic of one cell, written out: what a result is the sum of, or where a number goes.

import { cellsOf, mapName } from "./cells.js";
import { format } from "./numbers.js";
import { View, scrolls } from "./view.js";

const BORDER = 1; // the kind of a cell
const MOST_LINES = 60;
const MOST_ALIGNED = 5; // products on a line that stand in columns; more would be wider than the view
const HINT = "Point at a cell, or go on to the first step.";

export class WorkingView extends View {
  async update(spec, arrays, k) {
    this.spec = spec;
    this.cells = this.env.latticeOf(spec.lattice, (lattice) => cellsOf(lattice, arrays));
    this.element.classList.add("dp-working");
    scrolls(this.element, spec.title);
    this.show(k);
  }

  show(k) {
    this.k = k;
    const cell = this.env.focus.cell(this.cells, this.env.reader.selected, k);
    const html = cell < 0 ? `<p>${HINT}</p>` : written(this.cells, cell, k);
    if (html !== this.html) this.element.innerHTML = this.html = html;
  }

  heed() {
    this.show(this.k);
  }
}

/** A cell in one sentence, for a reader who does not see it. */
export function spoken(cells, cell, k) {
  const { grid } = cells.placeOf(cell);
  const count = cells.linksOf(cell).length;
  const number = cells.isKnown(cell, k) ? told(cells, cell) : "not computed yet";
  return `${cells.told(cell, "names")}, ${number}, in ${grid.title}, ${count} ${count === 1 ? "product" : "products"}.`;
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
const bracketed = (number) => (number < 0 ? `(${format(number)})` : format(number));
const value = (cells, cell) => cells.told(cell, "values");
/** A cell's number as it is read; the header holds no infinity, a cell's text does. */
const told = (cells, cell) => (/∞/.test(cells.told(cell, "texts")) ? cells.told(cell, "texts") : format(value(cells, cell)));
const name = (cells, cell) => escaped(cells.told(cell, "names"));

function written(cells, cell, k) {
  const role = cells.roleOf(cell);
  if (role === "matrix") return entry(cells, cell);
  if (role === "input") return chosen(cells, cell);
  if (role !== "result") return cells.spec.kind === "max" ? compared(cells, cell, k) : sent(cells, cell, role);
  return cells.spec.kind === "max" ? largest(cells, cell, k) : summed(cells, cell, k);
}

/** A result: its products, a row of the window on a line, map by map. */
function summed(cells, cell, k) {
  const maps = byMapAndRow(cells, cell);
  const blocks = maps.map(({ number, rows }, i) => {
    const subtotal = rows.flat().reduce((sum, link) => sum + cells.products[link], 0);
    const heading = maps.length > 1 ? `<h5>${mapNameOf(cells, number)}${cells.isKnown(cell, k) ? `: ${format(subtotal)}` : ""}</h5>` : "";
    const lines = rows.map((links, row) => `<div>${links.map((link, j) => product(cells, link, i + row + j > 0)).join(" ")}</div>`);
    return heading + block(rows, lines);
  });
  const start = cells.startOf(cell);
  if (start) blocks.push(`<div>${maps.length ? "+ " : ""}${bracketed(start)}, the bias</div>`);
  return result(cells, cell, k, `${name(cells, cell)} =`, blocks.join("") || "<div>nothing: no window reads here</div>");
}

/** The largest of some numbers; where several are, the first is the one that counts. */
function largest(cells, cell, k) {
  const winner = cells.isKnown(cell, k) ? cells.winnerOf(cell) : -1;
  const [last] = cells.linksOf(cell).slice(-1);
  const number = (link) => {
    const text = format(cells.products[link]);
    return `<span>${link === winner ? `<b>${text}</b>` : text}${link === last ? "" : ","}</span>`;
  };
  const blocks = byMapAndRow(cells, cell).map(({ rows }) => block(rows, rows.map((links) => `<div>${links.map(number).join(" ")}</div>`)));
  return result(cells, cell, k, `${name(cells, cell)} = the largest of`, blocks.join(""));
}

/** What is written about a result: the terms between its name and its number, which is told once it is computed. */
function result(cells, cell, k, head, terms) {
  const total = cells.isKnown(cell, k) ? told(cells, cell) : "?";
  return `<h4>${head}</h4><div class="dp-terms">${terms}</div><p class="dp-total">= <b>${total}</b></p>`;
}

const mapNameOf = (cells, number) => escaped(mapName(cells.spec.grids[number].title));

/** Lines of terms, in columns where those are not too many. */
function block(rows, lines) {
  return `<div${rows.every((links) => links.length <= MOST_ALIGNED) ? ` class="dp-aligned"` : ""}>${lines.join("")}</div>`;
}

/** The links of a result by map and by row of the window. */
function byMapAndRow(cells, cell) {
  const maps = new Map();
  for (const link of cells.linksOf(cell)) {
    const { number, row } = cells.placeOf(cells.at(link, "ground"));
    if (!maps.has(number)) maps.set(number, new Map());
    const rows = maps.get(number);
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(link);
  }
  return Array.from(maps, ([number, rows]) => ({ number, rows: [...rows.values()] }));
}

/** One product; `goesOn`: it is not the first. */
function product(cells, link, goesOn) {
  const [ground, weight] = ["ground", "window"].map((role) => value(cells, cells.at(link, role)));
  const quiet = cells.products[link] === 0 ? ` class="dp-nothing"` : "";
  return `<span${quiet}>${goesOn ? "+ " : ""}${format(ground)}·${bracketed(weight)}</span>`;
}

/** A cell of the input or of the window: every result that it goes to, and through what; zeros around are left out. */
function sent(cells, cell, role) {
  const isSeen = (link) => role === "ground" || cells.told(cells.at(link, "ground"), "kinds") !== BORDER || cells.products[link] !== 0;
  const links = Array.from(cells.linksOf(cell)).filter(isSeen);
  const where = links.length ? `goes to ${links.length} ${links.length > 1 ? "places" : "place"}:` : "goes nowhere: no window reads it.";
  return listed(`${name(cells, cell)} = ${told(cells, cell)} ${where}`, links, (link) => {
    const [result, ground, weight] = ["result", "ground", "window"].map((each) => cells.at(link, each));
    const product = `${format(value(cells, ground))}·${bracketed(value(cells, weight))} = ${format(cells.products[link])}`;
    return `${name(cells, result)} gets ${name(cells, role === "ground" ? weight : ground)}: ${product}`;
  });
}

/** A cell among which the largest is sought: the windows that read it, and which of them take it. */
function compared(cells, cell, k) {
  const links = cells.linksOf(cell);
  const where = links.length ? `is read by ${links.length} ${links.length > 1 ? "windows" : "window"}:` : "is read by no window.";
  return listed(`${name(cells, cell)} = ${told(cells, cell)} ${where}`, links, (link) => {
    const [result, ground] = ["result", "ground"].map((each) => cells.at(link, each));
    if (!cells.isKnown(result, k)) return `${name(cells, result)} = ?`;
    const line = `${name(cells, result)} = ${told(cells, result)}`;
    return cells.winnerOf(result) === link ? `<b>${line}, from ${name(cells, ground)}</b>` : `${line}, from another cell`;
  });
}

/** A cell of pooling's input: whether it was the largest of a window. */
function chosen(cells, cell) {
  const [link] = cells.linksOf(cell);
  const what = link === undefined ? "largest of no window: its gradient is 0" : `largest of a window: see ${name(cells, cells.at(link, "result"))}`;
  return `<h4>${name(cells, cell)} = ${told(cells, cell)}</h4><div class="dp-terms"><div>${what}</div></div>`;
}

/** A heading and what is said of each link, or of as many as one may read. */
function listed(head, links, tell) {
  const lines = Array.from(links.slice(0, MOST_LINES), (link) => `<div>${tell(link)}</div>`);
  if (links.length > MOST_LINES) lines.push(`<div>and ${links.length - MOST_LINES} more</div>`);
  return `<h4>${head}</h4><div class="dp-terms">${lines.join("")}</div>`;
}

/** A cell of the matrix: the weight that stands there, between which two. */
function entry(cells, cell) {
  const lines = Array.from(cells.linksOf(cell), (link) => {
    const [result, ground, weight] = ["result", "ground", "window"].map((role) => cells.at(link, role));
    return `<div>${name(cells, weight)} = ${format(value(cells, weight))}, from ${name(cells, ground)} to ${name(cells, result)}</div>`;
  });
  return `<h4>${name(cells, cell)}</h4><div class="dp-terms">${lines.join("") || "<div>0: the two never meet</div>"}</div>`;
}
