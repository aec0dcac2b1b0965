//! The rows to judge: a label and a score each, and where given a weight, a group, a time and an amount of money.
//!
//! The rows are sorted once, by falling score; everything that ranks walks that order. Weights say how many rows one
//! stands for. Cloning is cheap: a resample is a clone with other weights.

use std::sync::Arc;

use thiserror::Error;

use crate::numeric::Sum;

/// The groups that rows belong to (a symbol, a day, an episode).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Their names.
    pub names: Vec<String>,
    /// A row's group, as a place among the names.
    pub of: Vec<u32>,
}

/// What weights may add up to: the products of four counts are still finite.
const WEIGHT_SUM_MAX: f64 = 1e75;

/// Why rows cannot be judged. Rows count from zero.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SampleError {
    /// Nothing to judge.
    #[error("there is no row")]
    Empty,
    /// More than row numbers can count.
    #[error("there are {0} rows, more than {max}", max = u32::MAX)]
    TooMany(usize),
    /// A column of another length than the labels.
    #[error("{column} has {found} values where there are {rows} rows")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The number of labels.
        rows: usize,
    },
    /// A score that is not a number.
    #[error("the score of row {row} is NaN")]
    NanScore {
        /// The first such row.
        row: usize,
    },
    /// A weight below zero or not finite.
    #[error("the weight of row {row} is {value}; a weight is finite and not below 0")]
    Weight {
        /// The first such row.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// All weights are zero.
    #[error("all weights are 0")]
    NoWeight,
    /// Weights whose sum, squared as intervals and correlations need it, has no number.
    #[error("the weights add up to {0:e}, more than {max:e}; scale them down", max = WEIGHT_SUM_MAX)]
    TooHeavy(f64),
    /// An amount below zero or not finite.
    #[error("the amount of row {row} is {value}; an amount is finite and not below 0")]
    Amount {
        /// The first such row.
        row: usize,
        /// The amount.
        value: f64,
    },
    /// A group that has no name.
    #[error("row {row} is of group {group}, which has no name")]
    Group {
        /// The first such row.
        row: usize,
        /// The place that no name has.
        group: u32,
    },
}

/// Rows to judge.
#[derive(Clone, Debug)]
pub struct Sample {
    labels: Arc<[bool]>,
    scores: Arc<[f64]>,
    order: Arc<[u32]>,
    weights: Option<Arc<[f64]>>,
    groups: Option<Arc<Groups>>,
    times: Option<Arc<[i64]>>,
    amounts: Option<Arc<[f64]>>,
}

impl Sample {
    /// Rows of labels and scores; infinite scores are ordered like any other.
    ///
    /// # Errors
    /// When there are none, the lengths differ, or a score is NaN.
    pub fn new(labels: Vec<bool>, scores: Vec<f64>) -> Result<Self, SampleError> {
        let rows = labels.len();
        if rows == 0 {
            return Err(SampleError::Empty);
        }
        if u32::try_from(rows).is_err() {
            return Err(SampleError::TooMany(rows));
        }
        same_length("score", scores.len(), rows)?;
        if let Some(row) = scores.iter().position(|score| score.is_nan()) {
            return Err(SampleError::NanScore { row });
        }
        // There is one zero only.
        let scores: Arc<[f64]> = scores.into_iter().map(|score| score + 0.0).collect();
        let order = falling(&scores);
        let labels = labels.into();
        Ok(Self { labels, scores, order, weights: None, groups: None, times: None, amounts: None })
    }

    /// The same rows, each standing for so many.
    ///
    /// # Errors
    /// When a weight is negative or not finite, all are zero, or their number is another.
    pub fn with_weights(self, weights: Vec<f64>) -> Result<Self, SampleError> {
        same_length("weight", weights.len(), self.len())?;
        if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
            return Err(SampleError::Weight { row, value: weights[row] });
        }
        let sum: f64 = weights.iter().sum();
        if sum == 0.0 {
            return Err(SampleError::NoWeight);
        }
        if sum > WEIGHT_SUM_MAX {
            return Err(SampleError::TooHeavy(sum));
        }
        Ok(Self { weights: Some(weights.into()), ..self })
    }

    /// The same rows with the groups they belong to.
    ///
    /// # Errors
    /// When their number is another, or a group has no name.
    pub fn with_groups(self, groups: Groups) -> Result<Self, SampleError> {
        same_length("group", groups.of.len(), self.len())?;
        let named = groups.names.len();
        if let Some(row) = groups.of.iter().position(|group| *group as usize >= named) {
            return Err(SampleError::Group { row, group: groups.of[row] });
        }
        Ok(Self { groups: Some(Arc::new(groups)), ..self })
    }

    /// The same rows with their times, nanoseconds since 1970 UTC or any other count that grows.
    ///
    /// # Errors
    /// When their number is another.
    pub fn with_times(self, times: Vec<i64>) -> Result<Self, SampleError> {
        same_length("time", times.len(), self.len())?;
        Ok(Self { times: Some(times.into()), ..self })
    }

    /// The same rows with the money at stake in each.
    ///
    /// # Errors
    /// When an amount is negative or not finite, or their number is another.
    pub fn with_amounts(self, amounts: Vec<f64>) -> Result<Self, SampleError> {
        same_length("amount", amounts.len(), self.len())?;
        if let Some(row) = amounts.iter().position(|amount| !(amount.is_finite() && *amount >= 0.0)) {
            return Err(SampleError::Amount { row, value: amounts[row] });
        }
        Ok(Self { amounts: Some(amounts.into()), ..self })
    }

    /// Some of the rows, in the order given.
    ///
    /// # Errors
    /// When there are none, or all their weights are zero.
    pub fn rows(&self, which: &[usize]) -> Result<Self, SampleError> {
        let (labels, scores) = which.iter().map(|row| (self.labels[*row], self.scores[*row])).unzip();
        let mut some = Self::new(labels, scores)?;
        if let Some(weights) = self.weights() {
            some = some.with_weights(which.iter().map(|row| weights[*row]).collect())?;
        }
        if let Some(Groups { names, of }) = self.groups() {
            let of = which.iter().map(|row| of[*row]).collect();
            some = some.with_groups(Groups { names: names.clone(), of })?;
        }
        if let Some(times) = self.times() {
            some = some.with_times(which.iter().map(|row| times[*row]).collect())?;
        }
        match self.amounts() {
            Some(amounts) => some.with_amounts(which.iter().map(|row| amounts[*row]).collect()),
            None => Ok(some),
        }
    }

    /// Whether these are the same rows in the same order: labels, scores, weights, groups and times.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let groups = |sample: &Self| sample.groups().map(|g| (g.names.clone(), g.of.clone()));
        self.labels == other.labels
            && self.scores == other.scores
            && self.weights == other.weights
            && self.times == other.times
            && groups(self) == groups(other)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never: a sample has a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Whether a row is a positive.
    #[must_use]
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// The scores; none is NaN.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// How many rows a row stands for: 1 where no weights are given.
    #[must_use]
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The weights, where given.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The groups, where given.
    #[must_use]
    pub fn groups(&self) -> Option<&Groups> {
        self.groups.as_deref()
    }

    /// The times, where given.
    #[must_use]
    pub fn times(&self) -> Option<&[i64]> {
        self.times.as_deref()
    }

    /// The amounts, where given.
    #[must_use]
    pub fn amounts(&self) -> Option<&[f64]> {
        self.amounts.as_deref()
    }

    /// The rows by falling score; rows of one score keep their order.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// The weight of the positives and of the negatives.
    #[must_use]
    pub fn class_weights(&self) -> (f64, f64) {
        let (mut positives, mut negatives) = (Sum::default(), Sum::default());
        for (row, positive) in self.labels.iter().enumerate() {
            (if *positive { &mut positives } else { &mut negatives }).add(self.weight(row));
        }
        (positives.value(), negatives.value())
    }
}

fn same_length(column: &'static str, found: usize, rows: usize) -> Result<(), SampleError> {
    if found == rows { Ok(()) } else { Err(SampleError::Length { column, found, rows }) }
}

/// The rows by falling score, those of one score by rising number.
fn falling(scores: &[f64]) -> Arc<[u32]> {
    // A score's bits as a number that falls when the score rises, and then the row: sorts fast and stably.
    let key = |score: f64| {
        let bits = score.to_bits();
        if bits >> 63 == 1 { bits } else { !bits & (u64::MAX >> 1) }
    };
    let mut keyed: Vec<(u64, u32)> = scores.iter().map(|score| key(*score)).zip(0..).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_falling_score_and_then_as_they_came() {
        let scores = vec![0.0, f64::INFINITY, -0.0, 0.5, f64::NEG_INFINITY, -1.5, 0.5, 1e-310, -2.0];
        let sample = Sample::new(vec![false; 9], scores).expect("rows");
        assert_eq!(sample.order(), [1, 3, 6, 7, 0, 2, 5, 8, 4]);
    }

    #[test]
    fn what_cannot_be_judged_is_refused_with_its_row() {
        let two = || Sample::new(vec![true, false], vec![0.5, 0.1]).expect("rows");
        assert_eq!(Sample::new(vec![], vec![]).unwrap_err(), SampleError::Empty);
        let nan = Sample::new(vec![true; 3], vec![0.1, f64::NAN, f64::NAN]).unwrap_err();
        assert_eq!(nan, SampleError::NanScore { row: 1 });
        assert_eq!(two().with_weights(vec![0.0, 0.0]).unwrap_err(), SampleError::NoWeight);
        let heavy = two().with_weights(vec![1e308, 1e308]).unwrap_err();
        assert_eq!(heavy, SampleError::TooHeavy(f64::INFINITY));
        let weight = two().with_weights(vec![1.0, -1.0]).unwrap_err();
        assert_eq!(weight, SampleError::Weight { row: 1, value: -1.0 });
        assert!(two().with_times(vec![1]).is_err());
        let group = two().with_groups(Groups { names: vec!["a".into()], of: vec![0, 1] }).unwrap_err();
        assert_eq!(group, SampleError::Group { row: 1, group: 1 });
        assert!(two().with_amounts(vec![1.0, f64::INFINITY]).is_err());
    }
}
