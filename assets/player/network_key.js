// What the colours of the large map mean, written below it: classes with their marks, or the values of a unit.

import { shapeOf } from "./network_points.js";
import { label } from "./network_text.js";
import { told } from "./network_words.js";

const MARK = 4; // pixels, a radius
const LETTER = 0.56; // width of a letter, of its height
const [BESIDE, GAP, LEAST_STRIP] = [12, 10, 24]; // pixels: from a mark to its name, from a name to the colours, of these

/** The text: the classes of the output, or the ends of a unit's values. large: {column, index} or null. */
export function keySvg(net, place, look, large, k) {
  const { x, y, size } = place.surface;
  const under = y + size + 2.75 * place.type;
  if (large) {
    const [low, high] = endsOf(net, large, k);
    return label(x, under, low) + label(x + size, under, high, `text-anchor="end"`);
  }
  return net.pictures ? "" : classesSvg(net, place, look, under);
}

function classesSvg(net, { surface: { x, size }, type }, { hue, classes }, under) {
  const names = net.panel.class_names;
  const mark = (at, i) => `<path d="${shapeOf(i)(at + MARK, under - 0.33 * type, MARK)}" fill="${hue(classes[i % classes.length])}"/>`;
  if (net.isBinary) {
    return mark(x, 0) + label(x + BESIDE, under, names[0])
      + label(x + size - BESIDE, under, names[1], `text-anchor="end"`) + mark(x + size - 2 * MARK, 1);
  }
  const step = size / names.length;
  return names.map((name, i) => mark(x + i * step, i) + label(x + i * step + BESIDE, under, name)).join("");
}

/** What a unit's colours reach from and to, as text. */
function endsOf(net, { column, index }, k) {
  if (column === net.last) return ["0", "1"];
  const scale = net.scale(column, index, k);
  return Number.isFinite(scale) ? [told(-scale), told(scale)] : ["", ""];
}

/** Where the strip of colours lies between the two ends: [x, y, width, height]; null where there is none. */
export function stripOf(net, { surface: { x, y, size }, type }, large, k) {
  if (large ? net.pictures && large.column === 0 : !net.isBinary || !net.surface) return null;
  const ends = large ? endsOf(net, large, k) : net.panel.class_names;
  const [left, right] = ends.map((text) => LETTER * type * text.length + (text ? GAP : 0) + (large ? 0 : BESIDE));
  const wide = size - left - right;
  return wide < LEAST_STRIP ? null : [x + left, y + size + 2.1 * type, wide, 0.6 * type];
}
