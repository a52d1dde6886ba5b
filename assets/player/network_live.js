// What of a network's drawing follows the frame: the links' weights, the biases, who is dropped, the line between classes.

import { contourOf } from "./network_contour.js";
import { Gallery } from "./network_gallery.js";
import { keySvg } from "./network_key.js";
import { litSvg } from "./network_lit.js";
import { rowOf } from "./network_model.js";
import { captionOf } from "./network_words.js";

const [THIN, WIDE] = [0.5, 6.5]; // pixels of a link without, and with endless weight
const HALF = 2.5; // the weight that is half way
const [FAINT, CLEAR] = [0.3, 0.6]; // opacity of the same, and what a strong one has more
export const DASH = "5 3";

/** How a link with this weight is drawn: width, opacity, whether it is dashed. `weight` is NaN where there is none. */
export function lookOf(weight, gain, lecture) {
  if (Number.isNaN(weight)) return { width: lecture ? 1.2 : 0.8, opacity: 0.5, isNegative: false };
  const size = Math.abs(weight) * gain;
  const share = size / (size + HALF);
  return { width: (THIN + (WIDE - THIN) * share) * (lecture ? 1.5 : 1), opacity: FAINT + CLEAR * Math.min(1, size), isNegative: weight < 0 };
}

export class Live {
  /** element: a panel's drawing; look: {hue, colours, lecture}. */
  constructor(element, net, place, look) {
    Object.assign(this, { net, place, look });
    const { hue, colours } = look;
    this.positive = hue(colours["weight-positive"]);
    this.negative = hue(colours["weight-negative"]);
    this.element = element;
    this.links = [...element.querySelectorAll(".dp-link")];
    this.list = net.links();
    this.written = this.links.map(() => null);
    this.texts = new Map(); // element -> what was last written into it
    this.biases = this.partsOf(".dp-bias");
    this.dropped = this.partsOf(".dp-dropped");
    this.shares = this.partsOf(".dp-share");
    this.contour = element.querySelector(".dp-contour");
    this.caption = element.querySelector(".dp-surface-name");
    this.key = element.querySelector(".dp-key");
    this.lit = element.querySelector(".dp-lit");
    this.gallery = net.pictures && new Gallery(element.querySelector(".dp-gallery"), net, place, look);
  }

  /** Such a part of every unit that has one: {column, index, node, element}. */
  partsOf(selector) {
    const units = this.place.columns.flatMap((nodes, column) => nodes.map((node, index) => ({ column, index, node })));
    const of = ({ column, index }) => this.element.querySelector(`[data-node="${column}.${index}"] ${selector}`);
    return units.map((unit) => ({ ...unit, element: of(unit) })).filter(({ element }) => element);
  }

  /** Frame k; item: the part that is looked at, large: the node that is shown where the output was. */
  show(k, { item, large, isOpen }) {
    const { net, place, look } = this;
    const isThere = net.isThere(k);
    this.showLinks(k, isThere);
    this.showUnits(k, isThere);
    this.gallery?.show(k, Boolean(large));
    this.contour?.setAttribute("d", isThere && !large && net.isBinary ? this.boundary(k) : "");
    this.write(this.caption, captionOf(net, large, k), "textContent");
    this.write(this.key, keySvg(net, place, look, large, k), "innerHTML");
    this.write(this.lit, item && isThere ? litSvg(this, item, k, isOpen) : "", "innerHTML");
    this.element.classList.toggle("dp-dim", Boolean(item));
  }

  /** Most of it stays from frame to frame. */
  write(element, text, property) {
    if (this.texts.get(element) === text) return;
    this.texts.set(element, text);
    element[property] = text;
  }

  showUnits(k, isThere) {
    for (const { element, column, index } of this.biases) {
      element.style.display = isThere ? "" : "none";
      if (!isThere) continue;
      const bias = this.net.bias(column, index, k);
      element.setAttribute("fill", bias < 0 ? this.negative : this.positive);
      element.setAttribute("fill-opacity", Math.min(1, 0.15 + Math.abs(bias)).toFixed(2));
    }
    for (const { element, column, index } of this.dropped) {
      element.style.display = isThere && !this.net.isKept(column, index, k) ? "" : "none";
    }
    for (const { element, column, index, node } of this.shares) {
      element.setAttribute("width", isThere ? (node.size * this.net.share(column, index, k)).toFixed(1) : 0);
    }
  }

  boundary(k) {
    const { surface } = this.net;
    return contourOf(rowOf(surface, k), surface.shape.at(-1), this.place.surface);
  }

  showLinks(k, isThere) {
    const { net, look, links, list, written } = this;
    for (let i = 0; i < links.length; i++) {
      const [column, to, from] = list[i];
      const isDrawn = isThere && net.isKept(column, to, k) && net.isKept(column - 1, from, k);
      const { width, opacity, isNegative } = lookOf(net.weight(column, to, from, k), net.gain(column), look.lecture);
      const text = isDrawn ? `${width.toFixed(1)} ${opacity.toFixed(2)} ${isNegative}` : "";
      if (text === written[i]) continue; // most links change little from frame to frame
      written[i] = text;
      const link = links[i];
      link.style.display = isDrawn ? "" : "none";
      if (!isDrawn) continue;
      link.setAttribute("stroke", this.strokeOf(column, to, from, k));
      link.setAttribute("stroke-width", width.toFixed(1));
      link.setAttribute("stroke-opacity", opacity.toFixed(2));
      link.setAttribute("stroke-dasharray", isNegative ? DASH : "");
    }
  }

  strokeOf(column, to, from, k) {
    const weight = this.net.weight(column, to, from, k);
    if (Number.isNaN(weight)) return this.look.hue(this.look.colours.muted);
    return weight < 0 ? this.negative : this.positive;
  }
}
