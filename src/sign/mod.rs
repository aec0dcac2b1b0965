//! Trade + quote in force to signed trade. Every rule is asked of every trade; which one counts is the
//! caller's choice, so that rules can be compared on the same tape.
//!
//! In: trades and quotes of one session in time order. Out: [`SignedTrade`]s. Invariants: the quote in force is never
//! later than the trade; only rules whose name begins with `rev` see prices that come after it, and they see them in
//! [`Ahead`] alone.

mod accuracy;
mod ahead;
mod asof;
pub mod bulk;
mod clnv;
mod depth;
mod emo;
mod lee_ready;
mod quote_rule;
mod rule;
mod signer;
mod tick_rule;
mod trade_size;

pub use accuracy::{Accuracy, Place, Score};
pub use ahead::{Ahead, Tick};
pub use asof::{AsOf, Match};
pub use clnv::clnv;
pub use depth::depth;
pub use emo::emo;
pub use lee_ready::lee_ready;
pub use quote_rule::quote_rule;
pub use rule::{Layers, Rule};
pub use signer::{SignedTrade, Signer, Signs};
pub use tick_rule::TickRule;
pub use trade_size::trade_size;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Price, Quote, Size, Trade};

    /// `Q bid ask` and `T price` in cents, parted by `|`; gives "tick quote lee-ready emo clnv" of each trade.
    fn check(tape: &str, expected: &str) {
        let cents = |t: &str| Price(t.parse::<i64>().expect("cents") * 10_000_000);
        let (mut signer, mut quote, mut said) = (Signer::default(), None, Vec::new());
        for item in tape.split('|') {
            let words: Vec<&str> = item.split_whitespace().collect();
            match words.as_slice() {
                ["Q", bid, ask] => {
                    quote = Some(Quote {
                        bid: cents(bid),
                        ask: cents(ask),
                        bid_size: Size(1),
                        ask_size: Size(1),
                        ..Quote::default()
                    });
                }
                ["T", price] => {
                    let trade = Trade { price: cents(price), size: Size(1), ..Trade::default() };
                    let s = signer.sign(trade, quote).signs;
                    let all = [s.tick, s.quote, s.lee_ready, s.emo, s.clnv];
                    said.push(all.map(|sign| "-0+".as_bytes()[(sign.value() + 1) as usize] as char));
                }
                other => panic!("{other:?} is no tick"),
            }
        }
        let said: Vec<String> = said.iter().map(|s| s.iter().collect()).collect();
        assert_eq!(said.join(" "), expected, "{tape}");
    }

    #[test]
    fn at_the_ask_a_buy_at_the_bid_a_sell() {
        check("Q 1000 1002 | T 1002 | T 1000", "0++++ -----");
    }

    #[test]
    fn at_the_mid_the_last_price_change_decides() {
        check("Q 1000 1002 | T 1001 | T 1000 | T 1001", "00000 ----- +0+++");
    }

    #[test]
    fn the_tick_rule_remembers_the_last_nonzero_change() {
        check("T 10 | T 11 | T 11 | T 9 | T 9", "00000 +0+++ +0+++ -0--- -0---");
    }

    #[test]
    fn clnv_takes_three_tenths_of_the_spread_as_the_quote() {
        check("Q 1000 1010 | T 1003 | T 1007", "0--0- +++++");
        check("Q 1000 1010 | T 1004 | T 1006", "0--00 +++++");
        check("Q 1000 1010 | T 1011", "0++00");
    }

    #[test]
    fn locked_and_crossed_quotes_leave_the_tick_rule() {
        check("T 9 | Q 1000 1000 | T 1000", "00000 +0+++");
        check("T 9 | Q 1001 1000 | T 1000", "00000 +0+++");
    }

    /// Sizes of bid, ask and trade, price in cents against 10.00 at 10.02: "trade-size depth".
    #[test]
    fn sizes_tell_where_prices_do_not() {
        for (bid_size, ask_size, size, price, expected) in [
            (3, 5, 3, 1002, "+0"),
            (3, 5, 5, 1000, "-0"),
            (3, 3, 3, 1001, "00"),
            (3, 5, 4, 1001, "0+"),
            (5, 3, 4, 1001, "0-"),
        ] {
            let cents = |cents: i64| Price(cents * 10_000_000);
            let quote = Quote {
                bid: cents(1000),
                ask: cents(1002),
                bid_size: Size(bid_size),
                ask_size: Size(ask_size),
                ..Quote::default()
            };
            let trade = Trade { price: cents(price), size: Size(size), ..Trade::default() };
            let signs = Signer::default().sign(trade, Some(quote)).signs;
            let said = [signs.trade_size, signs.depth].map(|s| "-0+".as_bytes()[(s.value() + 1) as usize]);
            assert_eq!(String::from_utf8_lossy(&said), expected, "{bid_size} {ask_size} {size} {price}");
        }
    }

    /// Prices with the reverse tick rule's signs: trades wait for the next other price, those behind them too.
    #[test]
    fn the_next_other_price_settles_all_that_wait_and_the_end_leaves_the_last_silent() {
        let (mut signer, mut ahead, mut said) = (Signer::new(Rule::RevTick), Ahead::default(), Vec::new());
        let mut told = |settled: Vec<Tick>| {
            said.extend(settled.into_iter().map(|tick| match tick {
                Tick::Trade(signed) => (signed.trade.price.0, signed.sign.value()),
                Tick::Quote(quote) => (quote.ts.0, 0),
            }));
        };
        for price in [10, 10, 11, 9, 9, 9, 12, 12] {
            let signed = signer.sign(Trade { price: Price(price), ..Trade::default() }, None);
            told(ahead.settle(Some(signed.trade.price), &signer));
            ahead.wait(Tick::Trade(signed));
            if price == 11 {
                ahead.wait(Tick::Quote(Quote { ts: crate::tape::Nanos(77), ..Quote::default() }));
            }
        }
        told(ahead.settle(None, &signer));
        let expected = [(10, -1), (10, -1), (11, 1), (77, 0), (9, -1), (9, -1), (9, -1), (12, 0), (12, 0)];
        assert_eq!(said, expected);
    }
}
