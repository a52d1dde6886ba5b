// Numbers as colours: a table from a scale, and a sheet of cells for every tile, which is painted only when it changes.

const SHADES = 512;
const OPAQUE = 0xff000000;
const GREY = [0.299, 0.587, 0.114]; // how bright red, green and blue are. ITU-R BT.601

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const rgba = ([r, g, b]) => (OPAQUE | (b << 16) | (g << 8) | r) >>> 0;
const channelsOf = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];

/** SHADES pixels through the colours of a scale [position, colour]. */
function tableOf(scale, hue) {
  const stops = scale.map(([position, colour]) => [position, channels(hue(colour))]);
  let stop = 1;
  return Uint32Array.from({ length: SHADES }, (_, i) => {
    const at = i / (SHADES - 1);
    while (at > stops[stop][0]) stop++;
    const [[from, low], [to, high]] = [stops[stop - 1], stops[stop]];
    return rgba(low.map((part, c) => Math.round(part + ((at - from) / (to - from)) * (high[c] - part))));
  });
}

/**
 * The look of all maps of a view. Where a picture lies under them, a shade has that much of it (`clear`) instead of as
 * much of the ground (`bare`: what is left of the shade then): all of `overlay` where a number is 0, nothing at the ends.
 */
export function lookOf({ scale, signed, overlay, colours }, hue) {
  const table = tableOf(scale, hue);
  const ground = channels(hue(colours.ground));
  const size = (shade) => Math.abs(signed ? (2 * shade) / (SHADES - 1) - 1 : shade / (SHADES - 1));
  const clear = Float32Array.from(table, (_, shade) => overlay * (1 - size(shade)));
  const bare = Float32Array.from({ length: 3 * SHADES }, (_, i) => {
    const shade = Math.floor(i / 3);
    return channelsOf(table[shade])[i % 3] - clear[shade] * ground[i % 3];
  });
  return { table, clear, bare, isSigned: signed };
}

/** Of each number's place in the table: what it is multiplied with, and what is added. `limit` has the full colour. */
function lineOf(limit, isSigned) {
  const most = SHADES - 1;
  const steep = limit > 0 ? most / limit : 0;
  return isSigned ? [steep / 2, most / 2] : [steep, 0];
}

function shadeOf(number, [steep, zero], isSigned) {
  const shade = Math.round((isSigned ? number : Math.abs(number)) * steep + zero);
  return shade < 0 ? 0 : shade < SHADES ? shade : SHADES - 1;
}

/** The colour of a number as CSS has it. */
export function cssOf(number, limit, { table, isSigned }) {
  return `rgb(${channelsOf(table[shadeOf(number, lineOf(limit, isSigned), isSigned)]).join(",")})`;
}

export class Sheet {
  constructor(width, height) {
    this.canvas = Object.assign(document.createElement("canvas"), { width, height });
    this.pen = this.canvas.getContext("2d");
    this.data = this.pen.createImageData(width, height);
    this.pixels = new Uint32Array(this.data.data.buffer);
    this.stamp = "";
  }

  /** Whether it shows something else than what `stamp` stands for; from now on it is to show that. */
  turns(stamp) {
    const turned = this.stamp !== stamp;
    this.stamp = stamp;
    return turned;
  }

  put() {
    this.pen.putImageData(this.data, 0, 0);
    return this;
  }

  clear() {
    this.pixels.fill(0);
    return this.put();
  }

  /** bytes: (h, w, 3). */
  picture(bytes) {
    const { pixels } = this;
    for (let i = 0, j = 0; i < pixels.length; i++, j += 3) pixels[i] = OPAQUE | (bytes[j + 2] << 16) | (bytes[j + 1] << 8) | bytes[j];
    return this.put();
  }

  /** numbers: (h, w); under: bytes (h, w, 3) that are seen in grey where a number is small, or null. NaN stays open. */
  map(numbers, limit, look, under) {
    const { pixels } = this;
    const { table, isSigned } = look;
    const line = lineOf(limit, isSigned);
    for (let i = 0; i < pixels.length; i++) {
      const shade = shadeOf(numbers[i], line, isSigned);
      pixels[i] = under ? over(look, shade, under, 3 * i) : table[shade];
      if (numbers[i] !== numbers[i]) pixels[i] = 0;
    }
    return this.put();
  }
}

/** A shade over the pixel of a picture that begins at byte `at`. */
function over({ bare, clear }, shade, under, at) {
  const grey = clear[shade] * (GREY[0] * under[at] + GREY[1] * under[at + 1] + GREY[2] * under[at + 2]);
  const part = (c) => Math.max(0, Math.min(255, Math.round(bare[3 * shade + c] + grey)));
  return OPAQUE | (part(2) << 16) | (part(1) << 8) | part(0);
}

/** The colours of the scale from left to right. */
export function stripOf({ table }) {
  const sheet = new Sheet(SHADES, 1);
  sheet.pixels.set(table);
  return sheet.put().canvas;
}

/** Draws a sheet into a box of so many pixels: cells stay sharp, and only what is made smaller is smooth. */
export function drawSheet(pen, canvas, { x, y, width, height }, scale) {
  pen.imageSmoothingEnabled = width * scale < canvas.width;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, x, y, width, height);
}
