// A figure: charts with what is read at the cursor, a legend, notes, the numbers as a table, and three tools: download
// as CSV, copy as curl, copy a link to this view.

import { Chart } from "./chart.js";
import { el, fill } from "./dom.js";
import { table, tools } from "./table.js";

/** A figure without content. `curl()` is the request behind it; `file()` the download's name without its ending. */
export function figure({ title, about, curl, file }) {
  return new Figure(title, about, curl, file);
}

class Figure {
  constructor(title, about, curl, file) {
    this.title = title;
    this.charts = [];
    this.columns = [];
    this.rows = [];
    this.tools = tools(title, { rows: () => [this.columns, this.rows], curl, file });
    this.about = el("span", { class: "about" }, about ?? "");
    this.readout = el("div", { class: "readout" });
    this.body = el("div");
    this.node = el(
      "section",
      { class: "card figure", "aria-label": title },
      el("header", {}, el("h3", {}, title), this.about, this.tools),
      this.readout,
      this.body,
    );
  }

  /**
   * Shows charts: `plots` are `{label, make, data}`. `read(index)` gives names and values at the cursor, and without an
   * index those that stand when nothing is pointed at. `columns` and `rows` are the numbers behind it.
   */
  show({ plots, columns, rows, read, legend = [], notes = [], about }) {
    this.leave();
    Object.assign(this, { columns, rows, read });
    if (about !== undefined) this.about.textContent = about;
    const hosts = plots.map(() => el("div", { class: "plot" }));
    fill(
      this.body,
      hosts,
      legendOf(legend),
      notes.map((note) => el("p", { class: "note" }, note)),
      this.asTable(),
    );
    this.charts = plots.map(
      (plot, index) => new Chart(hosts[index], plot.label, plot.make, plot.data, (at) => this.tell(at)),
    );
    this.tell(null);
  }

  /** New numbers for the same charts. */
  feed(datas, rows) {
    this.rows = rows;
    this.charts.forEach((chart, index) => chart.feed(datas[index]));
    if (this.at === null) this.tell(null);
    if (this.details?.open) this.fillTable();
  }

  /** Shows a node in place of charts. */
  say(node) {
    this.leave();
    this.readout.replaceChildren();
    fill(this.body, node);
  }

  tell(index) {
    this.at = index;
    const pairs = this.read?.(index) ?? [];
    fill(
      this.readout,
      pairs.map(([name, value]) => el("span", {}, name, el("b", {}, value))),
    );
  }

  asTable() {
    this.details = el("details", { class: "table" }, el("summary", {}, "Numbers as a table"));
    this.details.addEventListener("toggle", () => this.details.open && this.fillTable());
    return this.details;
  }

  fillTable() {
    const kept = this.details.firstChild;
    this.details.replaceChildren(kept, table(this.columns, this.rows, { caption: this.title }));
  }

  leave() {
    for (const chart of this.charts) chart.leave();
    this.charts = [];
  }
}

/** Marks and words; a mark is `[colour name, words, kind]`. */
function legendOf(marks) {
  if (marks.length === 0) return null;
  const one = ([colour, text, kind = ""]) => {
    const mark = el("span", { class: `mark ${kind}`, "aria-hidden": "true" });
    mark.style.background = `var(--${colour})`;
    return el("span", {}, mark, text);
  };
  return el("div", { class: "legend" }, marks.map(one));
}
