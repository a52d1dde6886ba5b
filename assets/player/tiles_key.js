// What the colours of maps mean, in one line below the tiles; and what else is drawn on them.

import { label } from "./network_text.js";
import { told } from "./network_words.js";
import { SMALL } from "./tiles_place.js";
import { twoTone } from "./tiles_svg.js";
import { widthOf } from "./tiles_text.js";

const [STRIP_WIDE, STRIP_HIGH] = [9, 0.72]; // of the type
const [APART, BESIDE, SIGN] = [1.6, 0.55, 1.6]; // of the type: between two entries, between a sign and its word, a sign
const LOWEST = { signed: ["negative", "−0.00·10⁻⁴"], plain: ["0"] }; // what may stand left of the colours
const SIGNS = { edge: "edge of the object", ring: "strongest place" };
const ENDINGS = { 1: "st", 2: "nd", 3: "rd" };

const f = (number) => number.toFixed(1);

/** 1st, 2nd, 3rd, 99.5th. */
export function ordinal(number) {
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!isTeen && ENDINGS[number % 10]) || "th"}`;
}

/** The box of the colours: it stays, whatever stands at its ends. */
export function stripBox({ key, type }, font, isSigned) {
  const room = Math.max(...LOWEST[isSigned ? "signed" : "plain"].map((text) => widthOf(text, SMALL * type, font)));
  return { x: key.x + room + BESIDE * type, y: key.y + key.height / 2 - (STRIP_HIGH * type) / 2, width: STRIP_WIDE * type, height: STRIP_HIGH * type };
}

/** What stands at the ends of the colours. tile: the one that is looked at, whose numbers are told, or null. */
function endsOf(set, tile, k) {
  const { signed, shared, clip } = set.spec;
  const measured = tile?.kind === "map" ? tile : shared ? set.maps[0] : null;
  const limit = measured ? set.limit(measured, k) : 0;
  if (limit > 0) return [signed ? told(-limit) : "0", shared ? `${told(limit)} ${set.spec.unit || "in all maps"}` : `${told(limit)} in ${measured.title}`];
  const most = `${clip === 100 ? "largest size" : `${ordinal(clip)} percentile`} ${shared ? "of all maps" : "of each map"}`;
  return signed ? ["negative", `positive, up to the ${most}`] : ["0", most];
}

/** tile: the one that is looked at, or null. */
export function keySvg(set, place, look, tile, k) {
  const { hue, colours, font } = look;
  const { type, key } = place;
  const strip = stripBox(place, font, set.spec.signed);
  const [low, high] = endsOf(set, tile, k);
  const base = key.y + key.height / 2 + 0.33 * type;
  const [left, right] = [strip.x - BESIDE * type, strip.x + strip.width + BESIDE * type];
  const end = right + widthOf(high, SMALL * type, font);
  return `<g font-size="${f(SMALL * type)}" fill="${hue(colours.ink)}">
    <rect x="${f(strip.x)}" y="${f(strip.y)}" width="${f(strip.width)}" height="${f(strip.height)}" fill="none" stroke="${hue(colours.muted)}" stroke-opacity="0.5"/>
    ${label(left, base, low, `text-anchor="end"`)}${label(right, base, high)}${signsSvg(set, place, look, base, end)}</g>`;
}

/** From the right end on, as many as there is room for. */
function signsSvg(set, { type, key }, look, base, end) {
  const isDrawn = { edge: set.tiles.some(({ outline }) => outline), ring: set.tiles.some(({ mark }) => mark) };
  const middle = base - 0.33 * type;
  let svg = "";
  let x = key.x + key.width;
  for (const name of Object.keys(SIGNS).filter((one) => isDrawn[one]).reverse()) {
    const start = x - widthOf(SIGNS[name], SMALL * type, look.font) - (SIGN + BESIDE) * type;
    if (start < end + APART * type) break;
    const shape = name === "edge" ? `<path d="M${f(start)},${f(middle)}h${f(SIGN * type)}"/>`
      : `<circle cx="${f(start + (SIGN / 2) * type)}" cy="${f(middle)}" r="${f(0.45 * type)}"/>`;
    svg += twoTone(shape, 1.4, look) + label(x, base, SIGNS[name], `text-anchor="end"`);
    x = start - APART * type;
  }
  return svg;
}
