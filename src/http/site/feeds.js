// The feeds panel: who sends, how far the journal and the engine are, what is missing, doubled or late, and whether the
// daemon is ready.

import { curl, failure, get } from "./api.js";
import { busy, card, chip, el, empty, facts, fill, head } from "./dom.js";
import { count, words } from "./format.js";
import { link, read } from "./state.js";
import { table, tools } from "./table.js";
import { ago, seconds, span, stamp } from "./time.js";
import { known } from "./known.js";

const EVERY = 2000;

/** Shows the panel until the signal aborts, and asks again every two seconds while it is seen. */
export async function mount(host, query, signal) {
  const title = head("Feeds", "Who sends events, what has become of them, and whether this daemon can be relied on.");
  const [ready, live, symbols] = [
    el("div", { class: "stack" }),
    el("div", { class: "stack" }),
    el("div", { class: "stack" }),
  ];
  fill(host, title, ready, live, symbols);
  fill(live, busy());
  const panel = { ready, live, symbols, signal };
  document.addEventListener("look", () => panel.feeds && showFeeds(panel), { signal });
  showSymbols(panel);
  while (!signal.aborted) {
    if (!document.hidden) await Promise.all([readiness(panel), feeds(panel)]);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

async function readiness({ ready, signal }) {
  try {
    const answer = await (await fetch("/health/ready", { cache: "no-cache", signal })).json();
    const columns = [
      { name: "name", head: "Check", show: words },
      { name: "passed", head: "State", show: (ok) => (ok ? chip("ok", "good") : chip("not ok", "bad")) },
      { name: "reason", head: "What was found" },
    ];
    const tone = { ready: "good", degraded: "warn" }[answer.status] ?? "bad";
    const text = JSON.stringify(answer);
    if (text === ready.dataset.said) return;
    ready.dataset.said = text;
    fill(
      ready,
      card(
        "Readiness",
        chip(words(answer.status ?? "not_ready"), tone),
        table(columns, answer.checks ?? [], { caption: "Readiness" }),
      ),
    );
  } catch (error) {
    if (error.name === "AbortError") return;
    delete ready.dataset.said;
    fill(
      ready,
      failure({ problem: { title: "The daemon does not answer" }, message: "It is asked again every two seconds." }),
    );
  }
}

async function feeds(panel) {
  try {
    const found = await get("/v1/feeds", { signal: panel.signal });
    // What has not changed stays, with the reader's place in it; ages go on.
    if (JSON.stringify(found) !== JSON.stringify(panel.feeds)) showFeeds(Object.assign(panel, { feeds: found }));
    for (const age of panel.live.querySelectorAll("[data-at]")) age.textContent = ago(age.dataset.at);
  } catch (error) {
    if (error.name === "AbortError") return;
    panel.feeds = null;
    if (error.status === 404) {
      fill(
        panel.live,
        empty(
          "This daemon takes no live events.",
          "It serves recorded results alone; start it with the live side enabled to send to POST /v1/events.",
        ),
      );
    } else fill(panel.live, failure(error));
  }
}

function showFeeds({ live, feeds: found }) {
  const list = found.feeds;
  const behind = found.journal_position - found.engine_position;
  const bar = tools("feeds", { rows: () => [FEEDS, list], curl: () => curl("/v1/feeds"), file: () => "impactd-feeds" });
  const sources =
    list.length === 0
      ? empty(
          "No feed has sent events yet.",
          "Send a batch to POST /v1/events, or replay a recorded tape: impactd replay INPUT --to URL",
        )
      : table(FEEDS, list, { caption: "Sources by session" });
  fill(
    live,
    card(
      "Journal",
      null,
      facts([
        ["Journal position", count(found.journal_position)],
        ["Engine position", count(found.engine_position)],
        ["Lag", `${count(behind)}`, behind === 0 ? "nothing waits" : "positions wait"],
      ]),
    ),
    card("Sources", ["events are acknowledged once they are durable", bar], sources),
    card(
      "Sessions",
      null,
      found.sessions.length === 0
        ? empty("No session is in the journal.")
        : table(SESSIONS, found.sessions, { caption: "Sessions in the journal" }),
    ),
  );
}

async function showSymbols({ symbols, signal }) {
  try {
    const { symbols: list } = await known(signal);
    if (list.length === 0)
      return void fill(
        symbols,
        empty("No results yet.", "Run impactd batch on a day of trades and quotes into this daemon's data folder."),
      );
    const to = (name, row) =>
      el("a", { href: link("tape", { symbol: name, date: row.last_date, time: read().query.time }) }, name);
    const columns = [
      { name: "symbol", head: "Symbol", show: to },
      { name: "first_date", head: "First session" },
      { name: "last_date", head: "Last session" },
      { name: "days", head: "Sessions", number: true, show: count },
      { name: "quotes", head: "Quotes", number: true, show: count },
      { name: "trades", head: "Trades", number: true, show: count },
    ];
    fill(symbols, card("Symbols", `${count(list.length)} known`, table(columns, list, { caption: "Symbols" })));
  } catch (error) {
    if (error.name !== "AbortError")
      fill(
        symbols,
        failure(error, () => showSymbols({ symbols, signal })),
      );
  }
}

const figures = (name, head) => ({ name, head, number: true, show: (value) => count(value) });

function missing(value, { missing_ranges: ranges }) {
  if (value === 0) return "0";
  const words = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`)).join(", ");
  return el("span", {}, chip(count(value), "warn"), el("div", { class: "muted" }, words));
}

/** How long after it happened the last event became durable, by this machine's clock. */
function lag({ last_event_ts: happened, last_received_ts: received }) {
  return happened && received ? span(seconds(received) - seconds(happened)) : "—";
}

const FEEDS = [
  { name: "source", head: "Source" },
  { name: "date", head: "Session", when: true },
  figures("events", "Events"),
  figures("duplicates", "Duplicates"),
  { name: "missing", head: "Missing", number: true, show: missing },
  figures("late", "Late"),
  figures("out_of_order", "Out of order"),
  figures("last_sequence", "Last sequence"),
  { name: "last_event_ts", head: "Last event", when: true, show: stamp },
  {
    name: "last_received_ts",
    head: "Received",
    when: true,
    show: (value) => (value ? el("span", { title: stamp(value), "data-at": value }, ago(value)) : "—"),
  },
  { name: "lag", head: "Lag", number: true, show: (value, row) => lag(row) },
];
const STATES = { open: "good", ended: "warn", landed: "" };
const SESSIONS = [
  { name: "date", head: "Session", when: true },
  { name: "state", head: "State", show: (state) => chip(state, STATES[state]) },
  { name: "watermark", head: "Certain up to", when: true, show: stamp },
  { name: "symbols", head: "Symbols", number: true, show: count },
  figures("waiting", "Waiting"),
  figures("late", "Late"),
];
