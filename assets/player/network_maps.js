// Bytes as colours, by tables of 256, so that one payload serves both themes; and maps of such bytes on a canvas.

const SURE = 0.62; // the surface keeps so much of a class's hue, for the points on it are to be seen
const OPAQUE = 0xff000000;

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const rgba = ([r, g, b]) => (OPAQUE | (b << 16) | (g << 8) | r) >>> 0;
const mix = (one, other, share) => one.map((a, i) => Math.round(a + share * (other[i] - a)));

/** From one hue over the ground to another; `zero` is the byte of the ground. */
function table(low, ground, high, zero, most = 1) {
  const colours = [low, ground, high].map(channels);
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const share = byte < zero ? (zero - byte) / (zero - 1) : (byte - zero) / (255 - zero);
    return rgba(mix(colours[1], colours[byte < zero ? 0 : 2], Math.min(1, share) * most));
  });
}

/** The tables of a theme. A unit's byte 0 means that there is no number: nothing is drawn. */
export function tablesOf({ colours, classes }, hue) {
  const ground = hue(colours.ground);
  const units = table(hue(colours["activation-negative"]), ground, hue(colours["activation-positive"]), 128);
  units[0] = 0;
  return {
    units,
    chance: table(hue(classes[0]), ground, hue(classes[1]), 127.5, SURE),
    classes: classes.map((colour) => table(ground, ground, hue(colour), 0, SURE)),
    ink: table(ground, ground, hue(colours.ink), 0),
  };
}

/** A small canvas that bytes are written to before they are drawn at their size. */
const sheets = new Map();
function sheetOf(width, height) {
  const key = `${width}x${height}`;
  if (!sheets.has(key)) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d");
    const data = pen.createImageData(width, height);
    sheets.set(key, { canvas, pen, data, pixels: new Uint32Array(data.data.buffer) });
  }
  return sheets.get(key);
}

/** Draws (size, size) bytes into a square. isPlane: the first row is the lowest, and what lies between two is smooth. */
export function drawMap(pen, bytes, size, colours, [x, y, side], isPlane) {
  const sheet = sheetOf(size, size);
  for (let row = 0; row < size; row++) {
    const start = (isPlane ? size - 1 - row : row) * size;
    for (let col = 0; col < size; col++) sheet.pixels[row * size + col] = colours[bytes[start + col]];
  }
  drawSheet(pen, sheet, x, y, side, side, isPlane);
}

/** For every point of several outputs' surfaces the class that is most likely, as strong as it is above chance. */
export function drawClasses(pen, bytes, outputs, size, tables, [x, y, side]) {
  const sheet = sheetOf(size, size);
  const area = size * size;
  const least = 255 / outputs;
  for (let row = 0; row < size; row++) for (let col = 0; col < size; col++) {
    const from = (size - 1 - row) * size + col;
    let best = 0;
    for (let output = 1; output < outputs; output++) if (bytes[output * area + from] > bytes[best * area + from]) best = output;
    const sure = Math.max(0, (bytes[best * area + from] - least) / (255 - least));
    sheet.pixels[row * size + col] = tables[best % tables.length][Math.round(255 * sure)];
  }
  drawSheet(pen, sheet, x, y, side, side, true);
}

/** The colours of a table from left to right. */
export function drawScale(pen, colours, x, y, width, height) {
  const sheet = sheetOf(255, 1);
  for (let byte = 1; byte < 256; byte++) sheet.pixels[byte - 1] = colours[byte];
  drawSheet(pen, sheet, x, y, width, height, false);
}

function drawSheet(pen, sheet, x, y, width, height, isSmooth) {
  sheet.pen.putImageData(sheet.data, 0, 0);
  pen.imageSmoothingEnabled = isSmooth;
  // The outer points of a plane's grid lie on its edges: half a pixel of them is seen.
  const edge = isSmooth ? 0.5 : 0;
  const { canvas } = sheet;
  pen.drawImage(canvas, edge, edge, canvas.width - 2 * edge, canvas.height - 2 * edge, x, y, width, height);
}
