// Which part of a picture lies under the pointer: nodes (x, y) and lines (x0, y0, x1, y1, ...).

const REACH = { mouse: 8, pen: 10, touch: 14 }; // pixels beside a line

/** How far (px, py) is from the segment a-b, in pixels. */
function distance([px, py], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** The key of the nearest target within reach, or "". A node is a box `size` wide; nodes lie above lines.
 *  targets: [key, line] pairs; place(x, y): where data lies in pixels. */
export function targetAt(point, targets, place, size, pointer) {
  let best = { key: "", far: Infinity };
  for (const [key, line] of targets) {
    const points = Array.from({ length: line.length / 2 }, (_, i) => place(line[2 * i], line[2 * i + 1]));
    const far = points.length === 1 ? fromNode(point, points[0], size) : fromLine(point, points, REACH[pointer] ?? REACH.mouse);
    if (far < best.far) best = { key, far };
  }
  return best.key;
}

/** Below 0 inside the box, so that no line comes before it. */
function fromNode([px, py], [x, y], size) {
  const far = Math.max(Math.abs(px - x), Math.abs(py - y));
  return far <= size / 2 ? far - size : Infinity;
}

function fromLine(point, points, reach) {
  let far = Infinity;
  for (let i = 1; i < points.length; i++) far = Math.min(far, distance(point, points[i - 1], points[i]));
  return far <= reach ? far : Infinity;
}
