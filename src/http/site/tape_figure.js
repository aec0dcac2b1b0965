// What the tape panel draws: the mid above, order-flow imbalance below, over the same time.

import { count, fixed, number } from "./format.js";
import { bars as columns, frame, line } from "./plots.js";
import { clock, seconds } from "./time.js";

/** The columns of `bars`, as the table and the download show them. */
export const COLUMNS = [
  { name: "ts_start", head: "From", when: true, show: clock },
  { name: "ts_end", head: "To", when: true, show: clock },
  { name: "mid_open_usd", head: "Mid at start, USD", number: true, show: (value) => number(value, 8) },
  { name: "mid_close_usd", head: "Mid at end, USD", number: true, show: (value) => number(value, 8) },
  { name: "mid_change_cents", head: "Change, cents", number: true, show: (value) => number(value) },
  { name: "ofi_shares", head: "OFI, shares", number: true, show: count },
  { name: "trade_imbalance_shares", head: "Trade imbalance, shares", number: true, show: count },
  { name: "buy_shares", head: "Bought", number: true, show: count },
  { name: "sell_shares", head: "Sold", number: true, show: count },
  { name: "trade_count", head: "Trades", number: true, show: count },
  { name: "quote_count", head: "Quotes", number: true, show: count },
  { name: "depth_mean_shares", head: "Depth, shares", number: true, show: (value) => number(value) },
  { name: "spread_tw_usd", head: "Spread, USD", number: true, show: (value) => number(value) },
];

/** The data of both charts. */
export function dataOf(bars) {
  const ends = bars.map((bar) => seconds(bar.ts_end));
  const up = bars.map((bar) => (bar.ofi_shares > 0 ? bar.ofi_shares : null));
  const down = bars.map((bar) => (bar.ofi_shares < 0 ? bar.ofi_shares : null));
  return [
    [ends, bars.map((bar) => bar.mid_close_usd)],
    [ends, up, down],
  ];
}

/** Both charts; their cursors move together. */
export function plotsOf(bars) {
  const [mid, flow] = dataOf(bars);
  const scales = { y: { range: (u, low, high) => around(low, high) } };
  const dollars = (u, splits) => splits.map((value) => fixed(value, splits[1] - splits[0] < 0.01 ? 3 : 2));
  return [
    {
      label: "Mid, dollars",
      data: mid,
      make: (width, colours) =>
        frame(width, colours, {
          x: "time",
          y: "Mid, USD",
          height: 230,
          left: 84,
          sync: "tape",
          series: [line(colours.accent)],
          yValues: dollars,
        }),
    },
    {
      label: "Order-flow imbalance, shares",
      data: flow,
      make: (width, colours) =>
        frame(width, colours, {
          x: "time",
          y: "OFI, shares",
          height: 190,
          left: 84,
          sync: "tape",
          scales,
          series: [columns(colours.buy), columns(colours.sell)],
        }),
    },
  ];
}

/** Zero is always seen. */
function around(low, high) {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  const room = (most - least) * 0.05 || 1;
  return [least - room, most + room];
}

/** What is read at the cursor, or of the last bar. */
export function readOf(bars, index) {
  const bar = bars[index ?? bars.length - 1];
  if (!bar) return [["Bars", "0"]];
  return [
    [index === null ? "Last bar" : "Bar", clock(bar.ts_start)],
    ["mid", number(bar.mid_close_usd, 8)],
    ["OFI", count(bar.ofi_shares)],
    ["trade imbalance", count(bar.trade_imbalance_shares)],
    ["spread", `${number(bar.spread_tw_usd)} USD`],
    ["bars", count(bars.length)],
  ];
}
