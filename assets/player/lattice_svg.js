// Draws maps of cells as SVG; knows nothing of what is pointed at.

import { mapName } from "./cells.js";
import { boxAround, pointAt } from "./lattice_place.js";

const [SMALLEST_TYPE, SMALLEST_LEANING] = [8, 7]; // pixels: smaller numbers are left out
const [BORDER, BETWEEN, UNREAD] = [1, 2, 3];
const DASHES = { [BORDER]: ` stroke-dasharray="3 3"`, [BETWEEN]: ` stroke-dasharray="1 3"` };

/** One grid: its title, its cells, its numbers. Cells carry their number in the lattice. */
export function gridSvg(grid, number, first, layout, size, hue, { colours, shades }) {
  const place = layout.places[number];
  const leaning = leanOf(place, layout.scale);
  const isWritten = grid.written && size >= SMALLEST_TYPE && size * leaning.share >= SMALLEST_LEANING;
  const [boxes, texts, crosses] = [[], [], []];
  for (let i = 0; i < grid.rows * grid.cols; i++) {
    const [row, col, kind] = [Math.floor(i / grid.cols), i % grid.cols, grid.kinds[i]];
    const fill = fillOf(grid, i, colours, shades);
    boxes.push(`<path data-c="${first + i}" d="${boxAround(place, row, col)}" fill="${hue(fill)}"`
      + ` stroke="${hue(kind ? colours.muted : colours.ground)}" stroke-width="${kind ? 0.8 : 1.2}"${DASHES[kind] ?? ""}/>`);
    if (kind === UNREAD) crosses.push(crossed(place, row, col));
    const [x, y] = pointAt(place, row + 0.5, col + 0.5);
    const isQuiet = (kind === BORDER || kind === BETWEEN) && fill === colours.ground; // on a shade it would be too faint
    texts.push(`<text ${leaning.at(x.toFixed(1), y.toFixed(1))} dy="0.35em" fill="${hue(isQuiet ? colours.muted : colours.ink)}">`
      + `${isWritten ? grid.texts[i] : ""}</text>`);
  }
  return `<g data-grid="${number}">${captionSvg(layout.captions[number], hue(colours.ink))}<g class="dp-boxes">${boxes.join("")}</g>
    <g fill="none" pointer-events="none"><path class="dp-outline" d="${boxAround(place, 0, 0, grid.rows, grid.cols)}" stroke="${hue(colours.muted)}"/>
      <path class="dp-crosses" d="${crosses.join("")}" stroke="${hue(colours.wrong)}" stroke-width="1.5"/></g>
    <g class="dp-numbers" font-size="${size.toFixed(1)}" text-anchor="middle" pointer-events="none">${texts.join("")}</g></g>`;
}

function captionSvg({ x, y, size }, ink) {
  return `<text class="dp-caption" x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size.toFixed(1)}" font-weight="600" fill="${ink}"></text>`;
}

/** What stands over every map, until it is whole and from then on: maps of one role have their sizes there, or their names, or nothing. */
export function captionTexts(grids, { captions }, font) {
  const both = ({ title, ended }) => [title, ended || title];
  const fits = (text, { size, room }) => size && widthOf(text, `600 ${size}px ${font}`) <= room;
  const told = new Map();
  for (const role of new Set(grids.map((grid) => grid.role))) {
    const alike = (shorter) => grids.every((grid, i) => grid.role !== role || both(grid).every((text) => fits(shorter(text), captions[i])));
    told.set(role, [(text) => text, mapName].find(alike) ?? (() => ""));
  }
  return grids.map((grid) => both(grid).map(told.get(grid.role)));
}

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text, font) {
  pen.font = font;
  return pen.measureText(text).width;
}

/** How a number leans with its sheet, and how much smaller that makes it look. */
function leanOf({ right, down }, scale) {
  const [a, b, c, d] = [...right, ...down].map((part) => part / scale);
  const isFlat = a === 1 && b === 0 && c === 0 && d === 1;
  return {
    share: Math.sqrt(Math.abs(a * d - b * c)),
    at: (x, y) => (isFlat ? `x="${x}" y="${y}"` : `transform="matrix(${a},${b},${c},${d},${x},${y})"`),
  };
}

/** Padding and zeros in between have no shade of their own; a copy has that of what it copies, and dashes around it. */
export function fillOf(grid, i, colours, shades) {
  if (grid.kinds[i] === BETWEEN || (grid.kinds[i] === BORDER && !grid.values[i])) return colours.ground;
  return grid.texts[i] === "" ? colours.ground : shades[grid.levels[i]];
}

function crossed(place, row, col) {
  const line = (from, to) => `M${pointAt(place, ...from).map((d) => d.toFixed(1))}L${pointAt(place, ...to).map((d) => d.toFixed(1))}`;
  return line([row + 0.15, col + 0.15], [row + 0.85, col + 0.85]) + line([row + 0.15, col + 0.85], [row + 0.85, col + 0.15]);
}
