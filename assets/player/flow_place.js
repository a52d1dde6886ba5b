// Where the parts of a flow lie: rows from top to bottom, and how much room is between them.

import { widthOf } from "./tiles_text.js";

const TYPE = { plain: 13, lecture: 17, line: 14, lectureLine: 17 };
export const SMALL = 0.86; // of that: notes, counts, groups
const LEAST_TYPE = 10.5;
const FINEST = 1.6; // pixels of a cell; a strip that would need narrower ones has several lines
const BESIDE = 16; // pixels right of the strips, for the line that comes to the second one
const BRACKET = 12; // pixels left of all names, for the line that leaves the first one
const HEAD = 1.25; // of the type: an arrow between two boxes
const [LEAST_GAP, MORE_GAP] = [8, 9]; // pixels between rows, and how many more where there is room
const [LEAST_STRIP, MORE_STRIP, LEAST_LINE] = [0.78, 8, 6]; // of the type; pixels; pixels of a line of several
const MOST_STRETCH = 1.9;
const CLOSE = 0.4; // of a gap: between vectors that are compared

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

/** How a flow lies in so many pixels; height 0: it takes what it needs. */
export function layOut(flow, { width, height }, { lecture, font }) {
  let type = flow.isLine ? (lecture ? TYPE.lectureLine : TYPE.line) : lecture ? TYPE.lecture : TYPE.plain;
  let hasBest = Boolean(flow.chances && flow.spec.best);
  for (;;) {
    const page = { flow, width, type, font, hasBest, lecture };
    const least = heightOf(rowsOf(page, 0));
    if (!height) return placed(page, rowsOf(page, 1));
    if (least <= height) return placed(page, rowsOf(page, stretchOf(page, height)));
    if (hasBest) hasBest = false;
    else if (type > LEAST_TYPE) type -= 0.5;
    else return placed(page, rowsOf(page, 0));
  }
}

/** How much rows may be stretched to fill the height. */
function stretchOf(page, height) {
  let [low, high] = [0, MOST_STRETCH];
  if (heightOf(rowsOf(page, high)) <= height) return high;
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (heightOf(rowsOf(page, middle)) <= height) low = middle;
    else high = middle;
  }
  return low;
}

const heightOf = (rows) => sum(rows.map(({ gap, height }) => gap + height)) + 2;

/** All rows: {kind, gap, height, ...}; a row's gap is above it. */
function rowsOf(page, stretch) {
  const { flow, type } = page;
  const gap = LEAST_GAP + MORE_GAP * stretch;
  const box = 1.6 * type + 3 * Math.min(stretch, 1);
  const rows = [];
  const put = (kind, height, above, more = {}) => rows.push({ kind, gap: rows.length ? above : 1, height, ...more });
  const chips = chipsOf(page);
  put("words", chips.height, gap, { chips });
  if (flow.isLine) return rows;
  const { question, sight } = flow.lanes;
  const count = Math.max(question?.rows.length ?? 1, sight?.rows.length ?? 1);
  for (let i = 0; i < count; i++) put("lane", box, gap, { number: i });
  const strip = (part) => stripHeight(page, part, stretch);
  flow.outs.forEach((part, i) => put("strip", strip(part), i ? CLOSE * gap : gap, { strip: part }));
  if (flow.spec.joint) put("joint", box, 0.9 * gap, { box: flow.spec.joint });
  if (flow.joined) put("strip", strip(flow.joined), 0.9 * gap, { strip: flow.joined });
  if (flow.spec.head) put("head", box, gap, { box: flow.spec.head });
  if (flow.scores) put("strip", strip(flow.scores), gap, { strip: flow.scores });
  if (flow.scores?.groups.length) put("groups", 1.25 * SMALL * type, 3, { strip: flow.scores });
  if (page.hasBest) put("best", 1.4 * type, CLOSE * gap);
  return rows;
}

/** Words in lines: [{x, y, width, height, text}] from the rows' upper left corner. */
function chipsOf({ flow, width, type, font }) {
  const { words } = flow.spec;
  const [pad, apart] = [0.5 * type, 0.42 * type];
  const high = 1.62 * type;
  const below = flow.shades ? 1.25 * SMALL * type : 0;
  let [x, y] = [0, 0];
  const places = words.map(({ text }) => {
    const room = widthOf(text, type, font, 500) + 2 * pad;
    const wide = Math.min(width, flow.shades ? Math.max(room, widthOf("\u22120.00", SMALL * type, font)) : room);
    if (x && x + wide > width) [x, y] = [0, y + high + below + apart];
    const place = { x, y, width: wide, height: high, scale: Math.min(1, (wide - pad) / (room - pad)) };
    x += wide + apart;
    return place;
  });
  return { places, height: words.length ? y + high + below : high, below };
}

function stripHeight(page, { cells }, stretch) {
  const { width } = stripSpan(page);
  const high = LEAST_STRIP * page.type + MORE_STRIP * Math.min(stretch, 1.4);
  const lines = linesFor(cells, width);
  return lines === 1 ? high : Math.max(high, lines * (LEAST_LINE + 2 * Math.min(stretch, 1)));
}

const linesFor = (cells, width) => Math.max(1, Math.ceil((FINEST * cells) / width));

/** From where to where strips reach. */
function stripSpan({ flow, width, type, font }) {
  const named = [...flow.outs, flow.joined, flow.scores].filter(Boolean);
  const wide = (strip) => nameWidth(strip, type, font);
  const left = BRACKET + 6 + Math.max(...named.map(wide), 0);
  return { x: left, width: width - left - BESIDE };
}

const nameWidth = ({ title, cells }, type, font) => widthOf(title, type, font, 600) + widthOf(` ${cells}`, SMALL * type, font);

const stripAt = (strip, x, y, width, height) => {
  const lines = linesFor(strip.cells, width);
  const columns = Math.ceil(strip.cells / lines);
  return { strip, x, y, width, height, lines, columns, cell: width / columns, line: height / lines };
};

/** Everything where it is drawn: {type, height, chips, boxes, strips, arrows, labels, thumb, best, unused}. */
function placed(page, rows) {
  const { flow, width, type } = page;
  const place = { type, chips: [], below: 0, boxes: [], strips: [], arrows: [], groups: null, thumb: null, best: null, unused: [] };
  const tops = [];
  rows.reduce((y, { gap, height }) => {
    tops.push(y + gap);
    return y + gap + height;
  }, 0);
  rows.forEach((row, i) => {
    row.y = tops[i];
    if (row.kind === "words") Object.assign(place, { below: row.chips.below, chips: row.chips.places.map((chip) => ({ ...chip, y: chip.y + row.y })) });
  });
  place.height = Math.ceil(heightOf(rows));
  if (flow.isLine) return place;
  const ends = lanesPlaced(page, place, rows.filter(({ kind }) => kind === "lane"), rows[0]);
  const span = stripSpan(page);
  for (const row of rows) if (row.kind === "strip") place.strips.push(stripAt(row.strip, span.x, row.y, span.width, row.height));
  const boxIn = (row) => boxAt(page, row.box, span.x + span.width / 2, row.y, row.height, span.width);
  for (const row of rows) if (row.kind === "joint" || row.kind === "head") place.boxes.push((row.at = boxIn(row)));
  joinsPlaced(page, place, rows, ends, span);
  const groups = rows.find(({ kind }) => kind === "groups");
  if (groups) place.groups = { strip: place.strips.find(({ strip }) => strip === flow.scores), y: groups.y, height: groups.height };
  const best = rows.find(({ kind }) => kind === "best");
  if (best) place.best = { x: 0, y: best.y, width, height: best.height };
  return place;
}

/** A box around its words, its middle at x; the note is left out where there is no room for it. */
function boxAt({ type, font }, { title, note }, x, y, height, room) {
  const pad = 0.55 * type;
  const titled = widthOf(title, type, font) + 2 * pad;
  const noted = note ? widthOf(note, SMALL * type, font) + 0.5 * type : 0;
  const isNoted = noted > 0 && titled + noted <= room;
  const width = Math.min(room, titled + (isNoted ? noted : 0));
  return { title, note: isNoted ? note : "", x: x - width / 2, y, width, height, scale: Math.min(1, (width - pad) / (titled - pad)), titled: titled - 2 * pad, pad };
}

/** The boxes of both lanes; where the last of each lane ends: {question, sight}. */
function lanesPlaced(page, place, rows, words) {
  const { flow, width, type } = page;
  const apart = 1.1 * type;
  const half = (width - apart - BESIDE / 2) / 2;
  const ends = {};
  for (const [name, x] of [["question", 0], ["sight", half + apart]]) {
    const lane = flow.lanes[name];
    let before = null; // what the row above ends with
    if (!lane) place.unused.push({ name, x, y: rows[0].y, width: half, height: rows[0].height });
    if (name === "sight" && flow.picture) place.thumb = { x, y: rows[0].y - 0.12 * type, size: rows[0].height + 0.24 * type, isUsed: Boolean(lane) };
    (lane?.rows ?? []).forEach((parts, i) => {
      const row = rows[i];
      const start = name === "sight" && i === 0 && place.thumb ? place.thumb.size + HEAD * type : 0;
      const items = rowPlaced(page, parts, { x: x + start, y: row.y, width: half - start, height: row.height }, before);
      for (const item of items) (item.strip ? place.strips : place.boxes).push(item);
      const first = items[0];
      const middle = first.x + first.width / 2;
      if (before) place.arrows.push([[middle, before.y + before.height], [middle, first.y]]);
      else if (name === "question") place.arrows.push([[middle, words.y + words.height], [middle, first.y]]);
      if (start) place.arrows.push([[x + place.thumb.size, row.y + row.height / 2], [first.x, row.y + row.height / 2]]);
      items.slice(1).forEach((item, n) => place.arrows.push([[items[n].x + items[n].width, row.y + row.height / 2], [item.x, row.y + row.height / 2]]));
      before = items.at(-1);
      if (flow.spec.asks && i === 1) (ends.asked ??= {})[name] = first;
    });
    ends[name] = before;
  }
  if (ends.asked?.question && ends.asked.sight) {
    const [{ x, width: wide, y, height }, { x: to }] = [ends.asked.question, ends.asked.sight];
    place.arrows.push([[x + wide, y + height / 2], [to, y + height / 2]]);
  }
  return ends;
}

/** Parts of a row of a lane, side by side; strips take what boxes leave. One alone stands below what is above it. */
function rowPlaced(page, parts, { x, y, width, height }, above) {
  const gap = HEAD * page.type;
  const strips = parts.filter(({ field }) => field).length;
  const room = (width - gap * (parts.length - 1)) / parts.length;
  const boxes = parts.map((part) => (part.field ? null : boxAt(page, part, 0, y, height, strips ? width : room)));
  const left = width - gap * (parts.length - 1) - sum(boxes.filter(Boolean).map((box) => box.width));
  let at = x;
  if (parts.length === 1 && boxes[0] && above) {
    const middle = above.x + above.width / 2 - boxes[0].width / 2;
    at = Math.max(x, Math.min(x + width - boxes[0].width, middle));
  }
  return parts.map((part, i) => {
    const item = boxes[i] ? { ...boxes[i], x: at } : stripAt(part, at, y, left / strips, height);
    at += item.width + gap;
    return item;
  });
}

/** The lines from the lanes into their vectors, into what joins them, and on. */
function joinsPlaced({ flow, width, type, font }, place, rows, ends, span) {
  const at = (strip) => place.strips.find((each) => each.strip === strip);
  const { question, sight } = flow.lanes;
  const middle = span.x + span.width / 2;
  const [q, v] = [question?.out && at(question.out), sight?.out && at(sight.out)];
  const down = (from, to, x) => place.arrows.push([[x, from.y + from.height], [x, to.y]]);
  if (q && ends.question) down(ends.question, q, ends.question.x + ends.question.width / 2);
  if (v && ends.sight) {
    const { x, y, width: wide, height } = ends.sight;
    if (q) place.arrows.push([[x + wide, y + height / 2], [width - 3, y + height / 2], [width - 3, v.y + v.height / 2], [v.x + v.width, v.y + v.height / 2]]);
    else down(ends.sight, v, x + wide / 2);
  }
  const joint = rows.find(({ kind }) => kind === "joint")?.at;
  const head = rows.find(({ kind }) => kind === "head")?.at;
  if (joint && q && v) {
    const level = joint.y + joint.height / 2;
    const named = span.x - 10 - nameWidth(q.strip, type, font);
    place.arrows.push([[named, q.y + q.height / 2], [2, q.y + q.height / 2], [2, level], [joint.x, level]]);
    down(v, joint, middle);
  }
  const joined = flow.joined && at(flow.joined);
  if (joined) down(joint ?? v ?? q, joined, middle);
  const last = joined ?? v ?? q;
  if (head && last) down(last, head, middle);
  if (flow.scores) down(head ?? last, at(flow.scores), middle);
}

/** The strip and its cell under a point, {place, index}; null beside all. */
export function cellAt(place, x, y) {
  const found = place?.strips.find((box) => x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height);
  if (!found) return null;
  const index = Math.floor((y - found.y) / found.line) * found.columns + Math.floor((x - found.x) / found.cell);
  return index < found.strip.cells ? { place: found, index } : null;
}

/** The box of number i of a strip. */
export function boxOf({ x, y, columns, cell, line }, i) {
  return { x: x + (i % columns) * cell, y: y + Math.floor(i / columns) * line, width: cell, height: line };
}

