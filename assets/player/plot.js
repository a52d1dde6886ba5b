// Draws a Plotly figure with moving traces, and hears what the reader points at in it.

import { LiveLayer } from "./live.js";
import { resolve } from "./pack.js";
import { targetAt } from "./targets.js";
import { prepared } from "./tracks.js";
import { heightOf, isNarrow, turnFigure, turnedData, turnedLine } from "./turn.js";
import { View } from "./view.js";

const CONFIG = {
  displaylogo: false, responsive: false, scrollZoom: true, doubleClick: "reset", showSendToCloud: false,
  modeBarButtonsToRemove: ["sendChartToCloud", "lasso2d", "select2d", "autoScale2d", "toImage"],
};
const LULL_MS = 100; // the size of a window that is being changed is another one every frame
const CLICK_PX = 5; // a hand that clicks moves less, one that drags moves more
const GRAPH_PX = [680, 400]; // the size that a graph's pixels are meant for: WIDTH and HEIGHT in graph_room.py
const IN_CELLS = 1.35; // how much larger numbers in cells are in a lecture: they have only so much room
const NOWHERE = { x: [null], y: [null] };

/** Type and lines that the back row can read. */
function enlarge({ data, layout }) {
  const grow = (value) => {
    for (const [key, item] of Object.entries(value ?? {})) {
      if (/font$/.test(key) && item?.size) item.size *= 1.5;
      if (item && typeof item === "object" && !ArrayBuffer.isView(item)) grow(item);
    }
  };
  grow(layout);
  const margin = layout.margin ?? layout.template.layout.margin;
  layout.margin = { ...margin, l: margin.l * 1.4, b: margin.b * 1.4 };
  for (const trace of data) {
    if (trace.line?.width) trace.line.width *= 1.7;
    if (trace.type === "heatmap" && trace.textfont?.size) trace.textfont.size *= IN_CELLS;
  }
}

/** Markers and words of a graph grow together, as far as there is room between them. */
function scaleGraph({ data, layout }, factor) {
  const times = (value) => (Array.isArray(value) ? value.map((item) => item * factor) : value * factor);
  for (const { marker, textfont, line } of data) {
    if (marker?.size) marker.size = times(marker.size);
    if (marker?.line?.width) marker.line.width = times(marker.line.width);
    if (textfont?.size) textfont.size = times(textfont.size);
    if (line?.width) line.width = times(line.width);
  }
  layout.margin = Object.fromEntries(Object.entries(layout.margin).map(([side, px]) => [side, px * factor]));
}

export class PlotView extends View {
  constructor(element, env) {
    super(element, env);
    this.shown = -1;
    this.cost = 0; // milliseconds that the last update took
    this.changes = 0;
    this.held = null; // while a hand holds the figure: a promise that it lets go
  }

  /** Takes a new figure; zoom and camera stay while `spec.keep` is the same. */
  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    this.turned = spec.turn && isNarrow();
    this.tracks = spec.tracks.map((track) => prepared(track, arrays, this.turned ? turnedData : (data) => data));
    this.targets = Object.entries(spec.targets).map(([key, line]) => [key, this.turned ? turnedLine(line) : line]);
    const figure = this.figure(k);
    this.flat = figure.data.every((trace, i) => trace.type === "scatter" || !this.tracks.some((track) => track.trace === i));
    this.element.setAttribute("role", "figure");
    this.element.setAttribute("aria-label", spec.alt);
    this.element.classList.toggle("dp-targets", this.targets.length > 0);
    this.element.classList.toggle("dp-turned", this.turned);
    await this.env.plotly.react(this.element, figure.data, figure.layout, { ...CONFIG, scrollZoom: !figure.layout.scene && !this.targets.length });
    if (this.kept !== undefined && this.kept !== spec.keep) await this.fitAnchored(figure.layout);
    this.kept = spec.keep;
    this.live ??= new LiveLayer(this.element);
    this.live.rest();
    this.shown = k;
    if (this.listening) return;
    this.listen();
    this.resize(); // its place may have changed while it was drawn
  }

  /** Plotly keeps the proportions of an axis that is tied to another one when its range changes, unless it is told again. */
  async fitAnchored(layout) {
    const axes = Object.entries(layout).filter(([name, axis]) => /^[xy]axis/.test(name) && axis.range);
    if (!axes.some(([, axis]) => axis.scaleanchor)) return;
    await this.env.plotly.relayout(this.element, Object.fromEntries(axes.map(([name, axis]) => [`${name}.range`, axis.range.slice()])));
  }

  /** The figure at frame k as Plotly takes it. */
  figure(k) {
    const { theme, dark, lecture, font } = this.env;
    const figure = resolve(this.spec.figure, this.arrays, theme === "dark" ? dark : null);
    const { layout } = figure;
    if (this.spec.logHeight !== null) takeLog(figure.data[0], this.spec.logHeight);
    if (this.turned) turnFigure(figure);
    this.element.style.height = this.turned ? `${this.heightFor(figure)}px` : "";
    for (const [trace, data] of this.moved(k)) Object.assign(figure.data[trace], data);
    layout.uirevision = this.turned ? `${this.spec.keep} turned` : this.spec.keep;
    if (layout.scene) {
      layout.scene.uirevision = this.spec.keep;
      // After a resize Plotly no longer finds the reader's camera by itself.
      const before = this.element.layout;
      if (before?.uirevision === this.spec.keep && before.scene?.camera) layout.scene.camera = before.scene.camera;
    }
    layout.font = { ...layout.template.layout.font, family: font };
    layout.autosize = true;
    if (this.targets.length && !this.turned) scaleGraph(figure, (this.scale = this.graphScale()));
    else if (lecture) enlarge(figure);
    return figure;
  }

  /** Boxes and type of a graph follow its size, so that they neither overlap nor get lost. */
  graphScale() {
    const { clientWidth, clientHeight } = this.element;
    return Math.min(Math.max(Math.min(clientWidth / GRAPH_PX[0], clientHeight / GRAPH_PX[1]), 0.6), 1.8);
  }

  heightFor(figure) {
    const nodes = this.targets.map(([, line]) => line).filter((line) => line.length === 2);
    const size = this.spec.rings ? figure.data[this.spec.rings[0]].marker.size : 0;
    return heightOf(figure, nodes, size, this.element.clientWidth);
  }

  /** [trace, its data at frame k] for all that moves: the tracks, and the rings on what is selected. */
  moved(k) {
    const moved = this.tracks.map(({ trace, at }) => [trace, at(k)]);
    if (!this.spec.rings) return moved;
    const line = this.targets.find(([key]) => key === this.env.reader.selected)?.[1] ?? [];
    const place = { x: line.filter((_, i) => i % 2 === 0), y: line.filter((_, i) => i % 2) };
    const [node, wire] = this.spec.rings;
    return [...moved, [node, line.length === 2 ? place : NOWHERE], [wire, line.length > 2 ? place : NOWHERE]];
  }

  /** Frame k, fast: flat traces on the live layer, anything else (3-D, images) through Plotly. */
  show(k) {
    if (k === this.shown || !this.tracks.length) return;
    this.shown = k;
    this.draw();
  }

  forget() {
    this.shown = -1;
  }

  heed() {
    if (this.spec.rings) this.draw();
  }

  draw() {
    const begin = performance.now();
    this.changes += 1;
    const moved = new Map(this.moved(this.shown));
    if (this.flat) this.live.draw((trace) => moved.get(trace));
    else this.restyle(moved);
    this.cost = performance.now() - begin;
  }

  /** The reader has stopped: Plotly draws the frame itself, so that it can be hovered and saved. */
  async settle() {
    if (this.held) await this.held;
    if (!this.live?.moving || this.removed) return;
    const { changes } = this;
    await this.restyle(new Map(this.moved(this.shown)));
    if (changes === this.changes) this.live.rest();
  }

  restyle(moved) {
    const data = [...moved.values()];
    const names = [...new Set(data.flatMap(Object.keys))];
    return this.drawing = this.env.plotly.restyle(this.element, Object.fromEntries(names.map((n) => [n, data.map((d) => d[n])])), [...moved.keys()]);
  }

  /** A click picks its place in data units, or the target that lies there; a drag (pan) does neither. */
  listen() {
    this.listening = true;
    this.element.addEventListener("pointerdown", (down) => {
      if (down.button || down.target.closest(".modebar")) return;
      const heard = new AbortController();
      this.hold(heard.signal);
      // Plotly covers the page while a button is down, so the end of a click is heard by the window.
      const options = { capture: true, signal: heard.signal };
      window.addEventListener("pointercancel", () => heard.abort(), options);
      window.addEventListener("pointerup", (up) => {
        heard.abort();
        if (Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) <= CLICK_PX) this.click(down);
      }, options);
    }, true);
    this.element.addEventListener("pointermove", (event) => {
      if (this.targets.length) this.element.classList.toggle("dp-over", Boolean(this.targetUnder(event)));
    });
  }

  /** Plotly loses a drag that it draws under before the hand has moved, so what may wait waits until it lets go. */
  hold(signal) {
    this.held = new Promise((done) => signal.addEventListener("abort", () => setTimeout(() => {
      this.held = null;
      done(); // after Plotly's own end of the drag
    })));
  }

  click(event) {
    if (this.targets.length) this.env.choose(this.targetUnder(event));
    const place = this.spec.pick && this.placeOf(event);
    if (!place?.inside) return;
    const { xaxis, yaxis } = this.element._fullLayout;
    const [x, y] = [xaxis.p2d(place.at[0]), yaxis.p2d(place.at[1])];
    this.env.pick(...(this.turned ? [y, x] : [x, y]), this.spec.pick === "play");
  }

  /** Where the pointer is in pixels of the plane, and whether that is inside it. */
  placeOf(event) {
    const box = this.element.querySelector(".nsewdrag")?.getBoundingClientRect();
    if (!box) return null;
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    return { at: [px, py], inside: px >= 0 && py >= 0 && px <= box.width && py <= box.height };
  }

  targetUnder(event) {
    const place = this.placeOf(event);
    if (!place) return "";
    const { xaxis, yaxis } = this.element._fullLayout;
    const size = this.spec.rings ? this.element._fullData[this.spec.rings[0]].marker.size : 24;
    return targetAt(place.at, this.targets, (x, y) => [xaxis.d2p(x), yaxis.d2p(y)], size, event.pointerType);
  }

  resize() {
    clearTimeout(this.lull);
    this.lull = setTimeout(async () => {
      await this.held;
      if (this.live && this.element.offsetParent) this.fitIn();
    }, LULL_MS);
  }

  /** Draws the figure anew where it no longer is as large as its place. */
  fitIn() {
    const { clientWidth, clientHeight, _fullLayout: drawn } = this.element;
    const turns = this.turned !== (this.spec.turn && isNarrow());
    const scales = this.targets.length && !this.turned && Math.abs(this.graphScale() / this.scale - 1) > 0.04;
    if (turns || scales) this.update(this.spec, this.arrays, this.shown);
    else if (Math.max(Math.abs(clientWidth - drawn.width), Math.abs(clientHeight - drawn.height)) > 1) {
      this.env.plotly.relayout(this.element, { autosize: true });
    }
  }

  async remove() {
    clearTimeout(this.lull);
    this.removed = true;
    await this.drawing; // Plotly falls over what is purged under its hands
    this.env.plotly.purge(this.element);
  }
}

/** log10 of the height above f*, which every step of a good run changes visibly. */
function takeLog(trace, [floor, offset]) {
  trace.z = trace.z.map((row) => Float32Array.from(row, (f) => Math.log10(Math.max(f - floor, 0) + offset)));
}
