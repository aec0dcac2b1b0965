// The pre-trade panel: an order in; its cost with interval, curve, schedule and checks out, as
// POST /v1/pretrade/estimate says. The order stands in the address, so that a link asks the same again.

import { failure, post } from "./api.js";
import { attempt } from "./attempt.js";
import { symbols } from "./controls.js";
import { busy, el, empty, fill, head } from "./dom.js";
import { answer } from "./pretrade_answer.js";
import { note } from "./state.js";

const MODELS = [["", "blend (default)"], "tape", "square-root", "almgren-2005"];
const STRATEGIES = [
  ["", "VWAP"],
  ["twap", "TWAP"],
  ["is", "shortfall"],
  ["pov", "share of volume"],
  ["close", "close auction"],
];

/** The form's fields: name, words, kind, remark. */
const FIELDS = [
  ["symbol", "Symbol", "symbol"],
  [
    "side",
    "Side",
    [
      ["buy", "buy"],
      ["sell", "sell"],
    ],
  ],
  ["quantity", "Quantity, shares", "whole"],
  ["strategy", "Strategy", STRATEGIES],
  ["horizon_seconds", "Horizon, seconds", "number"],
  ["participation_rate", "Share of volume, 0 to 1", "number"],
  ["as_of", "As of, UTC", "moment", "empty: now"],
  ["limit_price", "Limit price, USD", "number", "empty: market"],
  ["model", "Cost model", MODELS],
  ["confidence", "Level of interval", "number", "0.5 to 0.99"],
];
const FIRST = { side: "buy", quantity: "10000", horizon_seconds: "1800", confidence: "0.9" };
const NAMES = FIELDS.map(([name]) => name);

/** Shows the panel until the signal aborts. */
export async function mount(host, query, signal) {
  const title = head(
    "Pre-trade",
    "What an order will cost, how sure that is, and whether it may be sent. " +
      "Advisory: not the firm's market-access control.",
  );
  const ask = async () => {
    const known = await symbols(signal);
    if (known.length === 0) {
      fill(
        host,
        title,
        empty(
          "There are no results yet.",
          "An estimate rests on recorded bars: run impactd batch on a few days of trades and quotes.",
        ),
      );
      return;
    }
    new Pretrade(host, title, known, query, signal).start();
  };
  await attempt(host, [title], ask, () => mount(host, query, signal));
}

class Pretrade {
  constructor(host, title, known, query, signal) {
    Object.assign(this, { known, signal, query });
    this.row = known.find(({ symbol }) => symbol === query.symbol) ?? known[0];
    this.inputs = new Map();
    this.out = el("div", { class: "stack", "aria-live": "polite" });
    fill(host, title, this.form(), this.out);
    document.addEventListener("look", () => this.found && fill(this.out, answer(...this.found)), { signal });
  }

  form() {
    const send = (event) => {
      event.preventDefault();
      this.ask();
    };
    this.button = el("button", { class: "main", type: "submit" }, "Estimate");
    this.hint = el("span", { class: "muted" });
    const form = el(
      "form",
      { class: "card order", onsubmit: send, "aria-label": "Order", novalidate: true },
      FIELDS.map((spec) => this.field(...spec)),
      el("div", { class: "row" }, this.button, this.hint),
    );
    form.addEventListener("change", () => this.fit());
    this.fit();
    return form;
  }

  field(name, words, kind, remark) {
    const value = this.query[name] ?? this.usual(name);
    const input = Array.isArray(kind)
      ? el(
          "select",
          { name },
          kind.map((option) => choiceOf(option, value)),
        )
      : el("input", {
          name,
          value,
          autocomplete: "off",
          spellcheck: "false",
          inputmode: kind === "symbol" || kind === "moment" ? null : "decimal",
          list: kind === "symbol" ? "order-symbols" : null,
        });
    input.id = `order-${name}`;
    const fault = el("span", { class: "fault", id: `fault-${name}` });
    this.inputs.set(name, { input, fault });
    const list =
      kind === "symbol" &&
      el(
        "datalist",
        { id: "order-symbols" },
        this.known.map(({ symbol }) => el("option", { value: symbol })),
      );
    return el(
      "div",
      { class: name === "as_of" ? "field wide" : "field" },
      el("label", { for: input.id }, words),
      input,
      list,
      remark && el("span", { class: "hint" }, remark),
      fault,
    );
  }

  usual(name) {
    if (name === "symbol") return this.row.symbol;
    // The last recorded afternoon: estimates as of now need a tape of today.
    if (name === "as_of") return this.query.quantity ? "" : `${this.row.last_date}T18:00:00Z`;
    return FIRST[name] ?? "";
  }

  value(name) {
    return this.inputs.get(name).input.value.trim();
  }

  /** What goes with the symbol and the strategy: one by share of volume has no horizon, one at the close neither. */
  fit() {
    const row = this.known.find(({ symbol }) => symbol === this.value("symbol"));
    this.hint.textContent = row ? `Results of ${row.symbol} end on ${row.last_date}.` : "No results of this symbol.";
    const strategy = this.value("strategy");
    this.inputs.get("horizon_seconds").input.disabled = strategy === "pov" || strategy === "close";
    this.inputs.get("participation_rate").input.disabled = strategy !== "pov";
  }

  order() {
    const order = {};
    for (const [name, , kind] of FIELDS) {
      const { input } = this.inputs.get(name);
      const value = input.value.trim();
      if (value === "" || input.disabled) continue;
      // What is no number goes as it was typed: the daemon says what is wrong with it.
      const figure =
        (kind === "whole" || kind === "number") && name !== "limit_price" && Number.isFinite(Number(value));
      order[name] = figure ? Number(value) : value;
    }
    return order;
  }

  start() {
    if (this.query.symbol && this.query.quantity) this.ask();
    else
      fill(
        this.out,
        empty(
          "No order yet.",
          "Fill in the order and press Estimate: its cost, schedule and checks appear here.",
          "The address then holds the order, so that a link asks the same again.",
        ),
      );
  }

  async ask() {
    const order = this.order();
    note(Object.fromEntries(NAMES.map((name) => [name, order[name]])));
    this.asking?.abort();
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.signal, this.asking.signal]);
    this.button.disabled = true;
    this.mark([]);
    if (!this.found) fill(this.out, busy("Estimating"));
    try {
      this.found = [await post("/v1/pretrade/estimate", order, { signal }), order];
      fill(this.out, answer(...this.found));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.found = null;
      this.mark(error.problem?.errors ?? []);
      fill(
        this.out,
        failure(error, () => this.ask()),
      );
    } finally {
      this.button.disabled = false;
    }
  }

  /** Faults beside the fields that they are about. */
  mark(faults) {
    for (const [name, { input, fault }] of this.inputs) {
      const said = faults.find(({ pointer }) => pointer === `/${name}`)?.message;
      fault.textContent = said ?? "";
      if (said) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (said) input.setAttribute("aria-describedby", fault.id);
    }
  }
}

function choiceOf(option, value) {
  const [key, words] = Array.isArray(option) ? option : [option, option];
  return el("option", { value: key, selected: key === value }, words);
}
