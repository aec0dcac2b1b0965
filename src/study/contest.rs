//! The line against the tree, on windows that taught neither.
//!
//! In: windows of flow (shares) and mid change (cents) in time order. Ten folds, each examined by models grown on the
//! others, in two kinds: shuffled, as in the founding study, and blocks in time with one window purged on either
//! side. Every window is examined once, so that over all n windows, with e the errors of either model:
//!
//! ```text
//! MSE          sum e^2 / n                                     cents^2
//! R2           1 - sum e^2 / sum (y - mean y)^2                out of fold, mean of all examined windows
//! difference   mean of d = e_ols^2 - e_tree^2, with its Newey-West error over the windows in time: positive where
//!              the tree is better; within two errors of zero the two tie
//! ```
//!
//! The tree's depth and leaf are chosen inside each training part alone, by least squared error over four purged
//! folds of it; the simpler one wins a tie. Flow and change share their window: this explains, it does not forecast.

use serde::Serialize;

use super::moments::{hac_error, mean};
use crate::forecast::{Growth, Span, Split, Trees, purged, shuffled};
use crate::impact::{Design, FitError, fit};
use crate::tape::Nanos;

/// Folds of the contest.
const FOLDS: usize = 10;
/// Folds inside a training part, to choose the tree.
const INNER_FOLDS: usize = 4;
/// Windows purged on either side of an examined block.
const EMBARGO: i64 = 1;
/// Depths and leaves to choose from, the simpler ones first.
const DEPTHS: [u16; 5] = [1, 2, 3, 4, 6];
const LEAVES: [usize; 3] = [100, 30, 10];

/// Both kinds of folds on the same windows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contest {
    /// Ten shuffled folds.
    pub shuffled: Bout,
    /// Ten purged folds in time.
    pub purged: Bout,
}

/// Line against tree under one kind of folds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bout {
    /// Windows examined.
    pub n: usize,
    /// Mean squared error of the line.
    pub mse_ols_cents2: f64,
    /// Mean squared error of the tree.
    pub mse_tree_cents2: f64,
    /// Out-of-fold R2 of the line.
    pub r2_ols: Option<f64>,
    /// Out-of-fold R2 of the tree.
    pub r2_tree: Option<f64>,
    /// First less second MSE.
    pub mse_difference_cents2: f64,
    /// Its Newey-West error.
    pub mse_difference_se_hac_cents2: f64,
    /// Who is better by more than two errors.
    pub better: Better,
    /// The tree of each fold.
    pub trees: Vec<Chosen>,
}

/// Who won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Least squares.
    Ols,
    /// The tree.
    Tree,
    /// Neither, within the noise.
    Tie,
}

impl Better {
    /// The winner's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ols => "line",
            Self::Tree => "tree",
            Self::Tie => "tie",
        }
    }
}

/// What a fold's tree was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// Splits on the longest path.
    pub depth: u16,
    /// Fewest windows in a leaf.
    pub leaf: usize,
}

impl Chosen {
    fn growth(self) -> Growth {
        Growth::Tree { depth: self.depth, leaf: self.leaf }
    }
}

/// Lets line and tree compete on a design of one regressor; `places` are the windows' places in the whole series, so
/// that neighbours are known where windows were left out.
///
/// # Errors
/// [`FitError`] when a fold leaves too few windows, or a flow that does not vary.
pub fn contest(design: &Design, places: &[usize], seed: u64) -> Result<Contest, FitError> {
    let spans = spans(places);
    Ok(Contest {
        shuffled: bout(design, &spans, &shuffled(places.len(), FOLDS, seed), seed)?,
        purged: bout(design, &spans, &purged(&spans, FOLDS, EMBARGO), seed)?,
    })
}

/// Time counted in windows.
fn spans(places: &[usize]) -> Vec<Span> {
    places.iter().map(|at| Span { start: Nanos(*at as i64), end: Nanos(*at as i64 + 1) }).collect()
}

fn bout(design: &Design, spans: &[Span], splits: &[Split], seed: u64) -> Result<Bout, FitError> {
    let n = design.y.len();
    let (mut ols, mut tree, mut trees) = (vec![0.0; n], vec![0.0; n], Vec::new());
    for split in splits {
        let (train, test) = (part(design, &split.train), part(design, &split.test));
        let inner: Vec<Span> = split.train.iter().map(|i| spans[*i]).collect();
        let chosen = choose(&train, &inner, seed)?;
        trees.push(chosen);
        let line = fit(&train)?;
        let [intercept, slope] = [0, 1].map(|term| line.terms[term].coefficient);
        let said = Trees::grow(chosen.growth(), &train, None, seed)?.predict(&test.x)?;
        for (place, index) in split.test.iter().enumerate() {
            let (x, y) = (test.x[0][place], test.y[place]);
            ols[*index] = (y - intercept - slope * x).powi(2);
            tree[*index] = (y - said[place]).powi(2);
        }
    }
    judge(&design.y, &ols, &tree, trees).ok_or(FitError::TooFew)
}

/// Squared errors to a verdict; `None` below two windows.
fn judge(y: &[f64], ols: &[f64], tree: &[f64], trees: Vec<Chosen>) -> Option<Bout> {
    let n = y.len() as f64;
    let centre = mean(y)?;
    let variance = y.iter().map(|y| (y - centre).powi(2)).sum::<f64>() / n;
    let differences: Vec<f64> = ols.iter().zip(tree).map(|(o, t)| o - t).collect();
    let (difference, error) = (mean(&differences)?, hac_error(&differences)?);
    let (mse_ols, mse_tree) = (mean(ols)?, mean(tree)?);
    let r2 = |mse: f64| (variance > 0.0).then(|| 1.0 - mse / variance);
    Some(Bout {
        n: y.len(),
        mse_ols_cents2: mse_ols,
        mse_tree_cents2: mse_tree,
        r2_ols: r2(mse_ols),
        r2_tree: r2(mse_tree),
        mse_difference_cents2: difference,
        mse_difference_se_hac_cents2: error,
        better: match difference {
            d if d > 2.0 * error => Better::Tree,
            d if d < -2.0 * error => Better::Ols,
            _ => Better::Tie,
        },
        trees,
    })
}

/// The tree that does best inside a training part.
fn choose(train: &Design, spans: &[Span], seed: u64) -> Result<Chosen, FitError> {
    let splits = purged(spans, INNER_FOLDS, EMBARGO);
    let mut best: Option<(f64, Chosen)> = None;
    for depth in DEPTHS {
        for leaf in LEAVES {
            let chosen = Chosen { depth, leaf };
            let mut squares = 0.0;
            for split in &splits {
                let test = part(train, &split.test);
                let trees = Trees::grow(chosen.growth(), &part(train, &split.train), None, seed)?;
                let said = trees.predict(&test.x)?;
                squares += said.iter().zip(&test.y).map(|(s, y)| (y - s).powi(2)).sum::<f64>();
            }
            if best.is_none_or(|(least, _)| squares < least) {
                best = Some((squares, chosen));
            }
        }
    }
    best.map(|(_, chosen)| chosen).ok_or(FitError::TooFew)
}

fn part(design: &Design, rows: &[usize]) -> Design {
    let of = |column: &Vec<f64>| rows.iter().map(|i| column[*i]).collect();
    Design { y: of(&design.y), x: design.x.iter().map(of).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Dice, shaped};
    use super::*;

    fn sample(n: usize, scale: Option<f64>, spread: f64) -> (Design, Vec<usize>) {
        let mut dice = Dice::new(5);
        let x: Vec<f64> = (0..n).map(|_| (spread * dice.normal()).round()).collect();
        let y = x.iter().map(|x| shaped(0.01, scale, *x as i64) + 3.0 * dice.normal()).collect();
        (Design { y, x: vec![x] }, (0..n).collect())
    }

    #[test]
    fn the_tree_wins_where_the_response_bends() {
        let (design, places) = sample(3000, Some(1000.0), 3000.0);
        let found = contest(&design, &places, 1).expect("a contest");
        assert_eq!((found.shuffled.better, found.purged.better), (Better::Tree, Better::Tree));
        let bout = &found.purged;
        assert_eq!((bout.n, bout.trees.len()), (3000, FOLDS));
        // Nothing beats the noise of variance 9.
        assert!(bout.mse_tree_cents2 > 8.0 && bout.mse_tree_cents2 < bout.mse_ols_cents2, "{bout:?}");
        let gap = bout.mse_ols_cents2 - bout.mse_tree_cents2;
        assert!((gap - bout.mse_difference_cents2).abs() < 1e-9);
    }

    #[test]
    fn the_tree_does_not_win_on_a_line() {
        let (design, places) = sample(3000, None, 3000.0);
        let found = contest(&design, &places, 1).expect("a contest");
        assert!(found.shuffled.better != Better::Tree && found.purged.better != Better::Tree, "{found:?}");
    }

    #[test]
    fn an_examined_window_never_chooses_or_teaches() {
        // Whatever the first block's changes are, its own models say the same: only its own errors move.
        let (design, places) = sample(400, Some(1000.0), 2000.0);
        let spans = spans(&places);
        let split = &purged(&spans, FOLDS, EMBARGO)[0];
        let mut other = design.clone();
        split.test.iter().for_each(|i| other.y[*i] += 1e6);
        let inner: Vec<Span> = split.train.iter().map(|i| spans[*i]).collect();
        let choice = |d: &Design| choose(&part(d, &split.train), &inner, 1).expect("a choice");
        assert_eq!(choice(&design), choice(&other));
        assert_eq!(split.test.len() + split.train.len(), 399);
    }

    #[test]
    fn few_windows_are_refused() {
        let (design, places) = sample(9, None, 100.0);
        assert_eq!(contest(&design, &places, 1), Err(FitError::TooFew));
    }
}
