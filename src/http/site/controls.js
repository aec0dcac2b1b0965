// Fields of panels: a symbol out of those known, a choice, a date. Each tells what was chosen, and nothing else.

import { path, rows } from "./api.js";
import { el } from "./dom.js";

let number = 0;

/** A labelled field; `hint` is a remark under it. */
export function field(label, input, { size = "", hint } = {}) {
  number += 1;
  input.id ||= `field-${number}`;
  return el(
    "div",
    { class: `field ${size}` },
    el("label", { for: input.id }, label),
    input,
    hint && el("span", { class: "hint" }, hint),
  );
}

/** One of some options: texts, or `[value, words]`. */
export function choice(label, options, value, change, more = {}) {
  const select = el("select", { name: more.name, onchange: () => change(select.value) });
  const put = (list, chosen) => {
    select.replaceChildren(
      ...list.map((option) => {
        const [key, words] = Array.isArray(option) ? option : [option, option];
        return el("option", { value: key, selected: String(key) === String(chosen) }, words);
      }),
    );
  };
  put(options, value);
  const node = field(label, select, { size: "short", ...more });
  return Object.assign(node, { select, put });
}

/** Every symbol with results: rows of /v1/symbols. */
export async function symbols(signal) {
  return (await rows(path("/v1/symbols", { limit: 10_000 }), { signal })).rows;
}

/** A symbol, typed or chosen. */
export function symbolField(known, value, change) {
  number += 1;
  const list = el(
    "datalist",
    { id: `symbols-${number}` },
    known.map((row) => el("option", { value: row.symbol })),
  );
  const input = el("input", {
    list: list.id,
    value,
    name: "symbol",
    spellcheck: "false",
    autocomplete: "off",
    required: true,
  });
  let last = value;
  const tell = () => {
    const now = input.value.trim();
    if (now && now !== last) change((last = now));
  };
  input.addEventListener("change", tell);
  input.addEventListener("keydown", (event) => event.key === "Enter" && tell());
  // The list shows all again when the field is entered.
  input.addEventListener("focus", () => input.select());
  const node = field("Symbol", input, { size: "short" });
  node.append(list);
  return Object.assign(node, { input });
}

/** A session date between two. */
export function dateField(value, first, last, change) {
  const input = el("input", { type: "date", value, min: first, max: last, name: "date" });
  input.addEventListener("change", () => input.value && change(input.value));
  return Object.assign(field("Session (New York)", input, { size: "middle" }), { input });
}
