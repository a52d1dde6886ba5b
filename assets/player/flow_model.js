// The parts of a flow and their numbers at a frame. Knows no pixels.

import { percent } from "./classbars.js";
import { rowOf } from "./network_model.js";
import { told } from "./network_words.js";
import { fieldOf } from "./pack.js";

const SIGNS = { multiply: "·", add: "+" };

export class FlowModel {
  constructor(spec, arrays) {
    this.spec = spec;
    const field = (value) => (value ? fieldOf(value, arrays) : null);
    const strip = (part) => part && { ...part, field: field(part.values), cells: part.count };
    const lane = (given) => given && { out: strip(given.out), rows: given.rows.map((row) => row.map((part) => (part.values ? strip(part) : part))) };
    this.lanes = { question: lane(spec.question), sight: lane(spec.sight) };
    this.joined = strip(spec.joined);
    this.scores = strip(spec.scores);
    for (const name of ["shades", "read", "chances", "picture"]) this[name] = field(spec[name]);
    const inRows = Object.values(this.lanes).flatMap((each) => each?.rows.flat().filter((part) => part.field) ?? []);
    this.outs = [this.lanes.question?.out, this.lanes.sight?.out].filter(Boolean);
    this.strips = [...inRows, ...this.outs, this.joined, this.scores].filter(Boolean);
    /** Strips of which number i of one belongs to number i of the others: they are pointed at together. */
    this.joint = spec.rule && this.outs.length === 2 && this.joined ? [...this.outs, this.joined] : [];
    /** Nothing but words. */
    this.isLine = !this.strips.length && !spec.question && !spec.sight;
  }

  /** A field's row at frame k, which stays where it has but one; null where it is not there yet. */
  row(field, k) {
    if (!field) return null;
    const row = Math.min(k, field.shape[0] - 1);
    if (row >= field.ready) return null;
    return field.shape.length === 1 ? field.data[row] : rowOf(field, row);
  }

  /** How many words have been read at frame k. */
  readAt(k) {
    return this.row(this.read, k) ?? this.spec.words.length;
  }

  /** The frame at which word i has been read first. */
  frameOf(i) {
    const found = this.read ? Array.from(this.read.data).findIndex((count) => count > i) : 0;
    return Math.max(0, found);
  }

  /** The likeliest answers at frame k, [place, chance], the likeliest first. */
  bestAt(k) {
    const chances = this.row(this.chances, k);
    if (!chances || !Number.isFinite(chances[0])) return [];
    return Array.from(chances, (chance, place) => [place, chance]).sort((a, b) => b[1] - a[1]).slice(0, this.spec.best);
  }

  /** What is told of number i of a strip. */
  told(strip, i, k) {
    const number = (part) => told(this.row(part.field, k)?.[i] ?? NaN, 3);
    const { rule } = this.spec;
    if (this.joint.includes(strip)) {
      const [a, b] = this.outs;
      const inBrackets = number(b).startsWith("\u2212") ? `(${number(b)})` : number(b);
      return `${a.title}[${i}] ${SIGNS[rule]} ${b.title}[${i}] = ${number(a)} ${SIGNS[rule]} ${inBrackets} = ${number(this.joined)}`;
    }
    const chance = strip === this.scores && this.row(this.chances, k)?.[i];
    const name = strip.names.length ? `${strip.names[i]}: ` : `${strip.title}[${i}] = `;
    return `${name}${number(strip)}${Number.isFinite(chance) ? ` (${percent(chance)})` : ""}`;
  }
}
