// Reads the binary messages that dlcore/figures/stage.py writes: header (JSON) and typed arrays.

const TYPES = {
  float32: Float32Array, int32: Int32Array, int16: Int16Array, int8: Int8Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array,
};

/** A JSON value behind its length, and where it ends. */
function readJson(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))), 4 + length];
}

/** What the page sent: the player's settings, and the bytes of the stage behind them. */
export function split(bytes) {
  const [settings, end] = readJson(bytes);
  return { settings, stage: bytes.subarray(end) };
}

/** Whether two lists hold the same. */
export const same = (a, b) => a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

/** A message that may be deflated: those begin with 0x78, which no other does. */
export async function inflated(bytes) {
  if (bytes[0] !== 0x78) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The header of a message; its `arrays` are {shape, data, row(k)}. */
export function unpack(bytes) {
  const [header, end] = readJson(bytes);
  // Typed arrays must start at a multiple of their item's size, which a part of a message need not.
  const body = bytes.slice(end).buffer;
  header.arrays = header.arrays.map((entry) => {
    const count = entry.shape.reduce((a, b) => a * b, 1);
    const Type = TYPES[entry.dtype];
    const data = entry.pending ? new Type(count) : new Type(body, entry.offset, count);
    return new Field(data, entry.shape, entry.pending);
  });
  return header;
}

/** A typed array with a shape, (frames, ...) where it follows the frames. */
class Field {
  constructor(data, shape, pending) {
    this.data = data;
    this.shape = shape;
    this.pending = pending;
    this.ready = Infinity; // rows that are there: a feed counts those of pending ones
    this.rowSize = shape.slice(1).reduce((a, b) => a * b, 1);
  }
  /** The k-th row: a number for (frames,), a typed array for (frames, n), rows for (frames, m, n). */
  row(k) {
    if (this.shape.length === 1) return this.data[k];
    const row = this.data.subarray(k * this.rowSize, (k + 1) * this.rowSize);
    return this.shape.length === 2 ? row : new Field(row, this.shape.slice(1)).nested();
  }
  /** As Plotly wants it: a flat typed array, or an array of rows. */
  nested() {
    return this.shape.length === 1 ? this.data : Array.from({ length: this.shape[0] }, (_, k) => this.row(k));
  }
  /** Puts the rows of `other` in place, from row `start` on. */
  fill(start, other) {
    this.data.set(other.data, start * this.rowSize);
  }
}

/** The field behind a value of the header: short arrays travel in it as they are, with null for what is no number. */
export function fieldOf(value, arrays) {
  if (!Array.isArray(value)) return arrays[value.$];
  const shape = [];
  for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
  return new Field(Float32Array.from(value.flat(Infinity), (number) => number ?? NaN), shape);
}

/** A copy of a JSON value in which references are Plotly's arrays and light colours are dark ones, if `dark`. */
export function resolve(value, arrays, dark) {
  if (Array.isArray(value)) return value.map((item) => resolve(item, arrays, dark));
  if (value && typeof value === "object") {
    if ("$" in value) return arrays[value.$].nested();
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, arrays, dark)]));
  }
  return dark && typeof value === "string" ? dark[value] ?? value : value;
}

/** Reads a stream of messages, each behind its length; calls `take(message)` for every one. */
export async function readStream(url, signal, take) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(await response.text());
  const reader = response.body.getReader();
  let rest = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const joined = new Uint8Array(rest.length + value.length);
    joined.set(rest);
    joined.set(value, rest.length);
    rest = joined;
    for (;;) {
      if (rest.length < 4) break;
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
      if (rest.length < 4 + length) break;
      take(unpack(rest.subarray(4, 4 + length)));
      rest = rest.subarray(4 + length);
    }
  }
}
