//! BCa's acceleration: how the spread of a metric changes with its value, from leaving out one row or group at a time.
//!
//! With l_i = (n_h - 1) (mean of theta_(i) in stratum h - theta_(i)):
//! a = sum_h sum_i l³ / n_h³ / (6 (sum_h sum_i l² / n_h²)^(3/2)). Rows of an atom give the same theta; of many atoms, evenly
//! spaced ones stand for all.

use rayon::prelude::*;

use super::atoms::{Atom, Atoms};
use super::measure::{FIXED, Measures, RANKING, TUNED};
use crate::limits::JACKKNIFE_UNITS_MAX;

/// One thing left out: the metrics without it, how many like it there are, and in how large a stratum.
struct Left {
    without: Measures,
    like: f64,
    stratum: usize,
    size: f64,
}

/// The acceleration of every metric; absent where the metric is undefined without one of them, or never moves.
pub(super) fn acceleration(atoms: &Atoms, has_threshold: bool) -> Measures {
    let left = if atoms.groups() > 1 { groups(atoms, has_threshold) } else { rows(atoms, has_threshold) };
    let mut found =
        Measures { fixed: [None; FIXED.len()], ranking: [None; RANKING.len()], tuned: [None; TUNED.len()] };
    for (k, a) in found.fixed.iter_mut().enumerate() {
        *a = of(&left, |m| m.fixed[k]);
    }
    for (k, a) in found.ranking.iter_mut().enumerate() {
        *a = of(&left, |m| m.ranking[k]);
    }
    for (k, a) in found.tuned.iter_mut().enumerate() {
        *a = of(&left, |m| m.tuned[k]);
    }
    found
}

fn rows(atoms: &Atoms, has_threshold: bool) -> Vec<Left> {
    let whole = atoms.whole();
    let units: Vec<(usize, f64)> = [true, false].into_iter().flat_map(|class| spaced(atoms, class)).collect();
    units
        .into_par_iter()
        .map(|(k, like)| {
            let atom: &Atom = &atoms.all[k];
            let mut without = whole.clone();
            without[k] = without[k].saturating_sub(1);
            Left {
                without: Measures::of(&atoms.steps(&without), &atoms.ladder, has_threshold),
                like,
                stratum: usize::from(atom.positive),
                size: atoms.class_rows(atom.positive) as f64,
            }
        })
        .collect()
}

/// Atoms of a class, at most so many, evenly spaced by rows, and how many rows each stands for.
fn spaced(atoms: &Atoms, class: bool) -> Vec<(usize, f64)> {
    let of_class: Vec<usize> = (0..atoms.all.len()).filter(|k| atoms.all[*k].positive == class).collect();
    if of_class.len() <= JACKKNIFE_UNITS_MAX {
        return of_class.into_iter().map(|k| (k, atoms.all[k].rows as f64)).collect();
    }
    let each = atoms.class_rows(class) as f64 / JACKKNIFE_UNITS_MAX as f64;
    let (mut passed, mut taken) = (0.0, Vec::<(usize, f64)>::new());
    for k in of_class {
        passed += atoms.all[k].rows as f64;
        let due = (passed / each).floor() - taken.iter().map(|(_, like)| like / each).sum::<f64>();
        if due >= 1.0 {
            taken.push((k, due.floor() * each));
        }
    }
    taken
}

fn groups(atoms: &Atoms, has_threshold: bool) -> Vec<Left> {
    let count = atoms.groups();
    let each = count.div_ceil(JACKKNIFE_UNITS_MAX);
    (0..count)
        .step_by(each)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|group| {
            let stays = |atom: &Atom| if atom.group as usize == group { 0 } else { atom.rows };
            let without: Vec<u64> = atoms.all.iter().map(stays).collect();
            Left {
                without: Measures::of(&atoms.steps(&without), &atoms.ladder, has_threshold),
                like: each as f64,
                stratum: 0,
                size: count as f64,
            }
        })
        .collect()
}

fn of(left: &[Left], metric: impl Fn(&Measures) -> Option<f64>) -> Option<f64> {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for stratum in [0, 1] {
        let of_stratum = || left.iter().filter(|l| l.stratum == stratum);
        let Some(size) = of_stratum().next().map(|l| l.size) else { continue };
        if size < 2.0 {
            continue;
        }
        let (mut sum, mut likes) = (0.0, 0.0);
        for l in of_stratum() {
            sum += l.like * metric(&l.without)?;
            likes += l.like;
        }
        for l in of_stratum() {
            let influence = (size - 1.0) * (sum / likes - metric(&l.without)?);
            squares += l.like * influence.powi(2) / size.powi(2);
            cubes += l.like * influence.powi(3) / size.powi(3);
        }
    }
    (squares > 0.0).then(|| cubes / 6.0 / squares.powf(1.5))
}
