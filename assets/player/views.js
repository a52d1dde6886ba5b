// Draws one view of a stage: a Plotly figure with moving traces, or equations with the frame's numbers.

import { LiveLayer } from "./live.js";
import { resolve } from "./pack.js";

const CONFIG = {
  displaylogo: false, responsive: false, scrollZoom: true, doubleClick: "reset", showSendToCloud: false,
  modeBarButtonsToRemove: ["sendChartToCloud", "lasso2d", "select2d", "autoScale2d", "toImage"],
};
const ELLIPSE_POINTS = 33;

/** Three significant digits, with a real minus sign; powers of ten where zeros would pile up. */
export function format(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(digits - 1) : String(+value.toPrecision(digits));
  return text.replace("e+", "e").replaceAll("-", "\u2212").replace(/e(\u2212?\d+)/, "·10<sup>$1</sup>");
}

/** The attributes of a track's trace at frame k. */
function trackAt(track, arrays, k) {
  const field = (name) => arrays[track.data[name].$];
  const at = (name) => field(name).row(k);
  switch (track.kind) {
    case "grow":
      return Object.fromEntries(Object.keys(track.data).map((name) => [name, field(name).data.subarray(0, k + 1)]));
    case "at":
      return Object.fromEntries(Object.keys(track.data).map((name) => {
        const value = at(name);
        return [name, typeof value === "number" ? [value] : value];
      }));
    case "arrow":
      return {
        x: [at("ox"), at("ox") + track.scale * at("vx")],
        y: [at("oy"), at("oy") + track.scale * at("vy")],
      };
    case "ellipse": {
      const angles = Array.from({ length: ELLIPSE_POINTS }, (_, i) => (2 * Math.PI * i) / (ELLIPSE_POINTS - 1));
      return {
        x: angles.map((a) => at("ox") + track.scale * at("rx") * Math.cos(a)),
        y: angles.map((a) => at("oy") + track.scale * at("ry") * Math.sin(a)),
      };
    }
  }
  throw new Error(`unknown kind of track: ${track.kind}`);
}

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
  for (const trace of data) if (trace.line?.width) trace.line.width *= 1.7;
}

export class PlotView {
  constructor(element, env) {
    this.element = element;
    this.env = env;
    this.shown = -1;
    this.cost = 0; // milliseconds that the last update took
  }

  /** Takes a new figure; zoom and camera stay while `spec.keep` is the same. */
  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    const { theme, dark, lecture } = this.env;
    const figure = resolve(spec.figure, arrays, theme === "dark" ? dark : null);
    if (spec.logHeight !== null) this.takeLog(figure.data[0], spec.logHeight);
    for (const track of spec.tracks) Object.assign(figure.data[track.trace], trackAt(track, arrays, k));
    figure.layout.uirevision = spec.keep;
    if (figure.layout.scene) {
      figure.layout.scene.uirevision = spec.keep;
      // After a resize Plotly no longer finds the reader's camera by itself.
      const before = this.element.layout;
      if (before?.uirevision === spec.keep && before.scene?.camera) figure.layout.scene.camera = before.scene.camera;
    }
    figure.layout.font = { ...figure.layout.template.layout.font, family: this.env.font };
    figure.layout.autosize = true;
    if (lecture) enlarge(figure);
    this.flat = figure.data.every((trace, i) => trace.type === "scatter" || !this.moves(i));
    this.element.setAttribute("role", "figure");
    this.element.setAttribute("aria-label", spec.alt);
    await this.env.plotly.react(this.element, figure.data, figure.layout, { ...CONFIG, scrollZoom: !figure.layout.scene });
    this.live ??= new LiveLayer(this.element);
    this.live.rest();
    this.shown = k;
    if (spec.pick && !this.picking) this.listen();
  }

  moves(trace) {
    return this.spec.tracks.some((track) => track.trace === trace);
  }

  /** log10 of the height above f*, which every step of a good run changes visibly. */
  takeLog(trace, [floor, offset]) {
    trace.z = trace.z.map((row) => Float32Array.from(row, (f) => Math.log10(Math.max(f - floor, 0) + offset)));
  }

  /** Frame k, fast: flat traces on the live layer, anything else (3-D, images) through Plotly. */
  show(k) {
    if (k === this.shown || !this.spec.tracks.length) return;
    const begin = performance.now();
    this.shown = k;
    if (this.flat) {
      const moved = new Map(this.spec.tracks.map((track) => [track.trace, trackAt(track, this.arrays, k)]));
      this.live.draw((trace) => moved.get(trace));
    } else this.restyle(k);
    this.cost = performance.now() - begin;
  }

  /** The reader has stopped: Plotly draws the frame itself, so that it can be hovered and saved. */
  async settle() {
    if (!this.live?.moving) return;
    const k = this.shown;
    await this.restyle(k);
    if (k === this.shown) this.live.rest();
  }

  restyle(k) {
    const traces = this.spec.tracks.map((track) => track.trace);
    const data = this.spec.tracks.map((track) => trackAt(track, this.arrays, k));
    const names = [...new Set(data.flatMap(Object.keys))];
    return this.env.plotly.restyle(this.element, Object.fromEntries(names.map((n) => [n, data.map((d) => d[n])])), traces);
  }

  /** A click anywhere on the plane reports its place in data units; a drag (pan) does not. */
  listen() {
    this.picking = true;
    this.element.addEventListener("pointerdown", (down) => {
      if (!this.spec.pick || down.target.closest(".modebar")) return;
      // Plotly covers the page while a button is down, so the end of a click is heard by the window.
      window.addEventListener("pointerup", (up) => {
        const box = this.element.querySelector(".nsewdrag")?.getBoundingClientRect();
        if (!box || Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) > 5) return;
        const [px, py] = [down.clientX - box.left, down.clientY - box.top];
        if (px < 0 || py < 0 || px > box.width || py > box.height) return;
        const { xaxis, yaxis } = this.element._fullLayout;
        this.env.pick(xaxis.p2d(px), yaxis.p2d(py));
      }, { once: true, capture: true });
    }, true);
  }

  resize() {
    if (this.element.offsetParent) this.env.plotly.Plots.resize(this.element);
  }

  remove() {
    this.env.plotly.purge(this.element);
  }
}

export class EquationsView {
  constructor(element, env) {
    this.element = element;
    this.env = env;
    element.classList.add("dp-equations");
    element.tabIndex = 0; // it scrolls, so the keyboard must reach it
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", spec.title);
    this.element.innerHTML = spec.rows.map(([label, colour, lines]) => {
      const hue = this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour;
      return `<section><h4><i style="background:${hue}"></i>${label}</h4>${lines.map(() => "<p></p>").join("")}</section>`;
    }).join("") + (spec.note ? `<small>${spec.note}</small>` : "");
    this.lines = [...this.element.querySelectorAll("section")].map((section) => [...section.querySelectorAll("p")]);
    this.show(k);
  }

  show(k) {
    this.spec.rows.forEach(([, , templates], row) => templates.forEach((template, i) => {
      this.lines[row][i].innerHTML = template.replace(/\{(\w+)\}/g, (_, name) => this.number(row, name, k));
    }));
  }

  number(row, name, k) {
    const ref = this.spec.values[row][name];
    if (ref === undefined) return name;
    if (typeof ref === "number") return format(ref);
    const value = Array.isArray(ref) ? ref[k] : this.arrays[ref.$].row(k);
    return typeof value === "number" ? format(value) : `(${Array.from(value, (v) => format(v)).join(", ")})`;
  }

  settle() {}
  resize() {}
  remove() {}
}
