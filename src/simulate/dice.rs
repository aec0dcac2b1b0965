//! Chance from a seed: one stream of numbers for each symbol, day and purpose.
//!
//! Only exact IEEE operations, no logarithm and no sine, whose last bit differs between machines: a seed
//! gives the same tape everywhere.

use chrono::NaiveDate;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::tape::Symbol;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The stream of a purpose. Purposes have streams of their own so that, for example, livelier queues
    /// leave the same flow and the same mid.
    pub(super) fn new(seed: u64, symbol: &Symbol, date: NaiveDate, purpose: &str) -> Self {
        let name = format!("{seed}|{symbol}|{date}|{purpose}");
        // FNV-1a: stable across releases, which the standard hasher does not promise.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(Xoshiro256PlusPlus::seed_from_u64(hash))
    }

    /// Uniform on [0, 1), a multiple of 2^-53.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform on 0, 1, ..., n - 1, with a bias below n / 2^64; 0 when n is 0.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform on first, ..., last.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below((last - first + 1).max(0) as u64) as i64
    }

    /// Whether an event of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A fair coin.
    pub(super) fn coin(&mut self) -> bool {
        self.0.next_u64() >> 63 == 1
    }

    /// Mean 0, variance 1, nearly normal: twelve uniforms less six (Irwin-Hall), never beyond 6.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// 1, 2, 3, ... with the given mean, each one more with the same probability.
    pub(super) fn geometric(&mut self, mean: f64) -> i64 {
        let more = 1.0 - 1.0 / mean;
        let mut count = 1;
        while self.chance(more) {
            count += 1;
        }
        count
    }

    /// A whole number whose mean is x: the floor, and one more with probability x - floor(x).
    pub(super) fn dither(&mut self, x: f64) -> i64 {
        let floor = x.floor();
        floor as i64 + i64::from(self.chance(x - floor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(mut draw: impl FnMut(&mut Dice) -> f64) -> (f64, f64) {
        let mut dice = Dice::new(1, &Symbol::new("A"), NaiveDate::MIN, "test");
        let draws: Vec<f64> = (0..100_000).map(|_| draw(&mut dice)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        (mean, draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 1e5)
    }

    #[test]
    fn draws_have_the_stated_moments() {
        let (mean, variance) = mean_and_variance(Dice::normal);
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let (mean, variance) = mean_and_variance(|d| d.geometric(3.0) as f64);
        assert!((mean - 3.0).abs() < 0.05 && (variance - 6.0).abs() < 0.2, "{mean} {variance}");
        let (mean, _) = mean_and_variance(|d| d.dither(-1.3) as f64);
        assert!((mean + 1.3).abs() < 0.01, "{mean}");
        let (mean, variance) = mean_and_variance(|d| d.between(-1, 1) as f64);
        assert!(mean.abs() < 0.015 && (variance - 2.0 / 3.0).abs() < 0.01, "{mean} {variance}");
    }
}
