// Asks the daemon. In: a path, perhaps a body. Out: JSON, rows of all pages, or a Refusal that says why and what next.

import { el } from "./dom.js";
import * as key from "./key.js";

/** What the daemon refused, or that it could not be reached. */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    Object.assign(this, { status, problem, retryAfter, code: problem.code });
  }
}

/** Headers with the key, where there is one. */
export function headers(more = {}) {
  const held = key.current();
  return held ? { ...more, Authorization: `Bearer ${held}` } : more;
}

/** An answer, whatever its kind; a Refusal when it is none. */
export async function ask(path, { method = "GET", body, type, accept = "application/json", signal, more } = {}) {
  const head = headers({ Accept: accept, ...(type ? { "Content-Type": type } : {}), ...more });
  let answer;
  try {
    answer = await fetch(path, { method, headers: head, body, signal, cache: "no-cache" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { title: "The daemon does not answer", detail: "Is it running, and reachable from here?" });
  }
  if (answer.ok) return answer;
  throw await refusal(answer);
}

/** The Refusal that an answer is. */
export async function refusal(answer) {
  let problem = { title: answer.statusText || `Status ${answer.status}` };
  try {
    problem = { ...problem, ...(await answer.json()) };
  } catch {
    // Not a problem document: the status alone is what is known.
  }
  if (answer.status === 401) key.ask(problem.detail ?? "The daemon asks for a key.");
  return new Refusal(answer.status, problem, answer.headers.get("Retry-After"));
}

/** A JSON document. */
export async function get(path, options) {
  return (await ask(path, options)).json();
}

/** A JSON document in answer to one. */
export async function post(path, body, options) {
  return get(path, { method: "POST", type: "application/json", body: JSON.stringify(body), ...options });
}

/** The rows of a table, page by page, so many at most; `whole` says whether that is all. */
export async function rows(path, { most = 50_000, signal } = {}) {
  const all = [];
  let cursor = null;
  do {
    const answer = await get(cursor ? `${path}&cursor=${cursor}` : path, { signal });
    for (const row of answer.data) all.push(row);
    cursor = answer.next_cursor;
  } while (cursor && all.length < most);
  return { rows: all, whole: !cursor };
}

/** A path with a query; names without a value are left out. */
export function path(route, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${route}?${new URLSearchParams(given)}` : route;
}

/** The request as a line for a shell. A key is never written out. */
export function curl(path, { body, type = "application/json", file, method } = {}) {
  const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const parts = [`curl -s ${quoted(location.origin + path)}`];
  if (method) parts.push(`-X ${method}`);
  if (key.current()) parts.push('-H "Authorization: Bearer $IMPACTD_KEY"');
  if (body !== undefined || file) parts.push(`-H ${quoted(`content-type: ${type}`)}`);
  if (body !== undefined) parts.push(`-d ${quoted(JSON.stringify(body))}`);
  if (file) parts.push(`--data-binary @${quoted(file)}`);
  return parts.join(" ");
}

/** What went wrong, for a person, with a way to try again. */
export function failure(error, again) {
  const problem = error.problem ?? {};
  const wait = error.retryAfter ? ` Ask again in ${error.retryAfter} s.` : "";
  // A lone fault stands in the detail already.
  const faults = (problem.errors ?? []).filter(
    (fault, at, all) => all.length > 1 || !error.message.includes(fault.message),
  );
  const places = faults.map((fault) => el("li", {}, el("code", {}, fault.pointer), ` ${fault.message}`));
  return el(
    "div",
    { class: "failure", role: "alert" },
    el("strong", {}, problem.title ?? "This page has a fault"),
    el("p", {}, `${error.message}${wait}`),
    places.length > 0 && el("ul", {}, places),
    el(
      "div",
      { class: "row" },
      again && el("button", { type: "button", onclick: again }, "Try again"),
      error.status === 401 && el("button", { type: "button", onclick: () => key.ask("") }, "Enter a key"),
      problem.code &&
        el(
          "span",
          { class: "id" },
          el("code", {}, problem.code),
          problem.request_id && ` · request ${problem.request_id}`,
        ),
    ),
  );
}
