// The key for the daemon: asked for when it answers 401, kept in this tab's session only, never in a link or a copy.

import { el, fill } from "./dom.js";

const PLACE = "impactd.key";
const listeners = new Set();

/** The key, or null. */
export function current() {
  try {
    return sessionStorage.getItem(PLACE);
  } catch {
    return null;
  }
}

/** Calls back when the key changes. */
export function onChange(listener) {
  listeners.add(listener);
}

function keep(key) {
  if (key) sessionStorage.setItem(PLACE, key);
  else sessionStorage.removeItem(PLACE);
  mark();
  for (const listener of listeners) listener();
}

/** Shows on its button whether a key is held. */
export function mark() {
  const key = current();
  document.getElementById("key").textContent = key ? `Key …${key.slice(-4)}` : "Key";
}

/** Asks for a key. `why` says what the daemon answered. */
export function ask(why) {
  const dialog = document.getElementById("key-dialog");
  if (dialog.open) return;
  const input = el("input", {
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "impactd_…",
    id: "key-input",
  });
  const done = (event) => {
    event.preventDefault();
    dialog.close();
    keep(input.value.trim());
  };
  fill(
    dialog,
    el(
      "form",
      { onsubmit: done },
      el("h3", { id: "key-title" }, "Key for this daemon"),
      why && el("p", {}, why),
      el(
        "label",
        { class: "field", for: "key-input" },
        "Key",
        input,
        el("span", { class: "hint" }, "Made with: impactd keys create. It stays in this tab and goes with it."),
      ),
      el(
        "div",
        { class: "row end" },
        current() &&
          el(
            "button",
            {
              type: "button",
              onclick: () => {
                dialog.close();
                keep("");
              },
            },
            "Forget it",
          ),
        el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        el("button", { class: "main" }, "Use this key"),
      ),
    ),
  );
  dialog.showModal();
  input.focus();
}
