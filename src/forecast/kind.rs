//! The kinds of models, simplest first, and how each is taught.

use serde::{Deserialize, Serialize};

use super::density::Weighting;
use super::features::{Purpose, Row, TRAILING_BARS, design};
use super::folds::{Span, purged};
use super::shapes::{PatzeltBouchaud, Points, PowerLaw};
use super::trees::{Growth, Trees};
use crate::impact::{Design, FitError, Line, elastic_nets, line, penalty_max};
use crate::limits::{FORECAST_BOOSTED_ROWS_MAX, FORECAST_ROWS_MAX, FORECAST_TREE_ROWS_MAX};

/// A kind of model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Least squares on all features: what the others must beat.
    Linear,
    /// Square root of the flow.
    SquareRoot,
    /// Power of the flow.
    PowerLaw,
    /// Patzelt and Bouchaud's shape of the flow.
    PatzeltBouchaud,
    /// Least squares that shrinks; its penalty is chosen on purged folds of the training rows.
    ElasticNet,
    /// A decision tree.
    Tree,
    /// A random forest.
    Forest,
    /// Boosted trees.
    Boosted,
}

impl Kind {
    /// All, simplest first: of kinds that forecast as well as each other, the first is preferred.
    pub const ALL: [Self; 8] = [
        Self::Linear,
        Self::SquareRoot,
        Self::PowerLaw,
        Self::PatzeltBouchaud,
        Self::ElasticNet,
        Self::Tree,
        Self::Forest,
        Self::Boosted,
    ];

    /// Its name in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::SquareRoot => "square_root",
            Self::PowerLaw => "power_law",
            Self::PatzeltBouchaud => "patzelt_bouchaud",
            Self::ElasticNet => "elastic_net",
            Self::Tree => "tree",
            Self::Forest => "forest",
            Self::Boosted => "boosted",
        }
    }

    /// Whether it can answer a purpose: shapes of the flow need a flow.
    #[must_use]
    pub fn suits(self, purpose: Purpose) -> bool {
        let is_shape = matches!(self, Self::SquareRoot | Self::PowerLaw | Self::PatzeltBouchaud);
        purpose == Purpose::Conditional || !is_shape
    }

    fn rows_max(self) -> usize {
        match self {
            Self::Tree | Self::Forest => FORECAST_TREE_ROWS_MAX,
            Self::Boosted => FORECAST_BOOSTED_ROWS_MAX,
            _ => FORECAST_ROWS_MAX,
        }
    }
}

/// What a kind has learned.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Learned {
    Line(Line),
    Net { line: Line, penalty: f64 },
    Power(PowerLaw),
    PatzeltBouchaud(PatzeltBouchaud),
    Trees { growth: Growth, trees: Trees },
}

/// Teaches a kind; gives what it learned and from how many rows. Boosted trees take no weights.
pub(super) fn teach(
    kind: Kind,
    rows: &[Row],
    weighting: Weighting,
    seed: u64,
) -> Result<(Learned, usize), FitError> {
    let rows = evenly(rows, kind.rows_max());
    let design = design(&rows);
    let weights = weighting.weights(&design.y);
    let flow = || design.x.first().ok_or(FitError::TooFew);
    let points = || Ok(Points { flow: flow()?, y: &design.y, weights: &weights });
    let trees = |growth| {
        let trees = Trees::grow(growth, &design, Some(&weights), seed)?;
        Ok(Learned::Trees { growth, trees })
    };
    let learned = match kind {
        Kind::Linear => Learned::Line(line(&design, &weights)?),
        Kind::ElasticNet => {
            let penalty = penalty(&rows, weighting)?;
            let line = elastic_nets(&design, &weights, &[penalty])?.swap_remove(0);
            Learned::Net { line, penalty }
        }
        Kind::SquareRoot => Learned::Power(PowerLaw::fit(points()?, Some(0.5))?),
        Kind::PowerLaw => Learned::Power(PowerLaw::fit(points()?, None)?),
        Kind::PatzeltBouchaud => Learned::PatzeltBouchaud(PatzeltBouchaud::fit(points()?)?),
        Kind::Tree => trees(Growth::Tree { depth: 5, leaf: (rows.len() / 50).max(10) })?,
        Kind::Forest => trees(Growth::Forest { trees: 50, depth: 7, leaf: (rows.len() / 200).max(5) })?,
        Kind::Boosted => trees(Growth::Boosted { rounds: 50, depth: 3, rate: 0.1 })?,
    };
    Ok((learned, rows.len()))
}

impl Learned {
    /// Forecasts of rows given as columns, basis points.
    pub fn predict(&self, x: &[Vec<f64>]) -> Result<Vec<f64>, FitError> {
        let flow = || x.first().ok_or(FitError::TooFew);
        let rows = 0..x.first().map_or(0, Vec::len);
        let row = |i: usize| x.iter().map(|column| column[i]).collect::<Vec<f64>>();
        Ok(match self {
            Self::Line(line) | Self::Net { line, .. } => rows.map(|i| line.at(&row(i))).collect(),
            Self::Power(power) => flow()?.iter().map(|q| power.at(*q)).collect(),
            Self::PatzeltBouchaud(shape) => flow()?.iter().map(|q| shape.at(*q)).collect(),
            Self::Trees { trees, .. } => trees.predict(x)?,
        })
    }
}

/// `most` rows at even distances, or all.
fn evenly(rows: &[Row], most: usize) -> Vec<&Row> {
    let n = rows.len().min(most);
    (0..n).map(|i| &rows[i * rows.len() / n]).collect()
}

/// The penalty of twelve (from the one that leaves no slope down to its thousandth) with the least mean square
/// error on five purged folds; features look back, so an embargo of as many bars keeps folds apart.
fn penalty(rows: &[&Row], weighting: Weighting) -> Result<f64, FitError> {
    const FOLDS: usize = 5;
    const PENALTIES: i32 = 12;
    let step = rows.len().div_ceil(FORECAST_TREE_ROWS_MAX).max(1);
    let rows: Vec<&Row> = rows.iter().step_by(step).copied().collect();
    let whole = design(&rows);
    let most = penalty_max(&whole, &weighting.weights(&whole.y))?;
    let penalties: Vec<f64> =
        (0..PENALTIES).map(|i| most * 10_f64.powf(-3.0 * f64::from(i) / f64::from(PENALTIES - 1))).collect();
    let width = rows.first().map_or(0, |row| row.end.0 - row.start.0);
    let spans: Vec<Span> = rows.iter().map(|row| Span { start: row.start, end: row.end }).collect();
    let mut losses = vec![0.0; penalties.len()];
    for split in purged(&spans, FOLDS, width.saturating_mul(TRAILING_BARS as i64)) {
        let part = |indices: &[usize]| -> Vec<&Row> { indices.iter().map(|i| rows[*i]).collect() };
        let (train, test): (Design, Vec<&Row>) = (design(&part(&split.train)), part(&split.test));
        // A fold whose embargo leaves nothing to learn from examines nothing.
        let Ok(nets) = elastic_nets(&train, &weighting.weights(&train.y), &penalties) else { continue };
        for (loss, net) in losses.iter_mut().zip(nets) {
            *loss += test.iter().map(|row| (row.y_bp - net.at(&row.x)).powi(2)).sum::<f64>();
        }
    }
    let best = (0..losses.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b])).unwrap_or(0);
    Ok(penalties[best])
}
