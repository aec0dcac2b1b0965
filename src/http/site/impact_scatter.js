// The scatter of price change on flow: points, the fitted line with its band, means of bins, the concave curve.
// In: bars and the rows of a fit. Out: what a figure shows.

import { clock } from "./time.js";
import { count, fixed, number } from "./format.js";
import { cents, says } from "./impact_law.js";
import { dots, edge, errors, frame, line } from "./plots.js";

/** Flows by model: the column of `bars`, the term of `fits`, words. */
export const FLOWS = {
  ofi: { column: "ofi_shares", term: "ofi", words: "Order-flow imbalance", axis: "OFI of a bar, shares" },
  kyle: {
    column: "trade_imbalance_shares",
    term: "trade_imbalance",
    words: "Trade imbalance",
    axis: "Trade imbalance of a bar, shares",
  },
};
const BINS = 20;
const NORMAL_95 = 1.96;

/** The bars that a regression can use, by rising flow. */
export function usable(bars, flow) {
  const { column } = FLOWS[flow];
  const known = bars.filter((bar) => bar[column] !== null && bar.mid_change_cents !== null);
  return known.sort((one, other) => one[column] - other[column]);
}

/** The slope and the intercept of a simple model in cents, in one window. */
export function terms(fits, flow, start) {
  const of = (term) =>
    fits.find(
      (row) =>
        row.model === flow &&
        row.term === term &&
        row.window_start === start.window_start &&
        row.window === start.window &&
        (row.unit === "cents_per_share" || row.unit === "cents"),
    );
  return { slope: of(FLOWS[flow].term), intercept: of("intercept") };
}

/** Half the width of the line's 95 % band at a flow: the covariance of the two terms is that of least squares. */
export function halfBand({ slope, intercept }, mean, flow) {
  const variance = intercept.se_hac ** 2 + (flow ** 2 - 2 * flow * mean) * slope.se_hac ** 2;
  // Near the mean the supposed covariance may take away more than there is.
  return NORMAL_95 * Math.sqrt(Math.max(0, variance));
}

/** Means of bins of equal count, with the error of each mean. */
export function binned(points, column) {
  const size = Math.max(5, Math.ceil(points.length / BINS));
  const bins = [];
  for (let from = 0; from + 5 <= points.length; from += size) {
    const bin = points.slice(from, from + size);
    const mean = (name) => bin.reduce((sum, bar) => sum + bar[name], 0) / bin.length;
    const change = mean("mid_change_cents");
    const spread =
      bin.reduce((sum, bar) => sum + (bar.mid_change_cents - change) ** 2, 0) / Math.max(1, bin.length - 1);
    bins.push({ flow: mean(column), change, se: Math.sqrt(spread / bin.length), n: bin.length });
  }
  return bins;
}

/** What the figure shows. */
export function scatter({ points, fit, law, flow, inner }) {
  const { column, axis } = FLOWS[flow];
  const bins = binned(points, column);
  const rows = rowsOf(points, bins, column);
  const mean = points.reduce((sum, bar) => sum + bar[column], 0) / points.length;
  const fitted = fit.slope && fit.intercept;
  const expected = (x) => (fitted ? fit.intercept.coefficient + fit.slope.coefficient * x : null);
  const half = (x) =>
    fitted && fit.slope.se_hac !== null && fit.intercept.se_hac !== null ? halfBand(fit, mean, x) : null;
  for (const row of rows) {
    row.fit_cents = expected(row.flow);
    const width = half(row.flow);
    row.fit_low_cents = width === null ? null : row.fit_cents - width;
    row.fit_high_cents = width === null ? null : row.fit_cents + width;
    row.law_cents = law.missing ? null : cents(law, row.flow);
  }
  const of = (name) => rows.map((row) => row[name]);
  const [least, most] = reach(of("flow"), inner);
  const outside = points.filter((bar) => bar[column] < least || bar[column] > most).length;
  const data = [
    of("flow"),
    of("mid_change_cents"),
    of("fit_low_cents"),
    of("fit_high_cents"),
    of("fit_cents"),
    of("law_cents"),
    of("bin_mean_cents"),
  ];
  const make = (width, colours) =>
    frame(width, colours, {
      x: axis,
      y: "Change of the mid, cents",
      height: width < 500 ? 300 : 420,
      series: [
        dots("transparent", { size: 4, fill: colours.soft("muted", 0.55), width: 0 }),
        edge(),
        edge(),
        line(colours.accent, { width: 2 }),
        line(colours.law, { width: 2, dash: [6, 4] }),
        dots(colours.sell, { size: 6 }),
      ],
      scales: { x: { range: () => [least, most] } },
      bands: [{ series: [3, 2], fill: colours.soft("accent", 0.2) }],
      hooks: {
        draw: [
          errors(
            bins.map(({ flow: at, change, se }) => [at, change - NORMAL_95 * se, change + NORMAL_95 * se]),
            colours.sell,
          ),
        ],
      },
      cursor: { dataIdx: nearest, y: true },
    });
  return {
    plots: [{ label: "Change of the mid on flow, bar by bar", make, data }],
    rows,
    columns: COLUMNS,
    read: (index) => (index === null ? summary(points, fit) : pointed(rows[index])),
    legend: [
      ["muted", "a bar", "dot"],
      ["accent", "fitted line"],
      ["accent", "its 95 % band", "area"],
      ["sell", `means of ${bins.length} bins of equal count, ± 1.96 s.e.`, "dot"],
      ...(law.missing ? [] : [["law", "square-root law"]]),
    ],
    notes: [
      outside > 0 &&
        `${count(outside)} of ${count(points.length)} bars lie beyond the inner 99 % of flow; View shows all.`,
      fitted && "Band: Newey-West errors of intercept and slope, with the covariance that least squares gives them.",
      law.missing ?? says(law, flow),
    ].filter(Boolean),
  };
}

/** From where to where the flow is shown: all of it, or without the outermost halves of a percent. */
function reach(flows, inner) {
  const cut = inner ? Math.floor(flows.length * 0.005) : 0;
  const [least, most] = [flows[cut], flows[flows.length - 1 - cut]];
  const room = (most - least) * 0.03 || 1;
  return [least - room, most + room];
}

const COLUMNS = [
  { name: "ts_start", head: "Bar", show: (at) => (at ? clock(at) : "bin") },
  { name: "flow", head: "Flow, shares", number: true, show: count },
  { name: "mid_change_cents", head: "Mid change, cents", number: true, show: (value) => number(value) },
  { name: "fit_cents", head: "Fit", number: true, show: (value) => number(value) },
  { name: "fit_low_cents", head: "95 % low", number: true, show: (value) => number(value) },
  { name: "fit_high_cents", head: "95 % high", number: true, show: (value) => number(value) },
  { name: "law_cents", head: "Square-root law", number: true, show: (value) => number(value) },
  { name: "bin_mean_cents", head: "Bin mean", number: true, show: (value) => number(value) },
];

function rowsOf(points, bins, column) {
  const bars = points.map((bar) => ({
    ts_start: bar.ts_start,
    flow: bar[column],
    mid_change_cents: bar.mid_change_cents,
    bin_mean_cents: null,
  }));
  const means = bins.map((bin) => ({
    ts_start: null,
    flow: bin.flow,
    mid_change_cents: null,
    bin_mean_cents: bin.change,
  }));
  return [...bars, ...means].sort((one, other) => one.flow - other.flow);
}

function summary(points, { slope, intercept }) {
  if (!slope) return [["Bars", count(points.length)]];
  return [
    ["Fit", `${number(intercept?.coefficient)} + ${number(slope.coefficient)} × flow, cents`],
    ["R²", fixed(slope.r2, 3)],
    ["n", count(slope.n)],
  ];
}

function pointed(row) {
  const what = row.ts_start
    ? [
        ["Bar", clock(row.ts_start)],
        ["change", `${number(row.mid_change_cents)} ¢`],
      ]
    : [["Bin mean", `${number(row.bin_mean_cents)} ¢`]];
  return [
    ...what,
    ["flow", count(row.flow)],
    ["fit", `${number(row.fit_cents)} ¢`],
    ["law", row.law_cents === null ? "—" : `${number(row.law_cents)} ¢`],
  ];
}

/** The point nearest to the cursor in both directions, not along the axis alone. */
function nearest(u, series, closest) {
  const { left, top } = u.cursor;
  if (left < 0 || closest === null || closest === undefined) return closest;
  const ys = u.data[1];
  let best = closest;
  let least = Infinity;
  const look = (index) => {
    const across = Math.abs(u.valToPos(u.data[0][index], "x") - left);
    if (across > 12) return false;
    const value = ys[index] ?? u.data[6][index];
    const far = across ** 2 + (u.valToPos(value, "y") - top) ** 2;
    if (far < least) [least, best] = [far, index];
    return true;
  };
  for (let index = closest; index >= 0 && look(index); index -= 1);
  for (let index = closest + 1; index < ys.length && look(index); index += 1);
  return best;
}
