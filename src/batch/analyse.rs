//! A symbol's day to its result rows: bars of every width, their fits, the liquidity measures, the summary.

use polars::prelude::{PolarsError, PolarsResult};

use super::analyse_flow::{add, buckets, levels};
use super::summary::{self, WidthFits};
use crate::clean::{Counts, Halts, Prints};
use crate::estimators;
use crate::impact::{Skipped, depth_law, fit_windows};
use crate::limits::BARS_PER_DAY_MAX;
use crate::liquidity::Measure;
use crate::pipeline::{Settings, SymbolDay};
use crate::scoring::InferError;
use crate::sign::Accuracy;
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
    /// Signing rules against the side that the feed knows.
    pub accuracy: Accuracy,
    /// The prints that came, by kind.
    pub prints: Prints,
    /// Trading halts.
    pub halts: Halts,
}

/// Why a symbol-day has no results.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// Its columns.
    #[error(transparent)]
    Columns(#[from] PolarsError),
    /// Its buckets.
    #[error("buckets of {0} make more than {BARS_PER_DAY_MAX} on this day; ask for larger ones")]
    Buckets(String),
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
    let (mut bar_rows, mut fit_rows, mut deep_rows) = (Vec::new(), Vec::new(), Vec::new());
    let mut skipped = Skipped::new();
    let mut fits_by_width = Vec::new();
    for width in settings.widths.iter() {
        let bars = day.bars.bars(width);
        let (fits, without) = fit_windows(session, &bars);
        add(&mut skipped, without);
        let law = depth_law(session, &bars, &fits).ok();
        bar_rows.push(tables::bars(symbol, width, settings.scale, &bars)?);
        fit_rows.push(tables::fits(symbol, width, session, &fits, law.as_ref())?);
        if !day.levels.is_empty() {
            let deep = levels(symbol, (session, width, settings.scale), (&bars, &day.levels), &mut skipped)?;
            fit_rows.push(deep.fits);
            deep_rows.push((deep.bars, deep.weights));
        }
        let observed = bars.iter().filter(|bar| bar.mid_change_doubled.is_some()).count();
        fits_by_width.push(WidthFits { width, observed, fits });
    }
    let mut frames = vec![
        (Table::Bars, tables::stack(bar_rows)?),
        (Table::Fits, tables::stack(fit_rows)?),
        (Table::Liquidity, tables::liquidity(symbol, &measures(day, settings))?),
    ];
    if !deep_rows.is_empty() {
        let (bars, weights) = deep_rows.into_iter().unzip();
        frames.push((Table::BarsLevels, tables::stack(bars)?));
        frames.push((Table::OfiWeights, tables::stack(weights)?));
    }
    if !day.buckets.is_empty() {
        frames.extend(buckets(symbol, (session, settings.scale), &day.buckets, &mut skipped)?);
    }
    if settings.keep_signed {
        let signed = tables::signed_trades(symbol, settings.scale, &day.signed)?;
        frames.push((Table::SignedTrades, signed));
    }
    if day.accuracy.trades() > 0 {
        let accuracy = tables::sign_accuracy(symbol, &settings.sign, &day.accuracy)?;
        frames.push((Table::SignAccuracy, accuracy));
    }
    if day.prints.is_telling() || day.halts.count() > 0 {
        let told = (&day.prints, &day.halts);
        frames.push((Table::Prints, tables::prints(symbol, settings.scale, told, settings.rules.excluded)?));
    }
    let venues = day.venues.sorted();
    if !venues.is_empty() {
        frames.push((Table::Venues, tables::venues(symbol, settings.scale, &venues)?));
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
        accuracy: day.accuracy.clone(),
        prints: day.prints.clone(),
        halts: day.halts.clone(),
    })
}

/// What the river measured, and what the estimators make of the trades that it kept.
fn measures(day: &SymbolDay, settings: &Settings) -> Vec<Measure> {
    let mut measures = day.liquidity.clone();
    if let Some(trades) = &day.trades {
        let (bars, widths) = (&day.bars, &settings.widths);
        measures.extend(
            estimators::Day { trades, bars, widths, shares_per_unit: settings.scale.shares(1) }.measures(),
        );
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
        accuracy: Accuracy::default(),
        prints: Prints::default(),
        halts: Halts::default(),
    })
}
