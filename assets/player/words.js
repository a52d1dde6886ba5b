// Draws a trace's texts as SVG exactly where Plotly puts them, so that nothing jumps when one takes over.

const SIGN = { left: -1, center: 0, right: 1, top: -1, middle: 0, bottom: 1 };
const ANCHOR = { left: "end", center: "middle", right: "start" };
// Plotly's own shifts: down or up by so much of the small type, and back by as much of the large.
const BLANK = "\u200b";
const OPEN = {
  sub: `${BLANK}<tspan style="font-size:70%" dy="0.3em">`, sup: `${BLANK}<tspan style="font-size:70%" dy="-0.6em">`,
  b: `<tspan style="font-weight:bold">`, i: `<tspan style="font-style:italic">`,
};
const CLOSE = {
  sub: `</tspan><tspan dy="-0.21em">${BLANK}</tspan>`, sup: `</tspan><tspan dy="0.42em">${BLANK}</tspan>`,
  b: "</tspan>", i: "</tspan>",
};
const known = new Map();

/** HTML with sub, sup, b and i as the inside of an SVG text. */
function spans(html) {
  let svg = known.get(html);
  if (svg === undefined) {
    svg = html.replace(/<(?!\/?(sub|sup|b|i)>)/g, "&lt;").replace(/<(\/?)(\w+)>/g, (_, end, tag) => (end ? CLOSE : OPEN)[tag]);
    if (known.size > 5000) known.clear();
    known.set(html, svg);
  }
  return svg;
}

const at = (value, i) => (Array.isArray(value) ? value[i] : value);

/** The texts of a trace at its points, each "x,y" in pixels as [x, y] or null. */
export function wordsSvg(trace, text, points) {
  const { textfont: font, marker, mode } = trace;
  const beside = mode.includes("markers");
  const parts = points.map((point, i) => {
    const word = at(text, i);
    if (!point || !word) return "";
    const [vertical, horizontal] = at(trace.textposition, i).split(" ");
    const size = at(font.size, i);
    const radius = beside && at(marker.size, i) ? at(marker.size, i) / 2 / 0.8 + 1 : 0;
    const x = +point[0] + SIGN[horizontal] * radius;
    const y = +point[1] + 0.75 * size + SIGN[vertical] * radius + ((SIGN[vertical] - 1) * size) / 2;
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${ANCHOR[horizontal]}"
      style="font-size:${size}px;fill:${at(font.color, i)}">${spans(String(word))}</text>`;
  });
  const weight = Array.isArray(font.weight) ? "normal" : font.weight;
  return `<g style="font-family:${font.family.replaceAll('"', "'")};font-weight:${weight};white-space:pre">${parts.join("")}</g>`;
}
