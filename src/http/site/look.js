// Light and dark: as the system says, or as the reader chose; and the colours that canvases need as values.

const PLACE = "impactd.look";
const ORDER = ["auto", "light", "dark"];

function chosen() {
  try {
    return localStorage.getItem(PLACE) ?? "auto";
  } catch {
    return "auto";
  }
}

/** Puts the choice on the document and on its button. */
export function apply(button) {
  const look = chosen();
  if (look === "auto") delete document.documentElement.dataset.look;
  else document.documentElement.dataset.look = look;
  button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[look];
  button.setAttribute("aria-label", `Colours: ${look}`);
}

/** The next choice. */
export function next(button) {
  try {
    localStorage.setItem(PLACE, ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]);
  } catch {
    // Without storage the choice lasts until the page is left; the system's is used.
  }
  apply(button);
  document.dispatchEvent(new CustomEvent("look"));
}

/** Tells those who draw when the system changes its mind. */
export function watch() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("look"));
  });
}

/** The page's colours by name, as they are now; `soft(name, alpha)` is a transparent one. */
export function colours() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const of = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["ink", "muted", "line", "grid", "accent", "buy", "sell", "law", "surface", "bad", "good", "warn"];
  const found = Object.fromEntries(names.map((name) => [name, of(name)]));
  probe.remove();
  found.soft = (name, alpha) => found[name].replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
  return found;
}
