// One network of a picture: its columns of units, and its numbers at a frame. Knows no pixels.

import { fieldOf } from "./pack.js";

const NUMBERS = ["weights", "biases", "maps", "scales", "masks", "shares"];

/** Column 0 holds the inputs, the last one the output; so a column's number is its layer's, too. */
export class Net {
  constructor(panel, arrays) {
    const field = (value) => (value ? fieldOf(value, arrays) : null);
    const fields = (layer) => Object.fromEntries(NUMBERS.map((name) => [name, field(layer[name])]));
    const inputs = { width: panel.inputs.length, shown: panel.inputs.length, holds: "value", maps: withFrame(field(panel.input_maps)) };
    this.panel = panel;
    this.columns = [inputs, ...[...panel.layers, panel.output].map((layer) => ({ ...layer, ...fields(layer) }))];
    this.surface = field(panel.surface);
    const { points, pictures } = panel;
    this.pictures = pictures && { images: field(pictures.images), labels: field(pictures.labels).data, answers: field(pictures.answers) };
    this.points = points && { at: field(points.at).data, labels: field(points.labels).data, kinds: field(points.kinds).data };
    this.classes = panel.class_names.length;
    this.isBinary = panel.output.width === 1;
  }

  get last() {
    return this.columns.length - 1;
  }

  /** Whether frame k has been computed: until then there is nothing to draw but places. */
  isThere(k) {
    const weights = this.columns.map((column) => column.weights).find((field) => field?.pending);
    return !weights || !Number.isNaN(rowOf(weights, k)[0]);
  }

  /** The weight of a link, its column being the one it leads to; NaN where none is known. */
  weight(column, to, from, k) {
    const { weights } = this.columns[column];
    return weights ? rowOf(weights, k)[to * this.columns[column - 1].shown + from] : NaN;
  }

  bias(column, index, k) {
    const { biases } = this.columns[column];
    return biases ? rowOf(biases, k)[index] : NaN;
  }

  /** Whether a unit takes part in this frame. */
  isKept(column, index, k) {
    const { masks } = this.columns[column];
    return !masks || rowOf(masks, k)[index] !== 0;
  }

  /** The share, 0 to 1, that a unit's bar shows; NaN: it has none. */
  share(column, index, k) {
    const { shares } = this.columns[column];
    return shares ? rowOf(shares, k)[index] / 255 : NaN;
  }

  /** The value at which a unit's map has its full colour; NaN where that is not told. */
  scale(column, index, k) {
    if (column === 0) return this.panel.input_scales[index] ?? NaN;
    const { scales } = this.columns[column];
    return scales ? rowOf(scales, k)[index] : 1;
  }

  /** A unit's map, (size, size) bytes; null where there is none. An output's is its part of the surface. */
  map(column, index, k) {
    const field = this.fieldOfMaps(column);
    if (!field) return null;
    const size = field.shape.at(-1);
    return { size, bytes: rowOf(field, k).subarray(index * size * size, (index + 1) * size * size) };
  }

  fieldOfMaps(column) {
    return this.columns[column].maps ?? (column === this.last ? this.surface : null);
  }

  /** All links, [column, to, from]. */
  links() {
    return this.columns.slice(1).flatMap((column, i) => {
      const before = this.columns[i].shown;
      return Array.from({ length: column.shown * before }, (_, n) => [i + 1, Math.floor(n / before), n % before]);
    });
  }

  /** How much more than itself a weight counts for its link's width: those of wide layers are small, and many. */
  gain(column) {
    return Math.max(1, Math.sqrt(this.columns[column - 1].width) / 3);
  }
}

/** The numbers of a frame, flat; a field with fewer frames keeps its last. */
export function rowOf(field, k) {
  const row = Math.max(0, Math.min(k, field.shape[0] - 1));
  return field.data.subarray(row * field.rowSize, (row + 1) * field.rowSize);
}

/** Maps of inputs are the same in all frames. */
const withFrame = (field) => field && { data: field.data, rowSize: field.data.length, shape: [1, ...field.shape] };
