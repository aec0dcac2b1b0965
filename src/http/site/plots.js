// What charts have in common: axes, kinds of series, and the words on the time axis.

import { number } from "./format.js";
import { zone } from "./time.js";

const uPlot = globalThis.uPlot;
const FONT = '12px Inter, "Segoe UI", system-ui, sans-serif';

/** uPlot's options around given series. `x` is "time" or the axis' name; `y` the other axis' name; `left` its room. */
export function frame(
  width,
  colours,
  { x, y, series, height = 260, left, bands, sync, hooks, scales, cursor, xValues, yValues },
) {
  const time = x === "time";
  const axis = (more) => ({
    stroke: colours.muted,
    font: FONT,
    labelFont: FONT,
    labelGap: 2,
    labelSize: 20,
    gap: 5,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.line, width: 1, size: 4 },
    ...more,
  });
  return {
    width,
    height,
    series: [{}, ...series],
    bands,
    hooks,
    legend: { show: false },
    padding: [8, 22, 0, 0],
    tzDate: (since) => uPlot.tzDate(new Date(since * 1000), zone()),
    scales: { ...scales, x: { time, ...scales?.x } },
    axes: [
      axis(time ? { values: moments, size: 30 } : { label: x, size: 34, values: xValues ?? plain }),
      axis({ label: y, size: left ?? room, values: yValues ?? plain }),
    ],
    cursor: { points: { size: 7 }, focus: { prox: 30 }, ...(sync ? { sync: { key: sync } } : {}), ...cursor },
  };
}

function plain(u, splits) {
  return splits.map((value) => (value === null ? "" : number(value, 6)));
}

function moments(u, splits, index, space, step) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone() };
  if (step < 60) parts.second = "2-digit";
  if (step < 1) parts.fractionalSecondDigits = 3;
  if (step >= 86_400) Object.assign(parts, { hour: undefined, minute: undefined, month: "short", day: "numeric" });
  const made = new Intl.DateTimeFormat("en-GB", parts);
  return splits.map((since) => made.format(since * 1000));
}

/** Room for the longest word of the axis. */
function room(u, values) {
  const longest = (values ?? []).reduce((most, value) => (value.length > most.length ? value : most), "");
  if (!longest) return 44;
  u.ctx.font = FONT;
  return Math.ceil(u.ctx.measureText(longest).width / devicePixelRatio) * devicePixelRatio + 14;
}

/** A line. */
export function line(colour, { width = 1.5, dash, paths } = {}) {
  return { stroke: colour, width, dash, points: { show: false }, paths };
}

/** A line that holds until the next value. */
export function steps(colour, more = {}) {
  return line(colour, { ...more, paths: uPlot.paths.stepped({ align: 1 }) });
}

/** Points alone. */
export function dots(colour, { size = 4, fill = colour, stroke = colour, width = 1 } = {}) {
  return { stroke, paths: () => null, points: { show: true, size, fill, stroke, width, space: 0 } };
}

/** Bars from zero. */
export function bars(colour, { share = 0.8, most = 40, align = 0 } = {}) {
  return {
    stroke: colour,
    fill: colour,
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [share, most], align }),
  };
}

/** The edge of a band: seen as the band's filling alone. */
export function edge() {
  return { stroke: "transparent", width: 0, points: { show: false } };
}

/** Draws a level line across the plot. */
export function level(value, colour) {
  return (u) => {
    const at = Math.round(u.valToPos(value, "y", true));
    if (at < u.bbox.top || at > u.bbox.top + u.bbox.height) return;
    stroke(u, colour, [[u.bbox.left, at, u.bbox.left + u.bbox.width, at]]);
  };
}

/** Draws upright bars of error: `marks` are [x, low, high]. */
export function errors(marks, colour, width = 1.5) {
  return (u) => {
    const lines = marks
      .filter(([, low, high]) => low !== null && high !== null)
      .map(([x, low, high]) => {
        const across = u.valToPos(x, "x", true);
        return [across, u.valToPos(low, "y", true), across, u.valToPos(high, "y", true)];
      });
    stroke(u, colour, lines, width);
  };
}

function stroke(u, colour, lines, width = 1) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.beginPath();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * devicePixelRatio;
  for (const [x0, y0, x1, y1] of lines) {
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
  }
  ctx.stroke();
  ctx.restore();
}
