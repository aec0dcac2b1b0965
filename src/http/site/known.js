// The symbols there are, and the session under way.

import { get, path, rows } from "./api.js";

/** Rows of /v1/symbols as `symbols`, and as `live` the dates of sessions that have not landed. */
export async function known(signal) {
  const archived = rows(path("/v1/symbols", { limit: 10_000 }), { signal }).catch(noResults);
  const [{ rows: symbols }, live] = await Promise.all([archived, underWay(signal)]);
  return { symbols, live };
}

function noResults(error) {
  if (error.code === "not_ready") return { rows: [] };
  throw error;
}

async function underWay(signal) {
  try {
    const { sessions } = await get("/v1/feeds", { signal });
    return sessions.filter((session) => session.state !== "landed").map((session) => session.date);
  } catch (error) {
    // A daemon without a live side has no session under way.
    if (error.status === 404) return [];
    throw error;
  }
}
