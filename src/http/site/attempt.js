// What every panel does around a question: it says that it is busy, tells a failure with a way to ask again, and is
// silent once nobody waits for the answer any more.

import { failure } from "./api.js";
import { busy, fill } from "./dom.js";

/** Asks; what stands in `kept` stays at the top of the host all the while, and `again` asks once more. */
export async function attempt(host, kept, ask, again) {
  fill(host, ...kept, busy());
  try {
    await ask();
  } catch (error) {
    if (error.name !== "AbortError") fill(host, ...kept, failure(error, again));
  }
}
