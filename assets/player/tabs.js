// The row of tabs over the side views; the arrow keys go from one to the next.

export class Tabs {
  /** open(key) shows a side view; it may take a moment. */
  constructor(bar, open) {
    Object.assign(this, { bar, open });
  }

  draw(views, chosen) {
    this.bar.hidden = views.length < 2;
    this.bar.replaceChildren(...views.map((view) => {
      const tab = document.createElement("button");
      tab.textContent = view.title;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `dp-pane-${view.key}`);
      tab.setAttribute("aria-selected", view.key === chosen);
      tab.tabIndex = view.key === chosen ? 0 : -1;
      tab.onclick = () => this.open(view.key);
      tab.onkeydown = (event) => this.walk(event, views, view);
      return tab;
    }));
  }

  async walk(event, views, view) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.stopPropagation();
    await this.open(views[(views.indexOf(view) + move + views.length) % views.length].key);
    this.bar.querySelector("[aria-selected=true]").focus();
  }
}
