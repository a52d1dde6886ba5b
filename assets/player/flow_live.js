// What of a flow follows the frame and the reader: words that have been read, cells, the likeliest answers.

import { percent } from "./classbars.js";
import { label } from "./network_text.js";
import { told } from "./network_words.js";
import { SMALL, boxOf } from "./flow_place.js";
import { PALE } from "./flow_svg.js";
import { cssOf } from "./tiles_paint.js";
import { rectOf, twoTone } from "./tiles_svg.js";
import { widthOf } from "./tiles_text.js";

const f = (number) => number.toFixed(1);

export class Live {
  /** svg: the drawn flow. look: {hue, colours, lecture, font, maps}. */
  constructor(svg, flow, place, look) {
    Object.assign(this, { flow, place, look, written: new Map() });
    this.words = [...svg.querySelectorAll("[data-word]")].map((group) => (
      { group, rect: group.querySelector("rect"), number: group.querySelector(".dp-flow-number") }));
    this.over = svg.querySelector(".dp-flow-over");
    this.best = svg.querySelector(".dp-flow-best");
  }

  /** Frame k; looked: {strip, index}, the cell that is looked at, or null. */
  show(k, looked) {
    const { flow } = this;
    const [read, shades] = [flow.readAt(k), flow.row(flow.shades, k)];
    this.words.forEach((parts, i) => this.showWord(parts, i, read, shades?.[i]));
    this.write(this.over, this.topSvg(k) + (looked ? this.lookedSvg(looked) : ""));
    if (this.place.best) this.write(this.best, this.bestSvg(k));
  }

  write(element, text) {
    if (this.written.get(element) === text) return;
    this.written.set(element, text);
    element.innerHTML = text;
  }

  /** A word that has been read, the one that is being read, and one that is still to come. */
  showWord({ group, rect, number }, i, read, shade) {
    const { hue, colours, lecture, maps } = this.look;
    const isUnread = !this.flow.lanes.question && !this.flow.isLine;
    const state = isUnread || i >= read ? "later" : i === read - 1 && this.flow.read ? "now" : "read";
    const ground = Number.isFinite(shade) ? cssOf(shade, this.flow.spec.shadeLimit, maps) : "none";
    const stamp = `${state} ${ground}`;
    if (number) number.textContent = Number.isFinite(shade) ? told(shade, 2) : "";
    if (group.dataset.stamp === stamp) return;
    group.dataset.stamp = stamp;
    group.dataset.state = state;
    rect.setAttribute("fill", ground);
    rect.setAttribute("stroke", hue(state === "now" ? colours.accent : colours.muted));
    rect.setAttribute("stroke-width", (state === "now" ? 2 : 1) * (lecture ? 1.4 : 1));
    rect.setAttribute("stroke-dasharray", state === "later" ? "3 3" : "");
    const text = group.querySelector("text");
    text.setAttribute("fill", Number.isFinite(shade) ? inkOn(ground) : hue(state === "later" ? colours.muted : colours.ink));
  }

  /** A ring around the likeliest answer's score. */
  topSvg(k) {
    const box = this.place.strips.find(({ strip }) => strip === this.flow.scores);
    const [top] = box ? this.flow.bestAt(k) : [];
    return top ? twoTone(`<rect ${rectOf(boxOf(box, top[0]), 1.5)} rx="2"/>`, 1.6, this.look) : "";
  }

  /** Edges around the cells that are looked at: of one strip, or the same number of all that belong together. */
  lookedSvg({ strip, index }) {
    const together = this.flow.joint.includes(strip) ? this.flow.joint : [strip];
    const boxes = this.place.strips.filter((box) => together.includes(box.strip)).map((box) => boxOf(box, index));
    return twoTone(boxes.map((box) => `<rect ${rectOf(box, 1)}/>`).join(""), 1.4, this.look);
  }

  /** The likeliest answers and their chances, as many as there is room for. */
  bestSvg(k) {
    const { x, y, width, height } = this.place.best;
    const { font, hue, colours } = this.look;
    const { type } = this.place;
    const base = y + 0.72 * height;
    let at = x;
    let svg = "";
    for (const [number, [place, chance]] of this.flow.bestAt(k).entries()) {
      const [name, share] = [this.flow.scores.names[place], percent(chance)];
      const weight = number ? 400 : 600;
      const [named, shared] = [widthOf(name, type, font, weight), widthOf(share, SMALL * type, font)];
      const end = at + named + 0.4 * type + shared;
      if (end > x + width) break;
      svg += label(at, base, name, `font-weight="${weight}"`)
        + label(at + named + 0.4 * type, base, share, `font-size="${f(SMALL * type)}" fill="${hue(colours.muted)}"`);
      at = end + 1.3 * type;
    }
    return svg;
  }
}

/** Black or white, whichever is read on this ground. */
function inkOn(css) {
  const [r, g, b] = css.match(/\d+/g).map((part) => (part / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2 ? "#14171b" : "#ffffff";
}

/** Colours the cells of all strips, and the small picture. */
export function paintFlow(pen, flow, place, maps, thumb, k) {
  for (const box of place.strips) {
    const numbers = flow.row(box.strip.field, k);
    const { x, y, width, height, strip } = box;
    pen.clearRect(x, y, width, height);
    if (!numbers) continue;
    for (let i = 0; i < strip.cells; i++) {
      if (!Number.isFinite(numbers[i])) continue;
      const cell = boxOf(box, i);
      pen.fillStyle = cssOf(numbers[i], strip.limit, maps);
      // Edges lie between pixels of the screen: two cells never mix.
      const [left, right, top, bottom] = [cell.x, cell.x + cell.width, cell.y, cell.y + cell.height].map((edge) => Math.round(edge * place.scale) / place.scale);
      pen.fillRect(left, top, right - left, bottom - top);
    }
  }
  if (!place.thumb || !thumb) return;
  const { x, y, size, isUsed } = place.thumb;
  pen.globalAlpha = isUsed ? 1 : PALE;
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(thumb, x, y, size, size);
  pen.globalAlpha = 1;
}
