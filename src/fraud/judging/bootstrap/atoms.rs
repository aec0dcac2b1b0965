//! Rows that a resample cannot tell apart, and the walk down the scores over them.
//!
//! A ladder has one rung for each distinct score of a positive and one for each run of negatives between two of them:
//! no metric here changes within such a run, save by how many negatives it holds. The threshold in use always lies
//! between two rungs.

use std::collections::BTreeMap;

use super::Resample;
use crate::fraud::judging::Sample;
use crate::fraud::judging::chance::Chance;
use crate::fraud::judging::walk::Step;
use crate::limits::BOOTSTRAP_ATOMS_MAX;

/// Rungs from the highest score down.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    /// Each row's rung.
    pub rung: Vec<u32>,
    /// The lowest score on each rung.
    pub score: Vec<f64>,
    /// Rungs at or above the threshold in use.
    pub flagged: usize,
    /// Whether scores of positives share a rung that are not the same.
    pub merged: bool,
}

impl Ladder {
    /// The rungs of a sample.
    pub fn new(sample: &Sample, threshold: Option<f64>) -> Self {
        let exact = Self::cut(sample, threshold, 0);
        if exact.score.len() <= BOOTSTRAP_ATOMS_MAX / 2 {
            return exact;
        }
        let rows_each = sample.len().div_ceil(BOOTSTRAP_ATOMS_MAX / 4);
        Self { merged: true, ..Self::cut(sample, threshold, rows_each) }
    }

    /// Rungs of at least so many rows each; 0 keeps every distinct score of a positive apart.
    fn cut(sample: &Sample, threshold: Option<f64>, rows_each: usize) -> Self {
        let (scores, labels, order) = (sample.scores(), sample.labels(), sample.order());
        let is_flagged = |score: f64| threshold.is_some_and(|t| score >= t);
        let mut ladder = Self { rung: vec![0; sample.len()], ..Self::default() };
        let (mut start, mut on_rung, mut had_positive) = (0, 0, false);
        while start < order.len() {
            let score = scores[order[start] as usize];
            let tie = order[start..].iter().take_while(|row| scores[**row as usize] == score).count();
            let rows = &order[start..start + tie];
            let has_positive = rows.iter().any(|row| labels[*row as usize]);
            let crosses = ladder.score.last().is_some_and(|last| is_flagged(*last) != is_flagged(score));
            let joins = if rows_each > 0 { on_rung < rows_each } else { !has_positive && !had_positive };
            if ladder.score.is_empty() || crosses || !joins {
                ladder.score.push(score);
                on_rung = 0;
            } else if let Some(lowest) = ladder.score.last_mut() {
                *lowest = score;
            }
            let rung = (ladder.score.len() - 1) as u32;
            rows.iter().for_each(|row| ladder.rung[*row as usize] = rung);
            (on_rung, had_positive, start) = (on_rung + tie, has_positive, start + tie);
        }
        ladder.flagged = ladder.score.iter().filter(|score| is_flagged(**score)).count();
        ladder
    }
}

/// Rows alike in all that matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Atom {
    pub rung: u32,
    pub other_rung: u32,
    pub positive: bool,
    pub weight: f64,
    pub group: u32,
    pub rows: u64,
}

/// A sample as atoms, by falling score.
#[derive(Clone, Debug)]
pub(super) struct Atoms {
    pub ladder: Ladder,
    pub all: Vec<Atom>,
    resample: Resample,
    groups: usize,
    /// Rows of each class: negatives, positives.
    rows: [u64; 2],
}

impl Atoms {
    pub fn new(sample: &Sample, threshold: Option<f64>, resample: Resample) -> Self {
        let ladder = Ladder::new(sample, threshold);
        Self::joint(sample, ladder, None, resample)
    }

    /// Atoms that also tell the rungs of a second score of the same rows apart.
    pub fn joint(sample: &Sample, ladder: Ladder, other: Option<&Ladder>, resample: Resample) -> Self {
        let group_of = |row: usize| match resample {
            Resample::Groups => sample.groups().map_or(0, |groups| groups.of[row]),
            Resample::StratifiedRows => 0,
        };
        let mut keyed: Vec<(u32, bool, u64, u32, u32)> = (0..sample.len())
            .filter(|row| sample.weight(*row) > 0.0)
            .map(|row| {
                let other_rung = other.map_or(0, |other| other.rung[row]);
                let weight = sample.weight(row).to_bits();
                (ladder.rung[row], sample.labels()[row], weight, group_of(row), other_rung)
            })
            .collect();
        keyed.sort_unstable();
        let mut all = Vec::<Atom>::new();
        let mut last = None;
        for key in keyed {
            match all.last_mut() {
                Some(atom) if last == Some(key) => atom.rows += 1,
                _ => all.push(Atom {
                    rung: key.0,
                    positive: key.1,
                    weight: f64::from_bits(key.2),
                    group: key.3,
                    other_rung: key.4,
                    rows: 1,
                }),
            }
            last = Some(key);
        }
        let mut present: Vec<u32> = all.iter().map(|atom| atom.group).collect();
        present.sort_unstable();
        present.dedup();
        let place: BTreeMap<u32, u32> = present.iter().copied().zip(0..).collect();
        all.iter_mut().for_each(|atom| atom.group = place.get(&atom.group).copied().unwrap_or(0));
        let mut rows = [0, 0];
        all.iter().for_each(|atom| rows[usize::from(atom.positive)] += atom.rows);
        Self { ladder, all, resample, groups: present.len(), rows }
    }

    /// Groups that hold a row.
    pub fn groups(&self) -> usize {
        self.groups
    }

    pub fn is_merged(&self) -> bool {
        self.ladder.merged
    }

    /// Rows of an atom's class.
    pub fn class_rows(&self, positive: bool) -> u64 {
        self.rows[usize::from(positive)]
    }

    /// What a draw costs, in visits to an atom.
    pub fn work(&self) -> usize {
        self.all.len() + self.ladder.score.len()
    }

    /// Every row once.
    pub fn whole(&self) -> Vec<u64> {
        self.all.iter().map(|atom| atom.rows).collect()
    }

    /// How often each atom's rows are drawn.
    pub fn resampled(&self, chance: &mut Chance) -> Vec<u64> {
        match self.resample {
            Resample::StratifiedRows => self.rows_resampled(chance),
            Resample::Groups => {
                let mut times = vec![0_u64; self.groups];
                for _ in 0..self.groups {
                    times[chance.below(self.groups as u64) as usize] += 1;
                }
                self.all.iter().map(|atom| atom.rows * times[atom.group as usize]).collect()
            }
        }
    }

    fn rows_resampled(&self, chance: &mut Chance) -> Vec<u64> {
        let mut drawn = vec![0; self.all.len()];
        for class in [true, false] {
            let total = self.class_rows(class);
            let of_class = || (0..self.all.len()).filter(|k| self.all[*k].positive == class);
            let mut next = of_class();
            let rows = of_class().map(|k| self.all[k].rows as f64);
            chance.multinomial(total, total as f64, rows, |times| {
                if let Some(k) = next.next() {
                    drawn[k] = times;
                }
            });
        }
        drawn
    }

    /// The steps of a resample.
    pub fn steps(&self, drawn: &[u64]) -> Vec<Step> {
        let mut steps = Vec::new();
        self.steps_into(drawn, &mut steps);
        steps
    }

    /// The same, into a vector that is used again.
    pub fn steps_into(&self, drawn: &[u64], steps: &mut Vec<Step>) {
        self.steps_by(drawn, self.ladder.score.len(), |atom| atom.rung, steps);
    }

    /// The steps by any rung of the atoms.
    pub fn steps_by(&self, drawn: &[u64], rungs: usize, rung: impl Fn(&Atom) -> u32, steps: &mut Vec<Step>) {
        steps.clear();
        steps.resize(rungs, Step::default());
        for (atom, times) in self.all.iter().zip(drawn) {
            let step = &mut steps[rung(atom) as usize];
            let mass = if atom.positive { &mut step.positive } else { &mut step.negative };
            *mass += atom.weight * *times as f64;
        }
    }
}
