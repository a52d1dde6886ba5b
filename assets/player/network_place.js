// Where the parts of a network lie in a view of so many pixels: columns of units, links between them, one large map.

const GAP = 20; // between two panels
const LARGEST_NODE = { two: 42, one: 46 };
const LEAST_NODE = 14;
const BLANK = 22; // a unit without a map
const CLOSEST = 5; // pixels between two units
const MOST_ROWS = 8;
const LARGEST_SURFACE = { two: 300, one: 380 };
const SURFACE_SHARE = 0.48; // of a panel's width
const TICKS = 28; // pixels beside the surface for the numbers of its axis
const BIAS = 7; // pixels of the square that is a unit's bias
const LETTER = 0.58; // width of a letter, of its height
const LONGEST_NAME = 6; // letters of an input's name that stand beside it; longer ones stand below
const TALL = { least: 4, row: 46, surface: 300 };
const TYPE = { plain: 12.5, lecture: 17 };

/** How every network lies in a view of this size: one beside the other, or below. */
export function layOutAll(nets, width, height, isTall, lecture) {
  const type = lecture ? TYPE.lecture : TYPE.plain;
  if (!isTall) {
    const wide = (width - GAP * (nets.length - 1)) / nets.length;
    return nets.map((net, i) => layOut(net, { x: i * (wide + GAP), y: 0, width: wide, height }, nets.length > 1 ? "two" : "one", type));
  }
  let y = -GAP;
  return nets.map((net) => {
    y += GAP;
    const box = { x: 0, y, width, height: tallHeight(net, width, type) };
    y += box.height;
    return layOutTall(net, box, type);
  });
}

/** How high a view on a phone is. */
export function heightOf(nets, width, lecture) {
  const type = lecture ? TYPE.lecture : TYPE.plain;
  return nets.reduce((sum, net) => sum + tallHeight(net, width, type) + GAP, -GAP);
}

const rowsOf = (net) => Math.max(TALL.least, ...net.columns.map(({ shown }) => Math.min(shown, MOST_ROWS)));
const tallSurface = (width) => Math.min(width - TICKS, TALL.surface);
const tallHeight = (net, width, type) => headOf(type) + rowsOf(net) * TALL.row + 2 * type + overOf(type) + tallSurface(width) + footOf(type);

const headOf = (type) => 3.2 * type + 38; // the title, numbers of units, buttons
const overOf = (type) => 2 * type; // what the surface shows
const footOf = (type) => 5.6 * type + 8; // below the surface: its axis, its colours, a button

/** The surface stands on the right, whatever the number of layers; where it is all the output, links lead to it. */
function layOut(net, box, count, type) {
  const [top, bottom] = [box.y + headOf(type), box.y + box.height - 2 * type];
  const room = box.height - headOf(type) - overOf(type) - footOf(type);
  const size = Math.round(Math.min(LARGEST_SURFACE[count], SURFACE_SHARE * box.width, room));
  const middle = Math.round((top + bottom) / 2);
  const surface = { x: Math.round(box.x + box.width - size - TICKS), y: middle - Math.round(size / 2), size };
  const row = (bottom - top) / MOST_ROWS;
  const isOutput = net.isBinary && !net.pictures;
  const columns = isOutput ? net.columns.slice(0, -1) : net.columns;
  const left = box.x + nameRoom(net, type);
  const gaps = columns.length; // the last one leads to the surface
  const node = nodeSize(LARGEST_NODE[count], row, (surface.x - left) / gaps);
  const across = (surface.x + (isOutput ? 0 : -type) - left) / gaps;
  const nodes = columns.map((_, i) => nodesOf(net, i, left + node / 2 + i * across, middle, node, row));
  if (isOutput) nodes.push([{ x: surface.x + size / 2, y: middle, size, isSurface: true }]);
  return { box, columns: nodes, surface, node, across, type, top, isTall: false };
}

/** On a phone the surface lies below, and the output has a node like any other. */
function layOutTall(net, box, type) {
  const top = box.y + headOf(type);
  const bottom = top + rowsOf(net) * TALL.row;
  const size = Math.round(tallSurface(box.width));
  const surface = { x: Math.round(box.x + (box.width - size - TICKS) / 2), y: Math.round(bottom + 2 * type + overOf(type)), size };
  const left = box.x + nameRoom(net, type);
  const gaps = net.columns.length - 1;
  const node = nodeSize(LARGEST_NODE.two, TALL.row, (box.x + box.width - left) / (gaps + 0.6));
  const across = (box.x + box.width - 4 - left - node) / gaps;
  const nodes = net.columns.map((_, i) => nodesOf(net, i, left + node / 2 + i * across, (top + bottom) / 2, node, TALL.row));
  return { box, columns: nodes, surface, node, across, type, top, isTall: true };
}

const nodeSize = (largest, row, across) => Math.round(Math.max(LEAST_NODE, Math.min(largest, row - 14, 0.52 * across)));

/** Short names of inputs stand left of them. */
function nameRoom({ panel }, type) {
  const longest = Math.max(...panel.inputs.map((name) => name.length));
  return longest > LONGEST_NAME ? 2 * type : LETTER * type * longest + 10;
}

export const standsBeside = ({ panel }) => panel.inputs.every((name) => name.length <= LONGEST_NAME);

/** The units of a column around its middle; one that has no map is small, and more than usual stand closer. */
function nodesOf(net, column, x, middle, largest, row) {
  const { shown } = net.columns[column];
  const pitch = Math.min(row, largest + 26, (MOST_ROWS * row) / shown);
  const size = Math.min(net.fieldOfMaps(column) ? largest : BLANK, pitch - CLOSEST);
  return Array.from({ length: shown }, (_, i) => ({ x, y: middle + (i - (shown - 1) / 2) * pitch, size }));
}

/** The ends of a link: from the right of a unit to the left of the next. */
export function endsOf(place, column, to, from) {
  const [a, b] = [place.columns[column - 1][from], place.columns[column][to]];
  return [a.x + a.size / 2, a.y, b.x - b.size / 2, b.y];
}

/** The middle of a unit's bias, and half of its side. */
export const placeOfBias = ({ x, y, size }) => [x - size / 2 + BIAS / 2 - 1, y + size / 2 - BIAS / 2 + 1, BIAS / 2];

/** A smooth curve that leaves and arrives level. */
export function curve([x, y, u, v]) {
  const middle = ((x + u) / 2).toFixed(1);
  return `M${x.toFixed(1)},${y.toFixed(1)}C${middle},${y.toFixed(1)} ${middle},${v.toFixed(1)} ${u.toFixed(1)},${v.toFixed(1)}`;
}

/** How high that curve is at `at`; its control points lie in the middle, so x = (1.5 t − 1.5 t² + t³) of the way. */
export function heightAt([x, y, u, v], at) {
  const goal = (at - x) / (u - x);
  let [low, high] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const t = (low + high) / 2;
    if (t * (1.5 - 1.5 * t + t * t) < goal) low = t;
    else high = t;
  }
  return y + (v - y) * low * low * (3 - 2 * low);
}

/** What lies under a point, or so many pixels near it: a node, a bias, the surface, a link; null for nothing. */
export function hitAt(nets, places, x, y, near) {
  const panel = places.findIndex(({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
  if (panel < 0) return null;
  const [net, place] = [nets[panel], places[panel]];
  const { surface } = place;
  if (within(x, y, surface.x, surface.y, surface.size)) return { panel, kind: "surface", x, y };
  for (let column = 0; column < place.columns.length; column++) {
    const bias = net.columns[column].biases ? place.columns[column].findIndex((node) => isOnBias(node, x, y, near / 3)) : -1;
    if (bias >= 0) return { panel, kind: "bias", column, index: bias };
    const index = place.columns[column].findIndex(({ x: u, y: v, size }) => within(x, y, u - size / 2 - 2, v - size / 2 - 2, size + 4));
    if (index >= 0) return { panel, kind: "node", column, index };
  }
  return linkAt(net, place, panel, x, y, near);
}

function isOnBias(node, x, y, near) {
  const [u, v, half] = placeOfBias(node);
  return !node.isSurface && Math.max(Math.abs(x - u), Math.abs(y - v)) <= half + near;
}

const within = (x, y, left, top, size) => x >= left && y >= top && x <= left + size && y <= top + size;

function linkAt(net, place, panel, x, y, near) {
  let best = null;
  let far = near;
  for (const [column, to, from] of net.links()) {
    const ends = endsOf(place, column, to, from);
    if (x < ends[0] || x > ends[2]) continue;
    const distance = Math.abs(y - heightAt(ends, x));
    if (distance < far) [far, best] = [distance, { panel, kind: "link", column, to, from }];
  }
  return best;
}
