// Small pictures in the place of a surface, each with what the network takes it for.

import { drawMap } from "./network_maps.js";
import { rowOf } from "./network_model.js";
import { label } from "./network_text.js";

const PICTURE = 0.66; // of a cell's side; the rest is for the answer

/** Where each picture lies: rows of squares that fill the surface's place. */
export function cellsOf(net, { surface: { x, y, size } }) {
  const count = net.pictures.labels.length;
  const side = Math.ceil(Math.sqrt(count));
  const step = size / side;
  return Array.from({ length: count }, (_, i) => ({ x: x + (i % side) * step, y: y + Math.floor(i / side) * step, size: step }));
}

export function paintGallery(pen, net, place, colours) {
  const { images } = net.pictures;
  const [rows] = images.shape.slice(1);
  cellsOf(net, place).forEach(({ x, y, size }, i) => {
    const inset = 0.06 * size;
    drawMap(pen, rowOf(images, i), rows, colours, [x + inset, y + inset, PICTURE * size], false);
  });
}

/** Answers beside the pictures: a wrong one is crossed out in front of what it should have been. */
export class Gallery {
  constructor(element, net, place, { hue, colours }) {
    Object.assign(this, { element, net, place });
    this.right = hue(colours.correct);
    this.wrong = hue(colours.wrong);
    this.cells = cellsOf(net, place);
    element.innerHTML = this.cells.map(({ x, y, size }, i) => {
      const inset = 0.06 * size;
      const side = PICTURE * size;
      const frame = `x="${(x + inset).toFixed(1)}" y="${(y + inset).toFixed(1)}" width="${side.toFixed(1)}" height="${side.toFixed(1)}"`;
      return `<g data-picture="${i}"><rect ${frame} fill="none"/>
        ${label(x + inset + side + 0.06 * size, y + inset + 0.62 * side, "", `font-size="${(0.34 * size).toFixed(1)}" font-weight="600"`)}
        <path fill="none" stroke-width="1.6"/></g>`;
    }).join("");
    this.groups = [...element.children].map((group) => ({ frame: group.children[0], text: group.children[1], mark: group.children[2] }));
    this.written = this.cells.map(() => -1);
  }

  show(k, isLarge) {
    const { net, groups, written } = this;
    this.element.style.display = isLarge ? "none" : "";
    const isThere = net.isThere(k);
    const answers = rowOf(net.pictures.answers, k);
    groups.forEach(({ frame, text, mark }, i) => {
      const answer = isThere ? answers[i] : -1;
      if (answer === written[i]) return;
      written[i] = answer;
      const isRight = answer === net.pictures.labels[i];
      const hue = isRight ? this.right : this.wrong;
      text.textContent = answer < 0 ? "" : net.panel.class_names[answer];
      text.setAttribute("fill", hue);
      frame.setAttribute("stroke", answer < 0 || isRight ? "none" : hue);
      mark.setAttribute("stroke", hue);
      mark.setAttribute("d", answer < 0 ? "" : markOf(isRight, this.cells[i]));
    });
  }
}

/** A tick or a cross under the answer. */
function markOf(isRight, { x, y, size }) {
  const [left, top, unit] = [x + 0.8 * size, y + 0.6 * size, 0.13 * size];
  const path = isRight ? [[-0.7, 0], [-0.1, 0.6], [1, -0.6]] : [[-0.6, -0.6], [0.6, 0.6]];
  const line = (points) => `M${points.map(([a, b]) => `${(left + a * unit).toFixed(1)},${(top + b * unit).toFixed(1)}`).join("L")}`;
  return line(path) + (isRight ? "" : line([[0.6, -0.6], [-0.6, 0.6]]));
}
