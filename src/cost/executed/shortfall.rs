//! Implementation shortfall (Perold, "The implementation shortfall: paper versus reality", Journal of Portfolio
//! Management 14(3), 1988), split into parts that add up to it.
//!
//! An order of side s (+1 buy, -1 sell) for Q shares, decided at price D, at the market when the mid was A, filled in
//! x_j shares at prices p_j while the mid was m_j, X = sum x_j, and given up when the mid was E:
//!
//! ```text
//! shortfall    = s [ sum x_j p_j + (Q - X) E - Q D ] + fees
//! delay        = s X (A - D)               the price left while the order was on its way
//! spread       = s sum x_j (p_j - m_j)     paid against the mid of the moment
//! impact       = X A (temporary + permanent)   what the estimate expected the order's own trading to move
//! timing       = s sum x_j (m_j - A) - impact  the rest of the market's move: luck, drift, error of the estimate
//! opportunity  = s (Q - X) (E - D)         what was not bought, at what it became
//! fees
//! ```
//!
//! The algebra is exact and so are the sums, in nano-dollars; floats begin at the impact, which is an estimate. A part
//! that cannot be known is `None`, and what the known parts leave of the whole is `unattributed`. Positive hurts.

use super::execution::Execution;
use crate::tape::Price;

/// The parts, US dollars. They add up to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Decision to arrival, on the filled shares; unknown without an arrival mid.
    pub delay: Option<f64>,
    /// Fill prices against the mids of their moments; unknown when a mid is.
    pub spread: Option<f64>,
    /// The estimate's temporary and permanent impact on the filled shares; unknown without an estimate.
    pub impact: Option<f64>,
    /// The market's move while trading beyond that; unknown when a mid or the estimate is.
    pub timing: Option<f64>,
    /// The unfilled shares' move from decision to end.
    pub opportunity: f64,
    /// Commissions and fees.
    pub fees: f64,
    /// What the unknown parts make up together; 0 when all are known.
    pub unattributed: f64,
}

impl Parts {
    /// The sum of all parts.
    #[must_use]
    pub fn sum(&self) -> f64 {
        let known = [self.delay, self.spread, self.impact, self.timing].into_iter().flatten();
        known.sum::<f64>() + self.opportunity + self.fees + self.unattributed
    }
}

/// What an order cost against its decision price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// The whole, US dollars.
    pub total_usd: f64,
    /// Its parts, US dollars.
    pub parts_usd: Parts,
    /// Q D, US dollars: what basis points count from.
    pub decision_notional_usd: f64,
    /// Q.
    pub quantity_shares: i64,
    /// X.
    pub filled_shares: i64,
}

impl Shortfall {
    /// Dollars as basis points of the decision notional.
    #[must_use]
    pub fn bps(&self, usd: f64) -> f64 {
        usd / self.decision_notional_usd * 1e4
    }

    /// Dollars by share of the whole order.
    #[must_use]
    pub fn per_share(&self, usd: f64) -> f64 {
        usd / self.quantity_shares as f64
    }
}

/// Splits an order's shortfall. `impact_bps` is what the estimate expected of temporary and permanent impact, basis
/// points of the arrival mid. The execution must be without faults.
///
/// `None` when shares were left unfilled and the mid at the end is not known: then the whole is not known either.
#[must_use]
pub fn implementation_shortfall(execution: &Execution, impact_bps: Option<f64>) -> Option<Shortfall> {
    let sums = Sums::of(execution)?;
    let filled = execution.filled();
    let arrival_usd = execution.arrival_mid.map(|mid| mid.usd() * filled as f64);
    let known = execution.arrival_mid.is_some() || filled == 0;
    let impact = arrival_usd.zip(impact_bps).map(|(usd, bps)| usd * bps / 1e4);
    let impact = if filled == 0 { impact_bps.map(|_| 0.0) } else { impact };
    let mut parts = Parts {
        delay: known.then_some(usd(sums.delay)),
        spread: sums.move_while_trading.map(|_| usd(sums.spread)),
        impact,
        timing: sums
            .move_while_trading
            .filter(|_| known)
            .zip(impact)
            .map(|(moved, impact)| usd(moved) - impact),
        opportunity: usd(sums.opportunity),
        fees: usd(sums.fees),
        unattributed: 0.0,
    };
    // What is known exactly is taken off exactly, so that nothing is lost in the differences of large numbers.
    let mut rest = sums.total - sums.opportunity - sums.fees;
    rest -= if parts.delay.is_some() { sums.delay } else { 0 };
    rest -= if parts.spread.is_some() { sums.spread } else { 0 };
    if parts.timing.is_none() {
        parts.unattributed = usd(rest) - parts.impact.unwrap_or(0.0);
    }
    Some(Shortfall {
        total_usd: usd(sums.total),
        parts_usd: parts,
        decision_notional_usd: usd(times(execution.quantity, execution.decision_price)),
        quantity_shares: execution.quantity,
        filled_shares: filled,
    })
}

/// Sums in nano-dollars, exact: a hundred billion shares at ten million dollars leave 40 bits to spare.
struct Sums {
    delay: i128,
    spread: i128,
    /// s sum x_j (m_j - A).
    move_while_trading: Option<i128>,
    opportunity: i128,
    fees: i128,
    total: i128,
}

impl Sums {
    fn of(execution: &Execution) -> Option<Self> {
        let sign = i128::from(execution.sign());
        let (filled, decision) = (execution.filled(), execution.decision_price);
        let unfilled = execution.quantity - filled;
        let end = if unfilled == 0 { decision } else { execution.end_mid? };
        let paid = execution.paid();
        let at_mids: Option<i128> =
            execution.fills.iter().map(|fill| fill.mid.map(|mid| times(fill.shares, mid))).sum();
        let at_arrival = execution.arrival_mid.map_or(0, |mid| times(filled, mid));
        let fees = execution.fills.iter().map(|fill| i128::from(fill.fee.0)).sum();
        let wanted = times(execution.quantity, decision);
        Some(Self {
            delay: sign
                * (at_arrival - times(filled, decision))
                * i128::from(execution.arrival_mid.is_some()),
            spread: at_mids.map_or(0, |mids| sign * (paid - mids)),
            move_while_trading: at_mids.map(|mids| sign * (mids - at_arrival)),
            opportunity: sign * (times(unfilled, end) - times(unfilled, decision)),
            fees,
            total: sign * (paid + times(unfilled, end) - wanted) + fees,
        })
    }
}

fn times(shares: i64, price: Price) -> i128 {
    i128::from(shares) * i128::from(price.0)
}

fn usd(nanos: i128) -> f64 {
    nanos as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cost::executed::execution::Fill;
    use crate::cost::orders::order::Side;
    use crate::tape::Nanos;

    fn cents(cents: i64) -> Price {
        Price(cents * 10_000_000)
    }

    /// Decided at 100.00 for 1,000 shares, at the market at 100.10, half filled at 100.25 over mids of 100.20, the
    /// other half never, at 101.00 in the end.
    fn order() -> Execution {
        let fill = |shares| Fill {
            ts: Nanos(3),
            shares,
            price: cents(10_025),
            mid: Some(cents(10_020)),
            fee: Price(500_000_000),
        };
        Execution {
            order_id: "a".into(),
            symbol: "IBM".into(),
            side: Side::Buy,
            quantity: 1_000,
            decision: Nanos(1),
            decision_price: cents(10_000),
            arrival: Nanos(2),
            arrival_mid: Some(cents(10_010)),
            end: Nanos(4),
            end_mid: Some(cents(10_100)),
            fills: vec![fill(200), fill(300)],
        }
    }

    fn near(left: Option<f64>, right: f64) {
        let left = left.expect("known");
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    #[test]
    fn a_worked_example_by_hand() {
        let whole = implementation_shortfall(&order(), Some(4.0)).expect("known");
        let parts = whole.parts_usd;
        near(parts.delay, 50.0);
        near(parts.spread, 25.0);
        near(parts.impact, 50_050.0 * 4e-4);
        near(parts.timing, 50.0 - 20.02);
        near(Some(parts.opportunity), 500.0);
        near(Some(parts.fees), 1.0);
        near(Some(parts.unattributed), 0.0);
        near(Some(whole.total_usd), 626.0);
        near(Some(whole.bps(whole.total_usd)), 62.6);
        near(Some(whole.per_share(whole.total_usd)), 0.626);
        near(order().mean_price_usd(), 100.25);
        near(order().arrival_cost_bps(), 0.15 / 100.10 * 1e4);
    }

    #[test]
    fn a_sell_at_mirrored_prices_costs_the_same() {
        let mirror = |price: Price| Price(20_000 * 10_000_000 - price.0);
        let mut sell = order();
        sell.side = Side::SellShort;
        for price in [&mut sell.decision_price].into_iter().chain(sell.arrival_mid.iter_mut()) {
            *price = mirror(*price);
        }
        sell.end_mid = sell.end_mid.map(mirror);
        for fill in &mut sell.fills {
            (fill.price, fill.mid) = (mirror(fill.price), fill.mid.map(mirror));
        }
        let (buy, sell) = (implementation_shortfall(&order(), None), implementation_shortfall(&sell, None));
        assert_eq!(buy.expect("known").parts_usd, sell.expect("known").parts_usd);
    }

    #[test]
    fn what_is_not_known_stays_unattributed() {
        let mut order = order();
        order.fills[1].mid = None;
        let whole = implementation_shortfall(&order, Some(4.0)).expect("known");
        assert_eq!((whole.parts_usd.spread, whole.parts_usd.timing), (None, None));
        near(Some(whole.parts_usd.unattributed), 75.0 - 20.02);
        near(Some(whole.parts_usd.sum()), whole.total_usd);
        order.arrival_mid = None;
        let whole = implementation_shortfall(&order, Some(4.0)).expect("known");
        assert_eq!((whole.parts_usd.delay, whole.parts_usd.impact), (None, None));
        assert_eq!(order.arrival_cost_bps(), None);
        near(Some(whole.parts_usd.unattributed), 125.0);
        order.end_mid = None;
        assert!(implementation_shortfall(&order, None).is_none(), "the whole is not known");
    }

    #[test]
    fn an_order_never_filled_is_opportunity_alone() {
        let order = Execution { fills: Vec::new(), ..order() };
        let whole = implementation_shortfall(&order, Some(4.0)).expect("known");
        near(Some(whole.total_usd), 1_000.0);
        near(Some(whole.parts_usd.opportunity), 1_000.0);
        assert_eq!(whole.parts_usd.delay, Some(0.0));
        assert_eq!((order.mean_price_usd(), order.arrival_cost_bps()), (None, None));
    }

    prop_compose! {
        fn any_price()(nanos in 1..1_000_000_000_000_i64) -> Price { Price(nanos) }
    }

    prop_compose! {
        fn any_fill()(
            shares in 1..1_000_000_i64,
            price in any_price(),
            mid in prop::option::of(any_price()),
            fee in -1_000_000_000_000..1_000_000_000_000_i64,
        ) -> Fill {
            Fill { ts: Nanos(3), shares, price, mid, fee: Price(fee) }
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(
            fills in prop::collection::vec(any_fill(), 0..20),
            left in 0..1_000_000_i64,
            sell: bool,
            decision_price in any_price(),
            arrival_mid in prop::option::of(any_price()),
            end_mid in any_price(),
            impact in prop::option::of(-100.0..1_000.0_f64),
        ) {
            let quantity = fills.iter().map(|f| f.shares).sum::<i64>() + left;
            prop_assume!(quantity > 0);
            let side = if sell { Side::Sell } else { Side::Buy };
            let order = Execution {
                quantity, side, decision_price, arrival_mid, end_mid: Some(end_mid), fills, ..order()
            };
            let whole = implementation_shortfall(&order, impact).expect("known");
            // The largest of the amounts that are added and taken off is what rounding is relative to.
            let prices = order.fills.iter().map(|f| f.price).chain([decision_price, end_mid]);
            let prices = prices.chain(order.fills.iter().filter_map(|f| f.mid)).chain(arrival_mid);
            let largest = prices.max().map_or(0.0, Price::usd) * quantity as f64;
            let scale = largest + whole.parts_usd.fees.abs();
            prop_assert!((whole.parts_usd.sum() - whole.total_usd).abs() <= 1e-12 * scale);
            let fully = arrival_mid.is_some() && impact.is_some() && order.fills.iter().all(|f| f.mid.is_some());
            prop_assert!(!fully || whole.parts_usd.unattributed == 0.0);
        }
    }
}
