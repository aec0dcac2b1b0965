//! Chance from a seed: a stream of its own for every draw, so that the number of workers changes nothing.
//!
//! Binomials by inversion where few are expected, else by Hörmann's transformed rejection BTRS (1993, "The generation
//! of binomial random variates", J. Stat. Comput. Simul. 46), which is exact.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::cost::normal_quantile;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// The stream of one draw of a purpose.
    #[must_use]
    pub fn new(seed: u64, purpose: u64, draw: u64) -> Self {
        // Each number passes a full mixing step (SplitMix64), so neighbours have nothing in common.
        let key = mixed(mixed(mixed(seed) ^ purpose) ^ draw);
        Self(Xoshiro256PlusPlus::seed_from_u64(key))
    }

    /// Uniform on [0, 1), a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform on 0, 1, ..., n - 1; 0 when n is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Standard normal, by its quantile.
    pub fn normal(&mut self) -> f64 {
        // Half a step keeps the probability off 0.
        normal_quantile(self.uniform() + 0.5 / (1_u64 << 53) as f64)
    }

    /// How many of n happen, each with probability p.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            0
        } else if p >= 1.0 {
            n
        } else if p > 0.5 {
            n - self.binomial(n, 1.0 - p)
        } else if n as f64 * p < 10.0 {
            self.inversion(n, p)
        } else {
            self.rejection(n, p)
        }
    }

    /// Walks down the probabilities from 0; p <= 1/2 and few are expected.
    fn inversion(&mut self, n: u64, p: f64) -> u64 {
        let odds = p / (1.0 - p);
        let mut term = (n as f64 * (-p).ln_1p()).exp();
        let (mut left, mut k) = (self.uniform(), 0);
        while left > term && k < n {
            left -= term;
            term *= odds * (n - k) as f64 / (k + 1) as f64;
            k += 1;
        }
        k
    }

    /// BTRS; n p >= 10 and p <= 1/2.
    fn rejection(&mut self, n: u64, p: f64) -> u64 {
        let count = n as f64;
        let spread = (count * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * spread;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let centre = count * p + 0.5;
        let v_r = 0.92 - 4.2 / b;
        let alpha = (2.83 + 5.1 / b) * spread;
        let odds = p / (1.0 - p);
        let mode = ((count + 1.0) * p).floor();
        loop {
            let u = self.uniform() - 0.5;
            let v = 1.0 - self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + centre).floor();
            if us >= 0.07 && v <= v_r {
                return k as u64;
            }
            if !(0.0..=count).contains(&k) {
                continue;
            }
            let bound = (mode + 0.5) * ((mode + 1.0) / (odds * (count - mode + 1.0))).ln()
                + (count + 1.0) * ((count - mode + 1.0) / (count - k + 1.0)).ln()
                + (k + 0.5) * (odds * (count - k + 1.0) / (k + 1.0)).ln()
                + stirling(mode)
                + stirling(count - mode)
                - stirling(k)
                - stirling(count - k);
            if (v * alpha / (a / (us * us) + b)).ln() <= bound {
                return k as u64;
            }
        }
    }

    /// `draws` rows spread over cells in proportion to their masses, which sum to `total`.
    pub fn multinomial(
        &mut self,
        draws: u64,
        total: f64,
        cells: impl Iterator<Item = f64>,
        mut put: impl FnMut(u64),
    ) {
        let (mut to_draw, mut mass_left) = (draws, total);
        for mass in cells {
            let share = if mass_left > 0.0 { mass / mass_left } else { 1.0 };
            let drawn = self.binomial(to_draw, if mass > 0.0 { share } else { 0.0 });
            to_draw -= drawn;
            mass_left -= mass;
            put(drawn);
        }
    }
}

fn mixed(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// ln k! less Stirling's (k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi)/2.
fn stirling(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_871,
    ];
    match SMALL.get(k as usize) {
        Some(tabled) => *tabled,
        None => {
            let k1 = k + 1.0;
            (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / (k1 * k1)) / (k1 * k1)) / k1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ln_choose(n: u64, k: u64) -> f64 {
        (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum()
    }

    /// Counts against the exact probabilities; 99.99 % of chi-squares lie below the bound for their cells.
    #[test]
    fn binomials_have_the_exact_law() {
        for (n, p) in [(20, 0.3), (100_u64, 0.4), (1_000, 0.02), (400, 0.9), (1_000_000, 3e-6)] {
            let mut chance = Chance::new(3, n, 0);
            let draws = 40_000;
            let mut seen = std::collections::BTreeMap::<u64, f64>::new();
            (0..draws).for_each(|_| *seen.entry(chance.binomial(n, p)).or_default() += 1.0);
            let (mut chi, mut cells) = (0.0, 0.0);
            for k in 0..=n.min(1_000) {
                let exact = (ln_choose(n, k) + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p()).exp();
                let expected = exact * f64::from(draws);
                if expected >= 10.0 {
                    chi += (seen.get(&k).copied().unwrap_or(0.0) - expected).powi(2) / expected;
                    cells += 1.0;
                }
            }
            let bound = cells + 3.9 * (2.0_f64 * cells).sqrt() + 8.0;
            assert!(chi < bound, "{n} {p}: {chi} over {cells}");
        }
    }

    #[test]
    fn a_resample_has_as_many_rows() {
        let cells = [5.0, 0.0, 70_000.0, 1.0, 3.0];
        for draw in 0..50 {
            let mut sum = 0;
            let mut put = Vec::new();
            Chance::new(1, 2, draw).multinomial(70_009, 70_009.0, cells.iter().copied(), |k| {
                sum += k;
                put.push(k);
            });
            assert_eq!((sum, put[1]), (70_009, 0));
        }
    }

    #[test]
    fn normals_have_mean_0_and_variance_1() {
        let mut chance = Chance::new(9, 0, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| chance.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.013 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_draw() {
        let first = |s, p, d| Chance::new(s, p, d).uniform();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        assert!(first(1, 2, 3) != first(1, 3, 2) && first(1, 2, 3) != first(2, 1, 3));
    }
}
