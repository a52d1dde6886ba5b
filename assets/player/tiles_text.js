// How wide words are, and how they are broken into lines.

const pen = document.createElement("canvas").getContext("2d");
const known = new Map();
const MOST_KNOWN = 5000;

/** Pixels of a text in this type. */
export function widthOf(text, size, family, weight = 400) {
  const key = `${weight} ${size}px ${family}|${text}`;
  if (!known.has(key)) {
    if (known.size > MOST_KNOWN) known.clear();
    pen.font = `${weight} ${size}px ${family}`;
    known.set(key, pen.measureText(text).width);
  }
  return known.get(key);
}

/** The lines of a text that are no wider than `room`; a word alone may be. */
export function linesOf(text, room, measure) {
  const lines = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measure(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A text of which the part before `tail` ends early where all of it is wider than `room`. */
export function cut(text, tail, room, measure) {
  let left = text.length;
  const shown = () => (left < text.length ? `${text.slice(0, left).trimEnd()}…` : text) + tail;
  while (left > 1 && measure(shown()) > room) left--;
  return shown();
}
