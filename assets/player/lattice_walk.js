// Where the arrow keys lead among maps of cells.

import { pointAt } from "./lattice_place.js";

/** The next cell down or across in its map; beyond the edge the nearest one of another map, or the same where none lies there. */
export function nextCell(cells, layout, from, down, across) {
  const { number, grid, row, col } = cells.placeOf(from);
  const [r, c] = [row + down, col + across];
  if (r >= 0 && c >= 0 && r < grid.rows && c < grid.cols) return cells.firsts[number] + r * grid.cols + c;
  const middle = (cell) => {
    const place = cells.placeOf(cell);
    return pointAt(layout.places[place.number], place.row + 0.5, place.col + 0.5);
  };
  const [x, y] = middle(from);
  let best = { cell: from, far: Infinity };
  for (let cell = 0; cell < cells.count; cell++) {
    if (cells.gridOf(cell) === number) continue;
    const [u, v] = middle(cell);
    const along = (u - x) * across + (v - y) * down;
    const aside = Math.abs((u - x) * down) + Math.abs((v - y) * across);
    const far = along + 2 * aside; // what lies straight ahead comes first
    if (along > 0 && far < best.far) best = { cell, far };
  }
  return best.cell;
}
