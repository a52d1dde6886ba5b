// The player: takes a stage once, then plays, steps and scrubs it without the server.

import { readStream, unpackStage } from "./pack.js";
import { isDark, loadPlotly, styled } from "./page.js";
import { Transport } from "./transport.js";
import { EquationsView, PlotView, format } from "./views.js";

const players = new WeakMap();

/** Streamlit calls this on every change of data or theme; the player lives as long as its element. */
export default function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = new Player(parentElement)));
  player.send = { state: setStateValue, trigger: setTriggerValue };
  player.update(data);
  return () => {
    players.delete(parentElement);
    player.remove();
  };
}

class Player {
  constructor(parent) {
    this.root = parent.querySelector(".dp") ?? parent.appendChild(document.createElement("div"));
    this.root.className = "dp";
    this.root.innerHTML = `
      <div class="dp-legend" role="list"></div>
      <div class="dp-views"><div class="dp-main"></div>
        <div class="dp-side"><div class="dp-tabs" role="tablist"></div><div class="dp-panes"></div></div></div>
      <div class="dp-bar"></div>
      <p class="dp-note" role="status"></p>`;
    this.part = (name) => this.root.querySelector(`.dp-${name}`);
    this.views = new Map();
    this.transport = new Transport(this.part("bar"), this.root, {
      show: (k) => this.show(k),
      commit: (k) => this.commit(k),
      image: (kind) => this.saveImage(kind),
      stop: () => this.abort?.abort(),
    });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.part("views"));
    this.refit = () => this.fit();
    addEventListener("resize", this.refit);
    this.queue = Promise.resolve();
    this.tab = null;
  }

  /** Updates come one after another: a figure half drawn must not meet the next. */
  update(bytes) {
    const theme = isDark(this.root) ? "dark" : "light";
    if (this.bytes && same(this.bytes, bytes) && theme === this.theme) return;
    this.queue = this.queue.then(() => this.take(bytes, theme)).catch((error) => {
      this.part("note").textContent = `The picture could not be drawn: ${error.message}`;
      console.error(error);
    });
  }

  async take(bytes, theme) {
    const first = !this.bytes;
    this.bytes = bytes;
    this.theme = theme;
    const header = unpackStage(bytes);
    if (first) this.tab = header.tab;
    const before = this.header;
    this.header = header;
    this.root.classList.toggle("dp-lecture", Boolean(header.lecture));
    this.root.classList.toggle("dp-single", !header.views.some((view) => view.area === "side"));
    this.root.classList.toggle("dp-still", header.frames < 2);
    if (first) await document.fonts.ready; // type that arrives late would move the picture
    this.fit();
    this.abort?.abort();
    const k = this.position(before, header, first);
    this.transport.take(header, k);
    this.k = this.transport.k;
    await styled;
    await this.layOut(await loadPlotly(), header);
    this.drawLegend(header);
    this.show(this.k, true);
    window.__descent = { draws: (window.__descent?.draws ?? 0) + 1, player: this };
    if (header.stream) this.listen(header);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const wanted = (first && header.autoplay) || this.playNext || (before && header.play !== before.play);
    this.playNext = false;
    if (wanted && calm) this.transport.seek(header.frames - 1);
    else if (wanted) this.transport.play(0);
    this.drawNote();
    if (!this.transport.playing && !first) this.transport.settle();
    else if (first) this.committed = this.k;
  }

  /** What a stage has to say, once the picture has come to where it is true. */
  drawNote() {
    const text = this.k >= (this.header.noteFrom ?? 0) ? this.header.note : "";
    if (this.part("note").textContent !== text) this.part("note").textContent = text;
  }

  /** Which frame a new stage opens at: a scene starts over; otherwise the reader stays where they were. */
  position(before, header, first) {
    if (first) return header.step ?? 0;
    if (this.playNext || header.restart !== before.restart) {
      this.transport.pause();
      if (document.activeElement?.closest("[class*='scenes']")) this.root.focus({ preventScroll: true });
      return 0;
    }
    const atEnd = this.transport.k === before.frames - 1;
    return atEnd ? header.frames - 1 : Math.min(this.transport.k, header.frames - 1);
  }

  async layOut(library, header) {
    const css = getComputedStyle(this.root);
    this.env = {
      plotly: library, theme: this.theme, dark: header.dark, lecture: header.lecture, font: css.fontFamily,
      pick: (x, y) => {
        this.playNext = true;
        this.send.trigger("pick", { x, y });
      },
    };
    const keys = header.views.map((view) => view.key);
    for (const [key, view] of this.views) if (!keys.includes(key)) {
      view.remove();
      view.element.remove();
      this.views.delete(key);
    }
    const side = header.views.filter((view) => view.area === "side");
    if (!side.some((view) => view.key === this.tab)) this.tab = side[0]?.key ?? null;
    this.drawTabs(side);
    for (const spec of header.views) {
      let view = this.views.get(spec.key);
      if (!view) {
        const element = document.createElement("div");
        element.className = "dp-view";
        element.id = `dp-pane-${spec.key}`;
        (spec.area === "main" ? this.part("main") : this.part("panes")).append(element);
        view = new (spec.type === "equations" ? EquationsView : PlotView)(element, this.env);
        this.views.set(spec.key, view);
      }
      view.env = this.env;
      view.pendingSpec = spec;
      view.element.hidden = spec.area === "side" && spec.key !== this.tab;
      if (!view.element.hidden) await this.bring(view);
    }
  }

  /** Draws a view that is visible; hidden ones (a 3-D surface is dear) wait until their tab is opened. */
  async bring(view) {
    if (!view.pendingSpec) return;
    const spec = view.pendingSpec;
    view.pendingSpec = null;
    await view.update(spec, this.header.arrays, this.transport.k);
  }

  drawTabs(side) {
    const bar = this.part("tabs");
    bar.hidden = side.length < 2;
    bar.replaceChildren(...side.map((view) => {
      const tab = document.createElement("button");
      tab.textContent = view.title;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `dp-pane-${view.key}`);
      tab.setAttribute("aria-selected", view.key === this.tab);
      tab.tabIndex = view.key === this.tab ? 0 : -1;
      tab.onclick = () => {
        this.openTab(view.key);
        this.send.state("tab", view.key);
      };
      tab.onkeydown = (event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!move) return;
        event.stopPropagation();
        const next = side[(side.indexOf(view) + move + side.length) % side.length];
        this.send.state("tab", next.key);
        this.openTab(next.key).then(() => bar.querySelector("[aria-selected=true]").focus());
      };
      return tab;
    }));
  }

  async openTab(key) {
    this.tab = key;
    const side = this.header.views.filter((view) => view.area === "side");
    this.drawTabs(side);
    for (const { key: other } of side) this.views.get(other).element.hidden = other !== key;
    const view = this.views.get(key);
    await this.bring(view);
    view.resize();
    view.show(this.transport.k);
  }

  drawLegend(header) {
    const hue = (colour) => (this.theme === "dark" ? header.dark[colour] ?? colour : colour);
    const quantity = header.quantity ? `<span role="listitem" class="dp-quantity">${header.quantity}</span>` : "";
    this.part("legend").innerHTML = quantity + header.readouts.map((item) =>
      `<span role="listitem"><svg width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4"
        stroke="${hue(item.colour)}" stroke-width="3" stroke-dasharray="${DASH[item.dash] ?? ""}"/></svg>
        ${item.label} <b></b></span>`).join("");
    this.numbers = [...this.part("legend").querySelectorAll("b")];
  }

  show(k, force = false) {
    if (!force && k === this.k) return;
    this.k = k;
    this.drawNote();
    const playing = this.transport.playing;
    for (const view of this.views.values()) {
      if (view.element.hidden || view.pendingSpec) continue;
      // A slow view (WebGL in software) may skip frames while playing; it never holds the others up.
      if (playing && view.cost > 40 && performance.now() < (view.due ?? 0)) continue;
      view.show(k);
      view.due = performance.now() + 3 * view.cost;
    }
    this.header.readouts.forEach((item, i) => {
      const value = item.values && (Array.isArray(item.values) ? item.values[k] : this.header.arrays[item.values.$].row(k));
      this.numbers[i].innerHTML = value === null || value === undefined ? item.note
        : Number.isFinite(value) ? format(value) : item.note || "–";
    });
  }

  /** The server learns the step only when the reader stops. */
  commit(k) {
    for (const view of this.views.values()) if (!view.element.hidden && !view.pendingSpec) {
      view.show(k);
      view.settle();
    }
    if (this.committed === k) return;
    this.committed = k;
    this.messages = (this.messages ?? 0) + 1;
    this.send.state("step", k);
  }

  /** Frames that are still being computed arrive in chunks and can be scrubbed at once. */
  async listen(header) {
    this.abort = new AbortController();
    const fields = header.arrays.filter((field) => field.pending);
    this.transport.loading(0);
    try {
      await readStream(new URL(header.stream, document.baseURI), this.abort.signal, (chunk) => {
        for (const field of fields) field.fill(chunk.start, chunk.arrays[chunk.pending[field.pending].$]);
        this.transport.loading(chunk.start + chunk.count);
      });
    } catch (error) {
      if (error.name !== "AbortError") this.part("note").textContent = error.message;
    }
    this.transport.loaded();
  }

  async saveImage(kind) {
    const main = [...this.views.values()].find((view) => view instanceof PlotView && !view.element.hidden);
    await this.env.plotly.downloadImage(main.element, {
      format: kind, filename: `${this.header.file}-step-${this.k}`, scale: kind === "png" ? 2 : 1,
      width: main.element.clientWidth, height: main.element.clientHeight,
    });
  }

  /** As tall as leaves controls, picture and transport bar on one screen; it never follows the page's content. */
  fit() {
    const main = this.root.closest("[data-testid=stMain]");
    const top = this.root.getBoundingClientRect().top + (main?.scrollTop ?? 0);
    const rest = this.root.classList.contains("dp-lecture") ? 150 : 112;
    this.root.style.setProperty("--dp-height", `${Math.min(Math.max(innerHeight - top - rest, 340), 900)}px`);
  }

  resize() {
    for (const view of this.views.values()) if (!view.element.hidden && !view.pendingSpec) view.resize();
  }

  remove() {
    this.abort?.abort();
    this.sizes.disconnect();
    removeEventListener("resize", this.refit);
    this.transport.remove();
    for (const view of this.views.values()) view.remove();
  }
}

const DASH = { solid: "", longdash: "12 4", dash: "8 4", dot: "2 4", dashdot: "8 4 2 4" };

const same = (a, b) => a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
