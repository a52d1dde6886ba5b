// What was done and what came of it, a row a frame; a click on a row goes there. What came of a later one is not told.

import { percent } from "./classbars.js";
import { View, bring } from "./view.js";

const VERDICTS = [["dp-is-right", "\u2713", "right"], ["dp-is-wrong", "\u2717", "wrong"], ["", "", "nobody knows"]];
const HEADS = ["", "change", "true", "answer"];

export class LogView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-log");
    element.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", spec.title);
    const said = JSON.stringify([spec.entries, spec.said]);
    if (said !== this.said) this.write();
    this.said = said;
    this.show(k);
  }

  write() {
    const head = make("div", "dp-log-head", ...HEADS.map((text) => make("span", "", text)));
    head.setAttribute("aria-hidden", "true");
    this.rows = this.spec.entries.map((entry, k) => this.row(entry, k));
    const hint = this.rows.length === 1 && this.spec.said ? [make("p", "", this.spec.said)] : [];
    this.element.replaceChildren(head, ...this.rows, ...hint);
  }

  /** Texts are put as text: a reader may have typed them. */
  row({ text, truth, answer, chance, flipped }, k) {
    const [look, sign, word] = VERDICTS[truth === null ? 2 : truth === answer ? 0 : 1];
    const below = make("small", "", percent(chance), ...(flipped ? [" ", make("b", "", "\u21c4 flipped")] : []));
    const given = make("span", "dp-log-answer", make("span", "", make("b", "", answer), " ", make("i", look, sign)), below);
    const button = make("button", flipped ? "dp-flipped" : "", make("span", "dp-log-number", String(k)), make("span", "", text), make("span", "", truth ?? "?"), given);
    button.type = "button";
    const knows = truth === null ? word : `${word}, true is ${truth}`;
    button.told = `: ${answer}, ${percent(chance)}, ${knows}${flipped ? ", flipped" : ""}`;
    button.done = `${k}: ${text}`;
    button.onclick = () => this.env.goTo(k);
    button.onkeydown = (event) => this.walk(event, k);
    return button;
  }

  show(k) {
    this.rows.forEach((row, i) => {
      if (i === k) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
      row.classList.toggle("dp-log-later", i > k);
      row.setAttribute("aria-label", row.done + (i > k ? "" : row.told));
      row.tabIndex = i === k ? 0 : -1;
    });
    if (this.rows[k]) bring(this.element, this.rows[k]);
  }

  /** Up and down go from row to row; left and right belong to the transport bar. */
  walk(event, k) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    this.rows[(k + move + this.rows.length) % this.rows.length].focus();
  }
}

function make(tag, look, ...parts) {
  const element = Object.assign(document.createElement(tag), { className: look });
  element.append(...parts);
  return element;
}
