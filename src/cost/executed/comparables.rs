//! What similar orders did cost: same symbol, filled shares within a factor of two, duration within a factor of two.
//!
//! In: [`PastOrder`]s with their arrival costs in basis points of the arrival mid. Out: count and quartiles of those
//! that were done by a moment; nothing later is looked at. Quartiles interpolate between order statistics (type 7 of
//! Hyndman and Fan, "Sample quantiles in statistical packages", American Statistician 50, 1996).

use crate::tape::Nanos;

/// How far apart sizes and durations of similar orders may be.
const FACTOR: f64 = 2.0;

/// An order that was worked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastOrder {
    /// Shares filled.
    pub shares: i64,
    /// Arrival to end, nanoseconds.
    pub duration_nanos: i64,
    /// When it was done.
    pub end: Nanos,
    /// Mean fill price against the arrival mid; positive hurt.
    pub cost_bps: f64,
}

/// Count and quartiles of realised costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quartiles {
    /// Orders.
    pub n: usize,
    /// Lower quartile.
    pub p25_bps: f64,
    /// Median.
    pub p50_bps: f64,
    /// Upper quartile.
    pub p75_bps: f64,
}

/// Of the symbol's past orders those like an order of some shares and duration; `None` when there are none.
#[must_use]
pub fn comparables<'a>(
    past: impl IntoIterator<Item = &'a PastOrder>,
    shares: i64,
    duration_nanos: i64,
    as_of: Nanos,
) -> Option<Quartiles> {
    let like = |mine: i64, theirs: i64| {
        let (mine, theirs) = (mine as f64, theirs as f64);
        theirs <= FACTOR * mine && mine <= FACTOR * theirs
    };
    let similar = past.into_iter().filter(|order| {
        order.end <= as_of && like(shares, order.shares) && like(duration_nanos, order.duration_nanos)
    });
    let mut costs: Vec<f64> = similar.map(|order| order.cost_bps).collect();
    costs.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (costs.len() - 1) as f64;
        let (below, above) = (costs[place.floor() as usize], costs[place.ceil() as usize]);
        below + (above - below) * place.fract()
    };
    (!costs.is_empty()).then(|| Quartiles {
        n: costs.len(),
        p25_bps: at(0.25),
        p50_bps: at(0.5),
        p75_bps: at(0.75),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(shares: i64, duration_nanos: i64, end: i64, cost_bps: f64) -> PastOrder {
        PastOrder { shares, duration_nanos, end: Nanos(end), cost_bps }
    }

    #[test]
    fn quartiles_of_the_similar_ones() {
        let orders = [
            past(100, 60, 1, 4.0),
            past(200, 30, 2, 1.0),
            past(50, 120, 3, 2.0),
            past(100, 60, 3, 3.0),
            past(201, 60, 3, 99.0),
            past(49, 60, 3, 99.0),
            past(100, 121, 3, 99.0),
            past(100, 29, 3, 99.0),
            past(100, 60, 4, 99.0),
        ];
        let found = comparables(&orders, 100, 60, Nanos(3)).expect("four are alike");
        assert_eq!((found.n, found.p25_bps, found.p50_bps, found.p75_bps), (4, 1.75, 2.5, 3.25));
        assert_eq!(
            comparables(&orders, 100, 60, Nanos(1)).map(|q| (q.n, q.p25_bps, q.p75_bps)),
            Some((1, 4.0, 4.0))
        );
        assert!(comparables(&orders, 100, 60, Nanos(0)).is_none(), "nothing later is looked at");
        assert!(comparables(&[], 100, 60, Nanos(9)).is_none());
    }
}
