// The impact panel: how far the price moves with the flow, in a day or half an hour of it, with what the API says of
// the fit: coefficient, Newey-West error, t, n, R².

import { curl, path, rows } from "./api.js";
import { attempt } from "./attempt.js";
import { choice, dateField, symbolField, symbols } from "./controls.js";
import { card, empty, facts, fill, head } from "./dom.js";
import { figure } from "./figure.js";
import { count, fixed, number, unit } from "./format.js";
import { law } from "./impact_law.js";
import { FLOWS, scatter, terms, usable } from "./impact_scatter.js";
import { slopes, TERMS } from "./impact_slopes.js";
import { note } from "./state.js";
import { table } from "./table.js";
import { clock } from "./time.js";

const MOST_POINTS = 40_000;

/** Shows the panel until the signal aborts. */
export async function mount(host, query, signal) {
  const title = head(
    "Impact",
    "Change of the mid against order flow over the same bars: what moves with flow, and how surely. " +
      "It explains; it does not forecast.",
  );
  const ask = async () => {
    const known = await symbols(signal);
    if (known.length === 0) {
      fill(
        host,
        title,
        empty(
          "There are no results yet.",
          "Run impactd batch on a day of trades and quotes into this daemon's data folder.",
          "It is seen without a restart.",
        ),
      );
      return;
    }
    await new Impact(host, title, known, query, signal).load();
  };
  await attempt(host, [title], ask, () => mount(host, query, signal));
}

class Impact {
  constructor(host, title, known, query, signal) {
    const row = known.find(({ symbol }) => symbol === query.symbol) ?? known[0];
    this.view = {
      symbol: query.symbol ?? row.symbol,
      date: query.date ?? row.last_date,
      bar: query.bar ?? "10s",
      flow: query.flow in FLOWS ? query.flow : "ofi",
      window: query.window ?? "day",
      view: query.view === "all" ? "all" : "inner",
    };
    Object.assign(this, { known, signal, fits: [] });
    this.controls(row);
    this.body = document.createElement("div");
    this.body.className = "stack";
    fill(host, title, this.bar, this.body);
    document.addEventListener("look", () => this.redraw(), { signal });
  }

  controls(row) {
    const set = (changes) => {
      Object.assign(this.view, changes);
      note(changes);
      this.load();
    };
    const { view } = this;
    this.symbol = symbolField(this.known, view.symbol, (symbol) => {
      const found = this.known.find((other) => other.symbol === symbol);
      this.date.input.value = found?.last_date ?? view.date;
      set({ symbol, date: found?.last_date ?? view.date, window: "day" });
    });
    this.date = dateField(view.date, row.first_date, row.last_date, (date) => set({ date, window: "day" }));
    this.width = choice("Bar", [view.bar], view.bar, (bar) => set({ bar }));
    this.flow = choice(
      "Flow",
      Object.entries(FLOWS).map(([name, { words }]) => [name, words]),
      view.flow,
      (flow) => set({ flow }),
      { size: "middle" },
    );
    this.window = choice("Window", [[view.window, view.window]], view.window, (window) => set({ window }), {
      size: "middle",
    });
    this.reach = choice(
      "View",
      [
        ["inner", "inner 99 % of flow"],
        ["all", "all bars"],
      ],
      view.view,
      (shown) => {
        view.view = shown;
        note({ view: shown });
        this.redraw();
      },
      { size: "middle" },
    );
    this.bar = document.createElement("div");
    this.bar.className = "controls";
    this.bar.append(this.symbol, this.date, this.width, this.flow, this.window, this.reach);
  }

  get fitsPath() {
    const { symbol, date, bar } = this.view;
    return path(`/v1/impact/${encodeURIComponent(symbol)}`, { bar, from: date, to: date, limit: 10_000 });
  }

  async load() {
    this.loading?.abort();
    this.loading = new AbortController();
    const signal = AbortSignal.any([this.signal, this.loading.signal]);
    await attempt(
      this.body,
      [],
      () => this.fetch(signal),
      () => this.load(),
    );
  }

  async fetch(signal) {
    const { symbol, date, flow } = this.view;
    const all = path(`/v1/impact/${encodeURIComponent(symbol)}`, { from: date, to: date, limit: 10_000 });
    const found = (await rows(all, { signal })).rows;
    const widths = [...new Set(found.map((row) => row.bar_seconds))].sort((one, other) => one - other);
    if (widths.length === 0) {
      fill(
        this.body,
        empty(`No fits of ${symbol} on ${date}.`, "Choose another session; weekends and holidays have none."),
      );
      return;
    }
    if (!widths.includes(parseFloat(this.view.bar))) this.view.bar = `${widths.includes(10) ? 10 : widths[0]}s`;
    this.width.put(
      widths.map((width) => `${width}s`),
      this.view.bar,
    );
    this.fits = found.filter((row) => row.bar_seconds === parseFloat(this.view.bar));
    this.windows(flow);
    const bars = path(`/v1/bars/${encodeURIComponent(symbol)}`, {
      bar: this.view.bar,
      from: this.chosen.window_start,
      to: this.chosen.window_end,
      limit: 10_000,
    });
    const [points, concave] = await Promise.all([
      rows(bars, { signal, most: MOST_POINTS }),
      law(symbol, this.chosen.window_end, signal),
    ]);
    Object.assign(this, { bars: points.rows, whole: points.whole, barsPath: bars, concave });
    this.draw();
  }

  /** The windows that have a fit of the chosen flow; the one in the view, or the whole day. */
  windows(flow) {
    const own = this.fits.filter(
      (row) => row.model === flow && row.term === FLOWS[flow].term && row.unit === "cents_per_share",
    );
    this.list =
      own.length > 0
        ? own
        : this.fits.filter(
            (row, index) =>
              this.fits.findIndex((other) => other.window_start === row.window_start && other.window === row.window) ===
              index,
          );
    const of = (row) => (row.window === "day" ? "day" : row.window_start.slice(11, 16));
    this.chosen =
      this.list.find((row) => of(row) === this.view.window) ??
      this.list.find((row) => row.window === "day") ??
      this.list[0];
    this.view.window = of(this.chosen);
    const words = (row) =>
      row.window === "day"
        ? "Whole session"
        : `${clock(row.window_start).slice(0, 5)} to ${clock(row.window_end).slice(0, 5)}`;
    this.window.put(
      [...this.list]
        .sort((one, other) => (other.window === "day") - (one.window === "day"))
        .map((row) => [of(row), words(row)]),
      this.view.window,
    );
    this.pick = (row) => {
      this.view.window = of(row);
      note({ window: of(row) });
      this.load();
    };
  }

  draw() {
    const { symbol, date, bar, flow } = this.view;
    const fit = terms(this.fits, flow, this.chosen);
    const points = usable(this.bars, flow);
    const file = (what) => () =>
      `impactd-${what}-${flow}-${symbol}-${date}-${bar}-${this.view.window.replace(":", "")}`.replaceAll(
        /[^\w.-]/g,
        "_",
      );
    const plot = figure({
      title: `${symbol}: change of the mid on ${FLOWS[flow].words.toLowerCase()}`,
      curl: () => curl(this.barsPath),
      file: file("scatter"),
    });
    if (points.length === 0) plot.say(empty("No bar of this window has both flow and a change of the mid."));
    const by = figure({
      title: "Slope by half hour",
      about: "Newey-West 95 % intervals; the line is the session's",
      curl: () => curl(this.fitsPath),
      file: file("slopes"),
    });
    const all = this.fits.filter(
      (row) => row.window === this.chosen.window && row.window_start === this.chosen.window_start,
    );
    fill(
      this.body,
      this.said(fit),
      plot.node,
      by.node,
      card(
        "Every term of this window",
        "all models; log models are the depth law",
        table(TERMS, all, { caption: "Terms" }),
      ),
    );
    if (points.length > 0)
      plot.show({
        ...scatter({ points, fit, law: this.concave, flow, inner: this.view.view === "inner" }),
        about: this.whole ? `${bar} bars` : `first ${count(MOST_POINTS)} bars`,
      });
    slopes(by, this.list, this.pick);
  }

  /** Once more in another light or zone. */
  redraw() {
    if (!this.bars) return;
    this.windows(this.view.flow);
    this.draw();
  }

  said({ slope }) {
    if (!slope)
      return empty(
        "This window has no fit of this flow.",
        "A fit needs ten usable bars; choose a longer window or narrower bars.",
      );
    return card(
      "The fit",
      null,
      facts([
        ["Slope", number(slope.coefficient), unit(slope.unit)],
        ["Newey-West error", number(slope.se_hac), `${count(slope.hac_lags)} lags`],
        ["t", fixed(slope.t_hac, 2), "slope over its error"],
        ["95 % interval", `${number(slope.ci95_low)} to ${number(slope.ci95_high)}`, unit(slope.unit)],
        ["n", count(slope.n), "bars"],
        [
          "R²",
          fixed(slope.r2, 3),
          slope.r2_oos === null ? "in sample" : `in sample; next window ${fixed(slope.r2_oos, 3)}`,
        ],
      ]),
    );
  }
}
