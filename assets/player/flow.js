// A network with two inputs, drawn, and the vectors that flow through it; each number can be pointed at.

import { pictureOf } from "./lattice_file.js";
import { HELP, Hands } from "./flow_hands.js";
import { Live, paintFlow } from "./flow_live.js";
import { FlowModel } from "./flow_model.js";
import { boxOf, layOut } from "./flow_place.js";
import { flowSvg } from "./flow_svg.js";
import { Sheet, lookOf } from "./tiles_paint.js";
import { isNarrow } from "./turn.js";
import { View } from "./view.js";

export class FlowView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-flow");
    element.innerHTML = `<canvas aria-hidden="true"></canvas><svg aria-hidden="true"></svg><div class="dp-flow-buttons"></div>
      <div class="dp-flow-told" hidden></div><p class="dp-spoken" aria-live="polite"></p>`;
    this.part = (name) => element.querySelector(name);
    this.canvas = this.part("canvas");
    this.svg = this.part("svg");
    this.hands = new Hands(element, this.part(".dp-flow-buttons"), this, { changed: (isTold) => this.look(isTold), press: (i) => this.press(i) });
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.flow = new FlowModel(spec, arrays);
    this.thumb = null;
    this.k = k;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", spec.alt || spec.title);
    if (this.flow.strips.length) this.element.setAttribute("aria-description", HELP);
    else this.element.removeAttribute("aria-description");
    this.draw();
  }

  hue = (colour) => (this.env.theme === "dark" ? this.env.dark[colour] ?? colour : colour);

  /** Everything anew: for another network, another size, another theme. */
  draw() {
    const { spec, flow, env, element } = this;
    const takesItsOwn = flow.isLine || isNarrow();
    element.classList.toggle("dp-flow-line", flow.isLine);
    element.classList.toggle("dp-tall", isNarrow() && spec.area === "main");
    const { clientWidth: width } = element;
    if (!width) return;
    const page = { lecture: env.lecture, font: env.font };
    element.style.height = takesItsOwn ? `${layOut(flow, { width, height: 0 }, page).height}px` : "";
    const { clientHeight: height } = element;
    if (!height) return;
    this.size = { width, height };
    this.place = { ...layOut(flow, { width, height: takesItsOwn ? 0 : height }, page), scale: devicePixelRatio };
    this.maps = lookOf({ scale: spec.scale, signed: true, overlay: 0, colours: spec.colours }, this.hue);
    const look = { hue: this.hue, colours: spec.colours, lecture: env.lecture, font: env.font, maps: this.maps };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("font-family", env.font);
    this.svg.innerHTML = flowSvg(flow, this.place, look);
    this.live = new Live(this.svg, flow, this.place, look);
    this.hands.lay(flow, this.place);
    this.show(this.k);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.spec && width && (width !== this.size?.width || height !== this.size?.height)) this.draw();
  }

  show(k) {
    this.k = k;
    if (!this.place) return;
    this.live.show(k, this.hands.looked);
    this.paint();
    this.tell();
    this.name();
  }

  heed() {
    this.show(this.k);
  }

  look(isTold) {
    const { looked } = this.hands;
    this.live.show(this.k, looked);
    this.tell();
    if (isTold && looked) this.part(".dp-spoken").textContent = this.flow.told(looked.strip, looked.index, this.k);
  }

  /** The number that is pointed at, beside it. */
  tell() {
    const { looked } = this.hands;
    const sign = this.part(".dp-flow-told");
    sign.hidden = !looked;
    if (!looked) return;
    sign.textContent = this.flow.told(looked.strip, looked.index, this.k);
    const box = this.place.strips.find(({ strip }) => strip === looked.strip);
    const { x, y, width, height } = boxOf(box, looked.index);
    const most = this.size.width - sign.offsetWidth;
    sign.style.left = `${Math.max(0, Math.min(most, x + width / 2 - sign.offsetWidth / 2))}px`;
    // Above a strip that is compared with those below it; below where there is no room.
    const above = Math.min(y, box.y) - sign.offsetHeight - 5;
    sign.style.top = `${above < 0 ? y + height + 6 : above}px`;
  }

  press(i) {
    if (this.spec.press === "go") this.env.goTo(this.flow.frameOf(i));
    else this.env.choose(this.env.reader.selected === `word${i}` ? "" : `word${i}`);
  }

  /** What the buttons are called. */
  name() {
    const put = (button, text) => button && button.getAttribute("aria-label") !== text && button.setAttribute("aria-label", text);
    const best = this.flow.bestAt(this.k)[0];
    for (const strip of this.flow.strips) {
      const top = strip === this.flow.scores && best ? `, highest for ${strip.names[best[0]]}` : "";
      put(this.hands.button(strip.key), `${strip.told}, ${strip.cells} numbers${top}`);
    }
    if (!this.spec.press) return;
    this.spec.words.forEach(({ text, known, nearest }, i) => {
      const button = this.hands.button(`word${i}`);
      const like = nearest.length ? `; like it: ${nearest.join(", ")}` : "";
      const unknown = known ? "" : `not in the vocabulary${like}`;
      put(button, `${text}${unknown && `, ${unknown}`}`);
      button.title = unknown;
      if (this.spec.press === "select") button.setAttribute("aria-pressed", this.env.reader.selected === `word${i}`);
    });
  }

  paint() {
    const scale = devicePixelRatio;
    const { canvas, size } = this;
    const [wide, high] = [Math.round(size.width * scale), Math.round(size.height * scale)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    paintFlow(pen, this.flow, this.place, this.maps, this.thumbAt(this.k), this.k);
  }

  /** The picture as a sheet, which is coloured only when it changes. */
  thumbAt(k) {
    const { picture } = this.flow;
    const bytes = this.flow.row(picture, k);
    if (!bytes) return null;
    this.thumb ??= new Sheet(picture.shape[2], picture.shape[1]);
    if (this.thumb.turns(String(bytes.byteOffset))) this.thumb.picture(bytes);
    return this.thumb.canvas;
  }

  /** The drawing as it stands, as a file of this kind. */
  image(kind) {
    const copy = this.svg.cloneNode(true);
    copy.removeAttribute("aria-hidden");
    const { width, height } = this.size;
    copy.insertAdjacentHTML("afterbegin", `<image href="${this.canvas.toDataURL()}" x="0" y="0" width="${width}" height="${height}"/>`);
    return pictureOf(copy, this.size, this.hue(this.spec.colours.ground), kind);
  }
}
