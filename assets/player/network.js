// A network to point at: its units as small maps, its weights as links, and what it answers as one large map.

import { CellForm } from "./cellform.js";
import { pictureOf } from "./lattice_file.js";
import { Buttons } from "./network_buttons.js";
import { Hands } from "./network_hands.js";
import { litSvg, middleOf } from "./network_lit.js";
import { Live } from "./network_live.js";
import { tablesOf } from "./network_maps.js";
import { Net } from "./network_model.js";
import { paintNet } from "./network_paint.js";
import { endsOf, heightOf, layOutAll, placeOfBias } from "./network_place.js";
import { panelSvg } from "./network_svg.js";
import { editName, quantityOf, spoken, valueOf } from "./network_words.js";
import { isNarrow } from "./turn.js";
import { View } from "./view.js";

const HELP = "A network. The arrow keys move from unit to unit, Enter goes to the links into a unit and to their numbers, Escape goes back.";
const FORM = [60, 26]; // pixels

export class NetworkView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-network");
    element.innerHTML = `<canvas aria-hidden="true"></canvas><svg role="application" tabindex="0" aria-label="${HELP}"></svg>
      <div class="dp-network-buttons"></div><p class="dp-spoken" aria-live="polite"></p>`;
    this.canvas = element.querySelector("canvas");
    this.svg = element.querySelector("svg");
    this.form = new CellForm(element, (edit) => this.env.edit({ ...edit, step: this.k }), () => this.svg.focus());
    this.hands = new Hands(this.svg, this, {
      changed: (isTold) => this.look(isTold), open: () => this.form.open(), pick: (item) => this.pick(item),
    });
    this.showsTest = false;
    this.buttons = new Buttons(element.querySelector(".dp-network-buttons"), {
      act: (name) => this.env.act?.(name),
      toggle: () => this.toggleTest(),
    });
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    // A point that was just painted must not vanish, even if it is dealt to the test.
    const paints = spec.panels.some((panel) => panel.paints);
    this.showsTest ||= paints && !this.paints;
    this.paints = paints;
    this.nets = spec.panels.map((panel) => new Net(panel, arrays));
    this.k = k;
    this.hands.check();
    this.element.setAttribute("aria-label", spec.alt);
    this.element.setAttribute("role", "figure");
    this.draw();
  }

  hue = (colour) => (this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour);

  /** Everything anew: for other networks, another size, another theme. */
  draw() {
    const { spec, nets, env } = this;
    const isTall = isNarrow();
    this.element.classList.toggle("dp-tall", isTall);
    this.element.style.height = isTall ? `${heightOf(nets, this.element.clientWidth, env.lecture)}px` : "";
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    this.size = { width, height };
    this.places = layOutAll(nets, width, height, isTall, env.lecture);
    this.tables = tablesOf(spec, this.hue);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("font-family", env.font);
    const look = { hue: this.hue, colours: spec.colours, classes: spec.classes, lecture: env.lecture };
    this.svg.innerHTML = nets.map((net, i) => panelSvg(net, this.places[i], i, look)).join("");
    this.lives = nets.map((net, i) => new Live(this.svg.children[i], net, this.places[i], look));
    this.buttons.place(nets, this.places, this.showsTest);
    this.element.classList.toggle("dp-tested", this.showsTest);
    this.look();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.spec && width && (width !== this.size?.width || height !== this.size?.height)) this.draw();
  }

  /** The node of a panel that is shown large; null: its output is. */
  large(number) {
    const { focus } = this.hands;
    const net = this.nets[number];
    if (focus?.kind !== "node" || focus.panel !== number || (net.isBinary && focus.column === net.last)) return null;
    return net.fieldOfMaps(focus.column) ? focus : null;
  }

  show(k) {
    this.k = k;
    if (!this.places) return;
    const { focus } = this.hands;
    const isOpen = this.form.isOpen && focus === this.hands.kept;
    this.lives.forEach((live, i) => live.show(k, { item: focus?.panel === i ? focus : null, large: this.large(i), isOpen }));
    this.paint(this.canvas, devicePixelRatio);
  }

  /** Another part is looked at. */
  look(isTold) {
    if (!this.places) return;
    this.placeForm();
    this.show(this.k);
    const { focus } = this.hands;
    if (isTold && focus) this.element.querySelector(".dp-spoken").textContent = spoken(this.nets[focus.panel], focus, this.k);
  }

  /** A number that is kept can be typed over. */
  placeForm() {
    const { kept: item } = this.hands;
    const net = item && this.nets[item.panel];
    if (!net?.panel.edits || item.kind === "node" || Number.isNaN(valueOf(net, item, this.k))) return this.form.lie("");
    const place = this.places[item.panel];
    const at = item.kind === "bias" ? placeOfBias(place.columns[item.column][item.index]).slice(0, 2)
      : middleOf(endsOf(place, item.column, item.to, item.from));
    this.form.lie(editName(net, item), {
      at, size: FORM, within: this.size, type: place.type, label: quantityOf(net, item), value: valueOf(net, item, this.k),
    });
  }

  pick({ panel, x, y }) {
    const { surface } = this.places[panel];
    const { reach } = this.nets[panel].panel;
    const along = (part) => reach * ((2 * part) / surface.size - 1);
    this.env.pick(along(x - surface.x), -along(y - surface.y), false);
  }

  toggleTest() {
    this.showsTest = !this.showsTest;
    this.draw();
  }

  settle() {
    if (this.places) this.placeForm();
  }

  /** All maps, on a canvas with so many pixels to one of the page. */
  paint(canvas, scale) {
    const { width, height } = this.size;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.nets.forEach((net, i) => paintNet(pen, net, this.places[i], this.tables, this.k, this.large(i)));
  }

  /** The picture as it stands, as a file of this kind. */
  image(kind) {
    const canvas = document.createElement("canvas");
    this.paint(canvas, 2);
    const { width, height } = this.size;
    const copy = this.svg.cloneNode(true);
    copy.insertAdjacentHTML("afterbegin", `<image href="${canvas.toDataURL()}" width="${width}" height="${height}"/>`);
    if (!this.showsTest) copy.querySelectorAll(".dp-test").forEach((points) => points.remove());
    return pictureOf(copy, this.size, this.hue(this.spec.colours.ground), kind);
  }
}
