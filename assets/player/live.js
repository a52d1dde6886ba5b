// A light layer over a Plotly figure that draws its scatter traces while they move. Plotly needs 30 to 100 ms to
// redraw a figure with a contour; this needs one or two. At rest Plotly draws the frame itself, with hover.

import { wordsSvg } from "./words.js";

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
  "line-ns": "M0,1.4V-1.4",
  "line-ew": "M1.4,0H-1.4",
  arrow: "M0,0L-1.902,0.618L-1.902,-0.618Z",
};
const STROKES = ["x-thin", "line-ns", "line-ew"]; // have no inside to fill

export class LiveLayer {
  constructor(graph) {
    this.graph = graph;
    this.drawn = new Map(); // trace -> its group, and what is in it: to compare is cheaper than to draw
    graph.on("plotly_afterplot", () => this.moving && this.draw(this.traceAt, true));
  }

  /** Shows every scatter trace as `traceAt(i)` says: its data at the present frame, or null for what stands still. */
  draw(traceAt, afresh = !this.moving) {
    this.traceAt = traceAt;
    this.moving = true;
    this.graph.classList.add("dp-moving");
    if (afresh) this.clear();
    this.graph._fullData.forEach((trace, i) => {
      if (trace.type !== "scatter" || trace.visible !== true) return;
      const data = traceAt(i) ?? trace;
      const before = this.drawn.get(i);
      if (data === before?.data) return;
      const plot = this.graph._fullLayout._plots[trace.xaxis + trace.yaxis];
      const floor = trace.fill === "tonexty" ? traceAt(i - 1) ?? this.graph._fullData[i - 1] : null;
      const svg = svgOf(trace, data, plot, floor);
      const group = before?.group ?? this.layerOf(plot).appendChild(document.createElementNS(SVG, "g"));
      if (svg !== before?.svg) group.innerHTML = svg;
      this.drawn.set(i, { group, data, svg });
    });
  }

  /** Plotly shows the frame itself again. */
  rest() {
    this.moving = false;
    this.graph.classList.remove("dp-moving");
    this.clear();
  }

  clear() {
    this.drawn.clear();
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
}

/** floor: the data of the line down to which a filled trace is filled. */
function svgOf(trace, data, plot, floor) {
  const { xaxis, yaxis } = plot;
  const points = placed(data, plot);
  const has = (part) => trace.mode.includes(part);
  const fill = floor ? fillSvg(trace.fillcolor, points, placed(floor, plot)) : "";
  const lines = has("lines") ? fill + lineSvg(trace.line, points) : "";
  // Without a clip Plotly hides what lies beside the plane.
  const seen = trace.cliponaxis ? points : points.map((point) => (point && isInside(point, xaxis, yaxis) ? point : null));
  const svg = lines + (has("markers") ? markerSvg(trace.marker, seen) : "") + (has("text") ? wordsSvg(trace, data.text ?? trace.text, seen) : "");
  return trace.opacity < 1 ? `<g opacity="${trace.opacity}">${svg}</g>` : svg;
}

function placed(data, { xaxis, yaxis }) {
  const points = [];
  for (let i = 0; i < data.x.length; i++) {
    const [x, y] = [xaxis.d2p(data.x[i]), yaxis.d2p(data.y[i])];
    points.push(Number.isFinite(x) && Number.isFinite(y) ? [x.toFixed(1), y.toFixed(1)] : null);
  }
  return points;
}

const isInside = ([x, y], xaxis, yaxis) => x > -1 && y > -1 && x < xaxis._length + 1 && y < yaxis._length + 1;

function fillSvg(colour, upper, lower) {
  const round = [...upper, ...lower.reverse()].filter((point) => point !== null);
  return round.length > 2 ? `<path d="M${round.join("L")}Z" fill="${colour}"/>` : "";
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
  const symbol = String(marker.symbol).replace("-open", "");
  const shape = SYMBOLS[symbol] ?? SYMBOLS.circle;
  const fill = open || STROKES.includes(symbol) ? "none" : marker.color;
  const width = marker.line.width || (open ? 1 : 0);
  const stroke = width ? (open ? marker.color : marker.line.color) : "none";
  const look = `d="${shape}" fill="${fill}" stroke="${stroke}"${marker.opacity < 1 ? ` opacity="${marker.opacity}"` : ""}`;
  return points.map((point, i) => {
    const radius = (sizes ? sizes[i] : marker.size) / 2;
    if (!point || !radius) return "";
    let turn = "";
    if (marker.angleref === "previous" && points[i - 1]) {
      const [from, to] = [points[i - 1].map(Number), point.map(Number)];
      turn = ` rotate(${(Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI})`;
    }
    return `<path transform="translate(${point})${turn} scale(${radius})" stroke-width="${width / radius}" ${look}/>`;
  }).join("");
}
