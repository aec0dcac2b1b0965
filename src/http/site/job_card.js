// One job as it goes: followed by GET /v1/jobs/{id}/events, with its results once it is done, and a way to call it off.

import { ask, curl, failure, get, headers, path, rows } from "./api.js";
import { busy, card, chip, el, facts, fill, toast } from "./dom.js";
import { count, number, words } from "./format.js";
import { follow } from "./stream.js";
import { copy, table } from "./table.js";
import { second, span } from "./time.js";

/** The tone of a job's state. */
export const TONES = { queued: "", running: "warn", done: "good", failed: "bad", cancelled: "" };

/** A bar of how much of the inputs is read. */
export function progress(read, total, label) {
  const share = total > 0 ? Math.min(1, read / total) : 0;
  const inner = el("div");
  inner.style.width = `${share * 100}%`;
  return el(
    "div",
    {
      class: "progress",
      role: "progressbar",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": Math.round(share * 100),
      "aria-label": label,
    },
    inner,
  );
}

/** The card of a job. `changed()` is told when the list should be read again, `gone()` when the job is forgotten. */
export class JobCard {
  constructor(id, { signal, changed, gone }) {
    Object.assign(this, { id, signal, changed, gone });
    this.route = `/v1/jobs/${encodeURIComponent(id)}`;
    this.body = el("div", { class: "stack" });
    this.tools = el("div", { class: "tools" });
    this.node = card(`Job ${id.slice(0, 8)}`, this.tools, this.body);
    fill(this.body, busy());
    this.start();
  }

  async start() {
    try {
      const job = await get(this.route, { signal: this.signal });
      this.show(job);
      if (!job.ended_at) await this.watch();
    } catch (error) {
      if (error.name !== "AbortError")
        fill(
          this.body,
          failure(error, () => this.start()),
        );
    }
  }

  /** Follows it to its end; then the stream has nothing more to say. */
  watch() {
    const done = new AbortController();
    const heard = (kind, data) => {
      this.show(JSON.parse(data));
      if (kind !== "end") return;
      done.abort();
      this.changed();
    };
    const state = (name, more) =>
      name === "refused" &&
      fill(
        this.body,
        failure(more, () => this.start()),
      );
    return follow(`${this.route}/events`, { heard, state, signal: AbortSignal.any([this.signal, done.signal]) });
  }

  show(job) {
    const { progress: far } = job;
    const ended = job.ended_at !== null;
    const stop = el(
      "button",
      { type: "button", class: "quiet", onclick: () => this.remove(ended) },
      ended ? "Forget" : "Call off",
    );
    stop.disabled = job.cancel_wanted && !ended;
    fill(
      this.tools,
      stop,
      el("button", { type: "button", class: "quiet", onclick: () => copy(curl(this.route), "curl command") }, "curl"),
      el("button", { type: "button", class: "quiet", onclick: () => copy(location.href, "Link") }, "Link"),
    );
    const left = far.eta_seconds === null || ended ? null : `about ${span(far.eta_seconds)} left`;
    const error =
      job.error &&
      el("div", { class: "failure" }, el("strong", {}, words(job.error.code)), el("p", {}, job.error.message));
    this.files ??= el("div");
    fill(
      this.body,
      el(
        "div",
        { class: "row" },
        chip(job.state, TONES[job.state] ?? ""),
        job.cancel_wanted && !ended && chip("being called off", "warn"),
        left && el("span", { class: "muted" }, left),
      ),
      progress(job.state === "done" ? 1 : far.bytes_read, job.state === "done" ? 1 : far.bytes_total, "Bytes read"),
      error,
      job.warnings.map((warning) => el("p", { class: "note" }, warning)),
      facts([
        ["Units", `${count(far.units_done)} of ${count(far.units_total)}`],
        ["Rows", count(far.rows)],
        ["Rows a second", far.rows_per_second === null ? "—" : number(far.rows_per_second, 3)],
        ["Ran", span(far.seconds), job.attempts > 1 ? `attempt ${job.attempts}` : null],
        ["Asked", second(job.created_at)],
        ["Ended", second(job.ended_at)],
      ]),
      el(
        "details",
        { class: "table" },
        el("summary", {}, "What was asked"),
        el("pre", { class: "mono" }, JSON.stringify(job.asked, null, 2)),
      ),
      this.files,
    );
    if (job.state === "done" && !this.listed) this.results();
  }

  async results() {
    this.listed = true;
    try {
      const found = await rows(path(`${this.route}/result`), { signal: this.signal });
      const columns = [
        {
          name: "name",
          head: "File",
          show: (name, row) =>
            el("button", { type: "button", class: "quiet", onclick: () => this.save(row) }, row.path),
        },
        { name: "rows", head: "Rows", number: true, show: count },
        { name: "bytes", head: "Bytes", number: true, show: count },
        { name: "sha256", head: "SHA-256", show: (sum) => el("code", { title: sum }, sum.slice(0, 12)) },
      ];
      fill(this.files, table(columns, found.rows, { caption: "Results" }));
    } catch (error) {
      if (error.name !== "AbortError")
        fill(
          this.files,
          failure(error, () => this.results()),
        );
    }
  }

  /** Downloads a file with the key, which a plain link could not carry. */
  async save(row) {
    try {
      const answer = await ask(row.url, { accept: "*/*", signal: this.signal });
      const url = URL.createObjectURL(await answer.blob());
      el("a", { href: url, download: row.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message);
    }
  }

  async remove(ended) {
    try {
      const answer = await fetch(this.route, { method: "DELETE", headers: headers() });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      toast(ended ? "Forgotten" : "Called off");
      this.changed();
      if (answer.status === 204) this.gone();
    } catch (error) {
      toast(error.message);
    }
  }
}
