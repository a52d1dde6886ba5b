// Notes on the parts of a picture: of the one that is selected, or else of the one where something happens now.

import { NumberForm } from "./numberform.js";
import { typed } from "./numbers.js";
import { View, bring, scrolls, tinted } from "./view.js";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const NOTHING = "Select a part of the picture, or go on to a step that works on one.";
const holds = ([start, end], k) => start <= k && k < end;

/** A title as plain text, for the list of all parts. */
function plain(html) {
  const probe = document.createElement("template");
  probe.innerHTML = html.replace(/<sub>(\d+)<\/sub>/g, (_, digits) => digits.replace(/\d/g, (digit) => SUBSCRIPTS[digit]));
  return probe.content.textContent;
}

export class NotesView extends View {
  constructor(element, env) {
    super(element, env);
    element.classList.add("dp-notes");
    element.innerHTML = `
      <div class="dp-choice"><label>Show <select></select></label>
        <button class="dp-follow" aria-label="Follow the walk again" title="Follow the walk again (Esc)">×</button></div>
      <h4></h4><form></form><form></form><p class="dp-verdict" role="status"></p><div class="dp-lines"></div>`;
    const [edit, ask] = element.querySelectorAll("form");
    this.part = (name) => element.querySelector(name);
    this.edit = new NumberForm(edit, { immediate: true, send: (value) => this.env.edit({ name: this.note.edit.name, value, step: this.k }) });
    this.ask = new NumberForm(ask, { immediate: false, send: (value) => this.guess(value) });
    this.choice = element.querySelector("select");
    this.choice.onchange = () => this.env.choose(this.choice.value);
    this.part(".dp-follow").onclick = () => this.env.choose("");
    // A note in which someone types stays until they are done, whatever else happens meanwhile.
    element.addEventListener("focusin", (event) => {
      if (event.target.closest("form")) this.held = this.key;
    });
    element.addEventListener("focusout", (event) => {
      if (this.held === undefined || event.relatedTarget?.closest("form")?.parentNode === element) return;
      this.held = undefined;
      this.show(this.k);
    });
  }

  async update(spec, arrays, k) {
    this.spec = spec;
    scrolls(this.element, spec.title);
    this.list(Object.entries(spec.items));
    this.shown = null; // the same lines may say something else now
    this.show(k);
  }

  /** All parts in the list, for the keyboard; it stays open while it is the same. */
  list(items) {
    const options = [["", "the present one"], ...items.map(([key, { title }]) => [key, plain(title)])];
    const said = JSON.stringify(options);
    if (said === this.listed) return;
    this.listed = said;
    this.choice.replaceChildren(...options.map(([key, title]) => new Option(title, key)));
  }

  heed() {
    this.show(this.k);
  }

  show(k) {
    this.k = k;
    this.leave();
    const { selected } = this.env.reader;
    const pinned = selected in this.spec.items ? selected : "";
    if (this.choice.value !== pinned) this.choice.value = pinned;
    this.part(".dp-follow").hidden = !pinned;
    this.turnTo(pinned || (this.held ?? this.spec.active[k] ?? ""));
    this.showForms(k);
    this.showLines(k);
  }

  /** A form that is over lets the keyboard and the walk go on. */
  leave() {
    const { edit, ask } = this.spec.items[this.key] ?? {};
    for (const [number, windows] of [[this.edit, edit?.values], [this.ask, ask]]) {
      if (!number.inUse || windows?.some((window) => holds(window, this.k))) continue;
      this.held = undefined;
      number.input.blur();
    }
  }

  turnTo(key) {
    if (key !== this.key) {
      // What was typed about another part is no number of this one.
      for (const form of [this.edit, this.ask]) form.put("");
      this.element.scrollTop = 0;
    }
    this.key = key;
    this.note = this.spec.items[key] ?? { title: "", lines: [], edit: null, ask: [] };
    const title = tinted(this.note.title, this.env);
    if (title !== this.titled) this.part("h4").innerHTML = this.titled = title;
  }

  showForms(k) {
    const { edit, ask } = this.note;
    const value = edit?.values.find((window) => holds(window, k))?.[2];
    this.open(this.edit, Number.isFinite(value) && `${edit.label} = `);
    if (Number.isFinite(value)) this.edit.show(typed(value));
    const question = this.takeQuestion(ask.find((window) => holds(window, k)));
    this.open(this.ask, question && `Predict ${question[4]}: `);
    const html = this.answerAt(k);
    if (html !== this.answered) this.part(".dp-verdict").innerHTML = this.answered = html;
  }

  /** The verdict stands where its answer is revealed, and from then on with its own part. */
  answerAt(k) {
    const { verdict } = this.env.reader;
    const asked = ([, , reveal, name]) => k >= reveal && name === verdict.name && reveal === verdict.reveal;
    return verdict && (k === verdict.reveal || this.note.ask.some(asked)) ? tinted(verdict.html, this.env) : "";
  }

  /** Another question has no answer yet; the same one keeps what was typed. */
  takeQuestion(question) {
    if (question && String(question.slice(2, 4)) !== String(this.question?.slice(2, 4))) this.ask.put("");
    this.question = question ?? this.question;
    return question;
  }

  /** Shows a form behind this label, or hides it. */
  open(number, html) {
    number.form.hidden = !html;
    if (html) number.ask(tinted(html, this.env));
  }

  showLines(k) {
    const lines = this.note.lines.filter((line) => holds(line, k));
    const html = lines.map(([start, , line]) => `<div${start === k ? ` class="dp-new"` : ""}>${tinted(line, this.env)}</div>`).join("")
      || (this.note.title ? "" : `<div>${this.spec.otherwise || NOTHING}</div>`);
    if (html === this.shown) return;
    this.part(".dp-lines").innerHTML = this.shown = html;
    if (this.edit.inUse || this.ask.inUse) return;
    // The first of what is new is seen, and as much of the rest as there is room for.
    for (const line of [...this.element.querySelectorAll(".dp-new")].reverse()) bring(this.element, line);
  }

  guess(value) {
    const [, , reveal, name] = this.question;
    this.env.guess({ name, value, step: this.k, reveal });
  }
}
