// Server-sent events over fetch, which can carry a key: reads, resumes after the last message seen, reconnects by
// itself.

import { ask } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Follows a stream until the signal aborts. `heard(kind, data)` gets each message; `state(name, more)` hears `live`,
 * `waiting` with the milliseconds until the next try, and `refused` with the error where trying again would not help.
 */
export async function follow(path, { heard, state, signal }) {
  let last = null;
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    let why = null;
    try {
      const more = last === null ? {} : { "Last-Event-ID": last };
      const answer = await ask(path, { accept: "text/event-stream", signal, more });
      state("live");
      for await (const message of messages(answer.body)) {
        wait = FIRST_WAIT;
        if (message.id !== null) last = message.id;
        if (message.data !== "") heard(message.kind, message.data);
      }
    } catch (error) {
      if (error.name === "AbortError" || signal.aborted) return;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) return void state("refused", error);
      why = error;
      if (error.retryAfter) wait = Math.max(wait, Number(error.retryAfter) * 1000);
    }
    if (signal.aborted) return;
    state("waiting", { wait, why });
    await pause(wait * (0.75 + Math.random() / 2), signal);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }
}

/** The messages in a stream of bytes, as the server-sent events standard cuts them. */
export async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let message = { kind: "message", data: [], id: null };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop();
    for (const line of lines) {
      if (line === "") {
        yield { ...message, data: message.data.join("\n") };
        message = { kind: "message", data: [], id: null };
      } else take(message, line);
    }
  }
}

function take(message, line) {
  if (line.startsWith(":")) return;
  const [, name, value = ""] = /^([^:]*):? ?(.*)$/.exec(line);
  if (name === "data") message.data.push(value);
  else if (name === "event") message.kind = value;
  else if (name === "id") message.id = value;
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
