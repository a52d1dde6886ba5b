// Draws what of tiles stands still: their words, hairlines, edges of objects, and hollow places for what changes.

import { label } from "./network_text.js";
import { edgeOf } from "./tiles_edge.js";
import { SMALL } from "./tiles_place.js";

const HALO = 0.9; // pixels on either side of a line
const ROOMY = 150; // pixels of a tile that has room for lines of full width

const f = (number) => number.toFixed(1);

/** All tiles. look: {hue, colours, lecture}. */
export function tilesSvg(set, { places }, look) {
  return set.tiles.map((tile, i) => tileSvg(tile, places[i], i, look)).join("");
}

function tileSvg(tile, place, number, look) {
  const { hue, colours, lecture } = look;
  const { box, type } = place;
  const wide = lecture ? 4 : 3;
  return `<g data-tile="${number}" font-size="${type}" fill="${hue(colours.ink)}">
    <rect class="dp-tile-empty" ${rectOf(box)} fill="${hue(colours.grid)}" fill-opacity="0.45"/>
    <svg class="dp-tile-cells" ${rectOf(box)} viewBox="0 0 ${tile.width} ${tile.height}" preserveAspectRatio="none">
      ${outlineSvg(tile, place, look)}<path class="dp-tile-stroke" fill="none" stroke="${tile.brush[0]}" stroke-width="${tile.brush[1]}"
      stroke-linecap="round" stroke-linejoin="round"/></svg>
    <rect ${rectOf(box, 0.5)} fill="none" stroke="${hue(colours.muted)}" stroke-opacity="0.5"/>
    <g class="dp-tile-over"></g>
    <rect class="dp-tile-frame" ${rectOf(box, wide / 2 + 1)} rx="2" fill="none" stroke="${hue(colours.accent)}" stroke-width="${wide}" style="display:none"/>
    ${titleSvg(place)}
    <g class="dp-tile-words" font-size="${f(SMALL * type)}" fill="${hue(colours.muted)}">${captionSvg(place)}
      <text class="dp-tile-number" x="${f(box.x + box.width)}" y="${f(place.captionAt(lastLine(place)))}" text-anchor="end" fill="${hue(colours.ink)}"></text></g>
    <g class="dp-tile-value" font-size="${f(SMALL * type)}"></g></g>`;
}

export const rectOf = ({ x, y, width, height }, more = 0) =>
  `x="${f(x - more)}" y="${f(y - more)}" width="${f(width + 2 * more)}" height="${f(height + 2 * more)}"`;

const lastLine = ({ words }) => Math.max(0, words.caption.length - 1);

function titleSvg({ box, words, type, titleAt }) {
  const look = `font-weight="600" font-size="${f(words.scale * type)}"`;
  return words.title.map((line, n) => label(box.x, titleAt(n), line, look)).join("");
}

function captionSvg({ box, words, captionAt }) {
  return words.caption.map((line, n) => label(box.x, captionAt(n), line)).join("");
}

/** A shape in two lines of different lightness: one of them is seen on any ground. `wide`: of the inner one, in pixels. */
export function twoTone(shape, wide, { hue, colours }) {
  const line = (colour, width) => `<g fill="none" stroke="${hue(colour)}" stroke-width="${width.toFixed(2)}">${shape}</g>`;
  return line(colours.ground, wide + 2 * HALO) + line(colours.ink, wide);
}

/** How wide lines are in a tile: small ones would be full of them. */
export const boldness = ({ box }, { lecture }) => (lecture ? 1.4 : 1) * Math.max(0.65, Math.min(1, box.width / ROOMY));

function outlineSvg(tile, place, look) {
  if (!tile.outline) return "";
  const shape = `<path class="dp-tile-outline" d="${edgeOf(tile.outline.data, tile.width, tile.height)}" stroke-linecap="round" vector-effect="non-scaling-stroke"/>`;
  return twoTone(shape, 1.2 * boldness(place, look), look);
}
