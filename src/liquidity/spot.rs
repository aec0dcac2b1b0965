//! Measures of a trade against the quote in force, with price P, shares S, side D (+1, -1, 0 where no rule can tell),
//! bid B and ask A with sizes BS and AS, mid M:
//!
//! ```text
//! effective_spread                2 |P - M|               quoted_spread               A - B
//! signed_effective_spread         2 D (P - M)             proportional_quoted_spread  (A - B) / M
//! half_traded_spread              D (P - M)               log_quoted_spread           ln(A / B)
//! proportional_effective_spread   2 |P - M| / M           log_quoted_size             ln AS + ln BS
//! signed_proportional_...         2 D (P - M) / M         quoted_slope                (A - B) / (ln AS + ln BS)
//! proportional_half_traded_spread D (P - M) / M           log_quoted_slope            ln(A / B) / (ln AS + ln BS)
//! log_effective_spread            2 |ln P - ln M|         depth_imbalance_difference  D (AS - BS) / (AS + BS)
//! trade_value, signed_trade_value P S, D P S              depth_imbalance_ratio       (AS / BS) ^ D
//! signed_trade_size               D S
//! ```
//!
//! As documented by the R package `highfrequency`; `log_effective_spread` is the percent effective spread of Holden and
//! Jacobsen (2014); slopes are those of Hasbrouck and Seppi (2001), left out where
//! AS BS is at most 1. Trades without a
//! usable quote count in the last three alone.

use super::sums::{Exacts, Reals, Told, value};
use super::{Measure, Weighting};
use crate::sign::SignedTrade;
use crate::tape::{Quote, Scale, Size, Trade};

/// Of a quote, what does not depend on the trades that meet it.
#[derive(Clone, Copy, Debug)]
struct Book {
    quote: Quote,
    proportional_spread: f64,
    log_spread: f64,
    log_size: f64,
}

impl Book {
    fn of(quote: Quote, scale: Scale) -> Self {
        let spread = quote.spread() as f64;
        let shares = |size: Size| scale.shares(i128::from(size.0));
        Self {
            proportional_spread: 2.0 * spread / quote.mid_doubled() as f64,
            log_spread: (spread / quote.bid.0 as f64).ln_1p(),
            log_size: (shares(quote.ask_size) * shares(quote.bid_size)).ln(),
            quote,
        }
    }
}

/// Sums over the trades of a session.
#[derive(Clone, Debug, Default)]
pub struct Spot {
    scale: Scale,
    /// The book that the last trade met: many trades meet one.
    book: Option<Book>,
    /// Effective, signed effective and quoted spread.
    spreads: Exacts<3>,
    /// What needs a quotient or a logarithm.
    ratios: Reals<8>,
    slopes: Reals<2>,
    trades: Reals<3>,
}

impl Spot {
    /// Nothing seen yet; sizes are in the units of `scale`.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        Self { scale, ..Self::default() }
    }

    /// Takes in a trade.
    pub fn trade(&mut self, signed: &SignedTrade) {
        let (trade, side) = (&signed.trade, signed.sign.value());
        let worth = self.scale.shares(value(trade));
        let shares = self.scale.shares(i128::from(side * trade.size.0));
        self.trades.add(trade, [worth, side as f64 * worth, shares]);
        let Some(quote) = signed.quote else { return };
        let book = match self.book {
            Some(book) if book.quote == quote => book,
            _ => *self.book.insert(Book::of(quote, self.scale)),
        };
        self.against(trade, side, &book);
    }

    #[inline]
    fn against(&mut self, trade: &Trade, side: i64, book: &Book) {
        let quote = &book.quote;
        let from_mid = 2 * trade.price.0 - quote.mid_doubled();
        self.spreads.add(trade, [from_mid.abs(), side * from_mid, quote.spread()]);
        let from_mid_relative = from_mid as f64 / quote.mid_doubled() as f64;
        let (side, bid, ask) = (side as f64, quote.bid_size.0 as f64, quote.ask_size.0 as f64);
        let ratio = if side > 0.0 {
            ask / bid
        } else if side < 0.0 {
            bid / ask
        } else {
            1.0
        };
        self.ratios.add(
            trade,
            [
                2.0 * from_mid_relative.abs(),
                side * 2.0 * from_mid_relative,
                2.0 * from_mid_relative.ln_1p().abs(),
                book.proportional_spread,
                book.log_spread,
                book.log_size,
                side * (ask - bid) / (ask + bid),
                ratio,
            ],
        );
        if book.log_size > 0.0 {
            let spread_usd = quote.spread() as f64 / 1e9;
            self.slopes.add(trade, [spread_usd / book.log_size, book.log_spread / book.log_size]);
        }
    }

    /// Trades with a usable quote in force.
    #[must_use]
    pub fn trades(&self) -> u64 {
        self.spreads.weights().trades
    }

    /// The means.
    #[must_use]
    pub fn measures(self) -> Vec<Measure> {
        let plain = Told::plain;
        let mut all = Vec::new();
        let half = Told { scale: 2e9, ..Told::usd("half_traded_spread") };
        for (index, told) in [
            (0, Told::usd("effective_spread")),
            (1, Told::usd("signed_effective_spread")),
            (1, half),
            (2, Told::usd("quoted_spread")),
        ] {
            all.extend(self.spreads.means(index, told, None));
        }
        let ratios = self.ratios.means(
            [
                plain("proportional_effective_spread", "fraction"),
                plain("signed_proportional_effective_spread", "fraction"),
                plain("log_effective_spread", "fraction"),
                plain("proportional_quoted_spread", "fraction"),
                plain("log_quoted_spread", "fraction"),
                plain("log_quoted_size", "log_shares"),
                plain("depth_imbalance_difference", "fraction"),
                plain("depth_imbalance_ratio", "ratio"),
            ],
            None,
        );
        let halves = ratios.iter().filter(|of| of.name.starts_with("signed_proportional")).map(|of| {
            let value = of.value.map(|value| value / 2.0);
            let weighting = of.weighting.unwrap_or(Weighting::Simple);
            Measure::mean("proportional_half_traded_spread", (Some(weighting), None), value, of.unit, of.n)
        });
        all.extend(halves.collect::<Vec<_>>());
        all.extend(ratios);
        let slopes =
            [plain("quoted_slope", "usd_per_log_share"), plain("log_quoted_slope", "fraction_per_log_share")];
        all.extend(self.slopes.means(slopes, None));
        all.extend(self.trades.means(
            [Told::usd("trade_value"), Told::usd("signed_trade_value"), plain("signed_trade_size", "shares")],
            None,
        ));
        all
    }
}
