// What every view of a stage can be asked; a view overrides what concerns it.

export class View {
  constructor(element, env) {
    this.element = element;
    this.env = env;
  }

  /** Takes a new stage and shows its frame k. */
  async update(spec, arrays, k) {
    this.spec = spec;
    this.arrays = arrays;
    this.show(k);
  }

  show() {}
  /** Rows start, start + 1, ... of pending arrays have come, whether or not the frame that is shown is among them. */
  arrived() {}
  /** The frame that is shown has other numbers now. */
  forget() {}
  /** The reader has selected something, or an answer has come: `env.reader` has changed. */
  heed() {}
  /** The reader has stopped: what was drawn in haste may be drawn well. */
  settle() {}
  resize() {}
  remove() {}
}

/** HTML from the page in the colours of the present theme. */
export function tinted(html, env) {
  return env.theme === "dark" ? html.replace(/#[0-9a-f]{6}\b/g, (colour) => env.dark[colour] ?? colour) : html;
}

/** Makes an element a region that the keyboard reaches, because it scrolls. */
export function scrolls(element, title) {
  element.tabIndex = 0;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", title);
}

/** Scrolls a list, and nothing around it, until one of its items is seen. */
export function bring(list, item) {
  const [seen, place] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (place.bottom > seen.bottom) list.scrollTop += place.bottom - seen.bottom;
  if (place.top < seen.top) list.scrollTop -= seen.top - place.top;
}
