// A batch to ask for: its form, and POST /v1/jobs with an Idempotency-Key, so that pressing twice asks once.

import { failure, post } from "./api.js";
import { field } from "./controls.js";
import { card, el, fill } from "./dom.js";

/** The form. `choose(id)` is told the job that was taken, `refresh()` reads the list again. */
export function jobForm(choose, refresh, signal) {
  const inputs = el("textarea", {
    name: "inputs",
    rows: 3,
    spellcheck: "false",
    placeholder: "ibm/20131007_trade.zip",
  });
  const symbols = el("input", { name: "symbols", placeholder: "all", spellcheck: "false" });
  const bar = el("input", { name: "bar", placeholder: "1s, 10s, 60s, 300s", spellcheck: "false" });
  const [from, to] = ["from", "to"].map((name) => el("input", { name, type: "date" }));
  const into = el(
    "select",
    { name: "into" },
    el("option", { value: "own" }, "a folder of its own"),
    el("option", { value: "served" }, "what this daemon serves"),
  );
  const said = el("div", { role: "status" });
  const button = el("button", { class: "main", type: "submit" }, "Start");
  let key = fresh();
  const send = async (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(said);
    const list = (input) =>
      input.value
        .split(/[\n,]/)
        .map((text) => text.trim())
        .filter(Boolean);
    const optional = { symbols: list(symbols), bar: list(bar) };
    const asked = { inputs: list(inputs), into: into.value };
    for (const [name, values] of Object.entries(optional)) if (values.length > 0) asked[name] = values;
    for (const input of [from, to]) if (input.value) asked[input.name] = input.value;
    try {
      const job = await post("/v1/jobs", asked, { signal, more: { "Idempotency-Key": key } });
      key = fresh();
      choose(job.id);
      refresh();
    } catch (error) {
      if (error.name === "AbortError") return;
      // Refused for what was asked: what is asked next is another question.
      if (error.status > 0) key = fresh();
      fill(said, failure(error));
    } finally {
      button.disabled = false;
    }
  };
  return card(
    "Ask for a batch",
    "impactd batch, with its options by name; the API has the rest of them",
    el(
      "form",
      { onsubmit: send, class: "stack", "aria-label": "New job" },
      field("Files or folders under the daemon's roots, one a line", inputs),
      el(
        "div",
        { class: "controls" },
        field("Symbols", symbols, { size: "middle" }),
        field("Bars", bar, { size: "middle" }),
        field("From", from, { size: "middle" }),
        field("To", to, { size: "middle" }),
        field("Into", into, { size: "middle" }),
        button,
      ),
      said,
    ),
  );
}

function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
