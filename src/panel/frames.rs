//! Rows of the panel as tables.

use polars::prelude::*;

use super::{Common, CrossRow, Pair, Panel, PanelError, PooledRow, Selection, Summary, VenueRow};
use super::{commonality, cross_impact, pairs, pooled, summaries, venues};
use crate::store::{Archive, StoreError};
use crate::tape::NANOS_PER_SECOND;

impl Panel {
    /// Its rows over what is selected of some results.
    ///
    /// # Errors
    /// When results cannot be read or do not fit, or it was called off.
    pub fn frame(self, archive: &Archive, selection: &Selection) -> Result<DataFrame, PanelError> {
        let bar = selection.width;
        let frame = match self {
            Self::Pooled => pooled_frame(bar, &pooled(archive, selection)?),
            Self::Symbols => summary_frame(bar, &summaries(archive, selection)?),
            Self::Pairs => pair_frame(bar, &pairs(archive, selection)?),
            Self::Commonality => commonality_frame(bar, &commonality(archive, selection)?),
            Self::CrossImpact => cross_frame(bar, &cross_impact(archive, selection)?),
            Self::Venues => venue_frame(&venues(archive, selection)?),
        };
        frame.map_err(|e| StoreError::damaged(archive.root(), format!("panel {}: {e}", self.name())).into())
    }
}

fn text<'a, T>(name: &str, rows: &'a [T], of: impl Fn(&'a T) -> &'a str) -> Column {
    Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
}

fn real<T>(name: &str, rows: &[T], of: impl Fn(&T) -> Option<f64>) -> Column {
    Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
}

fn whole<T>(name: &str, rows: &[T], of: impl Fn(&T) -> usize) -> Column {
    Column::new(name.into(), rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>())
}

fn width<T>(rows: &[T], width: i64) -> Column {
    real("bar_seconds", rows, |_| Some(width as f64 / NANOS_PER_SECOND as f64))
}

/// Pooled slopes.
fn pooled_frame(bar: i64, rows: &[PooledRow]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("symbol", rows, |r| &r.symbol),
            width(rows, bar),
            text("model", rows, |r| r.model.name()),
            text("term", rows, |r| r.term),
            real("coefficient", rows, |r| Some(r.slope.coefficient)),
            text("unit", rows, |r| r.model.units().1),
            real("se_clustered", rows, |r| Some(r.slope.se_clustered)),
            real("ci95_low", rows, |r| Some(r.slope.interval_95.0)),
            real("ci95_high", rows, |r| Some(r.slope.interval_95.1)),
            real("ticks_per_share", rows, |r| r.ticks),
            real("bp_per_share", rows, |r| r.bp),
            whole("n", rows, |r| r.n),
            whole("days", rows, |r| r.days),
            real("r2_within", rows, |r| r.r2_within),
        ],
    )
}

/// Summaries of half hours.
fn summary_frame(bar: i64, rows: &[Summary]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("symbol", rows, |r| &r.symbol),
            width(rows, bar),
            text("model", rows, |r| &r.model),
            text("term", rows, |r| &r.term),
            real("median", rows, |r| Some(r.quartiles[1])),
            real("q25", rows, |r| Some(r.quartiles[0])),
            real("q75", rows, |r| Some(r.quartiles[2])),
            text("unit", rows, |r| &r.unit),
            real("share_significant", rows, |r| Some(r.share_significant)),
            real("share_significant_positive", rows, |r| Some(r.share_significant_positive)),
            real("r2_mean", rows, |r| r.r2_mean),
            real("r2_oos_median", rows, |r| r.r2_oos_median),
            whole("windows", rows, |r| r.windows),
            whole("days", rows, |r| r.days),
        ],
    )
}

/// Correlations of pairs.
fn pair_frame(bar: i64, rows: &[Pair]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("quantity", rows, |r| r.quantity.name()),
            width(rows, bar),
            text("symbol", rows, |r| &r.symbol),
            text("other", rows, |r| &r.other),
            real("correlation", rows, |r| Some(r.correlation)),
            real("ci95_low", rows, |r| Some(r.interval_95.0)),
            real("ci95_high", rows, |r| Some(r.interval_95.1)),
            whole("n", rows, |r| r.n),
        ],
    )
}

/// Commonality.
fn commonality_frame(bar: i64, rows: &[Common]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("quantity", rows, |r| r.quantity.name()),
            width(rows, bar),
            text("symbol", rows, |r| &r.symbol),
            real("slope", rows, |r| Some(r.slope)),
            real("se_hac", rows, |r| Some(r.se_hac)),
            real("r2", rows, |r| r.r2),
            whole("n", rows, |r| r.n),
        ],
    )
}

/// Own impact and cross-impact.
fn cross_frame(bar: i64, rows: &[CrossRow]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("symbol", rows, |r| &r.symbol),
            width(rows, bar),
            text("flow", rows, |r| r.flow.name()),
            text("model", rows, |r| r.model),
            whole("symbols", rows, |r| r.symbols),
            whole("windows", rows, |r| r.windows),
            real("r2_mean", rows, |r| r.r2_mean),
            whole("windows_oos", rows, |r| r.windows_oos),
            real("r2_oos_mean", rows, |r| r.r2_oos_mean),
            real("r2_oos_median", rows, |r| r.r2_oos_median),
            real("own_chosen_share", rows, |r| r.own_chosen_share),
            real("others_chosen_share", rows, |r| r.others_chosen_share),
            real("better_share", rows, |r| r.better_share),
        ],
    )
}

/// Venues over the days.
fn venue_frame(rows: &[VenueRow]) -> PolarsResult<DataFrame> {
    DataFrame::new(
        rows.len(),
        vec![
            text("symbol", rows, |r| &r.symbol),
            text("venue", rows, |r| &r.venue),
            whole("days", rows, |r| r.days),
            whole("trades", rows, |r| r.trades),
            real("shares", rows, |r| Some(r.shares)),
            real("dollars", rows, |r| Some(r.dollars)),
            real("share_of_shares", rows, |r| Some(r.share_of_shares)),
            real("share_odd_lots", rows, |r| Some(r.share_odd_lots)),
            real("signed_shares", rows, |r| Some(r.signed_shares)),
            real("effective_spread_cents", rows, |r| r.spread_cents),
            real("effective_spread_bp", rows, |r| r.spread_bp),
            whole("n", rows, |r| r.n),
        ],
    )
}
