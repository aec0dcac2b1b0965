//! Order flow behind the best quotes: level by level, by rank of price.
//!
//! In: the m-th best bid and offer of one book, in time order. Out: bars a level. Level m's imbalance is that of its
//! own quotes, with the inequalities of the first level's ([`order_flow`](super::order_flow)) between consecutive
//! states in which level m is usable, so that level 1 is the order-flow imbalance of the bars (Cont, Cucuringu and
//! Zhang, Quantitative Finance 23, 2023; Xu, Gould and Howison, arXiv 1907.06230). Their scaled flow is
//!
//! ```text
//! ofi^m = OFI^m / Q^M        Q^M = mean of the depths of levels 1 to M
//! ```
//!
//! with one difference: a level's depth is its mean over time, as in bars, and not over events, so that it does not
//! hang on how often a feed repeats itself.

use super::{Bar, BarBuilder, FineBars};
use crate::ingest::RawDepth;

use crate::tape::{Quote, Scale, Session};

/// Fills the bars of the second and further levels.
#[derive(Debug)]
pub struct LevelsBuilder {
    deeper: Vec<BarBuilder>,
    /// The last row from before the open.
    early: Option<RawDepth>,
    /// Whether any row came.
    is_told: bool,
}

impl LevelsBuilder {
    /// Empty bars of `width` nanoseconds for levels 2 to `levels`; none for fewer.
    #[must_use]
    pub fn new(levels: usize, session: Session, width: i64, scale: Scale) -> Self {
        // Trades have no level.
        let deeper = (1..levels).map(|_| BarBuilder::new(session, width, scale));
        Self { deeper: deeper.collect(), early: None, is_told: false }
    }

    /// A row from before the open.
    pub fn early(&mut self, row: &RawDepth) {
        self.early = Some(*row);
    }

    /// The book is seeded with a state from before the open; the row that told it tells its deeper levels.
    pub fn seed(&mut self, opening: Quote) {
        let is_opening = |row: &RawDepth| Quote { ts: opening.ts, ..row.quote.quote } == opening;
        if let Some(row) = self.early.take().filter(is_opening) {
            self.is_told = true;
            self.deeper.iter_mut().zip(row.deeper()).for_each(|(level, state)| level.seed(state));
        }
    }

    /// A state of the book begins. Rows come in time order, inside the session.
    pub fn row(&mut self, row: &RawDepth) {
        self.is_told = true;
        for (level, state) in self.deeper.iter_mut().zip(row.deeper()) {
            // A state that goes on changes no sum.
            let state = if row.quote.quote.is_halt() { row.quote.quote } else { state };
            if level.state().is_none_or(|before| Quote { ts: state.ts, ..before } != state) {
                level.quote(&state);
            }
        }
    }

    /// The bars of levels 2 and further; none where no row came.
    #[must_use]
    pub fn finish(self) -> Vec<FineBars> {
        if self.is_told { self.deeper.into_iter().map(BarBuilder::finish).collect() } else { Vec::new() }
    }
}

/// The flow of one level in a bar, in shares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelFlow {
    /// Order-flow imbalance.
    pub ofi: f64,
    /// Mean depth; none where the level was never usable.
    pub depth: Option<f64>,
}

impl From<&Bar> for LevelFlow {
    fn from(bar: &Bar) -> Self {
        Self { ofi: bar.ofi_shares(), depth: bar.depth_mean_shares() }
    }
}

/// The levels' flows over the mean of their depths; none where no level has a depth.
#[must_use]
pub fn scaled_flows(levels: &[LevelFlow]) -> Option<Vec<f64>> {
    let depths: Vec<f64> = levels.iter().filter_map(|level| level.depth).collect();
    let mean = depths.iter().sum::<f64>() / depths.len() as f64;
    (mean > 0.0).then(|| levels.iter().map(|level| level.ofi / mean).collect())
}

#[cfg(test)]
mod tests;
