// Tables: columns and rows in; an accessible table, or CSV, out.

import { el, toast } from "./dom.js";

const MOST = 500;

/**
 * A table. A column is `{name, head, show, number, when}`: `show(value, row)` gives text or a node. `mark(row)` names a
 * row's class; a `whole` table does not scroll.
 */
export function table(columns, rows, { caption, most = MOST, mark, whole } = {}) {
  const kind = (column) => (column.number ? "number" : column.when ? "when" : undefined);
  const top = columns.map((column) => el("th", { scope: "col", class: kind(column) }, column.head ?? column.name));
  const cell = (column, row) => {
    const value = row[column.name];
    const shown = column.show ? column.show(value, row) : value;
    return el("td", { class: kind(column) }, shown === null || shown === undefined ? "—" : shown);
  };
  const lines = rows.slice(0, most).map((row) =>
    el(
      "tr",
      { class: mark?.(row) },
      columns.map((column) => cell(column, row)),
    ),
  );
  const label = rows.length > most && `First ${most} of ${rows.length} rows; the download has all.`;
  const made = el(
    "table",
    {},
    label && el("caption", {}, label),
    el("thead", {}, el("tr", {}, top)),
    el("tbody", {}, lines),
  );
  return el(
    "div",
    { class: whole ? "scroll whole" : "scroll", tabindex: "0", role: "region", "aria-label": caption ?? "Table" },
    made,
  );
}

/** The rows as CSV, raw values under raw names; unknown is empty. */
export function csv(columns, rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    // A text that a spreadsheet would run is disarmed.
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => columns.map((column) => cell(row[column.name])).join(","));
  return `${[columns.map((column) => column.name).join(","), ...lines].join("\n")}\n`;
}

/** Gives the reader a file. */
export function download(name, text, type = "text/csv") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Puts text on the clipboard; where that is not allowed, shows it to be copied by hand. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    const dialog = document.getElementById("text-dialog");
    const area = el("textarea", { readonly: true, "aria-label": what, class: "mono" });
    area.value = text;
    dialog.replaceChildren(
      el(
        "form",
        { method: "dialog" },
        el("h3", {}, what),
        area,
        el("div", { class: "row end" }, el("button", { class: "main" }, "Close")),
      ),
    );
    dialog.showModal();
    area.select();
  }
}

/** Tools of a table: download as CSV, copy as curl, copy a link. `what` names it; what is left out is not offered. */
export function tools(what, { rows, curl, file }) {
  const tool = (text, does, press) =>
    el("button", { type: "button", class: "quiet", "aria-label": `${does}: ${what}`, onclick: press }, text);
  const save = () => download(`${file()}.csv`, csv(...rows()));
  return el(
    "div",
    { class: "tools" },
    rows && tool("CSV", "Download as CSV", save),
    curl && tool("curl", "Copy as curl", () => copy(curl(), "curl command")),
    tool("Link", "Copy a link to this view", () => copy(location.href, "Link")),
  );
}
