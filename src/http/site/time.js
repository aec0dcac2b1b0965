// Moments: RFC 3339 with nanoseconds in, seconds since 1970 or words out, in UTC or in the exchange's time.

import { note, read } from "./state.js";

export const EXCHANGE = "America/New_York";

/** The zone in which times are shown. */
export function zone() {
  return read().query.time === "exchange" ? EXCHANGE : "Etc/UTC";
}

/** Its name for a person. */
export function zoneName() {
  return zone() === EXCHANGE ? "New York" : "UTC";
}

/** Changes it; `look` events tell those who show times. */
export function switchZone() {
  note({ time: zone() === EXCHANGE ? undefined : "exchange" });
  document.dispatchEvent(new CustomEvent("look"));
}

/** Seconds since 1970 of a moment such as 2013-10-07T13:30:00.000000001Z. */
export function seconds(moment) {
  const [whole, fraction = "0"] = moment.replace(/Z$/, "").split(".");
  return Date.parse(`${whole}Z`) / 1000 + Number(`0.${fraction}`);
}

/** Seconds since 1970 as a moment in UTC, of whole milliseconds. */
export function moment(since1970) {
  return new Date(Math.round(since1970 * 1000)).toISOString();
}

const made = new Map();
function formatter(kind, options) {
  const name = `${kind} ${zone()}`;
  if (!made.has(name))
    made.set(name, new Intl.DateTimeFormat("en-GB", { timeZone: zone(), hourCycle: "h23", ...options }));
  return made.get(name);
}

/** Time of day with as many digits as the moment needs. */
export function clock(moment) {
  if (!moment) return "—";
  const fraction = (moment.split(".")[1] ?? "").replace(/Z$/, "").replace(/0+$/, "");
  const time = formatter("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    seconds(moment) * 1000,
  );
  return fraction ? `${time}.${fraction}` : time;
}

/** Date and time of day. */
export function stamp(moment) {
  if (!moment) return "—";
  const date = formatter("date", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
    seconds(moment) * 1000,
  );
  const part = (type) => date.find((piece) => piece.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")} ${clock(moment)}`;
}

/** Date and time of day to the second. */
export function second(moment) {
  return stamp(moment).slice(0, 19);
}

/** How long ago, in words; `now` in milliseconds since 1970. */
export function ago(moment, now = Date.now()) {
  return moment ? `${span((now - seconds(moment) * 1000) / 1000)} ago` : "—";
}

/** A length of time in words. */
export function span(length) {
  if (length === null || length === undefined || !Number.isFinite(length)) return "—";
  const size = Math.abs(length);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${(length * 1e6).toFixed(0)} µs`;
  if (size < 1) return `${(length * 1000).toFixed(0)} ms`;
  if (size < 120) return `${length.toFixed(size < 10 ? 1 : 0)} s`;
  if (size < 7200) return `${(length / 60).toFixed(0)} min`;
  if (size < 172_800) return `${(length / 3600).toFixed(1)} h`;
  return `${Math.round(length / 86_400)} days`;
}
