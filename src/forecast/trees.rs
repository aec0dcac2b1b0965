//! Regression trees, alone and in company. smartcore is called here and nowhere else.

use serde::{Deserialize, Serialize};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters};
use smartcore::xgboost::{XGRegressor, XGRegressorParameters};

use crate::impact::{Design, FitError};

/// Which trees to grow, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// One tree (CART, squared error).
    Tree {
        /// Splits on the longest path.
        depth: u16,
        /// Fewest observations in a leaf.
        leaf: usize,
    },
    /// Trees on bootstrap samples, averaged.
    Forest {
        /// How many.
        trees: u16,
        /// Splits on the longest path.
        depth: u16,
        /// Fewest observations in a leaf.
        leaf: usize,
    },
    /// Trees each fitted to what its predecessors left over. Takes no weights.
    Boosted {
        /// How many.
        rounds: usize,
        /// Splits on the longest path.
        depth: u16,
        /// Share of each tree's correction that is taken.
        rate: f64,
    },
}

type Matrix = DenseMatrix<f64>;

/// Grown trees.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trees {
    /// See [`Growth::Tree`].
    Tree(DecisionTreeRegressor<f64, f64, Matrix, Vec<f64>>),
    /// See [`Growth::Forest`].
    Forest(RandomForestRegressor<f64, f64, Matrix, Vec<f64>>),
    /// See [`Growth::Boosted`].
    Boosted(XGRegressor<f64, f64, Matrix, Vec<f64>>),
}

impl Trees {
    /// Grows trees on a design. The same design, weights and seed give the same trees.
    ///
    /// # Errors
    /// [`FitError::TooFew`] without observations or regressors, or when a leaf would hold all of them.
    pub fn grow(
        growth: Growth,
        design: &Design,
        weights: Option<&[f64]>,
        seed: u64,
    ) -> Result<Self, FitError> {
        let x = matrix(&design.x, design.y.len())?;
        let even = vec![1.0; design.y.len()];
        let weights = weights.unwrap_or(&even);
        let grown = match growth {
            Growth::Tree { depth, leaf } => {
                let parameters = DecisionTreeRegressorParameters {
                    max_depth: levels(depth),
                    min_samples_leaf: leaf,
                    min_samples_split: 2 * leaf,
                    seed: Some(seed),
                };
                DecisionTreeRegressor::fit_with_weights(&x, &design.y, weights, parameters).map(Self::Tree)
            }
            Growth::Forest { trees, depth, leaf } => {
                let parameters = RandomForestRegressorParameters {
                    max_depth: levels(depth),
                    min_samples_leaf: leaf,
                    min_samples_split: 2 * leaf,
                    n_trees: usize::from(trees),
                    // Two thirds of the regressors stand for choice at a split: with all, trees are too alike.
                    m: Some((2 * design.x.len()).div_ceil(3)),
                    keep_samples: false,
                    seed,
                };
                RandomForestRegressor::fit_with_weights(&x, &design.y, weights, parameters).map(Self::Forest)
            }
            Growth::Boosted { rounds, depth, rate } => {
                let mean = design.y.iter().sum::<f64>() / design.y.len() as f64;
                let parameters = XGRegressorParameters::default()
                    .with_n_estimators(rounds)
                    .with_max_depth(depth)
                    .with_learning_rate(rate)
                    .with_base_score(mean)
                    .with_seed(seed);
                XGRegressor::fit(&x, &design.y, parameters).map(Self::Boosted)
            }
        };
        grown.map_err(|_| FitError::TooFew)
    }

    /// What the trees say of observations given as columns of equal length.
    ///
    /// # Errors
    /// [`FitError`] when the columns are not those the trees grew on.
    pub fn predict(&self, x: &[Vec<f64>]) -> Result<Vec<f64>, FitError> {
        let x = matrix(x, x.first().map_or(0, Vec::len))?;
        let said = match self {
            Self::Tree(tree) => tree.predict(&x),
            Self::Forest(forest) => forest.predict(&x),
            Self::Boosted(boosted) => boosted.predict(&x),
        };
        said.map_err(|_| FitError::Singular)
    }
}

/// smartcore counts a tree's root as its first level, so that `depth` splits make one level more. Its boosted trees
/// count splits.
fn levels(depth: u16) -> Option<u16> {
    Some(depth.saturating_add(1))
}

fn matrix(columns: &[Vec<f64>], rows: usize) -> Result<Matrix, FitError> {
    if rows == 0 || columns.is_empty() || columns.iter().any(|column| column.len() != rows) {
        return Err(FitError::TooFew);
    }
    let cells: Vec<f64> = columns.iter().flatten().copied().collect();
    DenseMatrix::new(rows, columns.len(), cells, true).map_err(|_| FitError::TooFew)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTHS: [Growth; 3] = [
        Growth::Tree { depth: 4, leaf: 5 },
        Growth::Forest { trees: 20, depth: 4, leaf: 5 },
        Growth::Boosted { rounds: 20, depth: 3, rate: 0.3 },
    ];

    /// y = 1 above zero, -1 below, two columns of which one is idle.
    fn step() -> Design {
        let x: Vec<f64> = (-50..50).map(|i| f64::from(i) + 0.5).collect();
        let idle = x.iter().map(|v| (v * 7.0).rem_euclid(3.0)).collect();
        Design { y: x.iter().map(|v| v.signum()).collect(), x: vec![x, idle] }
    }

    #[test]
    fn every_kind_finds_a_step() {
        for growth in GROWTHS {
            let trees = Trees::grow(growth, &step(), None, 3).expect("grown");
            let said = trees.predict(&[vec![-30.0, 30.0], vec![1.0, 1.0]]).expect("said");
            assert!((said[0] + 1.0).abs() < 0.05 && (said[1] - 1.0).abs() < 0.05, "{growth:?}: {said:?}");
        }
    }

    #[test]
    fn depth_counts_splits() {
        let x: Vec<f64> = (0..64).map(f64::from).collect();
        let design = Design { y: x.iter().map(|v| v * v).collect(), x: vec![x] };
        for depth in 1..4 {
            let growth = Growth::Tree { depth, leaf: 1 };
            let trees = Trees::grow(growth, &design, None, 0).expect("grown");
            let mut said = trees.predict(&design.x).expect("said");
            said.dedup();
            assert_eq!(said.len(), 1 << depth, "{growth:?}");
        }
    }

    #[test]
    fn a_seed_decides_and_a_written_model_says_the_same() {
        for growth in GROWTHS {
            let write = || {
                serde_json::to_string(&Trees::grow(growth, &step(), None, 3).expect("grown")).expect("json")
            };
            let text = write();
            assert_eq!(text, write());
            let (back, design): (Trees, Design) = (serde_json::from_str(&text).expect("read"), step());
            let first =
                Trees::grow(growth, &design, None, 3).expect("grown").predict(&design.x).expect("said");
            assert_eq!(back.predict(&design.x).expect("said"), first);
        }
    }

    #[test]
    fn a_weight_of_two_counts_twice() {
        let one = Design { y: vec![0.0, 1.0, 1.0], x: vec![vec![1.0, 1.0, 1.0]] };
        let two = Design { y: vec![0.0, 1.0], x: vec![vec![1.0, 1.0]] };
        let growth = Growth::Tree { depth: 1, leaf: 1 };
        let plain = Trees::grow(growth, &one, None, 0).expect("grown").predict(&one.x).expect("said");
        let weighted =
            Trees::grow(growth, &two, Some(&[1.0, 2.0]), 0).expect("grown").predict(&two.x).expect("said");
        assert!((plain[0] - weighted[0]).abs() < 1e-12);
    }
}
