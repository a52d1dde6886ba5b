// Where tiles lie in a view of so many pixels: a grid in which they are as large as can be, and the key below.

import { linesOf, widthOf } from "./tiles_text.js";

const TYPE = { plain: 13, phone: 12.5, lecture: 18 };
export const SMALL = 0.92; // of that: what stands below a tile
const LINE = 1.28; // height of a line, of its type
const GAP = { least: 12, most: 30, between: 12 }; // pixels beside each other, and below
const NUMBER = "−0.0000"; // room for a number beside a caption
const CHANCE = " · > 99.9 %"; // and for a chance
const EDGE = 4; // pixels around all, for the frame of a tile that is selected
const ABOVE = 8; // pixels between a title's line and its tile
const BELOW = 5; // between it and its caption
const BASE = 0.95; // of a line's type, from its top to where letters stand
const KEY_LINE = 2; // height of the key, of the type
const TALL_COLUMNS = 3;
const FEW = 4; // on a phone two in a row, where there are no more
const LEAD = 2; // columns and rows of a tile that leads
const WORTH = 0.85; // how large, of what they could be, that leaves the others at least
const TRIES = 4; // a width that is too large shrinks until its words fit
const SNAP = 16; // cells in a row: so few are drawn equally wide

/** How tiles lie in a view: {type, places, key, height}. */
export function layOut(set, { width, height }, { isTall, lecture, font }) {
  const type = lecture ? TYPE.lecture : isTall ? TYPE.phone : TYPE.plain;
  const { tiles } = set;
  const page = { tiles, columns: set.spec.columns, width: width - 2 * EDGE, type, font, aspect: Math.max(...tiles.map((tile) => tile.height / tile.width)) };
  const keyHigh = set.maps.length ? Math.round(KEY_LINE * type) : 0;
  const grid = isTall ? tallGrid(page) : widestGrid(page, height - keyHigh - (keyHigh && GAP.between / 2));
  const places = placed(page, grid);
  const bottom = Math.max(...places.map((place) => place.end));
  const key = keyHigh ? { x: EDGE, y: isTall ? bottom + GAP.between : height - keyHigh, width: page.width, height: keyHigh } : null;
  return { type, places, key, height: isTall ? Math.ceil(bottom + GAP.between + keyHigh) : height };
}

function tallGrid(page) {
  const { tiles } = page;
  const isPaired = page.columns > 0 && page.columns % 2 === 0;
  const sideOf = (columns) => Math.floor((page.width - GAP.least * (columns - 1)) / columns);
  const isWordy = (side) => tiles.some((tile) => longestWord(page, tile) > side);
  const columns = tiles.length > FEW && !isPaired && !isWordy(sideOf(TALL_COLUMNS)) ? TALL_COLUMNS : Math.min(2, tiles.length);
  return { ...dealt(tiles, columns, LEAD), side: sideOf(columns), across: GAP.least, down: GAP.between };
}

/** The grid in which tiles are largest; unless it is given, some lead only if that leaves the others large enough. */
function widestGrid(page, height) {
  const { tiles } = page;
  const largest = (span) => {
    const most = tiles.reduce((sum, tile) => sum + (tile.lead ? span * span : 1), 0);
    const counts = page.columns ? [page.columns] : Array.from({ length: most }, (_, i) => i + 1);
    const grids = counts.map((columns) => dealt(tiles, columns, span));
    const sides = grids.map((grid) => Math.floor(largestSide(page, grid, height)));
    const side = Math.max(...sides);
    return { ...grids[sides.indexOf(side)], side };
  };
  const [even, led] = [largest(1), largest(LEAD)];
  const best = !page.columns && led.side < WORTH * even.side ? even : led;
  const side = snapped(tiles, best.side);
  const across = best.columns > 1 ? Math.floor((page.width - best.columns * side) / (best.columns - 1)) : 0;
  const words = sum(bandsOf(page, best, side, across).flat());
  const down = best.rows > 1 ? Math.floor((height - words - best.rows * side * page.aspect) / (best.rows - 1)) : 0;
  return { ...best, side, across: Math.min(GAP.most, across), down: Math.min(GAP.most, down) };
}

/** The cells of the grid that tiles stand in: [column, row, span]; each stands where there is room first. */
function dealt(tiles, columns, largest) {
  const taken = new Set();
  const cellsOf = (column, row, span) => Array.from({ length: span * span }, (_, i) => `${column + (i % span)} ${row + Math.floor(i / span)}`);
  const hasOthers = tiles.some((tile) => !tile.lead);
  const cells = tiles.map((tile) => {
    const span = tile.lead && hasOthers ? Math.min(largest, columns) : 1;
    let at = 0;
    const place = () => [at % columns, Math.floor(at / columns), span];
    while (place()[0] + span > columns || cellsOf(...place()).some((cell) => taken.has(cell))) at++;
    for (const cell of cellsOf(...place())) taken.add(cell);
    return place();
  });
  return { columns, rows: Math.max(...cells.map(([, row, span]) => row + span)), cells };
}

/** Narrower tiles have more lines of text: from the width that there is, down to where the height suffices. */
function largestSide(page, grid, height) {
  let side = (page.width - GAP.least * (grid.columns - 1)) / grid.columns;
  for (let i = 0; i < TRIES; i++) {
    const words = sum(bandsOf(page, grid, side, GAP.least).flat());
    const fits = ((height - GAP.between * (grid.rows - 1) - words) / grid.rows) / page.aspect;
    if (fits >= side) break;
    side = fits;
  }
  return side;
}

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

/** A few cells are all drawn equally wide. */
function snapped(tiles, side) {
  const cells = tiles[0].width;
  return cells <= SNAP && tiles.every((tile) => tile.width === cells) && side > cells ? side - (side % cells) : side;
}

/** How high the words above and below the tiles of every row are: [heads, feet]. A value may stand below any. */
function bandsOf(page, { cells, rows }, side, across) {
  const [heads, feet] = [Array(rows).fill(1), Array(rows).fill(1)];
  page.tiles.forEach((tile, i) => {
    const [, row, span] = cells[i];
    const { title, caption } = wordsOf(page, tile, side * span + across * (span - 1));
    heads[row] = Math.max(heads[row], title.length);
    feet[row + span - 1] = Math.max(feet[row + span - 1], caption.length);
  });
  return [heads.map((lines) => lines * LINE * page.type + ABOVE - 3), feet.map((lines) => lines * LINE * SMALL * page.type + BELOW)];
}

/** The lines of a tile's title and caption; a title's type is smaller where a word would be cut. */
function wordsOf({ type, font }, tile, side) {
  const scale = Math.min(1, side / longestWord({ type, font }, tile));
  const small = SMALL * type;
  const room = side - widthOf(amountOf(tile), small, font);
  return {
    scale,
    title: linesOf(tile.title, side, (text) => scale * widthOf(text, type, font, 600)),
    caption: linesOf(tile.caption, room, (text) => widthOf(text, small, font)),
  };
}

/** The widest text that may stand beside a caption. */
function amountOf({ answers, number, words }) {
  if (!answers && !words.length) return number ? NUMBER : "";
  return words.reduce((a, b) => (b.length > a.length ? b : a), "") + (answers ? CHANCE : "");
}

const longestWord = ({ type, font }, tile) => Math.max(...tile.title.split(" ").map((word) => widthOf(word, type, font, 600)));

/** Of every tile: the box of its cells, the lines of its words, and where they stand. */
function placed(page, grid) {
  const { type, aspect, tiles } = page;
  const { side, across, down, cells } = grid;
  const [heads, feet] = bandsOf(page, grid, side, across);
  const tops = heads.map((head, row) => head + sum(heads.slice(0, row)) + sum(feet.slice(0, row)) + row * (side * aspect + down));
  return tiles.map((tile, i) => {
    const [column, row, span] = cells[i];
    const high = tops[row + span - 1] + side * aspect - tops[row];
    const scale = Math.min((side * span + across * (span - 1)) / tile.width, high / tile.height);
    const box = { x: EDGE + column * (side + across), y: tops[row], width: scale * tile.width, height: scale * tile.height };
    const words = wordsOf(page, tile, box.width);
    return {
      box, words, scale, type,
      titleAt: (n) => box.y - ABOVE - (words.title.length - 1 - n) * LINE * type,
      captionAt: (n) => box.y + box.height + BELOW + (BASE + n * LINE) * SMALL * type,
      end: box.y + box.height + feet[row + span - 1],
    };
  });
}

/** The tile and the cell under a point: {index, x, y} in cells; null for none. */
export function hitAt(places, x, y) {
  const index = places.findIndex(({ box }) => x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height);
  if (index < 0) return null;
  const { box, scale } = places[index];
  return { index, x: (x - box.x) / scale, y: (y - box.y) / scale };
}

/** The nearest tile in a direction, or the same where none lies there. */
export function nextTile(places, from, across, down) {
  const middle = ({ box }) => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = middle(places[from]);
  let best = { index: from, far: Infinity };
  places.forEach((place, index) => {
    const [u, v] = middle(place);
    const along = (u - x) * across + (v - y) * down;
    const far = along + 2 * Math.abs((u - x) * down + (v - y) * across); // what lies straight ahead comes first
    if (along > 1 && far < best.far) best = { index, far };
  });
  return best.index;
}
