// The slope of each half hour with its interval, and the columns in which fits are told.

import { empty } from "./dom.js";
import { count, fixed, number, unit } from "./format.js";
import { dots, errors, frame, level } from "./plots.js";
import { clock, seconds } from "./time.js";

/** Shows the slopes of windows in a figure; `pick(row)` is told which one is pressed. */
export function slopes(plot, windows, pick) {
  const list = windows.filter((row) => row.window !== "day");
  if (list.length < 2) return plot.say(empty("No half hours with a fit in this session."));
  const day = windows.find((row) => row.window === "day");
  const middle = (row) => (seconds(row.window_start) + seconds(row.window_end)) / 2;
  const data = [list.map(middle), list.map((row) => row.coefficient)];
  const press = (u) => u.over.addEventListener("click", () => u.cursor.idx !== null && pick(list[u.cursor.idx]));
  const make = (width, colours) =>
    frame(width, colours, {
      x: "time",
      y: unit("cents_per_share"),
      height: 200,
      series: [dots(colours.accent, { size: 7 })],
      scales: {
        x: { range: (u, low, high) => [low - 900, high + 900] },
        y: { range: (u, low, high) => reach(list, low, high) },
      },
      hooks: {
        init: [press],
        draw: [
          errors(
            list.map((row) => [middle(row), row.ci95_low, row.ci95_high]),
            colours.accent,
          ),
          level(0, colours.line),
          day && level(day.coefficient, colours.sell),
        ].filter(Boolean),
      },
    });
  return plot.show({
    plots: [{ label: "Slope of each half hour", make, data }],
    rows: list,
    columns: TERMS,
    read: (index) =>
      index === null
        ? [["Session", day ? `${number(day.coefficient)} ± ${number(day.se_hac)}` : "—"]]
        : [
            ["From", clock(list[index].window_start)],
            ["slope", `${number(list[index].coefficient)} ± ${number(list[index].se_hac)}`],
            ["t", fixed(list[index].t_hac, 1)],
            ["R²", fixed(list[index].r2, 3)],
          ],
    notes: ["Press a half hour to see its scatter above."],
  });
}

function reach(list, low, high) {
  const all = list.flatMap((row) => [row.ci95_low, row.ci95_high]).filter((value) => value !== null);
  const [least, most] = [Math.min(0, low, ...all), Math.max(0, high, ...all)];
  const room = (most - least) * 0.06 || 1;
  return [least - room, most + room];
}

const figures = (name, head, digits = 4) => ({ name, head, number: true, show: (value) => number(value, digits) });
/** The columns of `fits`. */
export const TERMS = [
  { name: "window_start", head: "From", when: true, show: clock },
  { name: "model", head: "Model" },
  { name: "term", head: "Term" },
  figures("coefficient", "Coefficient"),
  { name: "unit", head: "Unit", show: unit },
  figures("se_hac", "Newey-West s.e."),
  figures("t_hac", "t", 3),
  figures("ci95_low", "95 % low"),
  figures("ci95_high", "95 % high"),
  { name: "n", head: "n", number: true, show: count },
  figures("r2", "R²", 3),
  figures("r2_oos", "R² next window", 3),
];
