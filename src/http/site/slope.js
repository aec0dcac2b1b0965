// The online slope of a symbol: what each bar has made of it, as the stream tells, beside the fits of closed half
// hours.

import { curl, get, path, rows } from "./api.js";
import { empty } from "./dom.js";
import { figure } from "./figure.js";
import { count, number, unit } from "./format.js";
import { dots, errors, frame, line } from "./plots.js";
import { clock, seconds } from "./time.js";

const MOST = 30_000;

/** The slope of mid change on order-flow imbalance as bars close. */
export class Slope {
  constructor(symbol, date, bar, signal) {
    Object.assign(this, { signal, bar, rows: [], fits: [] });
    const route = `/v1/impact/${encodeURIComponent(symbol)}`;
    this.now = path(route, { live: "true", bar, model: "ofi" });
    this.windows = path(route, { bar, model: "ofi", window: "30m", from: date, to: date, limit: 1000 });
    this.plot = figure({
      title: "Online slope",
      about: "of the mid's change on OFI, over the session so far",
      curl: () => curl(this.now),
      file: () => `impactd-slope-${symbol}-${date}-${bar}`.replaceAll(/[^\w.-]/g, "_"),
    });
    this.node = this.plot.node;
    this.draw();
  }

  /** Reads how it stands, and the half hours that have closed. */
  async load() {
    const options = { signal: this.signal };
    const [now, windows] = await Promise.allSettled([get(this.now, options), rows(this.windows, options)]);
    if (this.signal.aborted) return;
    if (now.status === "fulfilled") now.value.data.forEach((row) => this.take(row));
    if (windows.status === "fulfilled") windows.value.rows.forEach((row) => this.fit(row));
    this.draw();
  }

  /** A row of the stream. */
  heard(kind, row) {
    if (kind === "slope" ? this.take(row) : this.fit(row)) this.later();
  }

  take(row) {
    if (row.model !== "ofi" || row.term !== "ofi") return false;
    let at = this.rows.length;
    while (at > 0 && this.rows[at - 1].ts_end > row.ts_end) at -= 1;
    if (at > 0 && this.rows[at - 1].ts_end === row.ts_end) return false;
    this.rows.splice(at, 0, row);
    if (this.rows.length > MOST) this.rows.shift();
    return true;
  }

  fit(row) {
    if (row.model !== "ofi" || row.term !== "ofi" || row.window !== "30m") return false;
    const others = this.fits.filter((other) => other.window_start !== row.window_start);
    this.fits = [...others, row].sort((one, other) => (one.window_start < other.window_start ? -1 : 1));
    return true;
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.signal.aborted) return;
      if (this.drawn) this.plot.feed([this.data()], this.shown);
      else this.draw();
    });
  }

  draw() {
    if (this.rows.length === 0 && this.fits.length === 0) {
      this.plot.say(empty("No slope yet.", "It begins once a few bars of the session have closed."));
      return;
    }
    this.drawn = true;
    const spans = () => this.fits.map((row) => [middle(row), row.ci95_low, row.ci95_high]);
    const make = (width, colours) =>
      frame(width, colours, {
        x: "time",
        y: unit("cents_per_share"),
        height: 190,
        sync: "tape",
        left: 84,
        series: [{ ...line(colours.accent), spanGaps: true }, dots(colours.law, { size: 7 })],
        hooks: { draw: [(u) => errors(spans(), colours.law)(u)] },
      });
    this.plot.show({
      plots: [{ label: "Online slope", make, data: this.data() }],
      columns: COLUMNS,
      rows: this.shown,
      read: (index) => this.read(index),
      legend: [
        ["accent", "online slope after each bar"],
        ["law", "half-hour fits with their Newey-West 95 % intervals", "dot"],
      ],
    });
  }

  /** Both kinds in the order of time. */
  table() {
    const online = this.rows.map((row) => ({
      at: seconds(row.ts_end),
      ts: row.ts_end,
      online_slope: row.coefficient,
      n: row.n,
    }));
    const fitted = this.fits.map((row) => ({
      at: middle(row),
      ts: row.window_start,
      window_slope: row.coefficient,
      n: row.n,
    }));
    return [...online, ...fitted].sort((one, other) => one.at - other.at);
  }

  data() {
    const all = this.table();
    return [
      all.map((row) => row.at),
      all.map((row) => row.online_slope ?? null),
      all.map((row) => row.window_slope ?? null),
    ];
  }

  read(index) {
    if (index === null) {
      const row = this.rows.at(-1);
      if (!row) return [["Half hours", count(this.fits.length)]];
      return [
        ["Now", `${number(row.coefficient)} ${unit(row.unit)}`],
        ["n", count(row.n)],
        ["as of", clock(row.ts_end)],
      ];
    }
    const row = this.shown[index];
    return [
      ["At", clock(row.ts)],
      ["slope", number(row.online_slope ?? row.window_slope)],
      ["n", count(row.n)],
    ];
  }
}

const middle = (row) => (seconds(row.window_start) + seconds(row.window_end)) / 2;

const COLUMNS = [
  { name: "ts", head: "Bar's end, or window's start", when: true, show: clock },
  { name: "online_slope", head: "Online slope", number: true, show: (value) => number(value) },
  { name: "window_slope", head: "Half-hour fit", number: true, show: (value) => number(value) },
  { name: "n", head: "n", number: true, show: count },
];
