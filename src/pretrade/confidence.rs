//! How far to trust an estimate, and why not further.

use super::answer::Confidence;
use super::days::BAR_NANOS;
use super::prepared::Prepared;
use super::price::Price;
use super::resolve::Window;
use crate::cost::{CORE_CODES, Check, Facts, Method, Order, Overrides, Status, WHOLE_DAY_NANOS};
use crate::limits::SPREAD_WIDE_TIMES;

/// Whole days with which nothing is held against the reference numbers.
const DAYS_ENOUGH: u64 = 5;
/// Shares of daily volume up to which cost models were calibrated, and far beyond.
const ADV_TRAINED: f64 = 0.1;
const ADV_FAR: f64 = 0.3;
/// Percent of the market's volume beyond which no order is worked, and beyond which few are: the latter unless the
/// limits warn earlier.
const PARTICIPATION_ABSURD: f64 = 100.0;
const PARTICIPATION_HIGH: f64 = 30.0;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The order.
    pub order: &'a Order,
    /// What is known of the symbol.
    pub prepared: &'a Prepared,
    /// The order's time.
    pub window: &'a Window,
    /// Its price, if there is one.
    pub price: Option<&'a Price<'a>>,
    /// What the checks looked at.
    pub facts: &'a Facts,
    /// What became of them.
    pub checks: &'a [Check],
    /// Where the interval's width is from.
    pub method: Option<Method>,
    /// The limit price lies beyond the other side's quote.
    pub not_marketable: bool,
    /// The limits file changed and could not be taken.
    pub reload_failed: bool,
}

/// The level and its reasons: low for any heavy one, medium for any other.
#[must_use]
pub fn confidence(seen: &Seen<'_>) -> Confidence {
    let heavy = heavy(seen);
    let light = light(seen);
    let level = match (heavy.is_empty(), light.is_empty()) {
        (false, _) => "low",
        (true, false) => "medium",
        (true, true) => "high",
    };
    Confidence { level, reasons: heavy.into_iter().chain(light).collect() }
}

fn named(reasons: &[(&'static str, bool)]) -> Vec<&'static str> {
    reasons.iter().filter(|(_, holds)| *holds).map(|(reason, _)| *reason).collect()
}

/// A check that a limits file should set, and nobody did.
fn unset(check: &Check) -> bool {
    CORE_CODES.contains(&check.rule.code) && check.limit.is_none()
}

/// Percent of the expected volume where the order is fastest.
fn pace(seen: &Seen<'_>) -> f64 {
    seen.facts.participation_percent.unwrap_or(0.0)
}

fn of_adv(seen: &Seen<'_>) -> f64 {
    seen.facts.pct_adv.unwrap_or(0.0) / 100.0
}

fn heavy(seen: &Seen<'_>) -> Vec<&'static str> {
    let status =
        |code: &str| seen.checks.iter().find(|check| check.rule.code == code).map(|check| check.status);
    let open = status("session_open") == Some(Status::Pass);
    named(&[
        ("no_estimate", seen.price.is_none()),
        ("session_closed", !open),
        ("stale_quotes", status("reference_data") == Some(Status::NotEvaluated)),
        ("halted", matches!(status("halted"), Some(Status::Fail | Status::Warn))),
        ("narrowed_session", seen.prepared.is_narrowed()),
        ("order_above_30pct_adv", of_adv(seen) > ADV_FAR),
        ("participation_above_100pct", pace(seen) > PARTICIPATION_ABSURD),
    ])
}

fn light(seen: &Seen<'_>) -> Vec<&'static str> {
    let (facts, prepared) = (seen.facts, seen.prepared);
    let wide = facts.spread_now_usd.zip(facts.spread_usual_usd);
    let length = seen.window.session.length();
    let warns = seen.checks.iter().find(|check| check.rule.code == "max_participation");
    let high = warns.and_then(|check| check.warn).map_or(PARTICIPATION_HIGH, |w| w.min(PARTICIPATION_HIGH));
    let seconds = seen.price.map(|price| price.horizon.length() as f64 / 1e9);
    let Overrides { adv_shares, volatility_daily_bps, spread_bps, arrival_price, .. } = seen.order.overrides;
    let whatif = [adv_shares, volatility_daily_bps, spread_bps, arrival_price].iter().any(Option::is_some);
    named(&[
        ("outside_training_range", of_adv(seen) > ADV_TRAINED),
        ("only_half_days", prepared.reference.days > 0 && prepared.reference.full_days == 0),
        ("high_participation", pace(seen) > high && pace(seen) <= PARTICIPATION_ABSURD),
        ("horizon_not_backtested", seconds.is_some_and(|seconds| !Prepared::backtests(seconds))),
        ("limit_price_not_marketable", seen.not_marketable),
        ("half_day", length > 0 && length < WHOLE_DAY_NANOS),
        ("wide_spread", wide.is_some_and(|(now, usual)| now > SPREAD_WIDE_TIMES * usual)),
        ("few_days", prepared.reference.days < DAYS_ENOUGH),
        ("few_observations", prepared.calibration.coefficients.is_err()),
        ("few_paper_orders", seen.method == Some(Method::Normal)),
        ("bars_not_a_minute", prepared.bar_width().is_some_and(|width| width != BAR_NANOS)),
        ("caller_inputs", whatif),
        ("limits_reload_failed", seen.reload_failed),
        ("limit_unset", seen.checks.iter().any(unset)),
    ])
}
