// Draws what of a network stands still: names, numbers of units, links without their weights, frames, axes, points.

import { curve, endsOf, placeOfBias, standsBeside } from "./network_place.js";
import { pointsSvg, shapeOf } from "./network_points.js";
import { label } from "./network_text.js";

const LETTER = 0.56; // width of a letter, of its height

const f = (number) => number.toFixed(1);

/** One panel, with hollow places for what changes with the frame. */
export function panelSvg(net, place, number, look) {
  const { panel } = net;
  const { hue, colours } = look;
  const { type } = place;
  const links = net.links().map(([column, to, from]) => `<path class="dp-link" d="${curve(endsOf(place, column, to, from))}"/>`);
  const nodes = place.columns.flatMap((column, c) => column.map((node, i) => (node.isSurface ? "" : nodeSvg(net, node, c, i, look))));
  return `<g data-panel="${number}" font-size="${type}" fill="${hue(colours.ink)}">
    ${label(place.box.x, titleOf(place), panel.title, `font-weight="600" font-size="${f(1.12 * type)}"`)}
    ${headsSvg(net, place, look)}
    <g class="dp-links" fill="none">${links.join("")}</g>
    <g class="dp-nodes">${nodes.join("")}</g>
    ${namesSvg(net, place, look)}
    ${surfaceSvg(net, place, look)}
    <g class="dp-lit" pointer-events="none"></g></g>`;
}

/** The height at which a panel's title stands. */
export const titleOf = ({ box, type }) => box.y + type + 5;

/** Above every layer how many units it has; below it how many are not drawn. */
function headsSvg(net, place, { hue, colours }) {
  const { type, across } = place;
  const middle = `text-anchor="middle" fill="${hue(colours.muted)}"`;
  const heads = net.panel.layers.map((layer, i) => {
    const nodes = place.columns[i + 1];
    const [{ x }, last] = [nodes[0], nodes.at(-1)];
    const told = layer.name || `${layer.width} unit${layer.width === 1 ? "" : "s"}`;
    const text = told.length * LETTER * type < across - 4 ? told : String(layer.width);
    const more = layer.width - layer.shown;
    const isRoomy = LETTER * type * `+ ${more} more`.length < across;
    const rest = more > 0 ? `+ ${more}${isRoomy ? " more" : ""}` : "";
    return label(x, place.top - 28, text, middle) + (rest && label(x, last.y + place.node / 2 + 1.5 * type, rest, middle));
  });
  return heads.join("") + (net.panel.shapes ? countSvg(net, place, hue(colours.muted)) : "");
}

/** How many layers there are, left of the buttons that change it. */
function countSvg(net, place, muted) {
  const { surface, type } = place;
  const { layers, title } = net.panel;
  const end = surface.x + surface.size - 56;
  const room = end - place.box.x - LETTER * 1.12 * type * (title.length + 2);
  const plural = layers.length === 1 ? "" : "s";
  const texts = [`${layers.length} hidden layer${plural}`, `${layers.length} layer${plural}`];
  const text = texts.find((words) => LETTER * type * words.length < room) ?? "";
  return label(end, titleOf(place), text, `text-anchor="end" fill="${muted}"`);
}

function nodeSvg(net, { x, y, size }, column, index, { hue, colours }) {
  const half = size / 2;
  const box = `x="${f(x - half)}" y="${f(y - half)}" width="${size}" height="${size}"`;
  const { biases, masks, shares } = net.columns[column];
  const [u, v, w] = placeOfBias({ x, y, size });
  const cross = `M${f(x - half)},${f(y - half)}l${size},${size}m0,${-size}l${-size},${size}`;
  return `<g data-node="${column}.${index}">
    <rect class="dp-node" ${box} rx="${net.fieldOfMaps(column) ? 2 : size / 2}" fill="none" stroke="${hue(colours.muted)}"/>
    ${masks ? `<path class="dp-dropped" d="${cross}" stroke="${hue(colours.muted)}" fill="none" style="display:none"/>` : ""}
    ${shares ? `<rect x="${f(x - half)}" y="${f(y + half + 3)}" width="${size}" height="3" fill="${hue(colours.grid)}"/>
      <rect class="dp-share" x="${f(x - half)}" y="${f(y + half + 3)}" width="0" height="3" fill="${hue(colours.muted)}"/>` : ""}
    ${biases ? `<rect class="dp-bias" x="${f(u - w)}" y="${f(v - w)}" width="${2 * w}" height="${2 * w}" stroke="${hue(colours.ground)}"/>` : ""}
  </g>`;
}

/** The names of inputs, and of outputs that are nodes of their own. */
function namesSvg(net, place, { hue, colours, classes }) {
  const { type } = place;
  const beside = standsBeside(net);
  const inputs = net.panel.inputs.map((name, i) => {
    const { x, y, size } = place.columns[0][i];
    return beside ? label(x - size / 2 - 6, y + 0.35 * type, name, `text-anchor="end"`)
      : label(x, y + size / 2 + 1.3 * type, name, `text-anchor="middle" stroke="${hue(colours.ground)}" stroke-width="3.5" paint-order="stroke"`);
  });
  const outputs = place.columns.at(-1).map(({ x, y, size, isSurface }, i) => {
    if (isSurface || net.isBinary) return "";
    const isBlank = !net.fieldOfMaps(net.last);
    return isBlank ? label(x, y + 0.35 * type, net.panel.class_names[i], `text-anchor="middle"`)
      : `<path d="${shapeOf(i)(x + size / 2 + 7, y, 4)}" fill="${hue(classes[i % classes.length])}"/>`;
  });
  return inputs.join("") + outputs.join("");
}

/** The frame of the surface, the ends of its axes, its points, and a place for its name and for what its colours mean. */
function surfaceSvg(net, place, look) {
  const { hue, colours } = look;
  const { x, y, size } = place.surface;
  const { type } = place;
  const frame = `<rect class="dp-surface" x="${x}" y="${y}" width="${size}" height="${size}" fill="none" stroke="${hue(colours.muted)}"/>`;
  const name = `<text class="dp-surface-name" x="${x}" y="${f(y - 0.7 * type)}"></text>`;
  const below = `<g class="dp-key"></g>`;
  if (net.pictures) return `${name}${below}<g class="dp-gallery"></g>`;
  if (!net.surface) return `${frame}${name}${below}`;
  const reach = String(+net.panel.reach.toPrecision(3));
  const small = `font-size="${f(0.88 * type)}" fill="${hue(colours.muted)}"`;
  const under = y + size + 1.15 * type;
  const beside = x + size + 5;
  const ends = [
    label(x, under, `\u2212${reach}`, small), label(x + size / 2, under, "x", `${small} text-anchor="middle" font-style="italic"`),
    label(x + size, under, reach, `${small} text-anchor="end"`),
    label(beside, y + 0.8 * type, reach, small), label(beside, y + size / 2 + 0.3 * type, "y", `${small} font-style="italic"`),
    label(beside, y + size, `\u2212${reach}`, small),
  ];
  return `${frame}<path class="dp-contour" fill="none" stroke="${hue(colours.ink)}" stroke-width="1" stroke-linejoin="round"/>
    ${name}${ends.join("")}${pointsSvg(net, place, look)}${below}`;
}
