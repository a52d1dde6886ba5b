// The small numbers that the window brings along: the weights, in the corners of the cells that it lies on.

import { pointAt } from "./lattice_svg.js";

const LEAST_CELL = 36; // pixels: in smaller cells there is no room for a second number

/** SVG of the weights in the corners of what the present result is made of; "" where nothing is. */
export function numbersInCorners({ cells, layout, spec, hue }, cell) {
  if (cell < 0 || cells.roleOf(cell) !== "result" || spec.kind === "max") return "";
  const size = Math.min(0.26 * layout.scale, 14);
  const texts = [];
  for (const link of cells.linksOf(cell)) {
    const [ground, weight] = [cells.at(link, "ground"), cells.at(link, "window")];
    const { number, row, col } = cells.placeOf(ground);
    const place = layout.places[number];
    if (weight < 0 || Math.min(Math.hypot(...place.right), Math.hypot(...place.down)) < LEAST_CELL) return "";
    const [x, y] = pointAt(place, row + 1, col + 1);
    texts.push(`<text x="${(x - 3).toFixed(1)}" y="${(y - 3).toFixed(1)}">×${cells.told(weight, "texts")}</text>`);
  }
  return `<g font-size="${size.toFixed(1)}" text-anchor="end" fill="${hue(spec.colours.ink)}">${texts.join("")}</g>`;
}
