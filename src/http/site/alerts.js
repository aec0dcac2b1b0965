// Alerts: stretches of tape that resemble manipulation, with reasons, from GET /v1/fraud/alerts.

import { curl, failure, path, rows } from "./api.js";
import { field } from "./controls.js";
import { busy, card, el, empty, fill } from "./dom.js";
import { count, fixed, words } from "./format.js";
import { link, note, read } from "./state.js";
import { table, tools } from "./table.js";
import { clock, stamp } from "./time.js";

/** The card of alerts. */
export class Alerts {
  constructor(query, signal) {
    this.signal = signal;
    this.rows = [];
    const input = (name, more) =>
      el("input", { name, value: query[name] ?? "", autocomplete: "off", onchange: () => this.change(), ...more });
    this.symbol = input("symbol", { spellcheck: "false", placeholder: "all" });
    this.least = input("min_score", { inputmode: "decimal", placeholder: "0" });
    this.body = el("div");
    const bar = tools("alerts", {
      rows: () => [COLUMNS.concat(MORE), this.rows],
      curl: () => curl(this.request),
      file: () => "impactd-alerts",
    });
    this.node = card(
      "Alerts",
      ["what a stretch of tape resembles, and where to look; an alert accuses nobody", bar],
      el(
        "div",
        { class: "controls" },
        field("Symbol", this.symbol, { size: "short" }),
        field("Score at least", this.least, { size: "short" }),
      ),
      this.body,
    );
    document.addEventListener("look", () => this.found && this.show(), { signal });
  }

  get request() {
    return path("/v1/fraud/alerts", {
      symbol: this.symbol.value.trim(),
      min_score: this.least.value.trim(),
      limit: 1000,
    });
  }

  change() {
    note({ symbol: this.symbol.value.trim() || undefined, min_score: this.least.value.trim() || undefined });
    this.load();
  }

  async load() {
    fill(this.body, busy());
    try {
      const found = await rows(this.request, { signal: this.signal, most: 5000 });
      Object.assign(this, { rows: found.rows, found });
      this.show();
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(
        this.body,
        error.code === "unknown_symbol" ? empty("No alerts.", error.message) : failure(error, () => this.load()),
      );
    }
  }

  show() {
    const { whole } = this.found;
    fill(
      this.body,
      this.rows.length === 0
        ? empty(
            "No alerts.",
            "Either nothing resembled manipulation, or the days were batched without a model.",
            "Batch them with one: impactd batch … --fraud-model data/models/manipulation/1",
          )
        : [
            el("p", { class: "note" }, `${whole ? "" : "The first "}${count(this.rows.length)} alerts.`),
            table(COLUMNS, this.rows, { caption: "Alerts" }),
          ],
    );
  }
}

/** Reasons as they are told: `feature +3.08 (16.25); …`. */
function reasons(text) {
  return el("span", { class: "muted" }, (text ?? "").split("; ").filter(Boolean).map(words).join(" · "));
}

function toTape(value, row) {
  const query = { symbol: row.symbol, date: row.ts_start.slice(0, 10), bar: "10s", time: read().query.time };
  return el(
    "a",
    { href: link("tape", query), "aria-label": `Tape of ${row.symbol} from ${clock(row.replay_from)}` },
    `${clock(row.replay_from)} to ${clock(row.replay_to)}`,
  );
}

const COLUMNS = [
  { name: "symbol", head: "Symbol" },
  { name: "ts_start", head: "From", when: true, show: stamp },
  { name: "ts_end", head: "To", when: true, show: clock },
  { name: "typology", head: "Typology", show: words },
  { name: "score", head: "Score", number: true, show: (value) => fixed(value, 3) },
  { name: "alarms", head: "Bins", number: true, show: count },
  { name: "unusual", head: "Unusual", number: true, show: (value) => fixed(value, 1) },
  { name: "reasons", head: "Reasons, log-odds (value)", show: reasons },
  { name: "replay_from", head: "Look at", when: true, show: toTape },
];
const MORE = [
  "alert_id",
  "ts_peak",
  "threshold",
  "precision_at_threshold",
  "recall_at_threshold",
  "measured_on",
  "replay_to",
  "model",
  "version",
  "model_sha256",
  "provider",
].map((name) => ({ name }));
