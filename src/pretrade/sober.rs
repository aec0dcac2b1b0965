//! The order as the checks price it beside the caller's own way: the tape's numbers, the default model, and no drift
//! in the order's favour.
//!
//! An expected cost rests on what the caller may set: inputs, model, drift. A check that looked at it alone could be
//! talked past its limit; so the dearer of the two prices counts.

use super::facts::peak;
use super::models::ModelName;
use super::prepared::Prepared;
use super::price::Pricing;
use super::resolve::Window;
use crate::cost::{Amount, Horizon, Order};
use crate::limits::ORDER_SHARES_MAX;

/// What the tape alone says of an order. `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sober {
    /// Whole shares; of dollars, at the tape's mid.
    pub quantity: Option<i64>,
    /// Expected cost, basis points.
    pub cost_bps: Option<f64>,
    /// Highest share of the volume expected in a slice.
    pub participation: Option<f64>,
}

impl Sober {
    /// Prices an order without anything that the caller supposes in its favour.
    #[must_use]
    pub fn of(order: &Order, prepared: &Prepared, window: &Window) -> Self {
        let quantity = match order.amount {
            Amount::Quantity(quantity) => Some(quantity),
            Amount::Notional(usd) => {
                prepared.reference.mid_usd.map(|mid| (usd / mid.value).floor()).and_then(|shares| {
                    (1.0..=ORDER_SHARES_MAX as f64).contains(&shares).then_some(shares as i64)
                })
            }
        };
        let (cost_bps, participation) =
            quantity.and_then(|quantity| price(order, quantity, prepared, window)).unzip();
        Self { quantity, cost_bps, participation: participation.flatten() }
    }
}

/// Expected cost and fastest pace.
fn price(order: &Order, quantity: i64, prepared: &Prepared, window: &Window) -> Option<(f64, Option<f64>)> {
    let market = prepared.reference.market(None)?;
    let model = prepared.model(ModelName::Blend, &market).ok()?;
    let (start, end) = window.bounds?;
    let open = Horizon::new(window.session, start, end, &prepared.reference.curve, market.adv_shares)?;
    let against = order.side.sign() * order.alpha_bps.unwrap_or(0.0) > 0.0;
    let order = Order { alpha_bps: order.alpha_bps.filter(|_| against), ..order.clone() };
    let price = Pricing { order: &order, quantity, market, model: &model }.price(open)?;
    Some((price.components.total(), peak(&price)))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock};

    use super::super::days::{BAR_NANOS, Days};
    use super::super::limits_shelf::LimitsState;
    use super::super::past::Past;
    use super::super::write::Writing;
    use super::*;
    use crate::cost::fixture::{Law, days};
    use crate::cost::{Draft, Earlier, Overrides, Pace, Side, Strategy, parse_limits};
    use crate::tape::{NANOS_PER_SECOND, Nanos};
    use proptest::prelude::*;

    const LAW: Law = Law { gamma: 20.0, eta: 0.06, beta: 0.6, noise_bps: 60.0, sigma_bps: 100.0 };

    static KNOWN: LazyLock<Prepared> = LazyLock::new(|| {
        let days = days(4, 3, LAW);
        let minute = Nanos(days[3].session.open.0 + 90 * 60 * NANOS_PER_SECOND);
        Prepared::new(Arc::new(Days { days, width: Some(BAR_NANOS), ..Days::default() }), None, minute)
    });

    fn limits() -> LimitsState {
        let limit = |code: &str, unit: &str, warn: f64, block: f64| {
            format!(
                "[[limit]]\ncode = \"{code}\"\nsymbol = \"*\"\naccount = \"*\"\nwarn = {warn}\nblock = {block}\n\
                 unit = \"{unit}\"\nowner = \"desk\"\nreason = \"tests\"\napproved_by = \"risk\"\n\
                 effective = 2013-01-01\nexpires = 2014-01-01\n"
            )
        };
        let text = limit("max_expected_cost_bps", "bps", 5.0, 10.0)
            + &limit("price_collar", "bps", 5.0, 1_000.0)
            + &limit("max_pct_adv", "percent", 1.0, 2.0)
            + &limit("max_participation", "percent", 10.0, 20.0)
            + &limit("max_order_quantity", "shares", 30_000.0, 60_000.0)
            + &limit("max_order_notional", "usd", 3e6, 6e6);
        LimitsState {
            limits: Arc::new(parse_limits(&text).expect("sound")),
            sha256: "tests".into(),
            source: "file",
            trouble: None,
        }
    }

    fn order(side: Side) -> Order {
        let draft = Draft {
            symbol: Some("A".into()),
            side: Some(side),
            quantity: Some(50_000.0),
            horizon_seconds: Some(1_800.0),
            ..Draft::default()
        };
        draft.check(Nanos(KNOWN.minute.0 + 20 * NANOS_PER_SECOND)).expect("an order")
    }

    /// Status (larger is worse) and what was seen, a check.
    fn checks(order: &Order) -> Vec<(&'static str, u8, Option<f64>)> {
        let (limits, earlier, past) = (limits(), Earlier::default(), Past::default());
        let writing = Writing { order, earlier: &earlier, prepared: &KNOWN, limits: &limits, past: &past };
        let made = writing.estimate().expect("an estimate");
        let rank = |status: &str| ["pass", "warn", "not_evaluated", "fail"].iter().position(|s| *s == status);
        made.checks.iter().map(|c| (c.code, rank(c.status).unwrap_or(0) as u8, c.observed)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn nothing_a_caller_supposes_moves_a_check_towards_passing(
            volatility in proptest::option::of(0.01..900.0), spread in proptest::option::of(0.01..90.0),
            adv in proptest::option::of(1e5..1e9), mid in proptest::option::of(1.0..5_000.0),
            alpha in proptest::option::of(-500.0..500.0),
            model in proptest::sample::select(vec!["default", "square-root", "tape", "almgren-2005"]),
            buys: bool, paced: bool, dollars: bool, hastens: bool,
        ) {
            let mut plain = order(if buys { Side::Buy } else { Side::Sell });
            if dollars {
                plain.amount = Amount::Notional(5e6);
            }
            match (paced, hastens) {
                (true, _) => plain.pace = Pace::Participation(0.15),
                (_, true) => plain.strategy = Strategy::Is,
                _ => {}
            }
            let overrides = Overrides {
                adv_shares: adv,
                volatility_daily_bps: volatility,
                spread_bps: spread,
                arrival_price: mid,
                shares_outstanding: Some(1e9),
            };
            let supposed = Order { overrides, alpha_bps: alpha, model: model.into(), ..plain.clone() };
            for ((code, before, seen_before), (_, after, seen)) in checks(&plain).into_iter().zip(checks(&supposed)) {
                prop_assert!(after >= before, "{code}: {before} {seen_before:?} became {after} {seen:?}");
            }
        }
    }

    #[test]
    fn a_cheap_story_does_not_pass_the_cost_limit() {
        let plain = order(Side::Buy);
        let seen =
            |order: &Order| checks(order).into_iter().find(|c| c.0 == "max_expected_cost_bps").expect("it");
        let known = seen(&plain);
        assert_eq!(known.1, 3, "it fails: {known:?}");
        let overrides =
            Overrides { volatility_daily_bps: Some(0.01), spread_bps: Some(0.01), ..Overrides::default() };
        assert_eq!(seen(&Order { overrides, ..plain.clone() }), known);
        assert_eq!(seen(&Order { alpha_bps: Some(-500.0), ..plain.clone() }), known);
        let dear = seen(&Order { alpha_bps: Some(500.0), ..plain });
        assert!(dear.2 > known.2, "a dearer story counts: {dear:?}");
    }
}
