// What is drawn over a lattice's maps for the present cell: what it meets, rings, the window's frame, its weights.

import { boxAround, pointAt } from "./lattice_place.js";

const LEAST_CELL = 36; // pixels: in smaller cells there is no room for a second number
const WASH = 0.06; // more would take too much from the contrast of numbers on the strongest shades

/** A wash over the cells that are met; `outline` gives a cell's path. */
export function washOver(met, outline, accent, lecture) {
  if (!met.length) return "";
  return `<path class="dp-wash" d="${met.map(outline).join("")}" fill="${accent}" fill-opacity="${WASH}" stroke="${accent}" stroke-width="${lecture ? 2.5 : 1.5}"/>`;
}

/** A ring around one cell; dashed where it is kept while another one is looked at. */
export function ringAround(path, ink, { scale }, lecture, dash = "") {
  const width = Math.min(lecture ? 5 : 3, 0.16 * scale);
  return `<path class="dp-ring" d="${path}" fill="none" stroke="${ink}" stroke-width="${width}" stroke-dasharray="${dash}"/>`;
}

/** The weights, in the corners of the cells that the window lies on; "" where there is no room or nothing to multiply. */
export function weightsInCorners({ cells, layout, spec, hue }, cell) {
  if (cells.roleOf(cell) !== "result" || spec.kind === "max" || layout.scale < LEAST_CELL) return "";
  const texts = [];
  for (const link of cells.linksOf(cell)) {
    const [ground, weight] = [cells.at(link, "ground"), cells.at(link, "window")];
    const { number, row, col } = cells.placeOf(ground);
    const place = layout.places[number];
    if (weight < 0 || Math.min(Math.hypot(...place.right), Math.hypot(...place.down)) < LEAST_CELL) return "";
    const [x, y] = pointAt(place, row + 1, col + 1);
    texts.push(`<text x="${(x - 3).toFixed(1)}" y="${(y - 3).toFixed(1)}">×${cells.told(weight, "texts")}</text>`);
  }
  const size = Math.min(0.26 * layout.scale, 14);
  return `<g class="dp-weights" font-size="${size.toFixed(1)}" text-anchor="end" fill="${hue(spec.colours.ink)}">${texts.join("")}</g>`;
}

/** Puts a frame around the cells under the window, in each map that it lies on; hides the others. */
export function frameCells(frames, cells, ground, { places }) {
  const boxes = boundsOf(cells, ground);
  frames.forEach((frame, number) => {
    const box = boxes.get(number);
    frame.style.display = box ? "" : "none";
    if (!box) return;
    // The shape stays at the map's corner and is moved, so that the style sheet can let it slide.
    const place = places[number];
    frame.setAttribute("d", boxAround(place, 0, 0, box.bottom - box.top + 1, box.right - box.left + 1));
    const [x, y] = pointAt(place, box.top, box.left);
    frame.style.transform = `translate(${(x - place.x).toFixed(1)}px, ${(y - place.y).toFixed(1)}px)`;
  });
}

/** The first and last row and column of these cells, map by map. */
function boundsOf(cells, several) {
  const boxes = new Map();
  for (const cell of several) {
    const { number, row, col } = cells.placeOf(cell);
    const box = boxes.get(number) ?? { top: row, left: col, bottom: row, right: col };
    boxes.set(number, {
      top: Math.min(box.top, row), left: Math.min(box.left, col), bottom: Math.max(box.bottom, row), right: Math.max(box.right, col),
    });
  }
  return boxes;
}
