// The pictures and maps of a view of tiles, and their numbers at a frame. Knows no pixels.

import { percent } from "./classbars.js";
import { rowOf } from "./network_model.js";
import { told } from "./network_words.js";
import { fieldOf } from "./pack.js";
import { percentileOf, strongestOf } from "./tiles_sizes.js";

const ARRAYS = ["values", "magnitude", "number", "answers", "outline"];
const NOTHING = ["", ""];

export class TileSet {
  constructor(spec, arrays) {
    const field = (value) => (value ? fieldOf(value, arrays) : null);
    this.spec = spec;
    this.tiles = spec.tiles.map((tile) => ({ ...tile, ...Object.fromEntries(ARRAYS.map((name) => [name, field(tile[name])])) }));
    for (const { alike, values } of this.tiles) if (alike) addUp(values);
    this.picture = field(spec.picture);
    this.forget();
  }

  /** Rows have other numbers now. */
  forget() {
    this.known = new Map(); // field -> row -> what was found out about it
  }

  /** What is coloured of a tile: a picture's bytes, or a map's values or sizes. */
  fieldOf(tile) {
    return this.spec.signed ? tile.values : tile.magnitude ?? tile.values;
  }

  /** The row of a tile's array that is shown at frame k; −1: it is not there yet. */
  rowOf(tile, field, k) {
    const row = Math.min(tile.row ?? k, field.shape[0] - 1);
    return row < field.ready && !(this.spec.turns && row > k) ? row : -1;
  }

  /** A tile's numbers at frame k, flat; null where they are not there yet. */
  numbers(tile, k) {
    const field = this.fieldOf(tile);
    const row = this.rowOf(tile, field, k);
    return row < 0 ? null : rowOf(field, row);
  }

  /** The bytes (h, w, 3) under a map of this size at frame k; null where there are none. */
  under({ height, width }, k) {
    const { picture } = this;
    if (!picture || !this.spec.overlay || picture.shape[1] !== height || picture.shape[2] !== width) return null;
    return Math.min(k, picture.shape[0] - 1) < picture.ready ? rowOf(picture, k) : null;
  }

  /** The number beside a tile, or its word, as [text, what stands behind it]. */
  amountOf(tile, k) {
    const field = tile.answers ?? tile.number;
    const row = field ? this.rowOf(tile, field, k) : -1;
    if (row < 0) return NOTHING;
    if (tile.answers) return answerOf(tile.words, rowOf(field, row));
    const number = field.data[row];
    if (tile.words.length) return [tile.words[number] ?? "", ""];
    return Number.isFinite(number) ? [told(number, 3), ""] : NOTHING;
  }

  /** The size that has the full colour in a tile; 0 where all is nothing. */
  limit(tile, k) {
    if (tile.kind === "picture") return 1;
    if (this.spec.full) return this.spec.full;
    return this.spec.shared ? Math.max(0, ...this.maps.map((map) => this.ownLimit(map, k))) : this.ownLimit(tile, k);
  }

  ownLimit(tile, k) {
    const { clip } = this.spec;
    return this.found(tile, k, "limit", (numbers) => percentileOf(numbers, clip) || percentileOf(numbers, 100)) ?? 0;
  }

  /** The cell of a map's largest size, or −1. */
  strongest(tile, k) {
    return this.found(tile, k, "strongest", strongestOf) ?? -1;
  }

  /** What `find` says of a tile's numbers at frame k; every row is asked once. */
  found(tile, k, name, find) {
    const field = this.fieldOf(tile);
    const row = this.rowOf(tile, field, k);
    if (row < 0) return undefined;
    if (!this.known.has(field)) this.known.set(field, new Map());
    const rows = this.known.get(field);
    const key = `${name} ${row}`;
    if (!rows.has(key)) rows.set(key, find(rowOf(field, row)));
    return rows.get(key);
  }

  get maps() {
    return this.tiles.filter(({ kind }) => kind === "map");
  }

  /** What there is at a cell: a picture's three shares, or a map's one number; null: nothing yet. */
  at(tile, cell, k) {
    const numbers = this.numbers(tile, k);
    if (!numbers) return null;
    if (tile.kind === "picture") return Array.from(numbers.subarray(3 * cell, 3 * cell + 3), (byte) => byte / 255);
    return [this.spec.signed ? numbers[cell] : Math.abs(numbers[cell])];
  }
}

/** Rows that came as differences from the one before, modulo 256, become what they stand for; once. */
function addUp(field) {
  if (field.isWhole) return;
  const { data, rowSize } = field;
  for (let i = rowSize; i < data.length; i++) data[i] += data[i - rowSize];
  field.isWhole = true;
}

/** The likeliest class and its chance. */
function answerOf(words, chances) {
  const most = Math.max(...chances);
  return Number.isFinite(most) ? [words[chances.indexOf(most)], ` · ${percent(most)}`] : NOTHING;
}
