// Samples over a surface: a colour and a shape for each class, smaller and paler for the test, a cross for a wrong label.

import { label } from "./network_text.js";

const RADIUS = { train: 3.4, test: 2.4 };
const USUAL = 230; // pixels of a surface on which they have this radius
const [TEST, WRONG] = [1, 2]; // 0: train
const f = (number) => number.toFixed(2);

/** A closed path around (x, y) for each class: circle, diamond, triangle, square, triangle on its tip. */
const SHAPES = [
  (x, y, r) => `M${f(x - r)},${f(y)}a${f(r)},${f(r)} 0 1 0 ${f(2 * r)},0a${f(r)},${f(r)} 0 1 0 ${f(-2 * r)},0Z`,
  (x, y, r) => around(x, y, 1.25 * r, [[0, -1], [1, 0], [0, 1], [-1, 0]]),
  (x, y, r) => around(x, y, 1.2 * r, [[0, -1], [1, 0.8], [-1, 0.8]]),
  (x, y, r) => around(x, y, 0.95 * r, [[-1, -1], [1, -1], [1, 1], [-1, 1]]),
  (x, y, r) => around(x, y, 1.2 * r, [[0, 1], [1, -0.8], [-1, -0.8]]),
];
const around = (x, y, r, corners) => `M${corners.map(([a, b]) => `${f(x + r * a)},${f(y + r * b)}`).join("L")}Z`;

export const crossAt = (x, y, r) => `M${f(x - r)},${f(y - r)}L${f(x + r)},${f(y + r)}M${f(x + r)},${f(y - r)}L${f(x - r)},${f(y + r)}`;
export const shapeOf = (label) => SHAPES[label % SHAPES.length];

/** All points of a panel; those of the test wait until they are asked for. */
export function pointsSvg(net, place, { hue, colours, classes, lecture }) {
  const { points, panel: { reach } } = net;
  if (!points) return "";
  const { x, y, size } = place.surface;
  const across = (value) => x + (size * (value / reach + 1)) / 2;
  const down = (value) => y + (size * (1 - value / reach)) / 2;
  const growth = Math.min(Math.max(size / USUAL, 0.75), 1.5) * (lecture ? 1.2 : 1);
  const paths = new Map(); // "test 1" -> its path
  const crosses = [];
  points.labels.forEach((name, i) => {
    const [u, v] = points.at.subarray(2 * i);
    if (Math.abs(u) > reach || Math.abs(v) > reach) return;
    const kind = points.kinds[i] === TEST ? "test" : "train";
    const [px, py, r] = [across(u), down(v), RADIUS[kind] * growth];
    const key = `${kind} ${name}`;
    paths.set(key, (paths.get(key) ?? "") + shapeOf(name)(px, py, r));
    if (points.kinds[i] === WRONG) crosses.push(crossAt(px, py, 1.35 * r));
  });
  const drawn = (kind) => [...paths].filter(([key]) => key.startsWith(kind)).map(([key, d]) =>
    `<path d="${d}" fill="${hue(classes[key.split(" ")[1] % classes.length])}"/>`).join("");
  const ring = hue(colours.ground);
  const { type } = place;
  const under = y + size + 4.4 * type;
  const said = crosses.length ? label(x + size, under, "× wrong label", `text-anchor="end" stroke="none"`) : "";
  const cross = crosses.join("");
  return `<g class="dp-points" pointer-events="none" stroke="${ring}" stroke-width="1">
    <g class="dp-test" opacity="0.6" stroke-width="0.6">${drawn("test")}</g><g class="dp-train">${drawn("train")}</g>
    <path class="dp-wrong-labels" d="${cross}" fill="none" stroke-width="2.8"/>
    <path d="${cross}" fill="none" stroke="${hue(colours.ink)}" stroke-width="1.2"/>${said}</g>`;
}
