// The frame: which panel is shown, the tabs, the state of the daemon, and the three switches.

import { get } from "./api.js";
import { el, fill } from "./dom.js";
import { words } from "./format.js";
import * as key from "./key.js";
import * as look from "./look.js";
import * as state from "./state.js";
import { switchZone, zoneName } from "./time.js";
import * as feeds from "./feeds.js";
import * as fraud from "./fraud.js";
import * as impact from "./impact.js";
import * as jobs from "./jobs.js";
import * as pretrade from "./pretrade.js";
import * as tape from "./tape.js";

const PANELS = {
  feeds: ["Feeds", feeds],
  tape: ["Tape", tape],
  impact: ["Impact", impact],
  pretrade: ["Pre-trade", pretrade],
  fraud: ["Fraud", fraud],
  jobs: ["Jobs", jobs],
};
const HEALTH_EVERY = 10_000;
const host = document.getElementById("panel");
let leave = null;

/** Shows the panel that the address names; the one before is told to stop. */
function show() {
  leave?.abort();
  leave = new AbortController();
  const { panel, query } = state.read();
  const chosen = Object.hasOwn(PANELS, panel) ? panel : "feeds";
  if (chosen !== panel) history.replaceState(null, "", state.link(chosen, query));
  const [title, module] = PANELS[chosen];
  document.title = `${title} · impactd`;
  tabs(chosen);
  zone();
  const inner = el("div", { class: "stack", "data-panel": chosen });
  fill(host, inner);
  module.mount(inner, query, leave.signal);
}

function tabs(chosen) {
  const kept = state.kept();
  fill(
    document.getElementById("tabs"),
    Object.entries(PANELS).map(([name, [title]]) =>
      el("a", { href: state.link(name, kept), "aria-current": name === chosen ? "page" : null }, title),
    ),
  );
}

function zone() {
  const button = document.getElementById("zone");
  button.textContent = zoneName();
  button.setAttribute("aria-label", `Times in ${zoneName()}`);
}

async function health() {
  const chip = document.getElementById("health");
  const say = (text, tone, why) => {
    chip.textContent = text;
    chip.className = `chip ${tone}`;
    chip.title = why;
  };
  try {
    // Not ready is an answer with status 503, and says why.
    const answer = await (await fetch("/health/ready", { cache: "no-cache" })).json();
    const wrong = (answer.checks ?? [])
      .filter((check) => !check.passed)
      .map((check) => `${check.name}: ${check.reason}`);
    say(
      words(answer.status ?? "not_ready"),
      { ready: "good", degraded: "warn" }[answer.status] ?? "bad",
      wrong.join("\n"),
    );
  } catch {
    say("unreachable", "bad", "The daemon does not answer");
  }
}

async function version() {
  try {
    const { name, version: number } = await get("/version");
    document.getElementById("version").textContent = `${name} ${number}`;
  } catch {
    // The footer does without it.
  }
}

const lookButton = document.getElementById("look");
look.apply(lookButton);
look.watch();
key.mark();
lookButton.addEventListener("click", () => look.next(lookButton));
document.getElementById("zone").addEventListener("click", () => switchZone());
document.getElementById("key").addEventListener("click", () => key.ask(""));
document.addEventListener("look", zone);
document.addEventListener("notes", () => tabs(state.read().panel));
window.addEventListener("hashchange", show);
key.onChange(() => {
  show();
  health();
  version();
});
show();
health();
version();
setInterval(health, HEALTH_EVERY);
