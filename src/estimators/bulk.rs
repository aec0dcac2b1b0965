//! A day's volume split into bought and sold by the price change of each stretch, for [`vpin`](super::vpin()).
//!
//! In: a day's trades and a width. Out: one entry a stretch with a trade: its volume, and the share bought by
//! [`sign::bulk`](crate::sign::bulk), with changes from stretch to stretch and their deviation over the day. The first
//! stretch changes from its own first price.

use super::{Traded, Trades};
use crate::sign::bulk::{Changes, deviation};

/// Stretches of `width` nanoseconds from `open` on.
#[must_use]
pub fn bulk(trades: &Trades, open: i64, width: i64, changes: Changes) -> Vec<Traded> {
    // Each stretch's index, last price and volume.
    let mut stretches: Vec<(i64, i64, i128)> = Vec::new();
    for print in trades.iter() {
        let index = (print.ts - open) / width;
        match stretches.last_mut() {
            Some((last, price, volume)) if *last == index => {
                (*price, *volume) = (print.price, *volume + i128::from(print.size));
            }
            _ => stretches.push((index, print.price, i128::from(print.size))),
        }
    }
    let closes = stretches.iter().map(|(_, price, _)| *price);
    let before = trades.prices().first().copied().into_iter().chain(closes.clone());
    let moves: Vec<f64> = closes.zip(before).map(|(close, before)| (close - before) as f64).collect();
    let spread = deviation(&moves).unwrap_or(0.0);
    let split = |((_, _, volume), change): (&(i64, i64, i128), &f64)| Traded {
        volume: *volume,
        bought: changes.buy_share(*change, spread),
    };
    stretches.iter().zip(&moves).map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_rose_were_bought_and_those_that_stood_are_halved() {
        let mut trades = Trades::default();
        for (ts, price, size) in [(0, 100, 5), (3, 102, 5), (12, 102, 7), (25, 100, 4), (26, 99, 1)] {
            trades.push(ts, price, size, 0, 0);
        }
        let found = bulk(&trades, 0, 10, Changes::Student(1.0));
        // Changes 2, 0, -3, whose mean is -1/3.
        let spread = deviation(&[2.0, 0.0, -3.0]).expect("three changes");
        let cauchy = |change: f64| 0.5 + (change / spread).atan() / std::f64::consts::PI;
        let told: Vec<i128> = found.iter().map(|of| of.volume).collect();
        assert_eq!(told, [10, 7, 5]);
        for (of, expected) in found.iter().zip([cauchy(2.0), 0.5, cauchy(-3.0)]) {
            assert!((of.bought - expected).abs() < 1e-14, "{} for {expected}", of.bought);
        }
        assert!(bulk(&Trades::default(), 0, 10, Changes::Normal).is_empty());
    }

    #[test]
    fn a_stretch_holds_more_than_64_bits() {
        let mut trades = Trades::default();
        (0..3).for_each(|ts| trades.push(ts, 100, i64::MAX, 0, 0));
        let found = bulk(&trades, 0, 10, Changes::Normal);
        assert_eq!(found, [Traded { volume: 3 * i128::from(i64::MAX), bought: 0.5 }]);
    }
}
