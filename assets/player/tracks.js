// What a trace that moves shows at a frame: one function for each kind of track.

import { fieldOf } from "./pack.js";

const ELLIPSE_POINTS = 33;

/** A track of the header with its arrays in place; `at(k)` gives its trace's attributes at frame k, turned by `turn`. */
export function prepared(track, arrays, turn) {
  const { text, ...refs } = track.data;
  const fields = Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, fieldOf(ref, arrays)]));
  const kind = KINDS[track.kind];
  if (!kind) throw new Error(`unknown kind of track: ${track.kind}`);
  const at = (k) => turn(kind(fields, k, track.scale, text));
  return { trace: track.trace, at: track.kind === "while" ? lasting(at, fields) : at };
}

/** Gives the same object as long as nothing comes or goes, by which one sees that there is nothing to draw. */
function lasting(at, { start, end }) {
  const changes = Array.from(new Set([...start.data, ...end.data])).sort((a, b) => a - b);
  let since = null;
  let shown;
  return (k) => {
    const last = changes.findLast((change) => change <= k);
    if (last !== since) shown = at(k);
    since = last;
    return shown;
  };
}

const each = (fields, value) => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, value(field)]));

/** Numbers that are still to come: none is drawn. */
const blank = ([count, ...inner]) => (count === undefined ? NaN : Array.from({ length: count }, () => blank(inner)));

const KINDS = {
  grow: (fields, k) => each(fields, (field) => field.data.subarray(0, k + 1)),

  at: (fields, k) => each(fields, (field) => {
    const value = k < field.ready ? field.row(k) : blank(field.shape.slice(1));
    return typeof value === "number" ? [value] : value;
  }),

  arrow({ ox, oy, vx, vy }, k, scale) {
    return {
      x: [ox.row(k), ox.row(k) + scale * vx.row(k)],
      y: [oy.row(k), oy.row(k) + scale * vy.row(k)],
    };
  },

  ellipse({ ox, oy, rx, ry }, k, scale) {
    const angles = Array.from({ length: ELLIPSE_POINTS }, (_, i) => (2 * Math.PI * i) / (ELLIPSE_POINTS - 1));
    return {
      x: angles.map((a) => ox.row(k) + scale * rx.row(k) * Math.cos(a)),
      y: angles.map((a) => oy.row(k) + scale * ry.row(k) * Math.sin(a)),
    };
  },

  while({ x, y, start, end }, k, _, text) {
    const shown = { x: [], y: [], text: [] };
    const add = (px, py, word) => {
      shown.x.push(px);
      shown.y.push(py);
      shown.text.push(word);
    };
    const points = x.rowSize;
    for (let item = 0; item < start.data.length; item++) {
      if (k < start.data[item] || k >= end.data[item]) continue;
      if (points > 1 && shown.x.length) add(null, null, ""); // lines do not run from one item to the next
      for (let i = item * points; i < (item + 1) * points && !Number.isNaN(x.data[i]); i++) {
        add(x.data[i], y.data[i], text && i === item * points ? text[item] : "");
      }
    }
    if (!shown.x.length) add(null, null, ""); // a trace without points is none to Plotly
    return text ? shown : { x: shown.x, y: shown.y };
  },
};
