// Draws what of a flow stands still: boxes, arrows, names, the frames of strips, hollow places for what changes.

import { label } from "./network_text.js";
import { SMALL } from "./flow_place.js";
import { rectOf } from "./tiles_svg.js";

const HEAD = 4; // pixels of an arrow's head
const BASE = 0.35; // of the type: letters stand so far below the middle
const UNUSED = { question: "the question is not read", sight: "the picture is not seen" };
const PALE = 0.35;

const f = (number) => number.toFixed(1);

export function flowSvg(flow, place, look) {
  const { hue, colours, lecture } = look;
  const wide = lecture ? 1.6 : 1;
  return `<g fill="${hue(colours.ink)}" font-size="${place.type}">
    <g fill="none" stroke="${hue(colours.muted)}" stroke-width="${wide}">${place.arrows.map(lineOf).join("")}</g>
    <g fill="${hue(colours.muted)}">${place.arrows.map((points) => headOf(points, lecture ? 1.3 : 1)).join("")}</g>
    ${place.chips.map((chip, i) => chipSvg(flow, chip, i, place, look)).join("")}
    ${place.boxes.map((box) => boxSvg(box, place, look)).join("")}
    ${place.strips.map((strip) => stripSvg(strip, place, flow, look)).join("")}
    ${place.thumb ? thumbSvg(place.thumb, look) : ""}
    ${place.unused.map((lane) => unusedSvg(lane, place, look)).join("")}
    ${place.groups ? groupsSvg(place.groups, place, look) : ""}
    <g class="dp-flow-over"></g><g class="dp-flow-best"></g></g>`;
}

const lineOf = (points) => `<path d="M${points.map((point) => point.map(f).join(",")).join("L")}"/>`;

/** A triangle at the end of a line. */
function headOf(points, scale) {
  const [[a, b], [x, y]] = points.slice(-2);
  const long = Math.hypot(x - a, y - b) || 1;
  const [u, v] = [((x - a) / long) * HEAD * scale, ((y - b) / long) * HEAD * scale];
  return `<path d="M${f(x)},${f(y)}L${f(x - 1.6 * u - 0.8 * v)},${f(y - 1.6 * v + 0.8 * u)}L${f(x - 1.6 * u + 0.8 * v)},${f(y - 1.6 * v - 0.8 * u)}Z"/>`;
}

/** A word: its ground and edge follow the frame; one that is not known is struck through. */
function chipSvg(flow, { x, y, width, height, scale }, i, { type, below }, { hue, colours }) {
  const { text, known } = flow.spec.words[i];
  const middle = `text-anchor="middle"`;
  const struck = known ? "" : `text-decoration="line-through" font-style="italic"`;
  return `<g data-word="${i}"><rect ${rectOf({ x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1 })} rx="3" fill="none" stroke="${hue(colours.muted)}"/>
    ${label(x + width / 2, y + height / 2 + BASE * type, text, `${middle} ${struck} font-weight="500" font-size="${f(scale * type)}"`)}
    ${below ? `<text class="dp-flow-number" x="${f(x + width / 2)}" y="${f(y + height + below - 3)}" ${middle} font-size="${f(SMALL * type)}"></text>` : ""}</g>`;
}

function boxSvg({ x, y, width, height, title, note, titled, pad, scale }, { type }, { hue, colours }) {
  const base = y + height / 2 + BASE * type;
  const noted = note ? label(x + pad + titled + 0.5 * type, base, note, `font-size="${f(SMALL * type)}" fill="${hue(colours.muted)}"`) : "";
  return `<rect ${rectOf({ x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1 })} rx="4" fill="${hue(colours.ground)}" stroke="${hue(colours.ink)}"/>
    ${label(x + pad, base, title, `font-size="${f(scale * type)}"`)}${noted}`;
}

/** The frame of a strip, and left of a wide one its name and length. */
function stripSvg({ strip, x, y, width, height }, { type }, flow, { hue, colours }) {
  const isInLane = ![...flow.outs, flow.joined, flow.scores].includes(strip);
  const base = y + height / 2 + BASE * type;
  const edge = `<rect class="dp-flow-strip" ${rectOf({ x, y, width, height }, 0.5)} fill="none" stroke="${hue(colours.muted)}" stroke-opacity="0.6"/>`;
  if (isInLane) return edge;
  return `${edge}<text x="${f(x - 6)}" y="${f(base)}" text-anchor="end"><tspan font-weight="600"></tspan><tspan fill="${hue(colours.muted)}" font-size="${f(SMALL * type)}"> ${strip.cells}</tspan></text>`
    .replace("<tspan font-weight=\"600\"></tspan>", `<tspan font-weight="600">${escaped(strip.title)}</tspan>`);
}

const escaped = (text) => text.replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter]);

/** The picture's frame; where it is not used, struck out. */
function thumbSvg({ x, y, size, isUsed }, { hue, colours }) {
  const frame = `<rect ${rectOf({ x, y, width: size, height: size }, 0.5)} fill="none" stroke="${hue(colours.muted)}"/>`;
  return isUsed ? frame : `${frame}<path d="M${f(x)},${f(y)}l${f(size)},${f(size)}m0,${f(-size)}l${f(-size)},${f(size)}" stroke="${hue(colours.ink)}" fill="none"/>`;
}

function unusedSvg({ name, x, y, height }, { type, thumb }, { hue, colours }) {
  const beside = name === "sight" && thumb ? thumb.size + 0.6 * type : 0;
  return label(x + beside, y + height / 2 + BASE * type, UNUSED[name], `font-size="${f(SMALL * type)}" fill="${hue(colours.muted)}"`);
}

/** What numbers of a strip belong to, each under its own. */
function groupsSvg({ strip: { strip, x, cell }, y, height }, { type }, { hue, colours }) {
  let from = 0;
  const parts = strip.groups.map(([name, count]) => {
    const [left, right] = [x + from * cell, x + (from + count) * cell];
    from += count;
    return `<path d="M${f(left + 1.5)},${f(y)}h${f(right - left - 3)}" stroke="${hue(colours.muted)}" fill="none"/>`
      + label((left + right) / 2, y + height - 2, name, `text-anchor="middle"`);
  });
  return `<g font-size="${f(SMALL * type)}" fill="${hue(colours.muted)}">${parts.join("")}</g>`;
}

export { PALE };
