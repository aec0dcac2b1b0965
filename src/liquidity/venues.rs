//! Liquidity by venue: where a symbol traded, how much, and at what effective spread.
//!
//! In: signed trades that carry their venue's letter. Out: sums a venue. Trades of tapes without venues leave none.
//! Sums are exact but those of the spread in parts of the mid.

use crate::numeric::Sum;
use crate::sign::SignedTrade;

/// One venue's trades.
#[derive(Clone, Copy, Debug, Default)]
pub struct Venue {
    /// Its letter.
    pub letter: u8,
    /// Trades.
    pub trades: u64,
    /// Their units of size.
    pub units: i128,
    /// Nano-dollars times units in a share.
    pub value: i128,
    /// Units bought less units sold by aggressors, by the sign that counts.
    pub signed_units: i128,
    /// Trades that the tape calls odd lots.
    pub odd_lots: u64,
    /// Trades with a usable quote in force.
    pub with_quote: u64,
    /// Units of those.
    pub units_with_quote: i128,
    /// Their effective spreads, nano-dollars, times units.
    spread: i128,
    /// Their effective spreads over the mid, times units.
    spread_of_mid: Sum,
}

impl Venue {
    #[inline]
    fn add(&mut self, signed: &SignedTrade) {
        let trade = &signed.trade;
        let units = i128::from(trade.size.0);
        self.trades += 1;
        self.units += units;
        self.value = self.value.saturating_add(i128::from(trade.price.0) * units);
        self.signed_units += i128::from(signed.sign.value()) * units;
        self.odd_lots += u64::from(trade.is_odd_lot);
        if let Some(quote) = signed.quote {
            let mid_doubled = quote.mid_doubled();
            let spread = (2 * trade.price.0 - mid_doubled).abs();
            self.with_quote += 1;
            self.units_with_quote += units;
            self.spread = self.spread.saturating_add(i128::from(spread) * units);
            self.spread_of_mid.add(2.0 * spread as f64 / mid_doubled as f64 * units as f64);
        }
    }

    /// Share-weighted mean of 2 |P - M|, cents.
    #[must_use]
    pub fn effective_spread_cents(&self) -> Option<f64> {
        (self.units_with_quote > 0).then(|| self.spread as f64 / self.units_with_quote as f64 / 1e7)
    }

    /// Share-weighted mean of 2 |P - M| / M, basis points.
    #[must_use]
    pub fn effective_spread_bp(&self) -> Option<f64> {
        let units = self.units_with_quote as f64;
        (units > 0.0).then(|| 1e4 * self.spread_of_mid.value() / units)
    }
}

/// The venues of a symbol's day.
#[derive(Clone, Debug)]
pub struct Venues {
    /// By letter: the place in `all`, plus one.
    slots: [u8; 256],
    all: Vec<Venue>,
}

impl Default for Venues {
    fn default() -> Self {
        Self { slots: [0; 256], all: Vec::new() }
    }
}

impl Venues {
    /// Takes in a trade.
    #[inline]
    pub fn trade(&mut self, signed: &SignedTrade) {
        let letter = signed.trade.venue;
        if !letter.is_ascii_graphic() {
            return;
        }
        let slot = &mut self.slots[usize::from(letter)];
        if *slot == 0 {
            self.all.push(Venue { letter, ..Venue::default() });
            // Graphic letters are fewer than a byte counts.
            *slot = self.all.len() as u8;
        }
        self.all[usize::from(*slot) - 1].add(signed);
    }

    /// The venues, by letter.
    #[must_use]
    pub fn sorted(&self) -> Vec<Venue> {
        let mut all = self.all.clone();
        all.sort_by_key(|venue| venue.letter);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{Layers, Signer};
    use crate::tape::{Price, Quote, Size, Trade};

    #[test]
    fn trades_are_summed_by_venue_against_the_quote_in_force() {
        let cents = |cents: i64| Price(cents * 10_000_000);
        let quote = Quote {
            bid: cents(1_000),
            ask: cents(1_010),
            bid_size: Size(1),
            ask_size: Size(1),
            ..Quote::default()
        };
        let mut signer = Signer::new(Layers::default());
        let mut venues = Venues::default();
        for (venue, price, size, is_odd_lot, quote) in [
            (b'N', 1_010, 100, false, Some(quote)),
            (b'D', 1_005, 50, true, Some(quote)),
            (b'N', 1_002, 300, false, Some(quote)),
            (b'N', 1_002, 7, true, None),
            (0, 1_002, 7, true, None),
        ] {
            let trade =
                Trade { price: cents(price), size: Size(size), venue, is_odd_lot, ..Trade::default() };
            venues.trade(&signer.sign(trade, quote));
        }
        let found = venues.sorted();
        assert_eq!(found.iter().map(|v| (v.letter, v.trades)).collect::<Vec<_>>(), [(b'D', 1), (b'N', 3)]);
        let (off, exchange) = (&found[0], &found[1]);
        assert_eq!(off.effective_spread_cents(), Some(0.0));
        assert_eq!((exchange.units, exchange.units_with_quote, exchange.odd_lots), (407, 400, 1));
        assert_eq!(exchange.effective_spread_cents(), Some((100.0 * 10.0 + 300.0 * 6.0) / 400.0));
        let bp = 1e4 * 7.0 / 1_005.0;
        assert!((exchange.effective_spread_bp().expect("a spread") - bp).abs() < 1e-9);
    }
}
