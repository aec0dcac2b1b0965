// The jobs panel: batches asked for over HTTP, how far they are, what came of them, and one more to ask for.

import { curl, failure, path, rows } from "./api.js";
import { busy, card, chip, el, empty, fill, head } from "./dom.js";
import { count, percent } from "./format.js";
import { JobCard, progress, TONES } from "./job_card.js";
import { jobForm } from "./job_form.js";
import { note } from "./state.js";
import { table, tools } from "./table.js";
import { second } from "./time.js";

const EVERY = 2000;

/** Shows the panel until the signal aborts. */
export async function mount(host, query, signal) {
  const title = head(
    "Jobs",
    "Batches run by this daemon: the same as impactd batch, over files below its configured roots.",
  );
  const [form, chosen, list] = [el("div"), el("div", { class: "stack" }), el("div", { class: "stack" })];
  fill(host, title, list, chosen, form);
  fill(list, busy());
  const panel = { list, chosen, signal, rows: [], id: query.job, follow: new AbortController() };
  panel.choose = (id) => choose(panel, id);
  panel.refresh = () => refresh(panel);
  document.addEventListener("look", () => panel.found && show(panel), { signal });
  fill(form, jobForm(panel.choose, panel.refresh, signal));
  if (query.job) choose(panel, query.job);
  while (!signal.aborted) {
    if (!document.hidden && !(await refresh(panel))) return void fill(form);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

const REQUEST = path("/v1/jobs", { limit: 100 });

/** Reads the list; false where this daemon runs no jobs. */
async function refresh(panel) {
  try {
    const found = await rows(REQUEST, { signal: panel.signal, most: 500 });
    if (JSON.stringify(found.rows) !== JSON.stringify(panel.found)) {
      panel.found = found.rows;
      show(panel);
    }
  } catch (error) {
    if (error.name === "AbortError") return true;
    panel.found = null;
    if (error.status === 404) {
      fill(
        panel.list,
        empty(
          "This daemon runs no jobs.",
          error.message,
          "Name folders of tapes under [jobs] roots in its configuration, and start it again.",
        ),
      );
      return false;
    }
    fill(panel.list, failure(error, panel.refresh));
  }
  return true;
}

function choose(panel, id) {
  panel.follow.abort();
  panel.follow = new AbortController();
  panel.id = id;
  note({ job: id ?? undefined });
  const signal = AbortSignal.any([panel.signal, panel.follow.signal]);
  if (id) fill(panel.chosen, new JobCard(id, { signal, changed: panel.refresh, gone: () => choose(panel, null) }).node);
  else fill(panel.chosen);
  if (panel.found) show(panel);
}

function show(panel) {
  const open = (id) =>
    el(
      "button",
      { type: "button", class: "quiet mono", "aria-label": `Show job ${id}`, onclick: () => panel.choose(id) },
      id.slice(0, 8),
    );
  const columns = [
    { name: "id", head: "Job", show: open },
    { name: "state", head: "State", show: (state) => chip(state, TONES[state] ?? "") },
    {
      name: "bytes_read",
      head: "Read",
      show: (read, row) => [
        progress(row.state === "done" ? 1 : read, row.state === "done" ? 1 : row.bytes_total, `Job ${row.id}`),
        el("span", { class: "muted" }, row.bytes_total > 0 ? percent(Math.min(1, read / row.bytes_total), 0) : "—"),
      ],
    },
    {
      name: "units_done",
      head: "Units",
      number: true,
      show: (done, row) => `${count(done)} of ${count(row.units_total)}`,
    },
    { name: "rows", head: "Rows", number: true, show: count },
    { name: "into", head: "Into" },
    { name: "created_at", head: "Asked", when: true, show: second },
    { name: "ended_at", head: "Ended", when: true, show: second },
    { name: "error", head: "Why it failed", show: (error) => error ?? "" },
  ];
  const bar = tools("jobs", {
    rows: () => [columns, panel.found],
    curl: () => curl(REQUEST),
    file: () => "impactd-jobs",
  });
  fill(
    panel.list,
    card(
      "Jobs",
      [panel.found.length > 0 && `${count(panel.found.length)} on record`, bar],
      panel.found.length === 0
        ? empty("No job yet.", "Ask for one below: name a file or folder of trades and quotes.")
        : table(columns, panel.found, { caption: "Jobs", mark: (row) => (row.id === panel.id ? "chosen" : undefined) }),
    ),
  );
}
