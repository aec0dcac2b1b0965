//! Shift of a column: population stability index and Kolmogorov-Smirnov distance.
//!
//! ```text
//! PSI = sum (q_i - p_i) ln(q_i / p_i)     10 bins of the reference's deciles, half a row added to each
//! limit of PSI = (1/n + 1/m) chi2_(1-level)(B - 1)
//!   (Yurdakul and Naranjo 2020: PSI / (1/n + 1/m) is chi2 without shift)
//! limit of KS  = sqrt(-ln(level/2) / 2) sqrt(1/n + 1/m)
//! ```
//! The usual 0.1 and 0.25 know nothing of n: on 200 rows PSI passes 0.1 by chance, on a million a real shift hides
//! below. `moved` asks for both: beyond chance, and not too small to matter (PSI 0.02, KS 0.02).

use serde::Serialize;

use crate::cost::normal_quantile;

const BINS: usize = 10;
/// Chance of a false alarm of one test.
const LEVEL: f64 = 0.001;
/// Shifts below this matter to nobody.
const PSI_SMALL: f64 = 0.02;
const KS_SMALL: f64 = 0.02;

/// How far a column has moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Rows of the reference.
    pub reference_rows: usize,
    /// Rows now.
    pub rows: usize,
    /// Population stability index.
    pub psi: f64,
    /// What it passes by chance once in a thousand times.
    pub psi_limit: f64,
    /// Kolmogorov-Smirnov distance.
    pub ks: f64,
    /// Its limit.
    pub ks_limit: f64,
    /// Whether either passes its limit and is not too small to matter.
    pub moved: bool,
}

/// Compares a column with its reference; NaN is left out. Absent where either is empty.
#[must_use]
pub fn shift(reference: &[f64], now: &[f64]) -> Option<Shift> {
    let sorted = |column: &[f64]| {
        let mut known: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
        known.sort_by(f64::total_cmp);
        known
    };
    let (a, b) = (sorted(reference), sorted(now));
    let (first, last) = (a.first()?, a.last()?);
    b.first()?;
    // Deciles; those that coincide make one bin.
    let mut edges: Vec<f64> =
        (1..BINS).map(|k| a[k * a.len() / BINS]).filter(|e| e > first && e <= last).collect();
    edges.dedup();
    let (n, m) = (a.len() as f64, b.len() as f64);
    let per_row = 1.0 / n + 1.0 / m;
    let (psi, bins) = (psi(&a, &b, &edges), edges.len() + 1);
    let psi_limit = per_row * chi_squared_quantile((bins - 1).max(1) as f64);
    let (ks, ks_limit) = (ks(&a, &b), (-(LEVEL / 2.0).ln() / 2.0).sqrt() * per_row.sqrt());
    let moved = psi > psi_limit.max(PSI_SMALL) || ks > ks_limit.max(KS_SMALL);
    Some(Shift { reference_rows: a.len(), rows: b.len(), psi, psi_limit, ks, ks_limit, moved })
}

fn psi(a: &[f64], b: &[f64], edges: &[f64]) -> f64 {
    let shares = |column: &[f64]| {
        let mut from = 0;
        let ends = edges.iter().map(|edge| column.partition_point(|x| x < edge)).chain([column.len()]);
        let total = column.len() as f64 + 0.5 * (edges.len() + 1) as f64;
        let share = |end: usize| ((end - std::mem::replace(&mut from, end)) as f64 + 0.5) / total;
        ends.map(share).collect::<Vec<f64>>()
    };
    shares(a).iter().zip(shares(b)).map(|(p, q)| (q - p) * (q / p).ln()).sum()
}

fn ks(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut k, mut most) = (0, 0, 0.0_f64);
    while i < a.len() && k < b.len() {
        let x = a[i].min(b[k]);
        while i < a.len() && a[i] <= x {
            i += 1;
        }
        while k < b.len() && b[k] <= x {
            k += 1;
        }
        most = most.max((i as f64 / a.len() as f64 - k as f64 / b.len() as f64).abs());
    }
    most
}

/// The quantile that chi-square passes with probability `LEVEL` (Wilson and Hilferty 1931).
fn chi_squared_quantile(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + normal_quantile(1.0 - LEVEL) * spread.sqrt()).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::chance::Chance;

    fn normals(n: usize, mean: f64, seed: u64) -> Vec<f64> {
        let mut chance = Chance::new(seed, 3, 0);
        (0..n).map(|_| chance.normal() + mean).collect()
    }

    #[test]
    fn hand_made_distances() {
        assert_eq!(ks(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0]), 0.5);
        let expected = 2.0 * (0.75_f64 - 0.25) * 3.0_f64.ln();
        // Halves of 9.5 and 29.5 rows with half a row added: shares 1/4 and 3/4.
        let a: Vec<f64> = (0..40).map(|k| f64::from(u8::from(k >= 10))).collect();
        let b: Vec<f64> = (0..40).map(|k| f64::from(u8::from(k >= 30))).collect();
        let shares = |k: f64| (k + 0.5) / 41.0;
        let exact = 2.0 * (shares(30.0) - shares(10.0)) * (shares(30.0) / shares(10.0)).ln();
        assert!((psi(&a, &b, &[1.0]) - exact).abs() < 1e-12 && (exact - expected).abs() < 0.1);
        assert!((chi_squared_quantile(9.0) - 27.877).abs() < 0.2);
    }

    #[test]
    fn a_moved_mean_is_seen_and_chance_is_not() {
        let reference = normals(5_000, 0.0, 1);
        let alarms = |mean: f64, n: usize| {
            (0..100).filter(|w| shift(&reference, &normals(n, mean, 100 + w)).unwrap().moved).count()
        };
        assert!(alarms(0.0, 200) <= 2 && alarms(0.0, 5_000) <= 2);
        assert_eq!(alarms(0.5, 500), 100);
        assert!(shift(&[], &[1.0]).is_none());
        assert!(!shift(&[1.0; 9], &[1.0; 5]).unwrap().moved);
    }
}
