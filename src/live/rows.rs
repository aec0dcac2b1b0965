//! A session under way as tables: the columns of `bars` and `fits`, and rows of theirs as JSON for subscribers.

use polars::prelude::*;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::seen::{LiveDay, SlopeRow};
use crate::impact::{Fit, Regression};
use crate::store::tables::{self, Said, SlopeStep};
use crate::surveillance::{Surveillance, Watched};
use crate::tape::{Scale, Session, Symbol};

/// Rows cannot be laid out; a defect, told in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row cannot be laid out: {0}")]
pub struct RowsError(String);

impl From<PolarsError> for RowsError {
    fn from(error: PolarsError) -> Self {
        Self(error.to_string())
    }
}

/// Rows as JSON objects.
type Texts = Vec<Box<RawValue>>;

/// The closed bars of every width as rows of `bars`, in the order of the archive's.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars(day: &LiveDay) -> PolarsResult<DataFrame> {
    let frames = day.bars.iter().map(|(width, bars)| tables::bars(&day.symbol, *width, Scale::WHOLE, bars));
    tables::stack(frames.collect::<PolarsResult<_>>()?)
}

/// The fits of closed windows as rows of `fits`, in the order of the archive's.
///
/// # Errors
/// When polars refuses the columns.
pub fn fits(day: &LiveDay) -> PolarsResult<DataFrame> {
    let frames =
        day.fits.iter().map(|(width, fits)| tables::fits(&day.symbol, *width, day.session, fits, None));
    tables::stack(frames.collect::<PolarsResult<_>>()?)
}

/// Online slopes, a row a term, with the columns of `impactd impact --live`.
///
/// # Errors
/// When polars refuses the columns.
pub fn slopes(symbol: &Symbol, rows: &[SlopeRow]) -> PolarsResult<DataFrame> {
    let steps: Vec<SlopeStep<'_>> = rows
        .iter()
        .map(|row| SlopeStep { width: row.width, end: row.end, model: row.model, fit: &row.fit })
        .collect();
    tables::slopes(symbol, &steps)
}

/// New fits, and a day's depth law, as the table's rows.
pub(super) fn fit_values(
    symbol: &Symbol,
    width: i64,
    session: Session,
    fits: &[Fit],
    law: Option<&Regression>,
) -> Result<Texts, RowsError> {
    values(&tables::fits(symbol, width, session, fits, law)?)
}

/// New scores and alerts as their tables' rows.
pub(super) fn watched_values(
    symbol: &Symbol,
    surveillance: &Surveillance,
    watched: &Watched,
) -> Result<(Texts, Texts), RowsError> {
    let model = surveillance.model();
    let said = Said::of(model.manifest(), model.provider().name);
    let scores = values(&tables::fraud_scores(symbol, &watched.scores, &said)?)?;
    Ok((scores, values(&tables::fraud_alerts(symbol, &watched.alerts, &said)?)?))
}

/// Rows as JSON objects.
fn values(frame: &DataFrame) -> Result<Texts, RowsError> {
    let mut text = b"[".to_vec();
    tables::json_rows(frame, b",", &mut text)?;
    text.push(b']');
    serde_json::from_slice(&text).map_err(|e| RowsError(e.to_string()))
}

/// A row that is not of a table, as text.
pub(super) fn text(row: &Value) -> Result<Box<RawValue>, RowsError> {
    to_raw_value(row).map_err(|e| RowsError(e.to_string()))
}
