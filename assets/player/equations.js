// Equations with the present frame's numbers in the place of their names.

import { format } from "./numbers.js";
import { View, scrolls, tinted } from "./view.js";

export class EquationsView extends View {
  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    this.element.classList.add("dp-equations");
    scrolls(this.element, spec.title);
    this.element.innerHTML = spec.rows.map(([label, colour, lines]) =>
      `<section><h4><i style="background:${tinted(colour, this.env)}"></i>${label}</h4>${lines.map(() => "<p></p>").join("")}</section>`,
    ).join("") + (spec.note ? `<small>${spec.note}</small>` : "");
    this.lines = [...this.element.querySelectorAll("section")].map((section) => [...section.querySelectorAll("p")]);
    this.show(k);
  }

  show(k) {
    this.spec.rows.forEach(([, , templates], row) => templates.forEach((template, i) => {
      this.lines[row][i].innerHTML = template.replace(/\{(\w+)\}/g, (_, name) => this.number(row, name, k));
    }));
  }

  number(row, name, k) {
    const ref = this.spec.values[row][name];
    if (ref === undefined) return name;
    if (typeof ref === "number") return format(ref);
    const value = Array.isArray(ref) ? ref[k] : this.arrays[ref.$].row(k);
    return typeof value === "number" ? format(value) : `(${Array.from(value, (v) => format(v)).join(", ")})`;
  }
}
