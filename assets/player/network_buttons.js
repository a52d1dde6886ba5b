// The buttons in a network's picture: fewer or more units and layers, and whether the test's points are seen.

import { titleOf } from "./network_svg.js";

const MINUS = "\u2212";
const ROOMY = 200; // pixels of a surface below which two words have room beside others
const TEST = 1; // the kind of a point

/** What buttons change a network: {name, text, label, x, y, isOff}, (x, y) being the middle. */
function shapeButtons(net, place) {
  const { layers } = net.panel;
  const end = place.surface.x + place.surface.size;
  const y = titleOf(place) - 0.35 * place.type;
  return [
    { name: "layer-", text: MINUS, label: "One hidden layer less", x: end - 36, y, isOff: layers.length === 0 },
    { name: "layer+", text: "+", label: "One hidden layer more", x: end - 10, y },
    ...layers.flatMap((layer, i) => unitButtons(layer, i + 1, place)),
  ];
}

function unitButtons({ width }, number, place) {
  const [{ x }] = place.columns[number];
  const y = place.top - 10;
  const apart = Math.min(13, place.across / 4); // where layers stand close, so do their buttons
  const wide = `${Math.min(2 * apart - 1, 25)}px`;
  return [
    { name: `units-${number}`, text: MINUS, label: `Layer ${number}: fewer units than ${width}`, x: x - apart, y, wide, isOff: width <= 1 },
    { name: `units+${number}`, text: "+", label: `Layer ${number}: more units than ${width}`, x: x + apart, y, wide },
  ];
}

export class Buttons {
  /** act(name) for a change of shape; toggle() for the test's points. */
  constructor(parent, { act, toggle }) {
    this.parent = parent;
    this.known = new Map(); // a button outlives the pictures, so that the keyboard stays on it
    parent.addEventListener("click", (event) => {
      const name = event.target.closest("button")?.dataset.name;
      if (name === "test") toggle();
      else if (name) act(name);
    });
  }

  place(nets, places, showsTest) {
    const wanted = nets.flatMap((net, i) => [
      ...(net.panel.shapes ? shapeButtons(net, places[i]) : []),
      ...(net.points?.kinds.includes(TEST) ? [testButton(places[i], showsTest)] : []),
    ].map((button) => ({ ...button, key: `${i} ${button.name}`, label: `${button.label}${nets.length > 1 ? `, ${net.panel.title}` : ""}` })));
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, button] of this.known) if (!keys.has(key)) {
      button.remove();
      this.known.delete(key);
    }
    wanted.forEach((button, i) => this.put(button, i));
  }

  put({ key, name, text, label, x, y, wide = "", isOff = false, isPressed }, i) {
    let button = this.known.get(key);
    if (!button) {
      button = Object.assign(document.createElement("button"), { type: "button" });
      button.dataset.name = name;
      this.known.set(key, button);
    }
    if (this.parent.children[i] !== button) this.parent.insertBefore(button, this.parent.children[i] ?? null);
    button.textContent = text;
    button.disabled = isOff;
    button.setAttribute("aria-label", label);
    if (isPressed !== undefined) button.setAttribute("aria-pressed", isPressed);
    Object.assign(button.style, { left: `${x.toFixed(1)}px`, top: `${y.toFixed(1)}px`, width: wide });
  }
}

function testButton({ surface, type }, isPressed) {
  return {
    name: "test", text: surface.size > ROOMY ? "test points" : "test", label: "Test points", isPressed, x: surface.x, y: surface.y + surface.size + 4.1 * type,
  };
}
