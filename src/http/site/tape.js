// The tape panel: mid and order flow of a symbol bar by bar, from GET /v1/bars and, while a session is under way, from
// GET /v1/stream; the online slope beside it.

import { curl, path, rows } from "./api.js";
import { attempt } from "./attempt.js";
import { choice, dateField, symbolField } from "./controls.js";
import { chip, el, empty, fill, head } from "./dom.js";
import { figure } from "./figure.js";
import { known } from "./known.js";
import { Slope } from "./slope.js";
import { note } from "./state.js";
import { follow } from "./stream.js";
import { COLUMNS, dataOf, plotsOf, readOf } from "./tape_figure.js";
import { span, stamp } from "./time.js";

const MOST_BARS = 30_000;
/** Before every message: the first connection hears what the daemon still holds, so that the slope has a past. */
const FIRST = "0-0";

/** Shows the panel until the signal aborts. */
export async function mount(host, query, signal) {
  const title = head(
    "Tape",
    "The mid and the order flow of each bar. While a session is under way, bars come in as they close.",
  );
  const ask = async () => {
    const { symbols, live } = await known(signal);
    if (symbols.length === 0 && live.length === 0) {
      fill(
        host,
        title,
        empty(
          "No symbol is known yet.",
          "Send events to POST /v1/events, or run impactd batch into this daemon's data folder.",
        ),
      );
      return;
    }
    await new Tape(host, title, symbols, live, query, signal).load();
  };
  await attempt(host, [title], ask, () => mount(host, query, signal));
}

class Tape {
  constructor(host, title, symbols, live, query, signal) {
    Object.assign(this, { symbols, live, signal });
    const symbol = query.symbol ?? symbols[0]?.symbol ?? "";
    this.view = { symbol, date: query.date ?? this.latest(symbol), bar: query.bar ?? "10s" };
    this.state = el("span", { class: "row" });
    fill(host, title, this.controls(), (this.body = el("div", { class: "stack" })));
    document.addEventListener("look", () => this.told?.(), { signal });
  }

  /** The symbol's last session, which may be under way. */
  latest(symbol) {
    const row = this.symbols.find((other) => other.symbol === symbol);
    return row?.last_date ?? this.live.at(-1);
  }

  controls() {
    const set = (changes) => {
      Object.assign(this.view, changes);
      note(changes);
      this.load();
    };
    const bars = ["1s", "10s", "60s", "300s"];
    const date = dateField(this.view.date, null, null, (chosen) => set({ date: chosen }));
    const symbol = symbolField(this.symbols, this.view.symbol, (chosen) => {
      date.input.value = this.latest(chosen);
      set({ symbol: chosen, date: date.input.value });
    });
    const width = choice("Bar", bars.includes(this.view.bar) ? bars : [this.view.bar, ...bars], this.view.bar, (bar) =>
      set({ bar }),
    );
    return el("div", { class: "controls" }, symbol, date, width, this.state);
  }

  async load() {
    this.loading?.abort();
    this.loading = new AbortController();
    const signal = AbortSignal.any([this.signal, this.loading.signal]);
    fill(this.state);
    await attempt(
      this.body,
      [],
      () => this.show(signal),
      () => this.load(),
    );
  }

  async show(signal) {
    const { symbol, date, bar } = this.view;
    const live = this.live.includes(date);
    if (!symbol) {
      fill(
        this.body,
        empty("Which symbol?", "None has results yet, and a session is under way: type a symbol that its feed sends."),
      );
      return;
    }
    const request = path(`/v1/bars/${encodeURIComponent(symbol)}`, { bar, from: date, to: date, limit: 10_000 });
    this.bars = (await rows(request, { signal, most: MOST_BARS }).catch((error) => unless(live, error))).rows;
    const file = () => `impactd-bars-${symbol}-${date}-${bar}`.replaceAll(/[^\w.-]/g, "_");
    this.plot = figure({ title: `${symbol}, ${date}`, about: `${bar} bars`, curl: () => curl(request), file });
    this.slope = live ? new Slope(symbol, date, bar, signal) : null;
    fill(this.body, this.plot.node, this.slope?.node);
    if (this.bars.length === 0 && !live) {
      this.plot.say(
        empty(`No ${bar} bars of ${symbol} on ${date}.`, "Choose another session; weekends and holidays have none."),
      );
      return;
    }
    this.draw();
    if (live) await Promise.all([this.slope.load(), this.follow(signal)]);
    else this.say(() => [chip("recorded"), el("span", { class: "muted" }, "a session that has ended")]);
  }

  draw() {
    this.plot.show({
      plots: plotsOf(this.bars),
      columns: COLUMNS,
      rows: this.bars,
      read: (index) => readOf(this.bars, index),
      legend: [
        ["accent", "mid at the bar's end"],
        ["buy", "flow to the bid: buying pressure"],
        ["sell", "flow to the ask: selling pressure"],
      ],
    });
  }

  /** Bars as they close. One that is there already is left out: the stream may begin before the last row read. */
  follow(signal) {
    const { symbol, bar } = this.view;
    const heard = (kind, data) => {
      const message = JSON.parse(data);
      if (kind === "reset") return void this.catchUp(signal);
      if (kind === "slope" || kind === "fit") return void this.slope.heard(kind, message);
      if (kind === "session" && message.date === this.view.date && message.state === "landed")
        return void this.landed();
      if (kind !== "bar" || !message.ts_start.startsWith(this.view.date)) return;
      if (put(this.bars, message)) this.later();
    };
    const state = (name, more) => {
      this.say(() => words(name, more, this.bars.at(-1)));
      if (name === "live") this.catchUp(signal);
    };
    return follow(path("/v1/stream", { symbols: symbol, kinds: "bar,slope,fit,session", bar, after: FIRST }), {
      heard,
      state,
      signal,
    });
  }

  /** Bars that closed while nothing was heard. */
  async catchUp(signal) {
    const { symbol, date, bar } = this.view;
    const last = this.bars.at(-1);
    const request = { bar, from: last?.ts_end ?? date, to: last ? undefined : date, limit: 10_000 };
    try {
      const found = await rows(path(`/v1/bars/${encodeURIComponent(symbol)}`, request), { signal, most: MOST_BARS });
      if (found.rows.filter((row) => put(this.bars, row)).length > 0) this.later();
    } catch (error) {
      // What is missing is asked for again at the next connection; a symbol without bars yet is no fault.
      if (error.name !== "AbortError" && error.code !== "unknown_symbol") console.info(error.message);
    }
  }

  /** The session is over and its tables are written: they are read, and nothing is followed any more. */
  landed() {
    this.live = this.live.filter((date) => date !== this.view.date);
    this.load();
  }

  /** Many bars may come at once: they are drawn once a frame. */
  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (this.signal.aborted) return;
      this.plot.feed(dataOf(this.bars), this.bars);
      this.told?.();
    });
  }

  say(told) {
    this.told = () => fill(this.state, told());
    this.told();
  }
}

/** A symbol of which no bar has closed yet has no rows; other faults are faults. */
function unless(live, error) {
  if (live && error.code === "unknown_symbol") return { rows: [] };
  throw error;
}

/** Puts a bar in its place; one that is there already is left out. */
function put(bars, bar) {
  let at = bars.length;
  while (at > 0 && bars[at - 1].ts_start > bar.ts_start) at -= 1;
  if (at > 0 && bars[at - 1].ts_start === bar.ts_start) return false;
  bars.splice(at, 0, bar);
  return true;
}

function words(name, more, last) {
  const remark = (text) => el("span", { class: "muted" }, text);
  if (name === "live")
    return [chip("live", "good"), remark(last ? `last bar ${stamp(last.ts_end)}` : "no bar has closed yet")];
  if (name === "waiting")
    return [chip("reconnecting", "warn"), remark(`again in ${span(more.wait / 1000)}; bars so far stay`)];
  return [chip("no stream", "bad"), remark(more.message)];
}
