//! A symbol's day to its result rows: bars of every width, their fits, the liquidity measures, the summary.

use polars::prelude::{PolarsError, PolarsResult};

use super::summary::{self, WidthFits};
use crate::clean::Counts;
use crate::estimators;
use crate::impact::{Skipped, depth_law, fit_windows};
use crate::liquidity::Measure;
use crate::pipeline::{Settings, SymbolDay};
use crate::scoring::InferError;
use crate::simulate::episodes::Labels;
use crate::store::tables::Said;
use crate::store::{SymbolTables, Table, tables};
use crate::surveillance::Surveillance;
use crate::tape::{Session, Symbol};

/// Everything that is kept of a symbol's day.
pub struct Analysed {
    /// Its rows.
    pub tables: SymbolTables,
    /// Its summary document, when asked for.
    pub summary: Option<String>,
    /// Ticks seen, kept, dropped.
    pub counts: Counts,
    /// Windows without a fit.
    pub skipped: Skipped,
}

/// Why a symbol-day has no results.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// Its columns.
    #[error(transparent)]
    Columns(#[from] PolarsError),
    /// Its scores.
    #[error("cannot be scored: {0}")]
    Scores(#[from] InferError),
}

/// What is made of every symbol-day.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Summary documents too.
    pub summary: bool,
    /// Features, with what is known of the tapes, instead of everything else.
    pub features: Option<Labels>,
    /// The model that scores bins.
    pub surveillance: Option<Surveillance>,
}

/// Rolls up, fits and lays out one symbol's day.
///
/// # Errors
/// When polars refuses the columns, or the model cannot score.
pub fn analyse(
    symbol: &Symbol,
    session: Session,
    day: &SymbolDay,
    settings: &Settings,
    wanted: &Wanted,
) -> Result<Analysed, AnalyseError> {
    if let Some(labels) = &wanted.features {
        return Ok(features(symbol, session, day, labels)?);
    }
    let (mut bar_rows, mut fit_rows) = (Vec::new(), Vec::new());
    let mut skipped = Skipped::new();
    let mut fits_by_width = Vec::new();
    for width in settings.widths.iter() {
        let bars = day.bars.bars(width);
        let (fits, without) = fit_windows(session, &bars);
        for (reason, windows) in without {
            *skipped.entry(reason).or_default() += windows;
        }
        let law = depth_law(session, &bars, &fits).ok();
        bar_rows.push(tables::bars(symbol, width, settings.scale, &bars)?);
        fit_rows.push(tables::fits(symbol, width, session, &fits, law.as_ref())?);
        let observed = bars.iter().filter(|bar| bar.mid_change_doubled.is_some()).count();
        fits_by_width.push(WidthFits { width, observed, fits });
    }
    let mut frames = vec![
        (Table::Bars, tables::stack(bar_rows)?),
        (Table::Fits, tables::stack(fit_rows)?),
        (Table::Liquidity, tables::liquidity(symbol, &measures(day, settings))?),
    ];
    if settings.keep_signed {
        let signed = tables::signed_trades(symbol, settings.sign, settings.scale, &day.signed)?;
        frames.push((Table::SignedTrades, signed));
    }
    if let Some(surveillance) = &wanted.surveillance {
        let watched = surveillance.watch(session, &day.features)?;
        let model = surveillance.model();
        let said = Said::of(model.manifest(), model.provider().name);
        frames.push((Table::FraudScores, tables::fraud_scores(symbol, &watched.scores, &said)?));
        frames.push((Table::FraudAlerts, tables::fraud_alerts(symbol, &watched.alerts, &said)?));
    }
    Ok(Analysed {
        tables: SymbolTables { frames },
        summary: wanted.summary.then(|| summary::render(day, settings.scale, &fits_by_width)),
        counts: day.counts.clone(),
        skipped,
    })
}

/// What the river measured, and what the estimators make of the trades that it kept.
fn measures(day: &SymbolDay, settings: &Settings) -> Vec<Measure> {
    let mut measures = day.liquidity.clone();
    if let Some(trades) = &day.trades {
        let (bars, widths) = (&day.bars, &settings.widths);
        measures.extend(estimators::Day { trades, bars, widths, shares_per_unit: 1.0 }.measures());
    }
    measures
}

/// The features of the day alone.
fn features(symbol: &Symbol, session: Session, day: &SymbolDay, labels: &Labels) -> PolarsResult<Analysed> {
    let episodes = labels.is_any().then(|| labels.of(symbol, session.date));
    let rows = tables::features(symbol, &day.features, episodes)?;
    Ok(Analysed {
        tables: SymbolTables { frames: vec![(Table::Features, rows)] },
        summary: None,
        counts: day.counts.clone(),
        skipped: Skipped::new(),
    })
}
