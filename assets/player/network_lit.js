// What is drawn over a network for the part that is looked at: the links into a unit with their numbers, or one link.

import { DASH, lookOf } from "./network_live.js";
import { curve, endsOf, heightAt, placeOfBias } from "./network_place.js";
import { label } from "./network_text.js";
import { told } from "./network_words.js";

const LEAST = 1.2; // pixels of a link that is looked at

const f = (number) => number.toFixed(1);

/** The SVG for an item {kind, column, ...}. live: what draws this panel's frames; isOpen: a field shows the number. */
export function litSvg(live, item, k, isOpen) {
  if (item.kind === "node") return nodeLit(live, item, k);
  return item.kind === "bias" ? biasLit(live, item, k) : linkLit(live, item, k, isOpen);
}

function nodeLit(live, { column, index }, k) {
  const { net, place } = live;
  const links = linksInto(live, column, index, k);
  const numbers = links.map(({ from, ends, weight }) => {
    const size = 0.85 * place.type;
    const y = ends[1] - 0.3 * size - 1;
    return Number.isNaN(weight) ? "" : number(live, ends[0] + 4, y, told(weight), size, `data-from="${from}"`);
  });
  return `${links.map((link) => strand(live, link)).join("")}${ringOf(live, place.columns[column][index])}${numbers.join("")}`;
}

function linksInto({ net, place }, column, to, k) {
  if (column === 0 || !net.isThere(k) || !net.isKept(column, to, k)) return [];
  const links = place.columns[column - 1].map((_, from) => (
    { column, to, from, ends: endsOf(place, column, to, from), weight: net.weight(column, to, from, k) }));
  return links.filter(({ from }) => net.isKept(column - 1, from, k));
}

function strand({ net, positive, negative, look }, { column, ends, weight }) {
  const { width, isNegative } = lookOf(weight, net.gain(column), look.lecture);
  const stroke = Number.isNaN(weight) ? look.hue(look.colours.muted) : isNegative ? negative : positive;
  const dashes = isNegative ? ` stroke-dasharray="${DASH}"` : "";
  return `<path d="${curve(ends)}" fill="none" stroke="${stroke}" stroke-width="${f(Math.max(LEAST, width))}"${dashes}/>`;
}

/** A number with a halo of the ground, so that it is read over lines. */
function number({ look: { hue, colours } }, x, y, text, size, more = "") {
  const halo = `stroke="${hue(colours.ground)}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"`;
  return label(x, y, text, `class="dp-weight" font-size="${f(size)}" ${halo} ${more}`);
}

function ringOf({ look: { hue, colours, lecture } }, { x, y, size }) {
  const half = size / 2 + 2;
  return `<rect x="${f(x - half)}" y="${f(y - half)}" width="${f(2 * half)}" height="${f(2 * half)}" rx="3" fill="none"
    stroke="${hue(colours.accent)}" stroke-width="${lecture ? 3.5 : 2.2}"/>`;
}

function linkLit(live, { column, to, from }, k, isOpen) {
  const { net, place } = live;
  const ends = endsOf(place, column, to, from);
  const weight = net.weight(column, to, from, k);
  const [x, y] = middleOf(ends);
  const isTold = !isOpen && !Number.isNaN(weight);
  const text = isTold ? number(live, x, y - 0.6 * place.type, told(weight, 3), 1.05 * place.type, `text-anchor="middle" font-weight="600"`) : "";
  const rings = [place.columns[column - 1][from], place.columns[column][to]].map((node) => ringOf(live, node));
  return strand(live, { column, ends, weight }) + rings.join("") + text;
}

function biasLit(live, { column, index }, k) {
  const { net, place } = live;
  const [x, y] = placeOfBias(place.columns[column][index]);
  return ringOf(live, place.columns[column][index])
    + number(live, x, y + 1.5 * place.type, `bias ${told(net.bias(column, index, k), 3)}`, place.type, `font-weight="600"`);
}

/** Where the number of a link stands. */
export function middleOf(ends) {
  const x = (ends[0] + ends[2]) / 2;
  return [x, heightAt(ends, x)];
}
