//! What a symbol's day tells of flow beside its bars: buckets of trading, and deeper levels of the book.

use polars::prelude::{DataFrame, PolarsResult};

use super::analyse::AnalyseError;
use crate::flow::{Bar, Buckets, FineBars};
use crate::impact::{LevelBar, Skipped, fit_days, fit_levels};
use crate::store::{Table, tables};
use crate::tape::{Scale, Session, Symbol};

/// Adds up windows without a fit.
pub fn add(skipped: &mut Skipped, more: Skipped) {
    for (reason, windows) in more {
        *skipped.entry(reason).or_default() += windows;
    }
}

/// Buckets of every kind, and the day's fits over the full ones.
///
/// # Errors
/// When they are too many, or polars refuses the columns.
pub fn buckets(
    symbol: &Symbol,
    (session, scale): (Session, Scale),
    kinds: &[Buckets],
    skipped: &mut Skipped,
) -> Result<[(Table, DataFrame); 2], AnalyseError> {
    let (mut bucket_rows, mut fit_rows) = (Vec::new(), Vec::new());
    for of in kinds {
        if of.is_too_many {
            return Err(AnalyseError::Buckets(of.of.to_string()));
        }
        let full: Vec<Bar> = of.all.iter().filter(|bucket| bucket.is_full).map(|bucket| bucket.bar).collect();
        let (fits, without) = fit_days(session, &full);
        add(skipped, without);
        bucket_rows.push(tables::buckets(symbol, scale, of)?);
        fit_rows.push(tables::bucket_fits(symbol, of.of, &fits)?);
    }
    Ok([(Table::Buckets, tables::stack(bucket_rows)?), (Table::BucketFits, tables::stack(fit_rows)?)])
}

/// Deeper levels as rows of three tables.
pub struct Deep {
    /// Of `bars_levels`.
    pub bars: DataFrame,
    /// Of `fits`.
    pub fits: DataFrame,
    /// Of `ofi_weights`.
    pub weights: DataFrame,
}

/// The levels' bars of one width beside the best quotes', and what is fitted on them.
///
/// # Errors
/// When polars refuses the columns.
pub fn levels(
    symbol: &Symbol,
    (session, width, scale): (Session, i64, Scale),
    (best, deeper): (&[Bar], &[FineBars]),
    skipped: &mut Skipped,
) -> PolarsResult<Deep> {
    let deeper: Vec<Vec<Bar>> = deeper.iter().map(|level| level.bars(width)).collect();
    let (fits, without) = fit_levels(session, &LevelBar::side_by_side(best, &deeper));
    add(skipped, without);
    Ok(Deep {
        bars: tables::bars_levels(symbol, width, scale, (best, &deeper))?,
        fits: tables::level_fits(symbol, width, &fits)?,
        weights: tables::ofi_weights(symbol, width, &fits)?,
    })
}
