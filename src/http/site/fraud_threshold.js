// The card of a threshold: a slider along the curve, the counts there and what follows from them.

import { card, chip, el, facts, fill } from "./dom.js";
import { count, fixed, number, words } from "./format.js";
import { at, counts, NUMBERS } from "./fraud_counts.js";
import { table } from "./table.js";

/** A slider over the places of a report's curve; `move(index)` is told which one is chosen. */
export class Threshold {
  constructor(report, move) {
    Object.assign(this, { report, move });
    const last = report.curves.threshold.length - 1;
    this.range = el("input", { type: "range", min: 0, max: last, step: 1, id: "threshold" });
    this.range.addEventListener("input", () => move(Number(this.range.value)));
    this.word = el("output", { for: "threshold" });
    this.numbers = el("div", { class: "stack" });
    const jumps = el(
      "div",
      { class: "row" },
      this.jump("Best F1", "best_f1_then_g"),
      this.jump("Best G-mean", "best_g_then_f1"),
    );
    const slide = el("div", { class: "slide" }, el("label", { for: "threshold" }, "Threshold"), this.range, this.word);
    this.node = card("At this threshold", null, slide, jumps, this.numbers);
  }

  jump(words, best) {
    const threshold = this.report[best]?.threshold ?? null;
    const press = () => this.move(at(this.report, threshold));
    return threshold !== null && el("button", { type: "button", onclick: press }, words);
  }

  /** Shows what a place on the curve gives. */
  show(index) {
    const threshold = this.report.curves.threshold[index];
    const found = counts(this.report, index);
    this.range.value = index;
    this.range.setAttribute(
      "aria-valuetext",
      threshold === null ? "nothing is flagged" : `score at least ${number(threshold, 6)}`,
    );
    this.word.textContent = threshold === null ? "above all" : number(threshold, 6);
    const figures = facts(
      NUMBERS.map(([name, head]) => [head, fixed(found[name], 4)]),
      "narrow",
    );
    fill(this.numbers, confusion(found), figures, intervals(this.report, threshold));
  }
}

function confusion({ tp, fp, fn, tn }) {
  const label = (text) => el("div", { class: "label" }, text);
  const cell = (name, value, id) => el("div", {}, el("span", { class: "label" }, name), el("b", { id }, count(value)));
  return el(
    "div",
    { class: "confusion", role: "group", "aria-label": "Counts" },
    label(""),
    label("flagged"),
    label("not flagged"),
    label("positive"),
    cell("TP, found", tp, "tp"),
    cell("FN, missed", fn, "fn"),
    label("negative"),
    cell("FP, false alarms", fp, "fp"),
    cell("TN, left alone", tn, "tn"),
  );
}

/** At the report's own threshold its intervals are known. */
function intervals({ threshold: own, threshold_from: from, intervals: told }, threshold) {
  if (threshold !== own) {
    return el(
      "p",
      { class: "note" },
      "Intervals are told at the report's own threshold; the API judges at others by ?threshold=.",
    );
  }
  const of = (name) => told?.fixed?.[name]?.percentile;
  const rows = ["f1", "g_mean", "precision", "recall"]
    .filter(of)
    .map((name) => ({ name, low: of(name)[0], high: of(name)[1] }));
  const end = (name, head) => ({ name, head, number: true, show: (value) => fixed(value, 4) });
  const columns = [{ name: "name", head: "Figure", show: words }, end("low", "95 % low"), end("high", "95 % high")];
  return el(
    "div",
    {},
    chip(`the report's threshold, ${words(from)}`),
    rows.length > 0 && table(columns, rows, { caption: "Bootstrap intervals" }),
  );
}
