// Which cells a lattice has, and which of them meet; draws nothing.

import { fieldOf } from "./pack.js";

const models = new WeakMap();

/** The cells of a lattice; made once for each, for its picture and for what is written beside it. */
export function cellsOf(spec, arrays) {
  if (!models.has(spec)) models.set(spec, new Cells(spec, arrays));
  return models.get(spec);
}

/** A map's name without its size: "x[0, 1], 7 × 7" is x[0, 1]. */
export const mapName = (title) => title.split(/, (?![^[]*\])/)[0];

class Cells {
  constructor(spec, arrays) {
    this.spec = spec;
    this.roles = spec.roles;
    this.columns = Object.fromEntries(spec.roles.map((role, column) => [role, column]));
    this.links = fieldOf(spec.links, arrays).data;
    this.products = fieldOf(spec.products, arrays).data;
    this.actives = fieldOf(spec.active, arrays);
    this.starts = spec.starts && fieldOf(spec.starts, arrays).data;
    this.numLinks = this.products.length;
    this.firsts = [];
    this.count = 0;
    for (const grid of spec.grids) {
      this.firsts.push(this.count);
      this.count += grid.rows * grid.cols;
    }
    this.seen = new Int32Array(this.count);
    this.round = 0;
    this.index();
  }

  /** For every cell the links that it is in, one list behind the other. */
  index() {
    this.begins = new Int32Array(this.count + 1);
    for (const cell of this.links) if (cell >= 0) this.begins[cell + 1] += 1;
    for (let cell = 0; cell < this.count; cell++) this.begins[cell + 1] += this.begins[cell];
    this.lists = new Int32Array(this.begins[this.count]);
    const next = this.begins.slice();
    const width = this.roles.length;
    for (let i = 0; i < this.links.length; i++) {
      const cell = this.links[i];
      if (cell >= 0) this.lists[next[cell]++] = Math.floor(i / width);
    }
  }

  /** The numbers of the links that a cell is in. */
  linksOf(cell) {
    return cell < 0 ? [] : this.lists.subarray(this.begins[cell], this.begins[cell + 1]);
  }

  /** The cell that stands in a link's role; -1: none does. */
  at(link, role) {
    const column = this.columns[role];
    return column === undefined ? -1 : this.links[link * this.roles.length + column];
  }

  gridOf(cell) {
    let grid = this.firsts.length - 1;
    while (this.firsts[grid] > cell) grid -= 1;
    return grid;
  }

  /** {grid, row, col, i}: where a cell stands, and its number in its own grid. */
  placeOf(cell) {
    const number = this.gridOf(cell);
    const grid = this.spec.grids[number];
    const i = cell - this.firsts[number];
    return { number, grid, i, row: Math.floor(i / grid.cols), col: i % grid.cols };
  }

  /** One of the lists that grids hold for their cells: "names", "values", "texts", "edits", "known", "kinds". */
  told(cell, list) {
    const { grid, i } = this.placeOf(cell);
    return grid[list]?.[i];
  }

  /** "" for no cell. */
  roleOf(cell) {
    return cell < 0 ? "" : this.spec.grids[this.gridOf(cell)].role;
  }

  /** Whether its number is shown in this frame. */
  isKnown(cell, k) {
    return this.told(cell, "known") <= k;
  }

  /** What a result starts from before its products come. */
  startOf(cell) {
    if (!this.starts) return 0;
    const results = this.spec.grids.findIndex((grid) => grid.role === "result");
    return this.starts[cell - this.firsts[results]];
  }

  /** Of a largest value's links the first that has it; -1 where there is none. */
  winnerOf(cell) {
    const largest = Math.fround(this.told(cell, "values"));
    return this.linksOf(cell).find((link) => this.products[link] === largest) ?? -1;
  }

  /** As it stands in the address. */
  keyOf(cell) {
    const { grid, row, col } = this.placeOf(cell);
    return `${grid.key}.${row}.${col}`;
  }

  cellOf(key) {
    const [, name, row, col] = /^(.+)\.(\d+)\.(\d+)$/.exec(key ?? "") ?? [];
    const number = this.spec.grids.findIndex((grid) => grid.key === name);
    const grid = this.spec.grids[number];
    return grid && row < grid.rows && col < grid.cols ? this.firsts[number] + row * grid.cols + Number(col) : -1;
  }

  activeAt(k) {
    return this.actives.row(k) ?? -1;
  }

  /** This cell and all that share a link with it, each once. */
  meeting(cell) {
    if (cell < 0) return [];
    this.round += 1;
    this.seen[cell] = this.round;
    const met = [cell];
    const width = this.roles.length;
    for (const link of this.linksOf(cell)) {
      for (let i = link * width; i < (link + 1) * width; i++) {
        const other = this.links[i];
        if (other < 0 || this.seen[other] === this.round) continue;
        this.seen[other] = this.round;
        met.push(other);
      }
    }
    return met;
  }
}
