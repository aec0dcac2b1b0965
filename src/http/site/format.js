// Numbers for people. Null is unknown and shown as a dash, never as 0.

const DASH = "—";
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const made = new Map();

function signifying(digits) {
  if (!made.has(digits)) made.set(digits, new Intl.NumberFormat("en-US", { maximumSignificantDigits: digits }));
  return made.get(digits);
}

function unknown(value) {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** A number with so many significant digits; very small ones as powers of ten. */
export function number(value, digits = 4) {
  if (unknown(value)) return DASH;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12))
    return value
      .toExponential(digits - 1)
      .replace("-", "−")
      .replace("e−", "e-");
  return minus(signifying(digits).format(value));
}

/** A number with so many digits after the point. */
export function fixed(value, digits = 2) {
  if (unknown(value)) return DASH;
  return minus(value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/** A whole number with thousands set apart. */
export function count(value) {
  return unknown(value) ? DASH : minus(whole.format(value));
}

/** A share as percent. */
export function percent(share, digits = 1) {
  return unknown(share) ? DASH : `${fixed(share * 100, digits)} %`;
}

/** A word of the API for people: `not_evaluated` is `not evaluated`. */
export function words(code) {
  return code === null || code === undefined ? DASH : String(code).replaceAll("_", " ");
}

/** The units of coefficients, for people. */
export function unit(code) {
  return (
    {
      cents: "cents",
      cents_per_share: "cents/share",
      bp_per_kusd: "bp per 1,000 USD",
      bp: "bp",
      log_cents_per_share: "log (cents/share)",
      log_cents_per_share_per_log_share: "elasticity in depth",
    }[code] ?? words(code)
  );
}

function minus(text) {
  return text.replace("-", "−");
}
