// The line above the views: every runner with its colour, its dash and its number at the present frame.

import { format } from "./numbers.js";

const DASH = { solid: "", longdash: "12 4", dash: "8 4", dot: "2 4", dashdot: "8 4 2 4" };

export class Legend {
  constructor(element) {
    this.element = element;
  }

  take(header, theme) {
    this.header = header;
    const hue = (colour) => (theme === "dark" ? header.dark[colour] ?? colour : colour);
    const quantity = header.quantity ? `<span role="listitem" class="dp-quantity">${header.quantity}</span>` : "";
    const line = (item) => `<svg width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4"
      stroke="${hue(item.colour)}" stroke-width="3" stroke-dasharray="${DASH[item.dash] ?? ""}"/></svg>`;
    this.element.innerHTML = quantity + header.readouts.map((item) =>
      `<span role="listitem">${item.colour ? line(item) : ""} <bdi>${item.label}</bdi> <b${roomFor(item)}></b></span>`).join("");
    this.numbers = [...this.element.querySelectorAll("b")];
  }

  show(k) {
    this.header?.readouts.forEach((item, i) => {
      const value = item.values && (Array.isArray(item.values) ? item.values[k] : this.header.arrays[item.values.$].row(k));
      this.numbers[i].innerHTML = value === null || value === undefined ? item.note
        : Number.isFinite(value) ? told(item, value) : item.note || "–";
    });
  }
}

/** What stands beside an entry must not move when another word comes. */
const roomFor = ({ words }) => (words?.length ? ` style="min-width:${Math.min(MOST_ROOM, Math.max(...words.map(({ length }) => length)) / 2)}em"` : "");
const told = ({ words, counts }, value) => (words?.length ? words[value] ?? "–" : counts ? counted(value) : format(value));

const MOST_ROOM = 8; // of the type
const MOST_EXACT = 2 ** 24; // float32 holds no larger number to the last digit
const counted = (value) => (value <= MOST_EXACT ? Math.round(value).toLocaleString("en") : format(value));
