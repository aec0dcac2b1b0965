//! What each input contributes: the change of the expected cost when the input moves and all else stays.

use super::answer::Contribution;
use super::price::{Price, Pricing};
use crate::cost::{Horizon, Market};
use crate::tape::Nanos;

/// How far an input is moved.
const STEP: f64 = 1.1;
const STEP_WORDS: &str = "+10 %";

/// Contributions, the largest first. The model's own error is given beside the inputs.
#[must_use]
pub fn contributions(
    pricing: &Pricing<'_>,
    open: Horizon<'_>,
    price: &Price<'_>,
    model_error_bps: f64,
) -> Vec<Contribution> {
    let base = price.components.total();
    let cost =
        |pricing: Pricing<'_>, open: Horizon<'_>| pricing.price(open).map(|p| p.components.total() - base);
    let with = |change: fn(&mut Market)| {
        let mut market = pricing.market;
        change(&mut market);
        cost(Pricing { market, ..*pricing }, Horizon { adv_shares: market.adv_shares, ..open })
    };
    let larger = (pricing.quantity as f64 * STEP).round() as i64;
    let longer = Nanos(open.start.0 + (open.length() as f64 * STEP) as i64);
    let effects = [
        ("spread", STEP_WORDS, with(|market| market.spread_usd *= STEP)),
        ("volatility_daily", STEP_WORDS, with(|market| market.volatility_daily_bps *= STEP)),
        ("adv", STEP_WORDS, with(|market| market.adv_shares *= STEP)),
        ("quantity", STEP_WORDS, cost(Pricing { quantity: larger, ..*pricing }, open)),
        ("window", STEP_WORDS, open.until(longer).and_then(|longer| cost(*pricing, longer))),
        ("model_coefficients", "+1 standard error", Some(model_error_bps)),
    ];
    let told = |(input, change, effect): (&'static str, &'static str, Option<f64>)| {
        effect.filter(|e| e.is_finite()).map(|effect_bps| Contribution { input, change, effect_bps })
    };
    let mut all: Vec<Contribution> = effects.into_iter().filter_map(told).collect();
    all.sort_by(|a, b| b.effect_bps.abs().total_cmp(&a.effect_bps.abs()).then(a.input.cmp(b.input)));
    all
}
