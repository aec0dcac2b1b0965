//! Trade + quote in force to signed trade. Every rule is asked of every trade; which one counts is the
//! caller's choice, so that rules can be compared on the same tape.
//!
//! In: trades and quotes of one session in time order. Out: [`SignedTrade`]s. Invariant: the quote in force is
//! never later than the trade.

mod asof;
mod clnv;
mod emo;
mod lee_ready;
mod quote_rule;
mod tick_rule;

pub use asof::{AsOf, Match};
pub use clnv::clnv;
pub use emo::emo;
pub use lee_ready::lee_ready;
pub use quote_rule::quote_rule;
pub use tick_rule::TickRule;

use crate::tape::{Quote, Sign, Trade};

/// A rule that names a trade's aggressor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// By the last price change.
    Tick,
    /// By the mid, silent at the mid.
    Quote,
    /// Lee and Ready (1991): by the mid, at the mid by the tick rule.
    #[default]
    LeeReady,
    /// Ellis, Michaely and O'Hara (2000): at the quotes by side, elsewhere by the tick rule.
    Emo,
    /// Chakrabarty, Li, Nguyen and Van Ness (2007): near the quotes by side, elsewhere by the tick rule.
    Clnv,
    /// As the feed itself says.
    Known,
}

/// What each rule says of one trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// [`Rule::Tick`].
    pub tick: Sign,
    /// [`Rule::Quote`].
    pub quote: Sign,
    /// [`Rule::LeeReady`].
    pub lee_ready: Sign,
    /// [`Rule::Emo`].
    pub emo: Sign,
    /// [`Rule::Clnv`].
    pub clnv: Sign,
    /// [`Rule::Known`].
    pub known: Sign,
}

impl Signs {
    /// What one rule says.
    #[must_use]
    pub fn by(&self, rule: Rule) -> Sign {
        match rule {
            Rule::Tick => self.tick,
            Rule::Quote => self.quote,
            Rule::LeeReady => self.lee_ready,
            Rule::Emo => self.emo,
            Rule::Clnv => self.clnv,
            Rule::Known => self.known,
        }
    }
}

/// A trade, the usable quote it met if there was one, and its signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedTrade {
    /// The trade.
    pub trade: Trade,
    /// The quote in force, when usable.
    pub quote: Option<Quote>,
    /// Its aggressor by every rule.
    pub signs: Signs,
}

/// Signs a session's trades in their order.
#[derive(Debug, Default)]
pub struct Signer {
    tick: TickRule,
}

impl Signer {
    /// Signs one trade against the quote in force; a quote that is missing, one-sided, locked or crossed leaves
    /// the tick rule to decide.
    #[inline]
    pub fn sign(&mut self, trade: Trade, in_force: Option<Quote>) -> SignedTrade {
        let tick = self.tick.next(trade.price);
        let quote = in_force.filter(Quote::is_usable);
        let by = |rule: fn(crate::tape::Price, &Quote) -> Option<Sign>| {
            quote.and_then(|q| rule(trade.price, &q)).unwrap_or(tick)
        };
        SignedTrade {
            trade,
            quote,
            signs: Signs {
                tick,
                quote: quote.map_or(Sign::Unknown, |q| quote_rule(trade.price, &q)),
                lee_ready: by(lee_ready),
                emo: by(emo),
                clnv: by(clnv),
                known: trade.known_side,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Price, Size};

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
}
