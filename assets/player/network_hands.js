// How a reader points at a network: mouse, finger, keyboard.

import { hitAt } from "./network_place.js";
import { nextItem } from "./network_walk.js";

const [MOUSE, FINGER] = [6, 12]; // pixels from a link that still mean it
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const keyOf = (item) => (item ? [item.panel, item.kind, item.column, item.index ?? item.to, item.from].join(" ") : "");

/** Knows what is looked at: pointed at, or where the keyboard is, or kept by a click. */
export class Hands {
  /** changed() when another part is looked at; open() asks for its number; pick(panel, x, y) at a place of the surface. */
  constructor(svg, view, { changed, open, pick }) {
    Object.assign(this, { svg, view, changed, open, pick, over: null, cursor: null, kept: null });
    // A click must not take the arrow keys from the player: only the keyboard's own way here does.
    svg.addEventListener("mousedown", (event) => event.preventDefault());
    svg.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.point(this.under(event)));
    svg.addEventListener("pointerleave", () => this.point(null));
    svg.addEventListener("click", (event) => this.click(event));
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("blur", () => this.go(null));
  }

  get focus() {
    return this.over ?? this.cursor ?? this.kept;
  }

  under(event) {
    const { nets, places } = this.view;
    if (!places) return null;
    const { left, top } = this.svg.getBoundingClientRect();
    return hitAt(nets, places, event.clientX - left, event.clientY - top, event.pointerType === "touch" ? FINGER : MOUSE);
  }

  point(item) {
    const place = item?.kind === "surface" ? null : item;
    this.svg.style.cursor = place || (item && this.view.nets[item.panel].panel.paints) ? "pointer" : "";
    if (keyOf(place) === keyOf(this.over)) return;
    this.over = place;
    this.changed();
  }

  /** Keeps what was clicked at, or lets it go again. A finger that taps wants to see: it gets no keys of the telephone. */
  click(event) {
    const item = this.under(event);
    if (item?.kind === "surface" && this.view.nets[item.panel].panel.paints) return this.pick(item);
    const isSame = keyOf(item) === keyOf(this.kept);
    this.kept = isSame || item?.kind === "surface" ? null : item;
    this.over = null;
    this.changed();
    if (this.kept && event.pointerType !== "touch") this.open();
  }

  key(event) {
    if (event.target !== this.svg || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.go(nextItem(this.view, this.focus, ...ARROWS[event.key]), true);
    else if (event.key === "Enter" && this.focus) this.enter();
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  go(item, isTold = false) {
    if (keyOf(item) === keyOf(this.cursor)) return;
    this.cursor = item;
    if (item) this.kept = this.over = null;
    this.changed(isTold);
  }

  /** From a unit to the first of the links into it; from a link to its number. */
  enter() {
    const { panel, kind, column, index } = this.focus;
    const net = this.view.nets[panel];
    if (kind !== "node") {
      this.kept = this.focus;
      this.changed();
      return this.open();
    }
    if (column > 0 && net.columns[column].weights) this.go({ panel, kind: "link", column, to: index, from: 0 }, true);
  }

  /** From a link back to its unit, from a unit back to nothing. */
  leave() {
    const { panel, kind, column, index, to } = this.focus ?? {};
    const isInside = this.focus && kind !== "node";
    this.kept = this.over = null;
    this.go(isInside ? { panel, kind: "node", column, index: to ?? index } : null, isInside);
    this.changed();
  }

  /** Other networks have come: what is no more is no longer looked at. */
  check() {
    for (const name of ["over", "cursor", "kept"]) if (this[name] && !isIn(this.view.nets, this[name])) this[name] = null;
  }
}

function isIn(nets, { panel, column, index, to, from }) {
  const columns = nets[panel]?.columns;
  return Boolean(columns?.[column]) && (index ?? to) < columns[column].shown && (from === undefined || from < columns[column - 1].shown);
}
