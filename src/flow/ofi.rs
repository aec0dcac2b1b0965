//! Order-flow imbalance of Cont, Kukanov and Stoikov, "The price impact of order book events", Journal of
//! Financial Econometrics 12 (2014), equation 2.1.

use crate::tape::Quote;

/// What the change from one usable quote to the next adds to the imbalance, in the sizes' units:
///
/// e = 1{b >= b'} q_b - 1{b <= b'} q_b' - 1{a <= a'} q_a + 1{a >= a'} q_a'
///
/// with primes for the earlier quote. The inequalities include equality, so that at an unchanged price the
/// change of size remains.
#[inline]
#[must_use]
pub fn order_flow(before: &Quote, now: &Quote) -> i128 {
    let counted = |condition: bool, size: i64| if condition { i128::from(size) } else { 0 };
    counted(now.bid >= before.bid, now.bid_size.0)
        - counted(now.bid <= before.bid, before.bid_size.0)
        - counted(now.ask <= before.ask, now.ask_size.0)
        + counted(now.ask >= before.ask, before.ask_size.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Price, Size};

    fn quote(bid: i64, bid_size: i64, ask: i64, ask_size: i64) -> Quote {
        Quote {
            bid: Price(bid),
            ask: Price(ask),
            bid_size: Size(bid_size),
            ask_size: Size(ask_size),
            ..Quote::default()
        }
    }

    #[test]
    fn each_kind_of_change_has_its_flow() {
        let before = quote(100, 500, 102, 300);
        for (now, flow) in [
            (quote(100, 700, 102, 300), 200), // shares join the bid
            (quote(100, 500, 102, 100), 200), // shares leave the ask
            (quote(101, 50, 102, 300), 50),   // a higher bid
            (quote(99, 900, 102, 300), -500), // the bid is gone
            (quote(100, 500, 101, 80), -80),  // a lower ask
            (quote(100, 500, 103, 999), 300), // the ask is gone
            (quote(101, 60, 103, 70), 360),   // both move up
        ] {
            assert_eq!(order_flow(&before, &now), flow, "{now:?}");
        }
    }
}
