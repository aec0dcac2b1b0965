// Elements out of names, attributes and text; never out of markup, so that data stays text.

/** An element. Attributes that are null or false are left out; `on…` are listeners. Children are nodes or text. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** Puts new children in place of what is there. */
export function fill(host, ...children) {
  host.replaceChildren(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false));
  return host;
}

/** The head of a panel. */
export function head(title, about) {
  return el("div", { class: "head" }, el("h2", {}, title), el("p", {}, about));
}

/** A card with a title; beside it stand remarks and nodes. */
export function card(title, beside, ...children) {
  const said = [beside].flat().filter(Boolean);
  const top = said.map((part) => (part.nodeType ? part : el("span", { class: "about" }, part)));
  return el("section", { class: "card", "aria-label": title }, el("header", {}, el("h3", {}, title), top), ...children);
}

/** Names and values, each with a remark where there is one; a `narrow` list has short ones. */
export function facts(list, kind = "") {
  const one = ([name, value, more]) =>
    el("div", { class: "fact" }, el("dt", {}, name), el("dd", {}, value, more && el("div", { class: "more" }, more)));
  return el("dl", { class: `facts ${kind}` }, list.map(one));
}

/** A word with a colour: `good`, `warn`, `bad` or none. */
export function chip(text, tone = "") {
  return el("span", { class: `chip ${tone}` }, text);
}

/** Says that something is on its way. */
export function busy(what = "Loading") {
  return el("p", { class: "busy", "aria-busy": "true", role: "status" }, `${what} …`);
}

/** Says that there is nothing, and what to do next. */
export function empty(what, ...next) {
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, what),
    ...next.map((step) => (step.nodeType ? step : el("p", {}, step))),
  );
}

/** A short message that goes away by itself. */
export function toast(text) {
  const host = document.getElementById("toast");
  host.textContent = text;
  host.classList.add("shown");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => host.classList.remove("shown"), 1800);
}
