// The fraud panel: how a score is judged at any threshold, from POST /v1/fraud/evaluations on a file of labels and
// scores, and below it the alerts.

import { Alerts } from "./alerts.js";
import { ask, curl, failure, path } from "./api.js";
import { busy, card, el, empty, fill, head } from "./dom.js";
import { figure } from "./figure.js";
import { count, fixed, number, percent, words } from "./format.js";
import { at } from "./fraud_counts.js";
import { Threshold } from "./fraud_threshold.js";
import { dots, frame, steps } from "./plots.js";
import { note } from "./state.js";

const EXAMPLE = "/page/example-scores.csv";
const EXAMPLE_SAYS =
  "The example is drawn, not recorded: one day of four simulated symbols with twelve injected episodes " +
  "(impactd simulate --everyday --episodes 3 --seed 31), 9,240 bins of ten seconds of which " +
  "70 lie in an episode, scored by the model manipulation 1 that comes with impactd.";
const DRAWS = 500;

/** Shows the panel until the signal aborts. */
export function mount(host, query, signal) {
  const title = head(
    "Fraud",
    "How a score does at each threshold, by F1 and then G-mean; and what resembles manipulation on the tapes.",
  );
  const judged = el("div", { class: "stack" });
  const alerts = new Alerts(query, signal);
  const panel = new Judging(judged, query, signal);
  fill(host, title, panel.drop(), judged, alerts.node);
  if (query.file === "example") panel.example();
  else
    fill(
      judged,
      empty(
        "No scores yet.",
        "Drop a CSV with the columns label (0 or 1) and score, or look at the example.",
        "The file is judged by this daemon and kept nowhere.",
      ),
    );
  alerts.load();
}

class Judging {
  constructor(host, query, signal) {
    Object.assign(this, { host, signal, wanted: query.threshold === undefined ? null : Number(query.threshold) });
    document.addEventListener("look", () => this.report && this.show(), { signal });
  }

  drop() {
    const input = el("input", {
      type: "file",
      accept: ".csv,.parquet,text/csv",
      "aria-label": "File of labels and scores",
      onchange: () => input.files[0] && this.file(input.files[0]),
    });
    const zone = el(
      "div",
      { class: "drop" },
      el("strong", {}, "Labels and scores"),
      input,
      el("span", { class: "muted" }, "CSV or Parquet; drop it here"),
      el("button", { type: "button", id: "example", onclick: () => this.example() }, "Use the example"),
    );
    const over = (inside) => (event) => {
      event.preventDefault();
      zone.classList.toggle("over", inside);
    };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      const file = event.dataTransfer.files[0];
      if (file) this.file(file);
    });
    return zone;
  }

  async example() {
    note({ file: "example" });
    try {
      const body = await (await ask(EXAMPLE, { accept: "text/csv", signal: this.signal })).blob();
      await this.judge(body, "text/csv", "example-scores.csv", EXAMPLE_SAYS);
    } catch (error) {
      if (error.name !== "AbortError")
        fill(
          this.host,
          failure(error, () => this.example()),
        );
    }
  }

  file(file) {
    note({ file: undefined, threshold: undefined });
    this.wanted = null;
    const type = file.name.endsWith(".parquet") ? "application/vnd.apache.parquet" : "text/csv";
    return this.judge(file, type, file.name, null);
  }

  async judge(body, type, name, about) {
    fill(this.host, busy(`Judging ${name}`));
    this.asking?.abort();
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.signal, this.asking.signal]);
    try {
      const request = path("/v1/fraud/evaluations", { draws: DRAWS });
      this.report = await (await ask(request, { method: "POST", body, type, signal })).json();
      this.again = curl(request, { type, file: name });
      Object.assign(this, { name, about });
      this.threshold = at(this.report, this.wanted ?? this.report.threshold);
      this.show();
    } catch (error) {
      if (error.name !== "AbortError")
        fill(
          this.host,
          failure(error, () => this.judge(body, type, name, about)),
        );
    }
  }

  show() {
    this.card = new Threshold(this.report, (index) => this.move(index));
    const { report } = this;
    const plot = figure({
      title: "Precision and recall",
      about: size(report),
      curl: () => this.again,
      file: () => "impactd-precision-recall",
    });
    fill(this.host, this.verdict(), el("div", { class: "two" }, plot.node, this.card.node));
    this.curve(plot);
    this.move(this.threshold);
  }

  verdict() {
    const { report } = this;
    const cautions = report.warnings.map((warning) =>
      el("p", { class: "note" }, `${words(warning.code)}: ${warning.message}.`),
    );
    return card(this.name, report.verdict, this.about && el("p", { class: "note" }, this.about), cautions);
  }

  curve(plot) {
    const { curves } = this.report;
    const rows = curves.threshold.map((threshold, index) => ({
      threshold,
      recall: curves.tpr[index],
      precision: curves.precision[index],
      fpr: curves.fpr[index],
      flagged: curves.flagged[index],
    }));
    this.rows = rows;
    // The point that flags nothing has no precision.
    const seen = rows.filter((row) => row.precision !== null && row.recall !== null);
    const data = () => [
      seen.map((row) => row.recall),
      seen.map((row) => row.precision),
      seen.map((row) => (row === rows[this.threshold] ? row.precision : null)),
    ];
    const make = (width, colours) =>
      frame(width, colours, {
        x: "Recall",
        y: "Precision",
        height: width < 500 ? 280 : 360,
        series: [steps(colours.accent, { width: 2 }), dots(colours.sell, { size: 10 })],
        scales: { x: { range: [0, 1] }, y: { range: [0, 1.02] } },
        hooks: {
          init: [
            (u) =>
              u.over.addEventListener(
                "click",
                () => u.cursor.idx !== null && this.move(rows.indexOf(seen[u.cursor.idx])),
              ),
          ],
        },
      });
    this.redot = () => plot.feed([data()], rows);
    plot.show({
      plots: [{ label: "Precision by recall", make, data: data() }],
      rows,
      columns: CURVE,
      read: (index) => {
        const row = seen[index] ?? rows[this.threshold];
        return [
          [index === null ? "Chosen" : "At", `score ≥ ${number(row.threshold, 6)}`],
          ["precision", fixed(row.precision, 3)],
          ["recall", fixed(row.recall, 3)],
        ];
      },
      legend: [
        ["accent", `curve, average precision ${fixed(this.report.average_precision, 3)}`],
        ["sell", "chosen threshold", "dot"],
      ],
      notes: [
        "A row is flagged when its score is at least the threshold. " +
          `${count(rows.length - 1)} of ${count(curves.distinct_scores)} thresholds are shown.`,
      ],
    });
  }

  /** Chooses a threshold by its place on the curve. */
  move(index) {
    this.threshold = index;
    note({ threshold: this.rows[index].threshold ?? undefined });
    this.card.show(index);
    this.redot?.();
  }
}

function size({ n, positives, prevalence }) {
  return `${count(n)} rows, ${count(positives)} positive, prevalence ${percent(prevalence, 2)}`;
}

const share = (name, head) => ({ name, head, number: true, show: (value) => fixed(value, 4) });
const CURVE = [
  {
    name: "threshold",
    head: "Threshold",
    number: true,
    show: (value) => (value === null ? "above all" : number(value, 6)),
  },
  share("recall", "Recall"),
  share("precision", "Precision"),
  share("fpr", "False-positive rate"),
  share("flagged", "Flagged"),
];
