// A stroke that a hand draws on a tile: seen at once, and told when the hand is lifted.

const APART = 0.5; // cells between two places of a stroke
const MOST = 500; // places, as ui/player.py takes them

export class Brush {
  /** paint(points) for a stroke [[x, y], ...] in cells; hands: who knows where a pointer is. */
  constructor(element, view, hands, paint) {
    Object.assign(this, { view, hands, paint, done: [], stroke: null });
    element.addEventListener("pointerdown", (event) => this.begin(event));
    element.addEventListener("pointermove", (event) => this.go(event));
    element.addEventListener("pointerup", (event) => this.end(event));
    element.addEventListener("pointercancel", () => this.drop());
  }

  begin(event) {
    const at = this.hands.placeAt(event);
    if (!at || event.button !== 0 || !this.view.set.tiles[at.index].paints) return;
    event.target.setPointerCapture?.(event.pointerId);
    this.stroke = { key: this.view.set.tiles[at.index].key, points: [[at.x, at.y]] };
    this.draw();
  }

  go(event) {
    if (!this.stroke) return;
    const [x, y] = this.within(event);
    const { points } = this.stroke;
    const [u, v] = points.at(-1);
    if (Math.hypot(x - u, y - v) < APART) return;
    points.push([x, y]);
    if (points.length > MOST) this.stroke.points = points.filter((_, i) => i % 2 === 0);
    this.draw();
  }

  end() {
    if (!this.stroke) return;
    const { stroke } = this;
    this.stroke = null;
    this.done.push(stroke);
    this.paint(stroke.points.map((point) => point.map((part) => Number(part.toFixed(2)))));
  }

  drop() {
    this.stroke = null;
    this.draw();
  }

  /** One place, by the keyboard. */
  dab(key, { row, col }) {
    this.stroke = { key, points: [[col + 0.5, row + 0.5]] };
    this.draw();
    this.end();
  }

  /** Where a pointer is in the cells of the tile that is drawn on, even beside it. */
  within({ clientX, clientY }) {
    const { set, place, element } = this.view;
    const { box, scale } = place.places[set.tiles.findIndex(({ key }) => key === this.stroke.key)];
    const { left, top } = element.getBoundingClientRect();
    return [(clientX - left - box.x) / scale, (clientY - top - box.y) / scale];
  }

  /** A new stage has what was told; what is still drawn stays. */
  settle() {
    this.done = [];
  }

  draw() {
    const strokes = this.stroke ? [...this.done, this.stroke] : this.done;
    this.view.set.tiles.forEach(({ key }, i) => {
      const d = strokes.filter((stroke) => stroke.key === key).map(({ points }) => `M${points.join("L")}${points.length < 2 ? "h0" : ""}`).join("");
      this.view.live?.groups[i].stroke.setAttribute("d", d);
    });
  }
}
