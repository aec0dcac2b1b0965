//! The checks there are: name, the rule behind each, and the unit and direction of its limit.
//!
//! Sources: SEC Rule 15c3-5 (market access), Commission Delegated Regulation (EU) 2017/589 (RTS 6) Article 15; what
//! neither asks for is the house's own.

/// Which side of its levels a quantity should stay on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// At or below.
    Ceiling,
    /// At or above.
    Floor,
}

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; these do not change.
    pub code: &'static str,
    /// The rule behind it.
    pub rule: &'static str,
    /// Unit of what is observed and of its levels.
    pub unit: &'static str,
    /// Which side is good.
    pub direction: Direction,
    /// Whether the limits file sets levels for it.
    pub limited: bool,
}

const CREDIT: &str = "SEC 15c3-5(c)(1)(i)";
const ERRONEOUS: &str = "SEC 15c3-5(c)(1)(ii)";
const VALUE: &str = "SEC 15c3-5(c)(1)(ii), RTS 6 Art 15(1)(b)";
const VOLUME: &str = "SEC 15c3-5(c)(1)(ii), RTS 6 Art 15(1)(c)";
const COLLAR: &str = "SEC 15c3-5(c)(1)(ii), RTS 6 Art 15(1)(a)";
const MESSAGES: &str = "RTS 6 Art 15(1)(d)";
const RESTRICTED: &str = "SEC 15c3-5(c)(2)(ii)";
const HOUSE: &str = "house";

const fn ceiling(code: &'static str, rule: &'static str, unit: &'static str) -> Rule {
    Rule { code, rule, unit, direction: Direction::Ceiling, limited: true }
}

const fn state(code: &'static str, rule: &'static str, unit: &'static str) -> Rule {
    Rule { code, rule, unit, direction: Direction::Ceiling, limited: false }
}

/// All checks, in the order in which they are listed.
pub const RULES: [Rule; 13] = [
    ceiling("max_order_quantity", VOLUME, "shares"),
    ceiling("max_order_notional", VALUE, "usd"),
    ceiling("price_collar", COLLAR, "bps"),
    state("restricted_symbol", RESTRICTED, "entries"),
    ceiling("max_pct_adv", HOUSE, "percent"),
    ceiling("max_participation", HOUSE, "percent"),
    ceiling("max_expected_cost_bps", HOUSE, "bps"),
    ceiling("credit_remaining", CREDIT, "usd"),
    Rule {
        code: "duplicate_order",
        rule: ERRONEOUS,
        unit: "seconds",
        direction: Direction::Floor,
        limited: true,
    },
    ceiling("message_rate", MESSAGES, "orders_per_minute"),
    ceiling("reference_data", HOUSE, "seconds"),
    state("session_open", HOUSE, "seconds"),
    state("halted", HOUSE, "bars"),
];

/// Checks that a limits file should set, since they need nothing of the account: the built-in limits set them all.
pub const CORE_CODES: [&str; 7] = [
    "max_order_quantity",
    "max_order_notional",
    "price_collar",
    "max_pct_adv",
    "max_participation",
    "max_expected_cost_bps",
    "reference_data",
];

/// The check of a name.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// Names of the checks for which the limits file, and the caller, may set levels.
#[must_use]
pub fn limited_codes() -> Vec<&'static str> {
    RULES.iter().filter(|rule| rule.limited).map(|rule| rule.code).collect()
}
