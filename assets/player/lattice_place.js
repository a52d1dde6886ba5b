// Where the maps of a lattice lie in a place of so many pixels: their corners, cells, and room for names; draws nothing.

const MARGIN = 10;
const LARGEST_CELL = 64;
const WHOLE_CELL = 10; // from here on cells are whole pixels, so that hairlines stay sharp
const LARGEST_TYPE = 20;
const LETTER = 0.58; // width of a letter or digit, of its height
const [CAPTION, LECTURE_CAPTION, LEAST_CAPTION] = [13, 17, 9]; // pixels of a map's name
const [BELOW_CAPTION, BESIDE_CAPTION] = [5, 6];

const originOf = (grid, narrow) => (narrow && grid.narrow ? grid.narrow : grid.origin);

/** How a lattice lies in a place of this size: pixels of a cell, every grid's first corner, and how columns and rows run. */
export function layOut(grids, width, height, narrow, lecture) {
  const type = lecture ? LECTURE_CAPTION : CAPTION;
  const over = type + BELOW_CAPTION;
  const { left, right, top, bottom } = extentOf(grids, narrow);
  const room = Math.min((width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN - over) / (bottom - top), LARGEST_CELL);
  const scale = room > WHOLE_CELL ? Math.floor(room) : room;
  const x0 = (width - scale * (right - left)) / 2 - scale * left;
  const y0 = (height + over - scale * (bottom - top)) / 2 - scale * top;
  const places = grids.map((grid) => {
    const [x, y] = originOf(grid, narrow);
    return {
      x: Math.round(x0 + scale * x) + 0.5, y: Math.round(y0 + scale * y) + 0.5,
      right: grid.right.map((d) => d * scale), down: grid.down.map((d) => d * scale),
    };
  });
  return { scale, width, height, places, captions: captionsOf(grids, places, width, type) };
}

/** How high a lattice is that is as wide as a phone. */
export function heightOf(grids, width, lecture) {
  const { left, right, top, bottom } = extentOf(grids, true);
  const scale = Math.min((width - 2 * MARGIN) / (right - left), LARGEST_CELL);
  return Math.ceil(scale * (bottom - top)) + 2 * MARGIN + (lecture ? LECTURE_CAPTION : CAPTION) + BELOW_CAPTION;
}

/** The smallest box around all maps, in cells. */
function extentOf(grids, narrow) {
  const boxes = grids.map((grid) => {
    const [x, y] = originOf(grid, narrow);
    return boxOf(grid, { x, y, right: grid.right, down: grid.down });
  });
  return {
    left: Math.min(...boxes.map(({ left }) => left)), right: Math.max(...boxes.map(({ right }) => right)),
    top: Math.min(...boxes.map(({ top }) => top)), bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

function boxOf({ rows, cols }, place) {
  const corners = [[0, 0], [0, cols], [rows, 0], [rows, cols]].map(([r, c]) => pointAt(place, r, c));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/**
 * Where every map's name stands, how large it is (0: nowhere), and how wide it may be to run into no other map or name.
 * A sheet in space climbs from its first corner: its name stands over the highest.
 */
function captionsOf(grids, places, width, type) {
  const boxes = grids.map((grid, i) => boxOf(grid, places[i]));
  return boxes.map(({ left, right, top }) => {
    const above = boxes.filter((other) => other.bottom <= top && other.left < right && other.right > left);
    const size = Math.min(type, Math.min(top, ...above.map((other) => top - other.bottom)) - BELOW_CAPTION);
    const over = BELOW_CAPTION + type;
    const beside = boxes.filter((other) => other.left > left && other.bottom > top - over && other.top - over < top);
    const end = Math.min(width, ...beside.map((other) => other.left));
    return { x: left, y: top - BELOW_CAPTION, size: size < LEAST_CAPTION ? 0 : size, room: end - left - BESIDE_CAPTION };
  });
}

/** The point r rows and c columns from a grid's first corner. */
export const pointAt = ({ x, y, right, down }, r, c) => [x + c * right[0] + r * down[0], y + c * right[1] + r * down[1]];

/** A closed path around so many rows and columns of a grid. */
export function boxAround(place, row, col, rows = 1, cols = 1) {
  const corners = [[row, col], [row, col + cols], [row + rows, col + cols], [row + rows, col]];
  return `M${corners.map(([r, c]) => pointAt(place, r, c).map((d) => d.toFixed(1)).join(",")).join("L")}Z`;
}

/** Pixels of the numbers in each grid, before it leans: as large as the longest in any grid of its table lets them be. */
export function typeSizes(grids, { scale }) {
  const longest = new Map();
  for (const { role, texts } of grids) {
    const table = tableOf(role);
    longest.set(table, texts.reduce((most, text) => Math.max(most, text.length), longest.get(table) ?? 1));
  }
  return grids.map(({ role }) => Math.min(0.46 * scale, (0.9 * scale) / (LETTER * longest.get(tableOf(role))), LARGEST_TYPE));
}

/** Columns of one table: the first has its role, the others say that they are more of it. */
const tableOf = (role) => role.replace(/, more$/, "");
