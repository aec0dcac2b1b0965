//! A symbol-day's results as result tables: names, types and units of every column. One table a file.

mod bars;
mod buckets;
mod columns;
mod features;
mod fits;
mod forecasts;
mod fraud;
mod json;
mod levels;
mod liquidity;
mod prints;
mod sign_accuracy;
mod signed_trades;
mod slopes;
mod ticks;
mod venues;

use polars::prelude::*;

pub use bars::{bars, read_bars};
pub use buckets::buckets;
pub use features::features;
pub use fits::{bucket_fits, fits, level_fits, no_fits, with_price_units};
pub use forecasts::{ForecastRow, forecasts};
pub use fraud::{Said, fraud_alerts, fraud_scores};
pub use json::json_rows;
pub use levels::{LevelRow, bars_levels, ofi_weights, read_levels};
pub use liquidity::{liquidity, read_liquidity};
pub use prints::prints;
pub use sign_accuracy::sign_accuracy;
pub use signed_trades::signed_trades;
pub use slopes::{SlopeStep, slopes};
pub use ticks::{quotes, trades};
pub use venues::venues;

/// A result table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Bars.
    Bars,
    /// Regressions, a row a term.
    Fits,
    /// Liquidity measures.
    Liquidity,
    /// Every signed trade.
    SignedTrades,
    /// Signing rules against the side that the feed knows.
    SignAccuracy,
    /// What the tape shows of each bin.
    Features,
    /// What a model says of each bin.
    FraudScores,
    /// Stretches that somebody should look at.
    FraudAlerts,
    /// Buckets of trading.
    Buckets,
    /// Regressions over buckets, a row a term.
    BucketFits,
    /// Flow and depth of each level of the book.
    BarsLevels,
    /// The weights by which levels are made one.
    OfiWeights,
    /// Kinds of prints, and halts.
    Prints,
    /// Trades by venue.
    Venues,
    /// Raw quotes.
    Quotes,
    /// Raw trades.
    Trades,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Bars,
        Self::Fits,
        Self::Liquidity,
        Self::SignedTrades,
        Self::SignAccuracy,
        Self::Features,
        Self::FraudScores,
        Self::FraudAlerts,
        Self::Buckets,
        Self::BucketFits,
        Self::BarsLevels,
        Self::OfiWeights,
        Self::Prints,
        Self::Venues,
        Self::Quotes,
        Self::Trades,
    ];

    /// Its folder's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Fits => "fits",
            Self::Liquidity => "liquidity",
            Self::SignedTrades => "signed_trades",
            Self::SignAccuracy => "sign_accuracy",
            Self::Features => "features",
            Self::FraudScores => "fraud_scores",
            Self::FraudAlerts => "fraud_alerts",
            Self::Buckets => "buckets",
            Self::BucketFits => "bucket_fits",
            Self::BarsLevels => "bars_levels",
            Self::OfiWeights => "ofi_weights",
            Self::Prints => "prints",
            Self::Venues => "venues",
            Self::Quotes => "quotes",
            Self::Trades => "trades",
        }
    }
}

/// One symbol-day's rows of every table.
#[derive(Clone, Debug)]
pub struct SymbolTables {
    /// Rows by table; `signed_trades` only when asked for, `sign_accuracy` only where a side is known,
    /// `prints` only where some are not ordinary, or trading was halted, `venues`
    /// only where the tape tells them.
    pub frames: Vec<(Table, DataFrame)>,
}

/// Frames of one table, one under the other.
///
/// # Errors
/// When their columns differ.
pub fn stack(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().unwrap_or_default();
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    Ok(all)
}
