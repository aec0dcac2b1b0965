// Charts of an estimate: cost by pace with its band and the order's point, and the schedule.

import { card, el } from "./dom.js";
import { figure } from "./figure.js";
import { count, fixed, number, percent } from "./format.js";
import { bars, dots, edge, errors, frame, line } from "./plots.js";
import { clock, seconds, span, stamp } from "./time.js";

/** Basis points. */
export const bps = (value) => (value === null ? "—" : `${fixed(value)} bp`);

/** A column of figures. */
export const column = (name, head, show = (value) => fixed(value)) => ({ name, head, number: true, show });

/** Cost by pace, with its band and the order's point. */
export function curve({ cost_curve: points, resolved, expected_cost: expected, interval, optimal }, again) {
  const plot = figure({
    title: "Cost by pace",
    about: "the same quantity at other shares of volume",
    curl: again,
    file: () => `impactd-cost-curve-${resolved.symbol}`,
  });
  const own = { participation_rate: resolved.participation_rate, order_bps: expected.bps };
  const known = (points ?? []).filter((point) => point.expected_bps !== null);
  const rows =
    own.participation_rate === null
      ? known
      : [...known, own].sort((one, other) => one.participation_rate - other.participation_rate);
  if (known.length === 0)
    return card(
      "Cost by pace",
      null,
      el("p", { class: "muted" }, "No pace of the curve can trade this quantity in this session."),
    );
  const at = rows.indexOf(own);
  const of = (name) => rows.map((row) => row[name] ?? null);
  // The curve runs through the order's pace: uPlot joins across it.
  const through = (series) => ({ ...series, spanGaps: true });
  const data = [
    rows.map((row) => row.participation_rate * 100),
    of("low_bps"),
    of("high_bps"),
    of("expected_bps"),
    of("order_bps"),
  ];
  const make = (width, colours) =>
    frame(width, colours, {
      x: "Share of the market's volume, %",
      y: "Cost, bp",
      height: 280,
      series: [
        through(edge()),
        through(edge()),
        through({ ...line(colours.accent, { width: 2 }), points: { show: true, size: 5, fill: colours.accent } }),
        dots(colours.sell, { size: 9 }),
      ],
      bands: [{ series: [2, 1], fill: colours.soft("accent", 0.16) }],
      hooks: {
        draw:
          at < 0
            ? []
            : [errors([[own.participation_rate * 100, interval.low_bps, interval.high_bps]], colours.sell, 2)],
      },
      scales: {
        y: { range: (u, low, high) => widened(Math.min(low, interval.low_bps), Math.max(high, interval.high_bps)) },
      },
    });
  plot.show({
    plots: [{ label: "Expected cost by share of volume, with its interval", make, data }],
    rows,
    columns: CURVE,
    read: (index) => pointed(rows[index ?? at] ?? rows[0]),
    legend: [
      ["accent", "expected cost"],
      ["accent", `${percent(interval.level, 0)} interval`, "area"],
      ["sell", "this order", "dot"],
    ],
    notes: best(optimal),
  });
  return plot.node;
}

/** The pace at which cost and risk together are least. */
function best(optimal) {
  if (!optimal) return [];
  const pace = `${span(optimal.horizon_seconds)} at ${percent(optimal.participation_rate)} of volume`;
  const risk = `timing risk ${bps(optimal.timing_risk_bps)} (risk aversion ${number(optimal.risk_aversion)})`;
  return [`Least cost plus risk: ${pace}, ${bps(optimal.cost_bps)}, ${risk}.`];
}

const widened = (low, high) => [low - (high - low) * 0.05, high + (high - low) * 0.05];

function pointed(row) {
  const rate = ["pace", percent(row.participation_rate)];
  return row.order_bps === undefined
    ? [
        rate,
        ["cost", bps(row.expected_bps)],
        ["interval", `${fixed(row.low_bps)} to ${fixed(row.high_bps)}`],
        ["takes", span(row.duration_seconds)],
      ]
    : [["This order", bps(row.order_bps)], rate];
}

const CURVE = [
  column("participation_rate", "Share of volume", (value) => percent(value)),
  column("expected_bps", "Cost, bp"),
  column("low_bps", "Low"),
  column("high_bps", "High"),
  column("order_bps", "This order, bp"),
  column("duration_seconds", "Takes", span),
  column("timing_risk_bps", "Timing risk, bp"),
];
const SCHEDULE = [
  { name: "start", head: "From", when: true, show: clock },
  { name: "end", head: "To", when: true, show: clock },
  column("quantity", "Shares", count),
  column("participation", "Share of volume", (value) => percent(value)),
  column("cost_bps", "Cost, bp"),
];

/** Shares by slice. */
export function schedule({ schedule: rows, resolved }, again) {
  const plot = figure({
    title: "Schedule",
    about: `${count(rows.length)} slices, ${count(rows.reduce((sum, row) => sum + row.quantity, 0))} shares`,
    curl: again,
    file: () => `impactd-schedule-${resolved.symbol}`,
  });
  const middle = (row) => (seconds(row.start) + seconds(row.end)) / 2;
  const make = (width, colours) =>
    frame(width, colours, {
      x: "time",
      y: "Shares a slice",
      height: 180,
      series: [bars(colours.accent, { share: 0.9, most: 80 })],
      scales: {
        x: { range: (u, low, high) => sides(rows, low, high) },
        y: { range: (u, low, high) => [0, (high || 1) * 1.08] },
      },
    });
  plot.show({
    plots: [{ label: "Shares by slice", make, data: [rows.map(middle), rows.map((row) => row.quantity)] }],
    rows,
    columns: SCHEDULE,
    read: (index) =>
      index === null
        ? [
            ["From", stamp(rows[0]?.start)],
            ["to", clock(rows.at(-1)?.end)],
          ]
        : [
            ["Slice", clock(rows[index].start)],
            ["shares", count(rows[index].quantity)],
            ["share of volume", percent(rows[index].participation)],
          ],
  });
  return plot.node;
}

/** A lone slice has a width too. */
function sides(rows, low, high) {
  const [first, last] = [seconds(rows[0].start), seconds(rows.at(-1).end)];
  return low === high ? [first, last] : [Math.min(low, first), Math.max(high, last)];
}
