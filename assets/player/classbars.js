// What a classifier answers: a button with a bar for every class, or for the strongest of many.

import { format } from "./numbers.js";
import { fieldOf } from "./pack.js";
import { rowOf } from "./network_model.js";
import { View } from "./view.js";

const ROLES = [["chosen"], ["against", "against"], ["truth", "true"]]; // what the chosen one is called is said with it
const FEW = 7; // rows, which may be higher
const LEAST_TICK = 0.005; // ten ticks at nothing would hide the one that tells

/** A share as a reader has it: never 100 % where something is left. */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const hundredth = 100 * share;
  if (hundredth > 0 && hundredth < 0.1) return "< 0.1 %";
  if (hundredth < 100 && hundredth > 99.9) return "> 99.9 %";
  return `${hundredth === 0 || hundredth === 100 ? hundredth : hundredth.toFixed(1)} %`;
}

export class ClassBarsView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-bars");
    element.setAttribute("role", "group");
    element.addEventListener("mousedown", (event) => event.preventDefault()); // the arrow keys stay the player's
    element.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    element.addEventListener("keydown", (event) => this.walk(event));
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    this.values = fieldOf(spec.values, arrays);
    this.logits = spec.logits && fieldOf(spec.logits, arrays);
    this.before = spec.before && fieldOf(spec.before, arrays);
    this.truths = spec.truths && fieldOf(spec.truths, arrays);
    this.element.setAttribute("aria-label", spec.title);
    this.write();
    this.show(k);
  }

  /** As many rows as are shown; a class moves into another row, the keyboard stays on its row. */
  write() {
    const { labels, most, strongest, before_as: beforeAs = "before" } = this.spec;
    const roles = ROLES.filter(([name]) => this.spec[name] !== null).length + Number(Boolean(this.truths));
    const count = labels.length > most ? Math.min(labels.length, strongest + roles) : labels.length;
    const [hasLogits, hasBefore] = [this.logits, this.before].map(Boolean);
    const written = `${hasLogits} ${hasBefore && beforeAs}`;
    if (this.rows?.length === count && this.written === written) return;
    this.written = written;
    this.element.classList.toggle("dp-logits", hasLogits);
    this.element.classList.toggle("dp-bars-few", count <= FEW);
    const [tick, told] = hasBefore ? ["<s></s>", `<s></s>${beforeAs}`] : ["", ""];
    this.element.innerHTML = `<div class="dp-bars-head" aria-hidden="true"><span></span><span>chance${told}</span><span></span>${hasLogits ? "<span>logit</span>" : ""}</div>`
      + `<button type="button"><span class="dp-bars-name"></span><span class="dp-bars-track"><i></i>${tick}</span><b></b>${hasLogits ? "<em></em>" : ""}</button>`.repeat(count);
    this.rows = [...this.element.querySelectorAll("button")].map((button) => Object.assign(
      Object.fromEntries(["name", "track"].map((name) => [name, button.querySelector(`.dp-bars-${name}`)])),
      { button, bar: button.querySelector("i"), tick: button.querySelector("s"), share: button.querySelector("b"), logit: button.querySelector("em") },
    ));
  }

  /** The classes to show, in the order of their numbers; of many the strongest first. */
  classes(values) {
    const { labels, most, strongest: count } = this.spec;
    const all = labels.map((_, i) => i);
    if (labels.length <= most) return all;
    const strongest = values ? all.toSorted((a, b) => values[b] - values[a]).slice(0, count) : [];
    const roles = ROLES.map(([name]) => this.roleOf(name)).filter((number) => number !== null);
    return [...new Set([...strongest, ...roles])];
  }

  /** The class that has a role at the present frame, or null. */
  roleOf(name) {
    if (name !== "truth" || !this.truths) return this.spec[name];
    const { shape, data, ready } = this.truths;
    const row = Math.min(this.k, shape[0] - 1);
    return row < ready && data[row] >= 0 ? data[row] : null;
  }

  show(k) {
    this.k = k;
    const row = (field) => (field && Math.min(k, field.shape[0] - 1) < field.ready ? rowOf(field, k) : null);
    const [values, logits, before] = [this.values, this.logits, this.before].map(row);
    const shown = this.classes(values);
    this.rows.forEach((parts, i) => {
      parts.button.hidden = i >= shown.length;
      if (i < shown.length) this.showRow(parts, shown[i], values?.[shown[i]], logits?.[shown[i]], before?.[shown[i]]);
    });
  }

  showRow({ button, name, bar, tick, share, logit }, number, value = NaN, score = NaN, before = NaN) {
    const { labels, chosen_as: chosenAs = "explained", ask = "Explain" } = this.spec;
    const roles = ROLES.filter(([role]) => this.roleOf(role) === number).map(([role, text = chosenAs]) => [role, text]);
    const what = `${ask} ${labels[number]}`.trim();
    const said = `${what}|${roles}`;
    if (button.dataset.said !== said) {
      button.dataset.said = said;
      button.dataset.number = number;
      name.textContent = labels[number];
      name.append(...roles.map(([role, text]) => Object.assign(document.createElement("small"), { textContent: text, className: `dp-is-${role}` })));
      if (ask) button.setAttribute("aria-pressed", roles.some(([role]) => role === "chosen"));
      button.title = what;
    }
    if (tick) this.showTick(tick, before);
    bar.style.width = `${Number.isFinite(value) ? (100 * value).toFixed(2) : 0}%`;
    const text = percent(value);
    if (share.textContent !== text) share.textContent = text;
    if (logit) logit.innerHTML = format(score);
  }

  /** Where a bar was before. */
  showTick(tick, before) {
    tick.style.left = `${(100 * before).toFixed(2)}%`;
    tick.hidden = !(before >= LEAST_TICK);
    tick.parentElement.title = `${this.spec.before_as ?? "before"}: ${percent(before)}`;
  }

  choose(button) {
    if (button && this.spec.ask !== "") this.env.say("select", { key: `class${button.dataset.number}` });
  }

  /** Up and down go from class to class; left and right belong to the transport bar. */
  walk(event) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const seen = this.rows.map(({ button }) => button).filter(({ hidden }) => !hidden);
    const at = seen.indexOf(event.target);
    if (!move || at < 0) return;
    event.preventDefault();
    seen[(at + move + seen.length) % seen.length].focus();
  }
}
