// A program whose present line is marked; a click on a line goes to the next frame at which it runs.

import { View, bring } from "./view.js";

/** A line of code: its indent, what runs, and the comment, which gives way where there is no room. */
function coded(text) {
  const [, indent, code, comment] = text.match(/^(\s*)(.*?)(\s+#.*)?$/);
  const line = document.createElement("code");
  line.style.paddingLeft = `${indent.length}ch`;
  line.append(Object.assign(document.createElement("span"), { textContent: code }));
  if (comment) line.append(Object.assign(document.createElement("i"), { textContent: comment }));
  return line;
}

export class ProgramView extends View {
  async update(spec, arrays, k) {
    this.spec = spec;
    this.element.classList.add("dp-program");
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-orientation", "vertical");
    this.element.setAttribute("aria-label", spec.title);
    const said = JSON.stringify([spec.lines, spec.wrong, [...new Set(spec.active)]]);
    if (said !== this.said) this.write(); // else whoever stands on a line with the keyboard stays there
    this.said = said;
    this.present = null;
    this.show(k);
  }

  write() {
    const runs = new Set(this.spec.active);
    this.buttons = this.spec.lines.map((text, line) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(coded(text));
      button.disabled = !runs.has(line);
      if (this.spec.wrong.includes(line)) {
        button.classList.add("dp-wrong");
        button.title = "This line is wrong, or what it should do is missing";
        button.insertAdjacentHTML("afterbegin", `<b role="img" aria-label="wrong:">✗</b>`);
      }
      button.onclick = () => this.env.goTo(this.nextOf(line));
      button.onkeydown = (event) => this.walk(event, line);
      return button;
    });
    this.element.replaceChildren(...this.buttons);
  }

  show(k) {
    this.k = k;
    const line = this.spec.active[k];
    if (line === this.present) return;
    this.present = line;
    this.buttons.forEach((button, i) => {
      if (i === line) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      button.tabIndex = i === line ? 0 : -1;
    });
    if (this.buttons[line]) bring(this.element, this.buttons[line]);
  }

  /** The next frame at which a line runs, from the start again after the last. */
  nextOf(line) {
    const later = this.spec.active.indexOf(line, this.k + 1);
    return later < 0 ? this.spec.active.indexOf(line) : later;
  }

  /** Up and down go from line to line; left and right belong to the transport bar. */
  walk(event, line) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const count = this.buttons.length;
    for (let i = 1; i < count; i++) {
      const next = this.buttons[(line + move * i + count * i) % count];
      if (!next.disabled) return next.focus();
    }
  }
}
