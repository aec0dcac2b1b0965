// The view in the address: `#/panel?name=value`. A link restores what is seen.

/** The panel and its parameters. */
export function read() {
  const [panel, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { panel: decoded(panel), query: Object.fromEntries(new URLSearchParams(query)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The address of a view. */
export function link(panel, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given).toString();
  return `#/${panel}${text ? `?${text}` : ""}`;
}

/** Notes parameters of the panel that is shown, without a new entry in the history. */
export function note(changes) {
  const { panel, query } = read();
  history.replaceState(null, "", link(panel, { ...query, ...changes }));
  document.dispatchEvent(new CustomEvent("notes"));
}

/** What stays when another panel is chosen. */
export function kept() {
  const { symbol, time } = read().query;
  return { symbol, time };
}
