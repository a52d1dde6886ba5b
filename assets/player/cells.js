// Which cells a lattice has, and which of them meet; draws nothing.

import { fieldOf } from "./pack.js";

const models = new WeakMap();

/** The cells of a lattice; made once for each, for its picture and for what is written beside it. */
export function cellsOf(spec, arrays) {
  if (!models.has(spec)) models.set(spec, new Cells(spec, arrays));
  return models.get(spec);
}

class Cells {
  constructor(spec, arrays) {
    this.spec = spec;
    this.roles = spec.roles;
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
    const column = this.roles.indexOf(role);
    return column < 0 ? -1 : this.links[link * this.roles.length + column];
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

  roleOf(cell) {
    return this.placeOf(cell).grid.role;
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

  /** What the links of a cell bring together, by role: sets of cells. */
  meeting(cell) {
    const met = Object.fromEntries(this.roles.map((role) => [role, new Set()]));
    for (const link of this.linksOf(cell)) {
      for (const role of this.roles) {
        const other = this.at(link, role);
        if (other >= 0) met[role].add(other);
      }
    }
    if (cell >= 0) met[this.roleOf(cell)]?.add(cell);
    return met;
  }
}
