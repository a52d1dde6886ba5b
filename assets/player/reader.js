// What the reader has selected and how a guess was answered, as the player and the page know it.

export class Reader {
  constructor() {
    Object.assign(this, { selected: "", verdict: null, told: "", echoes: [] });
  }

  /** The reader selects a part; false where it is selected already. */
  choose(key) {
    if (key === this.selected) return false;
    this.selected = key;
    this.echoes.push(key);
    return true;
  }

  /** Takes the page's settings and says which of them are news. What only comes back from the reader is none:
   *  by now something else may be selected. */
  heed({ selected = "", verdict = null }) {
    const answered = JSON.stringify(verdict) !== JSON.stringify(this.verdict);
    this.verdict = verdict;
    if (selected === this.told) return { selected: false, verdict: answered };
    this.told = selected;
    const echo = this.echoes.lastIndexOf(selected);
    this.echoes.splice(0, echo + 1);
    if (echo < 0) this.selected = selected;
    return { selected: echo < 0, verdict: answered };
  }
}
