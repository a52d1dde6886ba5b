// The player: takes a stage once, then plays, steps and scrubs it without the server.

import { Feed } from "./feed.js";
import { Focus } from "./focus.js";
import { Legend } from "./legend.js";
import { inflated, same, split, unpack } from "./pack.js";
import { download, fit, isDark, keepFit, loadPlotly, styled } from "./page.js";
import { position } from "./position.js";
import { Reader } from "./reader.js";
import { Tabs } from "./tabs.js";
import { Transport } from "./transport.js";
import { VIEWS, loadViews } from "./views.js";

const players = new WeakMap();
const HOMES = { main: "main", side: "panes", head: "head" }; // area -> the part of the player where its views are

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
        <div class="dp-side"><div class="dp-head"></div><div class="dp-tabs" role="tablist"></div><div class="dp-panes"></div></div></div>
      <div class="dp-bar"></div>
      <p class="dp-note" role="status"></p>`;
    this.part = (name) => this.root.querySelector(`.dp-${name}`);
    this.views = new Map();
    this.reader = new Reader();
    this.focus = new Focus(() => this.drawReader());
    this.legend = new Legend(this.part("legend"));
    this.tabs = new Tabs(this.part("tabs"), (key) => {
      this.send.state("tab", key);
      return this.openTab(key);
    });
    this.transport = new Transport(this.part("bar"), this.root, {
      show: (k) => this.show(k),
      commit: (k) => this.commit(k),
      image: (kind) => this.saveImage(kind),
      stop: () => this.feed.stop(),
      again: () => this.send.trigger("again", true),
      release: () => this.choose(""),
    });
    this.feed = new Feed({ arrived: (start, count) => this.arrived(start, count), ended: () => this.drawLoading() });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.part("views"));
    this.queue = Promise.resolve();
    this.tab = null;
  }

  /** Updates come one after another: a figure half drawn must not meet the next. */
  update(bytes) {
    const theme = isDark(this.root) ? "dark" : "light";
    const { settings, stage } = split(bytes);
    // What the reader has selected, opened or guessed changes nothing of the stage.
    const { selected, verdict, tab, ...rest } = settings;
    const meant = JSON.stringify([rest, theme]);
    const known = this.bytes && meant === this.meant && same(split(this.bytes).stage, stage);
    Object.assign(this, { bytes, meant });
    const take = async () => this.take({ ...unpack(await inflated(stage)), ...settings }, theme);
    this.queue = this.queue.then(() => (known ? this.heed(settings) : take())).catch((error) => {
      this.part("note").textContent = `The picture could not be drawn: ${error.message}`;
      console.error(error);
    });
  }

  async take(header, theme) {
    const before = this.header;
    const first = !before;
    const types = header.views.map(({ type }) => type);
    const loading = Promise.all([types.includes("plot") ? loadPlotly() : null, loadViews(types)]).then(([library]) => library);
    this.theme = theme;
    this.header = header;
    if (first || header.restart !== before.restart) this.tab = header.tab || this.tab;
    if (first) this.reader.heed(header);
    this.root.classList.toggle("dp-lecture", Boolean(header.lecture));
    this.root.classList.toggle("dp-single", header.views.every((view) => view.area === "main"));
    this.root.classList.toggle("dp-headed", header.views.some((view) => view.area === "head"));
    this.root.style.setProperty("--dp-split", `${header.split}fr`);
    this.root.classList.toggle("dp-still", header.frames < 2);
    if (first) await document.fonts.ready; // type that arrives late would move the picture
    fit(this.root);
    const k = position(this, before, header);
    const isOther = header.stream && !first && header.stream !== this.feed.stream;
    const goesOn = isOther && header.again !== before.again;
    this.feed.take(header, before, goesOn);
    if (before && (header.restart !== before.restart || header.play !== before.play)) this.takeKeys();
    this.transport.take(header, k, header.stream ? this.feed.ready : header.frames);
    this.k = this.transport.k;
    this.drawLoading();
    const [library] = await Promise.all([loading, styled]);
    await this.layOut(library, header);
    this.legend.take(header, theme);
    this.show(this.k, true);
    this.heed(header);
    window.__descent = { draws: (window.__descent?.draws ?? 0) + 1, player: this };
    this.feed.listen();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const asked = before && header.play !== before.play;
    const opens = first && (header.autoplay || (header.stream && !header.step));
    const wanted = (!header.hold && (opens || isOther)) || this.playNext || asked;
    this.playNext = false;
    const until = (header.short && (asked || !isOther) && header.halt) || header.frames - 1;
    if (wanted) this.committed = undefined; // the page has gone back to frame 0
    if (wanted && calm) this.transport.seek(until);
    else if (wanted) this.transport.play(goesOn ? k : 0, until);
    this.drawNote();
    if (!this.transport.playing && !first) this.transport.settle();
    else if (first && !wanted) this.committed = this.k;
    if (first) this.unfit = keepFit(this.root);
  }

  /** The next keys are meant for the run that was just chosen. */
  takeKeys() {
    if (document.activeElement?.closest("[class*='scenes'], [class*='question']")) this.root.focus({ preventScroll: true });
  }

  /** What a stage has to say, once the picture has come to where it is true. */
  drawNote() {
    const text = this.feed.said(this.k) || (this.k >= (this.header.noteFrom ?? 0) ? this.header.note : "");
    if (this.part("note").textContent !== text) this.part("note").textContent = text;
  }

  async layOut(library, header) {
    this.env = {
      plotly: library, theme: this.theme, dark: header.dark, lecture: header.lecture,
      font: getComputedStyle(this.root).fontFamily,
      reader: this.reader, focus: this.focus,
      latticeOf: (key, make) => make(header.views.find((view) => view.key === key)),
      choose: (key) => this.choose(key),
      edit: (edit) => this.send.trigger("edit", edit),
      act: (name) => this.send.trigger("act", name),
      say: (word, value) => this.send.trigger(word, value),
      guess: (guess) => this.guess(guess),
      goTo: (k) => this.transport.seek(k),
      pick: (x, y, plays) => {
        this.playNext = plays;
        this.send.trigger("pick", { x, y });
      },
    };
    const kinds = new Map(header.views.map(({ key, type }) => [key, VIEWS[type]]));
    for (const [key, view] of this.views) if (view.constructor !== kinds.get(key)) {
      view.remove();
      view.element.remove();
      this.views.delete(key);
    }
    const side = header.views.filter((view) => view.area === "side");
    if (!side.some((view) => view.key === this.tab)) this.tab = side[0]?.key ?? null;
    this.tabs.draw(side, this.tab);
    // All have their places before any is drawn, and what is above the tabs comes first: a figure is as large as its place is then.
    for (const spec of header.views) {
      let view = this.views.get(spec.key);
      if (!view) {
        const element = Object.assign(document.createElement("div"), { className: "dp-view", id: `dp-pane-${spec.key}` });
        view = new VIEWS[spec.type](element, this.env);
        this.views.set(spec.key, view);
      }
      const home = this.part(HOMES[spec.area]);
      if (view.element.parentElement !== home) home.append(view.element);
      Object.assign(view, { env: this.env, pendingSpec: spec });
      view.element.hidden = spec.area === "side" && spec.key !== this.tab;
    }
    const turn = (view) => Number(view.pendingSpec.area !== "head");
    for (const view of [...this.views.values()].sort((a, b) => turn(a) - turn(b))) if (!view.element.hidden) await this.bring(view);
  }

  /** Draws a view that is visible; hidden ones (a 3-D surface is dear) wait until their tab is opened. */
  async bring(view) {
    if (!view.pendingSpec) return;
    const spec = view.pendingSpec;
    view.pendingSpec = null;
    await view.update(spec, this.header.arrays, this.transport.k);
  }

  async openTab(key) {
    this.tab = key;
    const side = this.header.views.filter((view) => view.area === "side");
    this.tabs.draw(side, this.tab);
    for (const { key: other } of side) this.views.get(other).element.hidden = other !== key;
    const view = this.views.get(key);
    await this.bring(view);
    view.resize();
    view.show(this.transport.k);
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
    this.legend.show(k);
  }

  /** The reader points at a part of the picture; "" follows the run again. */
  choose(key) {
    if (!this.reader.choose(key)) return;
    this.send.trigger("select", { key });
    this.drawReader();
    const notes = this.header.views.find((view) => ["notes", "working"].includes(view.type) && view.area === "side");
    if (key && notes && notes.key !== this.tab) this.tabs.open(notes.key);
  }

  /** A guess; one made before needs no new answer. */
  guess(guess) {
    const { verdict } = this.reader;
    const again = verdict && same([guess.name, guess.value, guess.reveal], this.guessed ?? []);
    this.guessed = [guess.name, guess.value, guess.reveal];
    this.send.trigger("guess", guess);
    if (again) this.transport.seek(guess.reveal);
  }

  /** What the page says beside the stage: what is selected, and the answer to a guess, which it also shows. */
  heed(settings) {
    const news = this.reader.heed(settings);
    if (news.selected || news.verdict) this.drawReader();
    if (news.verdict && settings.verdict) this.transport.seek(settings.verdict.reveal);
  }

  drawReader() {
    for (const view of this.views.values()) if (!view.pendingSpec) view.heed();
    this.transport.settle();
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
    const last = this.transport.done ? this.transport.ready : this.header.frames - 1;
    // A state would not be sent where it is the same as before.
    this.send.trigger("step", { k, whole: !this.header.stream || k >= ((this.header.short && this.header.halt) || last) });
  }

  /** More frames of a run have come; the one that is shown may be among them. */
  arrived(start, count) {
    this.drawLoading();
    this.drawNote();
    for (const view of this.views.values()) view.arrived(start, count);
    if (this.k < start || this.k >= start + count) return;
    for (const view of this.views.values()) view.forget();
    this.show(this.k, true);
  }

  drawLoading() {
    if (this.feed.stream) this.transport.loading(this.feed);
  }

  async saveImage(kind) {
    const main = this.views.get(this.header.views.find((view) => view.area === "main").key);
    const filename = `${this.header.file}-step-${this.k}`;
    if (main.image) return download(await main.image(kind), `${filename}.${kind}`);
    await this.env.plotly.downloadImage(main.element, {
      format: kind, filename, scale: kind === "png" ? 2 : 1, width: main.element.clientWidth, height: main.element.clientHeight,
    });
  }

  resize() {
    for (const view of this.views.values()) if (!view.element.hidden && !view.pendingSpec) view.resize();
  }

  remove() {
    this.feed.remove();
    this.sizes.disconnect();
    this.unfit?.();
    this.transport.remove();
    for (const view of this.views.values()) view.remove();
  }
}
