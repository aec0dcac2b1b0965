//! Sums of a measure over trades under three weightings: each trade alike, by its shares, by its dollars.
//!
//! Measures that are integers are summed exactly. Those that need a quotient or a logarithm are floats from here on;
//! their sums are compensated block by block, so that they cost little and keep their digits.

use super::{Horizon, Measure, Weighting};
use crate::numeric::Sum;
use crate::tape::Trade;

/// What the trades of a mean weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Each trade alike: their number.
    pub trades: u64,
    /// By their shares.
    pub shares: i128,
    /// By their dollars: nano-dollars.
    pub value: i128,
}

impl Weights {
    fn add(&mut self, trade: &Trade) {
        self.trades += 1;
        self.shares += i128::from(trade.size.0);
        self.value = self.value.saturating_add(value(trade));
    }

    fn of(&self, weighting: Weighting) -> i128 {
        match weighting {
            Weighting::Share => self.shares,
            Weighting::Dollar => self.value,
            Weighting::Simple | Weighting::Time => i128::from(self.trades),
        }
    }
}

/// A trade's price times its size, nano-dollars.
pub fn value(trade: &Trade) -> i128 {
    i128::from(trade.price.0) * i128::from(trade.size.0)
}

/// An exact sum of products that may not fit 128 bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wide {
    high: i128,
    low: i128,
}

/// Bits of a product's second factor that go to the low half.
const LOW_BITS: u32 = 40;

impl Wide {
    /// Adds a product; `by` is not negative.
    #[inline]
    pub fn add(&mut self, what: i64, by: i128) {
        // Nothing that is meant comes near: the highest price times the largest size, squared.
        self.high = self.high.saturating_add(i128::from(what).saturating_mul(by >> LOW_BITS));
        self.low += i128::from(what) * (by & ((1 << LOW_BITS) - 1));
    }

    /// The sum, rounded.
    #[must_use]
    pub fn value(&self) -> f64 {
        let (high, low) = self.parts();
        high as f64 * (1_i64 << LOW_BITS) as f64 + low as f64
    }

    /// High and low half of the sum, the low one between 0 and 2^40.
    fn parts(&self) -> (i128, i128) {
        (self.high + (self.low >> LOW_BITS), self.low & ((1 << LOW_BITS) - 1))
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self { high: self.high + other.high, low: self.low + other.low }
    }
}

impl PartialEq for Wide {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Wide {}

/// The sums of one integer measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact {
    /// Of the measure.
    pub simple: i128,
    /// Of the measure times shares.
    pub by_shares: Wide,
    /// Of the measure times nano-dollars.
    pub by_value: Wide,
}

impl Exact {
    #[inline]
    fn add(&mut self, what: i64, trade: &Trade) {
        self.simple += i128::from(what);
        self.by_shares.add(what, i128::from(trade.size.0));
        self.by_value.add(what, value(trade));
    }

    /// The sums of two measures of the same trades, added up.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            simple: self.simple + other.simple,
            by_shares: self.by_shares.plus(&other.by_shares),
            by_value: self.by_value.plus(&other.by_value),
        }
    }

    fn of(&self, weighting: Weighting) -> f64 {
        match weighting {
            Weighting::Share => self.by_shares.value(),
            Weighting::Dollar => self.by_value.value(),
            Weighting::Simple | Weighting::Time => self.simple as f64,
        }
    }
}

/// How a measure's mean is called and brought to its unit.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Its name, without weighting and horizon.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What its mean is divided by.
    pub scale: f64,
}

impl Told {
    /// A measure in dollars whose sums are in nano-dollars.
    #[must_use]
    pub const fn usd(name: &'static str) -> Self {
        Self { name, unit: "usd", scale: 1e9 }
    }

    /// A measure whose sums are in its unit.
    #[must_use]
    pub const fn plain(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, scale: 1.0 }
    }

    fn means(&self, weights: &Weights, at: Option<Horizon>, sum: impl Fn(Weighting) -> f64) -> [Measure; 3] {
        [Weighting::Simple, Weighting::Share, Weighting::Dollar].map(|weighting| {
            let weight = weights.of(weighting);
            let value = (weight != 0).then(|| sum(weighting) / weight as f64 / self.scale);
            Measure::mean(self.name, (Some(weighting), at), value, self.unit, weights.trades)
        })
    }
}

/// N integer measures of the same trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exacts<const N: usize> {
    weights: Weights,
    sums: [Exact; N],
}

impl<const N: usize> Default for Exacts<N> {
    fn default() -> Self {
        Self { weights: Weights::default(), sums: [Exact::default(); N] }
    }
}

impl<const N: usize> Exacts<N> {
    /// Takes in a trade.
    #[inline]
    pub fn add(&mut self, trade: &Trade, measures: [i64; N]) {
        self.weights.add(trade);
        for (sum, what) in self.sums.iter_mut().zip(measures) {
            sum.add(what, trade);
        }
    }

    /// What its trades weigh.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The sums of one measure.
    #[must_use]
    pub fn sums(&self, index: usize) -> &Exact {
        &self.sums[index]
    }

    /// The means of one measure.
    #[must_use]
    pub fn means(&self, index: usize, told: Told, at: Option<Horizon>) -> [Measure; 3] {
        told.means(&self.weights, at, |weighting| self.sums[index].of(weighting))
    }
}

/// Terms of a block, which are added up plainly: of so few nothing is lost that counts.
const BLOCK: u32 = 64;

/// N measures of the same trades that are floats.
#[derive(Clone, Debug, PartialEq)]
pub struct Reals<const N: usize> {
    weights: Weights,
    terms: u32,
    block: [[f64; N]; 3],
    sums: [[Sum; N]; 3],
}

impl<const N: usize> Default for Reals<N> {
    fn default() -> Self {
        let (block, sums) = ([[0.0; N]; 3], [[Sum::default(); N]; 3]);
        Self { weights: Weights::default(), terms: 0, block, sums }
    }
}

impl<const N: usize> Reals<N> {
    /// Takes in a trade.
    #[inline]
    pub fn add(&mut self, trade: &Trade, measures: [f64; N]) {
        self.weights.add(trade);
        let weights = [1.0, trade.size.0 as f64, value(trade) as f64];
        for (block, weight) in self.block.iter_mut().zip(weights) {
            for (sum, what) in block.iter_mut().zip(measures) {
                *sum += what * weight;
            }
        }
        self.terms += 1;
        if self.terms == BLOCK {
            self.close_block();
        }
    }

    fn close_block(&mut self) {
        for (sums, block) in self.sums.iter_mut().flatten().zip(self.block.iter_mut().flatten()) {
            sums.add(std::mem::take(block));
        }
        self.terms = 0;
    }

    /// The means of all measures.
    #[must_use]
    pub fn means(mut self, told: [Told; N], at: Option<Horizon>) -> Vec<Measure> {
        self.close_block();
        let mean = |(index, told): (usize, Told)| {
            told.means(&self.weights, at, |weighting| self.sums[weighting as usize][index].value())
        };
        told.into_iter().enumerate().flat_map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Price, Size};
    use proptest::prelude::*;

    proptest! {
        /// As long as the sum fits 128 bits, it is that sum; and it does not matter how the terms came.
        #[test]
        fn a_wide_sum_is_the_sum(
            terms in prop::collection::vec((-1_000_000_000_000_i64..1_000_000_000_000, 0_i128..1 << 80), 0..30),
        ) {
            let plain: i128 = terms.iter().map(|(what, by)| i128::from(*what) * by).sum();
            let (mut wide, mut turned) = (Wide::default(), Wide::default());
            terms.iter().for_each(|(what, by)| wide.add(*what, *by));
            terms.iter().rev().for_each(|(what, by)| turned.add(*what, *by));
            let (high, low) = wide.parts();
            prop_assert_eq!((high << LOW_BITS) + low, plain);
            prop_assert!(wide == turned && (0..1 << LOW_BITS).contains(&low));
            prop_assert!((wide.value() - plain as f64).abs() <= 4.0 * f64::EPSILON * plain.abs() as f64);
        }
    }

    #[test]
    fn means_weigh_by_trades_shares_and_dollars() {
        let trade = |price, size| Trade { price: Price(price), size: Size(size), ..Trade::default() };
        let (mut exacts, mut reals) = (Exacts::<1>::default(), Reals::<1>::default());
        for (trade, what) in [(trade(1_000_000_000, 3), 2), (trade(3_000_000_000, 1), 4)] {
            exacts.add(&trade, [what]);
            reals.add(&trade, [what as f64]);
        }
        let told = Told::plain("what", "shares");
        let found: Vec<Measure> = exacts.means(0, told, None).to_vec();
        assert_eq!(found, reals.means([told], None));
        let values: Vec<Option<f64>> = found.iter().map(|measure| measure.value).collect();
        assert_eq!(values, [Some(3.0), Some(2.5), Some(3.0)]);
        assert_eq!(found[1].name, "what_share_weighted");
        assert!(Exacts::<1>::default().means(0, told, None).iter().all(|m| m.value.is_none() && m.n == 0));
    }
}
