// Turns a plot for a narrow screen: x and y change places, so that what ran from left to right runs from top to bottom.

const LEAST_PX = 62; // a column
const BELOW_PX = 28; // between two boxes, one above the other: their type, and a piece of the line that joins them
const BESIDE_PX = 4;
const narrow = matchMedia("(max-width: 760px)"); // as in player.css

export const isNarrow = () => narrow.matches;

const OTHER = { x: "y", y: "x" };
const swapped = (item) => Object.fromEntries(Object.entries(item).map(([key, value]) => {
  const [, letter, rest] = key.match(/^([xy])(|0|1|ref)$/) ?? [];
  return letter ? [OTHER[letter] + rest, rest === "ref" ? value.replace(/^[xy]/, (name) => OTHER[name]) : value] : [key, value];
}));

/** A trace or its moving part, turned. */
export const turnedData = swapped;

/** Points (x0, y0, x1, y1, ...), turned. */
export const turnedLine = (line) => line.map((_, i) => line[i ^ 1]);

/** Turns the figure, on which a finger scrolls the page from now on. */
export function turnFigure(figure) {
  const { layout } = figure;
  figure.data = figure.data.map(swapped);
  const [across, down] = [layout.xaxis, layout.yaxis];
  // What is on top comes to the left, what is on the left comes to the top.
  layout.xaxis = turnedAxis(down);
  layout.yaxis = turnedAxis(across);
  for (const name of ["shapes", "annotations"]) if (layout[name]) layout[name] = layout[name].map(swapped);
  layout.dragmode = false;
}

function turnedAxis({ side, anchor, scaleanchor, scaleratio, ...axis }) {
  return { ...axis, range: [...axis.range].reverse(), fixedrange: true };
}

/** How high a turned figure of this width must be, so that none of its nodes (boxes `size` wide) lies on another. */
export function heightOf({ layout }, nodes, size, width) {
  const span = ({ range }) => Math.abs(range[1] - range[0]);
  const across = width / span(layout.xaxis);
  let column = LEAST_PX;
  nodes.forEach(([x, y], i) => nodes.slice(i + 1).forEach(([u, v]) => {
    if (y !== v && Math.abs(x - u) * across < size + BESIDE_PX) column = Math.max(column, (size + BELOW_PX) / Math.abs(y - v));
  }));
  const { t = 0, b = 0 } = layout.margin ?? layout.template.layout.margin;
  return Math.round(column * span(layout.yaxis) + t + b);
}
