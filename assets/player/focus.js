// Which cell the reader points at, shared by all views of a stage.

export class Focus {
  constructor(changed) {
    this.key = "";
    this.changed = changed;
  }

  /** The reader points at a cell, or ("") at none. */
  point(key) {
    if (key === this.key) return;
    this.key = key;
    this.changed();
  }

  /** The number of the cell that is pointed at, else of the one that is kept, else of the one that is computed now. */
  cell(cells, selected, k) {
    const pointed = cells.cellOf(this.key);
    if (pointed >= 0) return pointed;
    const kept = this.pinned(cells, selected);
    return kept >= 0 ? kept : cells.activeAt(k);
  }

  pinned(cells, selected) {
    return cells.cellOf(selected);
  }
}
