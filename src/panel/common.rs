//! Whether liquidity dries up together: correlations of pairs, and the part of each symbol's changes that comes with
//! the others' (Chordia, Roll and Subrahmanyam, "Commonality in liquidity", Journal of Financial Economics 56
//! (2000)).

use std::collections::BTreeMap;

use super::series::{Quantity, Series, series};
use super::{PanelError, Selection};
use crate::impact::{Design, Z_95, fit};
use crate::store::Archive;

/// Two symbols' correlation over the half hours that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// What is compared.
    pub quantity: Quantity,
    /// The first symbol.
    pub symbol: String,
    /// The second.
    pub other: String,
    /// Half hours in common.
    pub n: usize,
    /// Pearson's correlation of the levels.
    pub correlation: f64,
    /// Its 95 % interval by Fisher's z, as if half hours were independent.
    pub interval_95: (f64, f64),
}

/// How far a symbol's liquidity moves with that of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// What is compared.
    pub quantity: Quantity,
    /// The symbol.
    pub symbol: String,
    /// Half hours.
    pub n: usize,
    /// Slope of its relative change on the others' mean relative change in the same half hour.
    pub slope: f64,
    /// The slope's Newey-West error.
    pub se_hac: f64,
    /// Share of the variance of its changes that comes with the others'.
    pub r2: Option<f64>,
}

/// Fewest half hours that make a correlation.
const HALF_HOURS_MIN: usize = 4;

/// Every pair's correlations, by quantity and symbols.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn pairs(archive: &Archive, selection: &Selection) -> Result<Vec<Pair>, PanelError> {
    let mut all = Vec::new();
    for quantity in Quantity::ALL {
        let of = by_symbol(archive, selection, quantity)?;
        let symbols: Vec<(&String, &Series)> = of.iter().collect();
        for (at, (symbol, series)) in symbols.iter().enumerate() {
            selection.go_on()?;
            for (other, others) in &symbols[at + 1..] {
                let Some((n, correlation)) = correlation(series, others) else { continue };
                let interval_95 = fisher(correlation, n);
                let (symbol, other) = ((*symbol).clone(), (*other).clone());
                all.push(Pair { quantity, symbol, other, n, correlation, interval_95 });
            }
        }
    }
    Ok(all)
}

/// Every symbol's commonality, by quantity and symbol: log v_{i,t} - log v_{i,t-1} = a + b m_{i,t} + e, m the mean of
/// the other symbols' changes; changes do not reach across days. Needs at least three symbols and positive values.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn commonality(archive: &Archive, selection: &Selection) -> Result<Vec<Common>, PanelError> {
    let mut all = Vec::new();
    for quantity in Quantity::ALL {
        let changes: BTreeMap<String, Series> =
            by_symbol(archive, selection, quantity)?.iter().map(|(s, v)| (s.clone(), changes(v))).collect();
        if changes.len() >= 3 {
            all.extend(changes.iter().filter_map(|(symbol, own)| common(quantity, symbol, own, &changes)));
        }
    }
    Ok(all)
}

fn by_symbol(
    archive: &Archive,
    selection: &Selection,
    quantity: Quantity,
) -> Result<BTreeMap<String, Series>, PanelError> {
    let symbols = selection.symbols(archive).into_iter();
    symbols.map(|symbol| Ok((symbol.to_owned(), series(archive, selection, symbol, quantity)?))).collect()
}

fn correlation(one: &Series, other: &Series) -> Option<(usize, f64)> {
    let both: Vec<(f64, f64)> = one.iter().filter_map(|(at, x)| Some((*x, *other.get(at)?))).collect();
    let n = both.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| both.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| both.iter().map(|(x, y)| of(x - mx, y - my)).sum::<f64>();
    let (xy, xx, yy) = (sum(&|x, y| x * y), sum(&|x, _| x * x), sum(&|_, y| y * y));
    let is_sound = both.len() >= HALF_HOURS_MIN && xx > 0.0 && yy > 0.0;
    is_sound.then(|| (both.len(), (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)))
}

fn fisher(correlation: f64, n: usize) -> (f64, f64) {
    let (z, half) = (correlation.atanh(), Z_95 / (n as f64 - 3.0).sqrt());
    ((z - half).tanh(), (z + half).tanh())
}

/// Relative changes from half hour to half hour of a day; a value that is not positive has none.
fn changes(series: &Series) -> Series {
    const NEXT: i64 = 1_800_000_000_000;
    let change = |(at, value): (&i64, &f64)| {
        let before = series.get(&(at - NEXT))?;
        (*before > 0.0 && *value > 0.0).then(|| (*at, (value / before).ln()))
    };
    series.iter().filter_map(change).collect()
}

fn common(
    quantity: Quantity,
    symbol: &str,
    own: &Series,
    changes: &BTreeMap<String, Series>,
) -> Option<Common> {
    let (mut y, mut x) = (Vec::new(), Vec::new());
    for (at, change) in own {
        let others = changes.iter().filter(|(other, _)| *other != symbol);
        let others: Vec<f64> = others.filter_map(|(_, series)| series.get(at)).copied().collect();
        if !others.is_empty() {
            y.push(*change);
            x.push(others.iter().sum::<f64>() / others.len() as f64);
        }
    }
    let fitted = fit(&Design { y, x: vec![x] }).ok()?;
    let slope = fitted.terms[1];
    Some(Common {
        quantity,
        symbol: symbol.to_owned(),
        n: fitted.n,
        slope: slope.coefficient,
        se_hac: slope.errors.hac,
        r2: fitted.r2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(phase: f64) -> Series {
        (0..26).map(|i| (i * 1_800_000_000_000, 2.0 + (f64::from(i as i32) * 0.9 + phase).sin())).collect()
    }

    #[test]
    fn a_series_goes_with_itself_and_against_its_mirror() {
        let (one, other) = (wave(0.0), wave(0.0).into_iter().map(|(at, v)| (at, 9.0 - v)).collect());
        let (n, with) = correlation(&one, &one).expect("varies");
        let (_, against) = correlation(&one, &other).expect("varies");
        assert_eq!(n, 26);
        assert!((with - 1.0).abs() < 1e-12 && (against + 1.0).abs() < 1e-12);
        // Fisher's interval at r = 0.5, n = 28: tanh(0.549306 ± 0.391993).
        let (low, high) = fisher(0.5, 28);
        assert!((low - 0.156_028).abs() < 1e-5 && (high - 0.735_818).abs() < 1e-5, "{low} {high}");
    }

    #[test]
    fn who_moves_with_the_others_has_a_slope_of_one() {
        let all: BTreeMap<String, Series> =
            ["A", "B", "C"].map(|s| (s.to_owned(), changes(&wave(0.0)))).into();
        let found = common(Quantity::Spread, "A", &all["A"], &all).expect("a fit");
        assert!((found.slope - 1.0).abs() < 1e-9 && found.r2.is_some_and(|r2| r2 > 1.0 - 1e-9));
        assert_eq!(found.n, 25, "the first half hour has no change");
    }
}
