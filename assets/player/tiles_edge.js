// The edge of an object in a picture, of which every cell is inside or outside, as an SVG path in cells.

const FEW = 16; // cells in a row: so large that their own edges are seen

/** inside: (h, w), not 0 where a cell is. */
export function edgeOf(inside, width, height) {
  const is = (row, col) => row >= 0 && col >= 0 && row < height && col < width && inside[row * width + col] !== 0;
  return width <= FEW ? squareEdge(is, width, height) : smoothEdge(is, width, height);
}

/** All sides between a cell inside and one outside; sides in a row are one line. */
function squareEdge(is, width, height) {
  let d = "";
  for (let row = 0; row <= height; row++) for (let col = 0, from = -1; col <= width; col++) {
    const isSide = col < width && is(row - 1, col) !== is(row, col);
    if (isSide && from < 0) from = col;
    if (!isSide && from >= 0) [d, from] = [`${d}M${from},${row}H${col}`, -1];
  }
  for (let col = 0; col <= width; col++) for (let row = 0, from = -1; row <= height; row++) {
    const isSide = row < height && is(row, col - 1) !== is(row, col);
    if (isSide && from < 0) from = row;
    if (!isSide && from >= 0) [d, from] = [`${d}M${col},${from}V${row}`, -1];
  }
  return d;
}

/** From the middle of one such side to the middle of the next, around every corner of cells: steps become slopes. */
function smoothEdge(is, width, height) {
  let d = "";
  for (let row = 0; row <= height; row++) for (let col = 0; col <= width; col++) {
    const [a, b, c, e] = [is(row - 1, col - 1), is(row - 1, col), is(row, col - 1), is(row, col)];
    const middles = [];
    if (a !== b) middles.push([col, row - 0.5]);
    if (a !== c) middles.push([col - 0.5, row]);
    if (c !== e) middles.push([col, row + 0.5]);
    if (b !== e) middles.push([col + 0.5, row]);
    for (let i = 0; i < middles.length; i += 2) d += `M${middles[i]}L${middles[i + 1]}`;
  }
  return d;
}
