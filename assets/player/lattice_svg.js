// Draws maps of cells as SVG: where every cell lies, how large its number is; knows nothing of what is pointed at.

const MARGIN = 10;
const LARGEST_CELL = 64;
const LARGEST_TYPE = 20;
const WHOLE_CELL = 10; // from here on cells are whole pixels, so that hairlines stay sharp
const SMALLEST_TYPE = 7; // pixels: smaller numbers are left out
const [BORDER, BETWEEN, UNREAD] = [1, 2, 3];

/** How a lattice lies in a place of this size: pixels of a cell, and of every grid's first corner, across and down. */
export function layOut(grids, width, height, narrow, lecture) {
  const caption = lecture ? 26 : 20;
  const corners = grids.flatMap((grid) => outlineOf(grid, narrow && grid.narrow ? grid.narrow : grid.origin));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const room = Math.min((width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN - caption) / (bottom - top), LARGEST_CELL);
  const scale = room > WHOLE_CELL ? Math.floor(room) : room;
  const x0 = (width - scale * (right - left)) / 2 - scale * left;
  const y0 = (height + caption - scale * (bottom - top)) / 2 - scale * top;
  return {
    scale, width, height, caption,
    places: grids.map((grid) => {
      const [x, y] = narrow && grid.narrow ? grid.narrow : grid.origin;
      return { x: Math.round(x0 + scale * x) + 0.5, y: Math.round(y0 + scale * y) + 0.5, right: grid.right.map((d) => d * scale), down: grid.down.map((d) => d * scale) };
    }),
  };
}

/** How high a lattice is that is as wide as a phone. */
export function heightOf(grids, width) {
  const corners = grids.flatMap((grid) => outlineOf(grid, grid.narrow ?? grid.origin));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const scale = Math.min((width - 2 * MARGIN) / (Math.max(...xs) - Math.min(...xs)), LARGEST_CELL);
  return Math.ceil(scale * (Math.max(...ys) - Math.min(...ys))) + 2 * MARGIN + 24;
}

function outlineOf({ rows, cols, right, down }, [x, y]) {
  return [[0, 0], [0, cols], [rows, 0], [rows, cols]].map(([r, c]) => [x + c * right[0] + r * down[0], y + c * right[1] + r * down[1]]);
}

/** The point r rows and c columns from a grid's first corner. */
export const pointAt = ({ x, y, right, down }, r, c) => [x + c * right[0] + r * down[0], y + c * right[1] + r * down[1]];

/** A closed path around so many rows and columns of a grid. */
export function boxAround(place, row, col, rows = 1, cols = 1) {
  const corners = [[row, col], [row, col + cols], [row + rows, col + cols], [row + rows, col]];
  return `M${corners.map(([r, c]) => pointAt(place, r, c).map((d) => d.toFixed(1)).join(",")).join("L")}Z`;
}

/** Pixels of the numbers in a grid, before it leans: as large as the longest of them lets them be. */
export function typeSize(grid, { scale }) {
  const longest = grid.texts.reduce((most, text) => Math.max(most, text.length), 1);
  return Math.min(0.46 * scale, (0.9 * scale) / (0.58 * longest), LARGEST_TYPE);
}

/** How a number leans with its sheet; type that leans is harder to read. */
function lean({ right, down }, scale) {
  const [a, b, c, d] = [...right, ...down].map((part) => part / scale);
  const flat = a === 1 && b === 0 && c === 0 && d === 1;
  return { share: Math.sqrt(Math.abs(a * d - b * c)), at: (x, y) => (flat ? `x="${x}" y="${y}"` : `transform="matrix(${a},${b},${c},${d},${x},${y})"`) };
}

/** One grid: its title, its cells, its numbers. Cells carry their number in the lattice. */
export function gridSvg(grid, number, first, layout, hue, { colours, shades }) {
  const place = layout.places[number];
  const size = typeSize(grid, layout);
  const leaning = lean(place, layout.scale);
  const isWritten = grid.written && size * leaning.share >= SMALLEST_TYPE;
  const title = `<text class="dp-caption" x="${place.x.toFixed(1)}" y="${(captionTop(grid, place) - 7).toFixed(1)}" font-size="${captionSize(layout)}"
    font-weight="600" fill="${hue(colours.ink)}">${escaped(captionOf(grid, grid.title, number, layout))}</text>`;
  const boxes = [];
  const texts = [];
  const marks = [];
  for (let i = 0; i < grid.rows * grid.cols; i++) {
    const [row, col] = [Math.floor(i / grid.cols), i % grid.cols];
    const kind = grid.kinds[i];
    const fill = fillOf(grid, i, colours, shades);
    boxes.push(`<path data-c="${first + i}" d="${boxAround(place, row, col)}" fill="${hue(fill)}"
      stroke="${hue(kind ? colours.muted : colours.ground)}" stroke-width="${kind ? 0.8 : 1.2}"${dashOf(kind)}/>`);
    if (kind === UNREAD) marks.push(crossed(place, row, col));
    const [x, y] = pointAt(place, row + 0.5, col + 0.5);
    const isQuiet = (kind === BORDER || kind === BETWEEN) && fill === colours.ground; // on a shade it would be too faint
    texts.push(`<text ${leaning.at(x.toFixed(1), y.toFixed(1))} dy="0.35em" fill="${hue(isQuiet ? colours.muted : colours.ink)}">${isWritten ? grid.texts[i] : ""}</text>`);
  }
  const cross = marks.length ? `<path d="${marks.join("")}" stroke="${hue(colours.wrong)}" stroke-width="1.5" fill="none" pointer-events="none"/>` : "";
  const outline = `<path class="dp-outline" d="${boxAround(place, 0, 0, grid.rows, grid.cols)}" fill="none" stroke="${hue(colours.muted)}" stroke-width="1" pointer-events="none"/>`;
  return `<g data-grid="${number}">${title}<g class="dp-boxes">${boxes.join("")}</g>${outline}${cross}
    <g class="dp-numbers" font-size="${size.toFixed(1)}" text-anchor="middle" pointer-events="none">${texts.join("")}</g></g>`;
}

/** Padding and zeros in between have no shade of their own; a copy has that of what it copies, paler by its dashes. */
export function fillOf(grid, i, colours, shades) {
  if (grid.kinds[i] === BETWEEN || (grid.kinds[i] === BORDER && !grid.values[i])) return colours.ground;
  return grid.texts[i] === "" ? colours.ground : shades[grid.levels[i]];
}

const dashOf = (kind) => (kind === BORDER ? ` stroke-dasharray="3 3"` : kind === BETWEEN ? ` stroke-dasharray="1 3"` : "");

function crossed(place, row, col) {
  const line = (from, to) => `M${pointAt(place, ...from).map((d) => d.toFixed(1))}L${pointAt(place, ...to).map((d) => d.toFixed(1))}`;
  return line([row + 0.15, col + 0.15], [row + 0.85, col + 0.85]) + line([row + 0.15, col + 0.85], [row + 0.85, col + 0.15]);
}

const captionSize = (layout) => Math.round(0.65 * layout.caption);

/** As much of a map's name as there is room for above it: with its size, without, or nothing. */
export function captionOf(grid, title, number, layout) {
  const room = grid.cols * Math.hypot(...layout.places[number].right) + 1.2 * layout.scale;
  const fits = (text) => 0.56 * captionSize(layout) * text.length <= room;
  return [title, title.split(/, (?![^[]*\])/)[0]].find(fits) ?? "";
}

/** A sheet in space climbs from its first corner: its name stands over the highest. */
function captionTop(grid, place) {
  return Math.min(place.y, pointAt(place, 0, grid.cols)[1]);
}

export const escaped = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
