//! Fills to market orders: what one aggressor took at one moment, and the book just before.
//!
//! In: the signed fills of one session in tape order. Out: [`MarketOrder`]s in the same order. Consecutive fills of
//! one stamp and one side are one market order, as in Bugaenko (2020, arXiv 2004.08290) and Bouchaud, Bonart, Donier
//! and Gould (Trades, Quotes and Prices, 2018, chapter 11):
//!
//! ```text
//! m   (bid + ask) / 2 of the quote in force strictly before the order's stamp
//! v   shares of its fills       eps   +1 buy, -1 sell
//! ```
//!
//! A fill that cannot be used is left out and counted under one reason, and does not part its neighbours.

use crate::sign::SignedTrade;
use crate::tape::{Nanos, Session, Sign};

/// One market order and the book it met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketOrder {
    /// Its stamp.
    pub ts: Nanos,
    /// Its side, never [`Sign::Unknown`].
    pub sign: Sign,
    /// Shares of all its fills.
    pub shares: i64,
    /// Fills that made it.
    pub fills: u32,
    /// Twice the mid just before, nano-dollars.
    pub mid_doubled: i64,
    /// Shares at the best quote that it ran into, just before.
    pub opposite_shares: i64,
    /// Ask less bid just before, nano-dollars.
    pub spread: i64,
}

/// A session's market orders, and what became of every fill: `fills_kept` and the reasons add up to `fills_seen`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarketOrders {
    /// The orders.
    pub orders: Vec<MarketOrder>,
    /// Every fill.
    pub fills_seen: u64,
    /// Fills inside the orders.
    pub fills_kept: u64,
    /// Fills outside the hours.
    pub outside_hours: u64,
    /// Fills without a side.
    pub unknown_sign: u64,
    /// Fills without a usable quote in force.
    pub no_quote: u64,
}

/// Regroups the fills that lie within `hours`, by the sign that counts.
#[must_use]
pub fn market_orders(fills: &[SignedTrade], hours: Session) -> MarketOrders {
    let mut made = MarketOrders { fills_seen: fills.len() as u64, ..MarketOrders::default() };
    for fill in fills {
        let (trade, sign) = (fill.trade, fill.sign);
        if !hours.contains(trade.ts) {
            made.outside_hours += 1;
        } else if sign == Sign::Unknown {
            made.unknown_sign += 1;
        } else if let Some(quote) = fill.quote {
            made.fills_kept += 1;
            let is_same = |order: &&mut MarketOrder| order.ts == trade.ts && order.sign == sign;
            if let Some(order) = made.orders.last_mut().filter(is_same) {
                order.shares += trade.size.0;
                order.fills += 1;
                continue;
            }
            let opposite = if sign == Sign::Buy { quote.ask_size } else { quote.bid_size };
            made.orders.push(MarketOrder {
                ts: trade.ts,
                sign,
                shares: trade.size.0,
                fills: 1,
                mid_doubled: quote.mid_doubled(),
                opposite_shares: opposite.0,
                spread: quote.spread(),
            });
        } else {
            made.no_quote += 1;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::Signs;
    use crate::tape::{NYSE, Price, Quote, Size, Trade};
    use proptest::prelude::*;

    fn session() -> Session {
        NYSE.session("2013-10-07".parse().expect("a date"))
    }

    /// A fill so many nanoseconds after the open.
    fn fill(at: i64, sign: i64, shares: i64, has_quote: bool) -> SignedTrade {
        let quote =
            Quote { ts: Nanos(0), bid: Price(10), ask: Price(13), bid_size: Size(400), ask_size: Size(700) };
        let ts = Nanos(session().open.0 + at);
        SignedTrade {
            trade: Trade {
                ts,
                price: Price(12),
                size: Size(shares),
                known_side: Sign::of(sign),
                ..Trade::default()
            },
            quote: has_quote.then_some(quote),
            sign: Sign::of(sign),
            signs: Signs::default(),
        }
    }

    #[test]
    fn fills_of_one_stamp_and_side_are_one_order() {
        let fills = [
            fill(5, 1, 100, true),
            fill(5, 1, 50, true),
            fill(5, -1, 10, true),
            fill(5, 1, 7, true),
            fill(6, 1, 1, true),
        ];
        let made = market_orders(&fills, session());
        let told: Vec<(i64, i64, u32)> =
            made.orders.iter().map(|o| (o.sign.value(), o.shares, o.fills)).collect();
        assert_eq!(told, [(1, 150, 2), (-1, 10, 1), (1, 7, 1), (1, 1, 1)]);
        let opposite: Vec<i64> = made.orders.iter().map(|o| o.opposite_shares).collect();
        assert_eq!(opposite, [700, 400, 700, 700]);
        assert!(made.orders.iter().all(|o| o.mid_doubled == 23 && o.spread == 3));
    }

    #[test]
    fn what_is_left_out_is_counted_and_parts_nothing() {
        let fills = [
            fill(-1, 1, 9, true),
            fill(5, 1, 100, true),
            fill(5, 0, 9, true),
            fill(5, 1, 9, false),
            fill(5, 1, 1, true),
        ];
        let made = market_orders(&fills, session());
        assert_eq!(made.orders.len(), 1);
        assert_eq!(made.orders[0].shares, 101);
        assert_eq!((made.outside_hours, made.unknown_sign, made.no_quote), (1, 1, 1));
        assert_eq!((made.fills_seen, made.fills_kept), (5, 2));
    }

    proptest! {
        #[test]
        fn every_fill_is_kept_or_counted(
            rows in prop::collection::vec((-3_i64..6, -1_i64..2, 1_i64..500, prop::bool::ANY), 0..60),
        ) {
            let fills: Vec<SignedTrade> = rows.iter().map(|r| fill(r.0, r.1, r.2, r.3)).collect();
            let made = market_orders(&fills, session());
            let dropped = made.outside_hours + made.unknown_sign + made.no_quote;
            prop_assert_eq!(made.fills_kept + dropped, made.fills_seen);
            prop_assert_eq!(made.orders.iter().map(|o| u64::from(o.fills)).sum::<u64>(), made.fills_kept);
            let kept = rows.iter().filter(|r| r.0 >= 0 && r.1 != 0 && r.3);
            let flow: i64 = kept.map(|r| r.1 * r.2).sum();
            prop_assert_eq!(made.orders.iter().map(|o| o.sign.value() * o.shares).sum::<i64>(), flow);
        }
    }
}
