// The line along which two classes are as likely, through a map of bytes.

const EVEN = 127.5;

/** Its path in a square {x, y, size}; bytes: (side, side), the lowest row first. Marching squares, pieces on their own. */
export function contourOf(bytes, side, { x, y, size }) {
  const step = size / (side - 1);
  const across = (col) => (x + col * step).toFixed(1);
  const down = (row) => (y + size - row * step).toFixed(1);
  const pieces = [];
  for (let row = 0; row + 1 < side; row++) for (let col = 0; col + 1 < side; col++) {
    const at = row * side + col;
    const corners = [bytes[at] - EVEN, bytes[at + 1] - EVEN, bytes[at + side + 1] - EVEN, bytes[at + side] - EVEN];
    const above = (corners[0] > 0) + (corners[1] > 0) + (corners[2] > 0) + (corners[3] > 0);
    if (above === 0 || above === 4) continue;
    const crossings = [];
    for (let edge = 0; edge < 4; edge++) {
      const [from, to] = [corners[edge], corners[(edge + 1) % 4]];
      if (from > 0 === to > 0) continue;
      const share = from / (from - to);
      const place = [[col + share, row], [col + 1, row + share], [col + 1 - share, row + 1], [col, row + 1 - share]][edge];
      crossings.push(`${across(place[0])},${down(place[1])}`);
    }
    for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push(`M${crossings[i]}L${crossings[i + 1]}`);
  }
  return pieces.join("");
}
