// The answer to an order: verdict, cost with interval, parts, curve with band and the order's point, schedule, checks,
// and what it all rests on.

import { curl } from "./api.js";
import { card, chip, el, facts } from "./dom.js";
import { count, fixed, number, percent, words } from "./format.js";
import { bps, column, curve, schedule } from "./pretrade_charts.js";
import { table } from "./table.js";
import { clock, span, stamp } from "./time.js";

const TONES = {
  allow: "good",
  warn: "warn",
  block: "bad",
  indeterminate: "warn",
  pass: "good",
  fail: "bad",
  not_evaluated: "",
};

/** The nodes of an answer to an order. */
export function answer(said, order) {
  const again = () => curl("/v1/pretrade/estimate", { body: order });
  return [
    verdict(said),
    el(
      "div",
      { class: "two" },
      el("div", { class: "stack" }, cost(said), curve(said, again), schedule(said, again)),
      el("div", { class: "stack" }, parts(said), checks(said)),
    ),
    inputs(said),
    foot(said),
  ];
}

function verdict({ verdict: word, why, confidence, resolved }) {
  const { side, quantity, symbol, strategy } = resolved;
  const from = stamp(resolved.window_start);
  return el(
    "div",
    { class: `verdict ${TONES[word] ?? ""}`, role: "status" },
    el("strong", {}, words(word)),
    el("span", {}, why),
    el(
      "span",
      { class: "muted" },
      `${side} ${count(quantity)} ${symbol}, ${strategy}, ${from} to ${clock(resolved.window_end)}`,
    ),
    chip(`confidence ${confidence.level}`, { high: "good", medium: "warn", low: "bad" }[confidence.level]),
    confidence.reasons.map((reason) => chip(words(reason))),
  );
}

function cost({ expected_cost: expected, interval, timing_risk_bps: risk, resolved }) {
  return card(
    "Expected cost",
    "against the arrival mid; positive hurts",
    facts([
      ["Cost", bps(expected.bps), `${number(expected.usd, 6)} USD`],
      [
        `${percent(interval.level, 0)} interval`,
        `${fixed(interval.low_bps)} to ${fixed(interval.high_bps)} bp`,
        words(interval.method),
      ],
      ["Timing risk", bps(risk), "one standard deviation"],
      ["Model error", bps(interval.model_error_bps), "one standard error"],
      ["A share", `${number(expected.usd_per_share)} USD`, `${number(expected.ticks, 3)} ticks`],
      ["Of the spread", expected.pct_of_spread === null ? "—" : `${count(expected.pct_of_spread)} %`],
      ["Pace", percent(resolved.participation_rate), "of the market's volume"],
      ["Size", resolved.pct_adv === null ? "—" : `${number(resolved.pct_adv, 3)} %`, "of a day's volume"],
    ]),
  );
}

function parts({ components, expected_cost: expected }) {
  const list = Object.entries(components).map(([name, value]) => [words(name.replace("_bps", "")), value]);
  const most = Math.max(...list.map(([, value]) => Math.abs(value ?? 0)), 1e-9);
  const one = ([name, value]) => {
    const bar = el("div", { class: `fill ${value < 0 ? "minus" : ""}` });
    bar.style.width = `${(Math.abs(value ?? 0) / most) * 100}%`;
    return el(
      "div",
      { class: "part" },
      el("span", { class: "name" }, name),
      el("div", { class: "track", "aria-hidden": "true" }, bar),
      el("span", { class: "value" }, value === null ? "not known" : bps(value)),
    );
  };
  return card(
    "Parts",
    "they add up to the cost",
    el(
      "div",
      { class: "parts" },
      list.map(one),
      el(
        "div",
        { class: "part" },
        el("strong", {}, "cost"),
        el("span"),
        el("strong", { class: "value" }, bps(expected.bps)),
      ),
    ),
  );
}

function checks({ checks: list }) {
  const order = ["fail", "warn", "pass", "not_evaluated"];
  const sorted = [...list].sort((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
  const columns = [
    { name: "status", head: "Status", show: (value) => chip(words(value), TONES[value]) },
    {
      name: "code",
      head: "Check",
      show: (value, row) => [el("div", {}, words(value)), el("div", { class: "muted" }, row.message)],
    },
    { name: "limit", head: "Limit", number: true, show: (value) => number(value) },
    { name: "unit", head: "Unit", show: words },
  ];
  const passed = list.filter((check) => check.status === "pass").length;
  return card(
    "Checks",
    `${passed} of ${list.length} pass`,
    table(columns, sorted, { caption: "Checks before sending", whole: true }),
  );
}

function inputs({ inputs_used: used }) {
  const rows = Object.entries(used)
    .filter(([, input]) => !Array.isArray(input.value))
    .map(([name, input]) => ({ input: name, ...input }));
  const columns = [
    { name: "input", head: "Input", show: words },
    column("value", "Value", (value) => number(value, 7)),
    { name: "unit", head: "Unit", show: words },
    { name: "source", head: "From", show: words },
    { name: "as_of", head: "As of", when: true, show: stamp },
    column("age_ms", "Age", (value) => (value === null || value === undefined ? "—" : span(value / 1000))),
    { name: "stale", head: "Stale", show: (value) => (value ? chip("stale", "bad") : value === false ? "no" : "—") },
    column("n", "n", count),
  ];
  return card(
    "What it rests on",
    "nothing after the moment of the estimate is looked at",
    table(columns, rows, { caption: "Inputs used" }),
  );
}

function foot({ estimate_id: id, model, limits, meta }) {
  return el(
    "p",
    { class: "note" },
    `Estimate ${id}, model ${model.id} ${model.version}, limits ${words(limits.source)}, ` +
      `valid until ${stamp(meta.valid_until)}. ${meta.notice}.`,
  );
}
