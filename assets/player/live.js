// A light layer over a Plotly figure that draws its scatter traces while they move. Plotly needs 30 to 100 ms to
// redraw a figure with a contour; this needs one or two. At rest Plotly draws the frame itself, with hover.

const SVG = "http://www.w3.org/2000/svg";
const DASH = { longdash: "14px 6px", dash: "9px 9px", dot: "3px 3px", dashdot: "9px 3px 3px 3px" };
const MOST_DOTS = 400; // longer paths are drawn without a dot for every step

const polygon = (n, r, turn = -Math.PI / 2) => Array.from({ length: n }, (_, i) => {
  const angle = turn + (2 * Math.PI * i) / n;
  const radius = Array.isArray(r) ? r[i % 2] : r;
  return `${radius * Math.cos(angle)},${radius * Math.sin(angle)}`;
}).join("L");

/** Plotly's marker symbols, as paths around the origin for a radius of 1. */
const SYMBOLS = {
  circle: "M1,0A1,1 0 1,1 0,-1A1,1 0 0,1 1,0Z",
  square: "M1,1H-1V-1H1Z",
  diamond: "M1.3,0L0,1.3L-1.3,0L0,-1.3Z",
  "triangle-up": `M${polygon(3, 1.25)}Z`,
  "triangle-down": `M${polygon(3, 1.25, Math.PI / 2)}Z`,
  star: `M${polygon(10, [1.4, 0.56])}Z`,
  hexagram: `M${polygon(12, [1.3, 0.75])}Z`,
  pentagon: `M${polygon(5, 1.15)}Z`,
  "x-thin": "M-1,-1L1,1M-1,1L1,-1",
  arrow: "M0,0L-1.6,0.6L-1.6,-0.6Z",
};

export class LiveLayer {
  constructor(graph) {
    this.graph = graph;
    graph.on("plotly_afterplot", () => this.moving && this.draw(this.traceAt));
  }

  /** Shows every scatter trace as `traceAt(i)` says: its data at the present frame, or null for what stands still. */
  draw(traceAt) {
    this.traceAt = traceAt;
    this.moving = true;
    this.graph.classList.add("dp-moving");
    const layers = new Map();
    this.graph._fullData.forEach((trace, i) => {
      if (trace.type !== "scatter" || trace.visible !== true) return;
      const plot = this.graph._fullLayout._plots[trace.xaxis + trace.yaxis];
      const parts = layers.get(plot) ?? [];
      layers.set(plot, parts);
      parts.push(this.svgOf(trace, traceAt(i) ?? trace, plot));
    });
    for (const [plot, parts] of layers) this.layerOf(plot).innerHTML = parts.join("");
  }

  /** Plotly shows the frame itself again. */
  rest() {
    this.moving = false;
    this.graph.classList.remove("dp-moving");
    for (const layer of this.graph.querySelectorAll(".dp-live")) layer.replaceChildren();
  }

  layerOf(plot) {
    const home = plot.plot.node();
    let layer = home.querySelector(":scope > .dp-live");
    if (!layer) {
      layer = document.createElementNS(SVG, "g");
      layer.setAttribute("class", "dp-live");
      home.append(layer);
    }
    return layer;
  }

  svgOf(trace, data, { xaxis, yaxis }) {
    const points = [];
    for (let i = 0; i < data.x.length; i++) {
      const [x, y] = [xaxis.d2p(data.x[i]), yaxis.d2p(data.y[i])];
      points.push(Number.isFinite(x) && Number.isFinite(y) ? [x.toFixed(1), y.toFixed(1)] : null);
    }
    const lines = trace.mode.includes("lines") ? lineSvg(trace.line, points) : "";
    return lines + (trace.mode.includes("markers") ? markerSvg(trace.marker, points) : "");
  }
}

function lineSvg(line, points) {
  let pen = "M";
  let d = "";
  for (const point of points) {
    d += point ? `${pen}${point}` : "";
    pen = point ? "L" : "M";
  }
  return `<path d="${d}" fill="none" stroke="${line.color}" stroke-width="${line.width}" stroke-dasharray="${DASH[line.dash] ?? ""}"/>`;
}

function markerSvg(marker, points) {
  const sizes = Array.isArray(marker.size) ? marker.size : null;
  if (!sizes && points.length > MOST_DOTS) return "";
  const open = marker.symbol.endsWith?.("-open");
  const shape = SYMBOLS[String(marker.symbol).replace("-open", "")] ?? SYMBOLS.circle;
  const edge = open || marker.symbol === "x-thin" ? marker.line.color || marker.color : marker.line.color;
  const fill = open || marker.symbol === "x-thin" ? "none" : marker.color;
  return points.map((point, i) => {
    const radius = (sizes ? sizes[i] : marker.size) / 2;
    if (!point || !radius) return "";
    let turn = "";
    if (marker.angleref === "previous" && points[i - 1]) {
      const [from, to] = [points[i - 1].map(Number), point.map(Number)];
      turn = ` rotate(${(Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI})`;
    }
    return `<path transform="translate(${point})${turn} scale(${radius})" d="${shape}" fill="${fill}"
      stroke="${marker.line.width || open ? (open ? marker.color : edge) : "none"}" stroke-width="${(marker.line.width || 0) / radius}"/>`;
  }).join("");
}
