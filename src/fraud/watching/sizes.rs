//! Sizes at the best quotes that stand out, and those that vanish without having been traded.
//!
//! What a side usually shows is a mean of its size at the ends of seconds, each second's weight halving in five
//! minutes; until the first second has ended, the size at hand.

use crate::tape::{Price, Quote, Sign};

/// 1 - 2^(-1/300): what a second weighs.
const SECOND_WEIGHT: f64 = 0.002_307_846_456_774_565;
/// A size that stood longer was meant.
const STOOD_NANOS: i64 = 30_000_000_000;

/// One side of the book.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    usual: Option<f64>,
    size: i64,
    /// The largest size at the price at hand, when it was seen, and what was traded there since.
    price: Price,
    peak: i64,
    peak_at: i64,
    traded: i64,
}

impl Side {
    /// A state begins; `has_left` when the best price moved away from the market. Gives how the largest size stands out
    /// by now, and how the one that vanished did.
    fn state(&mut self, price: Price, size: i64, ts: i64, has_left: bool) -> (f64, f64) {
        let usual = self.usual.unwrap_or(size as f64);
        let stands_out = |size: i64| (size as f64 / usual.max(1.0)).ln();
        let left = if price == self.price { size } else { 0 };
        let untraded = self.peak - left - self.traded;
        let goes = (price == self.price || has_left) && ts - self.peak_at <= STOOD_NANOS;
        let vanished = if self.peak > 0 && goes && 2 * untraded >= self.peak {
            stands_out(self.peak).max(0.0)
        } else {
            0.0
        };
        if price != self.price || size >= self.peak || vanished > 0.0 {
            (self.price, self.peak, self.peak_at, self.traded) = (price, size, ts, 0);
        }
        self.size = size;
        (stands_out(size), vanished)
    }

    fn close_second(&mut self) {
        if self.size > 0 {
            let usual = self.usual.unwrap_or(self.size as f64);
            self.usual = Some(usual + SECOND_WEIGHT * (self.size as f64 - usual));
        }
    }
}

/// Both sides, and what stood out in the bin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    bid: Side,
    ask: Side,
    spiked: Option<f64>,
    vanished: f64,
}

impl Sizes {
    /// A usable state begins.
    pub fn quote(&mut self, quote: &Quote) {
        let (bid_left, ask_left) = (quote.bid < self.bid.price, quote.ask > self.ask.price);
        for (spike, vanished) in [
            self.bid.state(quote.bid, quote.bid_size.0, quote.ts.0, bid_left),
            self.ask.state(quote.ask, quote.ask_size.0, quote.ts.0, ask_left),
        ] {
            self.spiked = Some(self.spiked.map_or(spike, |before| before.max(spike)));
            self.vanished = self.vanished.max(vanished);
        }
    }

    /// A trade takes size from the side it hits.
    pub fn trade(&mut self, shares: i64, sign: Sign) {
        match sign {
            Sign::Buy => self.ask.traded += shares,
            Sign::Sell => self.bid.traded += shares,
            Sign::Unknown => {}
        }
    }

    /// A second ends: its sizes join what is usual.
    pub fn close_second(&mut self) {
        self.bid.close_second();
        self.ask.close_second();
    }

    /// The bin ends: how far its largest size stood out, NaN without states, and its largest that vanished.
    pub fn close_bin(&mut self) -> (f64, f64) {
        (self.spiked.take().unwrap_or(f64::NAN), std::mem::take(&mut self.vanished))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Nanos, Size};

    fn quote(at: i64, bid_size: i64) -> Quote {
        Quote {
            ts: Nanos(at * 1_000_000_000),
            bid: Price(100),
            ask: Price(102),
            bid_size: Size(bid_size),
            ask_size: Size(100),
        }
    }

    fn told(events: &[(i64, i64)], sold: i64) -> (f64, f64) {
        let mut sizes = Sizes::default();
        for (at, bid_size) in events {
            sizes.quote(&quote(*at, *bid_size));
            sizes.close_second();
            if *bid_size > 100 {
                sizes.trade(sold, Sign::Sell);
            }
        }
        sizes.close_bin()
    }

    #[test]
    fn a_large_size_that_goes_untraded_has_vanished() {
        let (spike, vanished) = told(&[(0, 100), (5, 1_000), (9, 100)], 0);
        assert!(
            (spike - 10_f64.ln()).abs() < 0.03 && (vanished - 10_f64.ln()).abs() < 0.03,
            "{spike} {vanished}"
        );
    }

    #[test]
    fn one_that_was_traded_or_stood_long_has_not() {
        assert_eq!(told(&[(0, 100), (5, 1_000), (9, 100)], 800).1, 0.0);
        assert_eq!(told(&[(0, 100), (5, 1_000), (50, 100)], 0).1, 0.0);
    }
}
