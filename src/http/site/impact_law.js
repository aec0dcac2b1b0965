// The concave curve over the scatter: the square-root law of the cost models, with the daily volatility and volume that
// POST /v1/pretrade/estimate tells. In: a symbol and a moment. Out: cents of mid change for a signed flow in shares.

import { post } from "./api.js";
import { count, number, words } from "./format.js";

/** Y of I = Y sigma sqrt(Q/V), as the cost model `square-root` takes it; the literature has 0.5 to 1.0. */
const Y = 1;

/** What the law needs, as known at a moment; `missing` says why it cannot be drawn. */
export async function law(symbol, asOf, signal) {
  const order = {
    symbol,
    side: "buy",
    quantity: 100,
    horizon_seconds: 60,
    model: "square-root",
    curve: "none",
    as_of: asOf,
  };
  let inputs;
  try {
    inputs = (await post("/v1/pretrade/estimate", order, { signal })).inputs_used;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { missing: `The square-root law is not drawn: ${error.message}` };
  }
  const { volatility_daily: volatility, adv, arrival_price: mid } = inputs;
  const lacking = [
    ["daily volatility", volatility],
    ["daily volume", adv],
    ["mid", mid],
  ].filter(([, input]) => !input?.value);
  if (lacking.length > 0) {
    return {
      missing: `The square-root law is not drawn: no ${lacking.map(([name]) => name).join(", no ")} as of ${asOf}.`,
    };
  }
  return { volatilityBps: volatility.value, advShares: adv.value, midUsd: mid.value, sources: { volatility, adv } };
}

/** The law's change of the mid, cents, for a signed flow. */
export function cents({ volatilityBps, advShares, midUsd }, shares) {
  const bps = Y * volatilityBps * Math.sqrt(Math.abs(shares) / advShares);
  return (Math.sign(shares) * bps * midUsd) / 100;
}

/** What the curve is and where its numbers are from. */
export function says({ volatilityBps, advShares, sources }, flow) {
  const from = (input) => `${words(input.source)}, n = ${count(input.n)}`;
  const meant =
    flow === "ofi"
      ? " The law is stated for traded shares; over order-flow imbalance it is a shape to compare with."
      : "";
  return (
    `Square-root law: Y σ √(|Q|/V), Y = 1 as in the cost model square-root (the literature has 0.5 to 1.0). ` +
    `σ ${number(volatilityBps)} bp a day (${from(sources.volatility)}), ` +
    `V ${count(advShares)} shares a day (${from(sources.adv)}), ` +
    `from POST /v1/pretrade/estimate. It is no fit to these points.${meant}`
  );
}
