// The arithmetic of one cell, written out: what a result is the sum of, or where a number goes.

import { cellsOf } from "./cells.js";
import { format } from "./numbers.js";
import { escaped } from "./lattice_svg.js";
import { View, scrolls } from "./view.js";

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
    const html = cell < 0 ? `<p>${HINT}</p>` : written(this.cells, cell);
    if (html !== this.html) this.element.innerHTML = this.html = html;
  }

  heed() {
    this.show(this.k);
  }
}

const bracketed = (value) => (value < 0 ? `(${format(value)})` : format(value));
const value = (cells, cell) => cells.told(cell, "values");
const name = (cells, cell) => escaped(cells.told(cell, "names"));

function written(cells, cell) {
  const role = cells.roleOf(cell);
  if (role === "result") return summed(cells, cell);
  return role === "matrix" ? entry(cells, cell) : sent(cells, cell, role);
}

/** A result: its products, a row of the window on a line, map by map. */
function summed(cells, cell) {
  const { kind } = cells.spec;
  const maps = byMapAndRow(cells, cell);
  const html = maps.map(({ number, rows }, i) => {
    const heading = maps.length > 1 ? subtotal(cells, number, rows.flat()) : "";
    const lines = rows.map((links, row) => line(cells, links, row + i > 0)).join("");
    const isAligned = rows.every((links) => links.length <= MOST_ALIGNED);
    return `${heading}<div class="dp-rows${isAligned ? " dp-aligned" : ""}">${lines}</div>`;
  }).join("");
  const start = startOf(cells, cell);
  const bias = start ? `<div>+ b = ${format(start)}</div>` : "";
  const nothing = maps.length ? "" : "<div>nothing: no window reads here</div>";
  const total = `<p class="dp-total">= <b>${format(value(cells, cell))}</b></p>`;
  const head = kind === "max" ? `${name(cells, cell)} = the largest of` : `${name(cells, cell)} =`;
  return `<h4>${head}</h4><div class="dp-terms">${html}${nothing}${bias}</div>${total}`;
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

/** A row of the window; `goes on`: the sum has begun above. */
function line(cells, links, goesOn) {
  const sign = cells.spec.kind === "max" ? "" : "+ ";
  const spans = links.map((link, i) => {
    const isNothing = sign && cells.products[link] === 0;
    return `<span${isNothing ? ` class="dp-nothing"` : ""}>${goesOn || i ? sign : ""}${term(cells, link)}${sign ? "" : ","}</span>`;
  });
  return `<div>${spans.join(" ")}</div>`;
}

function startOf(cells, cell) {
  if (!cells.starts) return 0;
  const first = cells.spec.grids.findIndex((grid) => grid.role === "result");
  return cells.starts[cell - cells.firsts[first]];
}

function term(cells, link) {
  const [ground, weight] = [cells.at(link, "ground"), cells.at(link, "window")];
  const number = format(value(cells, ground));
  if (cells.spec.kind === "max") return wins(cells, link) ? `<b>${number}</b>` : number;
  return `${number}·${bracketed(value(cells, weight))}`;
}

const wins = (cells, link) => cells.products[link] === Math.fround(value(cells, cells.at(link, "result")));

function subtotal(cells, number, links) {
  const sum = links.reduce((total, link) => total + cells.products[link], 0);
  return `<h5>${escaped(cells.spec.grids[number].title)}: ${format(sum)}</h5>`;
}

/** A cell of the input or of the window: every result that it goes to, and through what. */
function sent(cells, cell, role) {
  const other = role === "ground" ? "window" : "ground";
  const links = cells.linksOf(cell);
  const own = value(cells, cell);
  const lines = Array.from(links.slice(0, MOST_LINES), (link) => {
    const [result, partner] = [cells.at(link, "result"), cells.at(link, other)];
    const factors = role === "ground" ? [own, value(cells, partner)] : [value(cells, partner), own];
    return `<div>${name(cells, result)} gets ${name(cells, partner)}: ${format(factors[0])}·${bracketed(factors[1])} = ${format(cells.products[link])}</div>`;
  });
  const more = links.length > MOST_LINES ? `<div>and ${links.length - MOST_LINES} more</div>` : "";
  const where = links.length ? `goes to ${links.length} ${links.length > 1 ? "places" : "place"}:` : "goes nowhere: no window reads it.";
  return `<h4>${name(cells, cell)} = ${format(own)} ${where}</h4><div class="dp-terms">${lines.join("")}${more}</div>`;
}

/** A cell of the matrix: the weight that stands there, between which two. */
function entry(cells, cell) {
  const lines = Array.from(cells.linksOf(cell), (link) => {
    const [result, ground, weight] = ["result", "ground", "window"].map((role) => cells.at(link, role));
    return `<div>${name(cells, weight)} = ${format(value(cells, weight))}, from ${name(cells, ground)} to ${name(cells, result)}</div>`;
  });
  return `<h4>${name(cells, cell)}</h4><div class="dp-terms">${lines.join("") || "<div>0: the two never meet</div>"}</div>`;
}

/** A cell in one sentence, for a reader who does not see it. */
export function spoken(cells, cell) {
  const { grid } = cells.placeOf(cell);
  const count = cells.linksOf(cell).length;
  return `${cells.told(cell, "names")}, ${format(value(cells, cell))}, in ${grid.title}, ${count} products.`;
}
