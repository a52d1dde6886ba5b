// A small form for one number, as it is in notes: what was typed is sent if it is a number, and never lost.

import { parse } from "./numbers.js";

export const COMPLAINT = "Give a number, such as −0.5.";

export class NumberForm {
  /** send(value) is called once for each number. immediate: leaving the field sends it, too. */
  constructor(form, { immediate, send }) {
    Object.assign(this, { form, immediate, send, given: "" });
    form.className = "dp-number";
    form.noValidate = true;
    form.innerHTML = `<label><span></span><input type="text" inputmode="decimal" autocomplete="off" spellcheck="false"></label>
      <button type="button" class="dp-sign" aria-label="Change the sign" title="Change the sign">±</button>
      <button type="submit" class="dp-check"${immediate ? " hidden" : ""}>Check</button><small role="alert"></small>`;
    this.label = form.querySelector("span");
    this.input = form.querySelector("input");
    form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    if (immediate) this.input.onchange = () => this.submit();
    this.input.oninput = () => this.complain("");
    this.input.onkeydown = (event) => {
      if (event.key === "Escape") this.put(this.given);
    };
    // The number pads of some telephones have no minus. The field keeps the focus: to leave it would send the number.
    const sign = form.querySelector(".dp-sign");
    sign.onpointerdown = (event) => event.preventDefault();
    sign.onclick = () => {
      const { value } = this.input;
      this.input.value = /^[-\u2212]/.test(value) ? value.slice(1) : `\u2212${value}`;
      if (immediate) this.submit();
    };
  }

  get inUse() {
    return this.form.contains(document.activeElement);
  }

  /** Says what the number is for. */
  ask(html) {
    if (html !== this.asked) this.label.innerHTML = this.asked = html;
  }

  /** Shows a number, unless someone is typing another. */
  show(text) {
    if (this.inUse && this.input.value !== this.given) this.given = text;
    else if (this.given !== text || this.input.value !== text) this.put(text);
  }

  put(text) {
    this.input.value = this.given = text;
    this.complain("");
  }

  submit() {
    const text = this.input.value;
    if (this.immediate && text === this.given) return;
    const value = parse(text);
    if (Number.isNaN(value)) return this.complain(COMPLAINT);
    this.given = text;
    this.send(value);
  }

  complain(sentence) {
    this.form.querySelector("small").textContent = sentence;
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }
}
