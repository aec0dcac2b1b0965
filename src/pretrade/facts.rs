//! What the checks look at. Where tape and caller differ, the harder number counts.

use super::inputs::Inputs;
use super::prepared::Prepared;
use super::price::Price;
use super::resolve::Window;
use super::sober::Sober;
use crate::cost::{Facts, Order, Side, Slice};
use crate::tape::NANOS_PER_SECOND;

/// Gathers the facts of an order.
#[must_use]
pub fn facts(
    order: &Order,
    quantity: Option<i64>,
    inputs: &Inputs,
    prepared: &Prepared,
    (window, price): (&Window, Option<&Price<'_>>),
) -> Facts {
    let tape = &prepared.reference;
    let sober = Sober::of(order, prepared, window);
    // Dollars at a dearer supposed price would be fewer shares.
    let quantity = quantity.into_iter().chain(sober.quantity).max();
    let shares = quantity.map(|quantity| quantity as f64);
    let limit = order.limit_price.filter(|_| order.side == Side::Buy);
    let dearest = [tape.mid_usd.map(|mid| mid.value), inputs.arrival_usd(), limit];
    let dearest = dearest.into_iter().flatten().max_by(f64::total_cmp);
    let adv = [tape.adv_shares.map(|adv| adv.value), inputs.adv_shares()];
    let adv = adv.into_iter().flatten().min_by(f64::total_cmp);
    // What a caller's larger volume takes off the participation is put back.
    let flattered = inputs.adv_shares().zip(adv).map_or(1.0, |(used, least)| used / least);
    let rate = price.and_then(peak).map(|rate| rate * flattered);
    let rate = rate.into_iter().chain(sober.participation).reduce(f64::max);
    let cost = price.map(|price| price.components.total());
    Facts {
        quantity,
        notional_usd: shares.zip(dearest).map(|(shares, price)| shares * price),
        pct_adv: shares.zip(adv).map(|(shares, adv)| 100.0 * shares / adv),
        participation_percent: rate.map(|rate| 100.0 * rate),
        cost_bps: cost.into_iter().chain(sober.cost_bps).reduce(f64::max),
        arrival_usd: tape.mid_usd.map(|mid| mid.value),
        previous_close_usd: prepared.previous_close.map(|(mid, _)| mid),
        spread_now_usd: prepared.spread_now_usd,
        spread_usual_usd: prepared.spread_usual_usd,
        quote_age_seconds: tape
            .mid_usd
            .map(|mid| (order.as_of.0 - mid.as_of.0) as f64 / NANOS_PER_SECOND as f64),
        session_seconds: window
            .bounds
            .map(|(start, _)| (window.session.close.0 - start.0) as f64 / NANOS_PER_SECOND as f64),
        session_words: window.words.clone(),
        bars_without_quote: prepared.bars_without_quote,
    }
}

/// Shares over the volume expected in the window.
#[must_use]
pub fn participation(price: &Price<'_>) -> Option<f64> {
    let expected = price.horizon.market_shares(price.horizon.start, price.horizon.end);
    (expected > 0.0).then(|| price.schedule.quantity() as f64 / expected)
}

/// The fastest pace on the way: the highest share of the volume expected in a slice, and never less than that of the
/// whole window. One share of each slice is left out, since rounding to whole shares may have put it there: an order
/// paced at a rate is not to be held for a higher one.
#[must_use]
pub fn peak(price: &Price<'_>) -> Option<f64> {
    let due = |slice: &Slice| Slice { shares: slice.shares - 1, ..*slice }.participation();
    Some(price.schedule.slices.iter().map(due).fold(participation(price)?, f64::max))
}
