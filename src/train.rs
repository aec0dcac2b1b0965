//! Training: a symbol's bars to models, forecasts and a report.
//!
//! In: a results folder with `bars`. Out: `models/` and `forecasts/` in it, and a [`Report`] of what was found. The
//! same bars and options give the same bytes.

use std::path::Path;

use serde::Serialize;

use crate::flow::BarRecord;
use crate::forecast::{
    Band, Coverage, Kind, Options, Purpose, Sample, Score, Walk, WalkError, Weighting, walk_forward,
};
use crate::sign::Layers;
use crate::store::tables::ForecastRow;
use crate::store::{Archive, Manifest, ModelEntry, StoreError, write_forecasts, write_models};
use crate::tape::Symbol;

/// Why a symbol was not trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The results folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bars.
    #[error("{symbol}: {source}")]
    Walk {
        /// Whose.
        symbol: String,
        /// What is wrong with them.
        source: WalkError,
    },
    /// Signs that look ahead.
    #[error(
        "the trades of these results are signed by {layers}, which wait for the next price, so that forecasts would look \
         ahead; run the batch with a --sign without rev-"
    )]
    LooksAhead {
        /// How the trades are signed.
        layers: Layers,
    },
    /// No bars of the width.
    #[error("{symbol}: no bars of {bar_seconds} s; the batch had other --bar widths, or no such symbol")]
    NoBars {
        /// Whose.
        symbol: String,
        /// Which.
        bar_seconds: f64,
    },
}

/// A kind's errors, in the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreLine {
    /// The kind; `champion` for the champion of each block.
    pub kind: &'static str,
    /// Forecasts.
    pub n: usize,
    /// Mean square error, basis points squared.
    pub mse_bp2: f64,
    /// See [`crate::forecast::TrackRecord`].
    pub r2_oos: Option<f64>,
    /// Errors by size of move.
    pub bands: [Band; 3],
}

/// What a training found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whose bars.
    pub symbol: String,
    /// Their width.
    pub bar_seconds: f64,
    /// What was asked.
    pub purpose: Purpose,
    /// How observations weighed.
    pub weighting: Weighting,
    /// First date.
    pub from: String,
    /// Last date.
    pub to: String,
    /// Rows.
    pub rows: usize,
    /// Every kind, simplest first, then the champions.
    pub scores: Vec<ScoreLine>,
    /// The same with even weights, when weights were asked for.
    pub scores_unweighted: Option<Vec<ScoreLine>>,
    /// Claimed and realised coverage.
    pub coverage: Option<Coverage>,
    /// The champion of each block, and last the one to use from now on.
    pub models: Vec<ModelEntry>,
}

/// Trains one symbol's bars of one width for one purpose, and stores what came of it.
///
/// The caller holds the folder's lock.
///
/// # Errors
/// [`TrainError`] when there are no or too few bars, or the folder cannot be read or written.
pub fn train(
    root: &Path,
    (archive, manifest): (&Archive, &Manifest),
    symbol: &Symbol,
    width: i64,
    purpose: Purpose,
    options: &Options,
) -> Result<Report, TrainError> {
    let bar_seconds = width as f64 / 1e9;
    if let Some(layers) = manifest.sign().filter(Layers::looks_ahead) {
        return Err(TrainError::LooksAhead { layers });
    }
    let days = days(archive, symbol, width)?;
    let (Some((from, _)), Some((to, _))) = (days.first(), days.last()) else {
        return Err(TrainError::NoBars { symbol: symbol.to_string(), bar_seconds });
    };
    let (from, to) = (from.clone(), to.clone());
    let bars: Vec<Vec<BarRecord>> = days.into_iter().map(|(_, bars)| bars).collect();
    let sample = Sample::new(purpose, &bars);
    let failed = |source| TrainError::Walk { symbol: symbol.to_string(), source };
    let walk = walk_forward(&sample, options).map_err(failed)?;
    let plain = match options.weighting {
        Weighting::None => None,
        Weighting::Lds => {
            let even = Options { weighting: Weighting::None, ..options.clone() };
            Some(lines(&walk_forward(&sample, &even).map_err(failed)?.scores))
        }
    };
    let models = store(root, manifest, symbol, width, (&sample, &walk, options.level))?;
    Ok(Report {
        symbol: symbol.to_string(),
        bar_seconds,
        purpose,
        weighting: options.weighting,
        from,
        to,
        rows: sample.rows.len(),
        scores: lines(&walk.scores),
        scores_unweighted: plain,
        coverage: walk.coverage,
        models,
    })
}

/// A symbol's bars by date; dates without bars of the width are left out.
fn days(archive: &Archive, symbol: &Symbol, width: i64) -> Result<Vec<(String, Vec<BarRecord>)>, StoreError> {
    archive.check_is_of_new_york()?;
    let mut days = Vec::new();
    for date in archive.dates_of(symbol.as_str()) {
        let bars = archive.bars(date, symbol.as_str(), width)?;
        if !bars.is_empty() {
            days.push((date.to_owned(), bars));
        }
    }
    Ok(days)
}

fn store(
    root: &Path,
    manifest: &Manifest,
    symbol: &Symbol,
    width: i64,
    (sample, walk, level): (&Sample, &Walk, f64),
) -> Result<Vec<ModelEntry>, StoreError> {
    let models = write_models(root, symbol, width, manifest, &walk.models)?;
    let rows: Vec<ForecastRow<'_>> = walk
        .forecasts
        .iter()
        .map(|forecast| ForecastRow {
            forecast,
            row: &sample.rows[forecast.row],
            model: models[forecast.model].kind.name(),
            model_sha256: &models[forecast.model].sha256,
        })
        .collect();
    write_forecasts(root, symbol, width, sample.purpose, level, &rows)?;
    Ok(models)
}

fn lines(scores: &[Score]) -> Vec<ScoreLine> {
    let line = |score: &Score| ScoreLine {
        kind: score.kind.map_or("champion", Kind::name),
        n: score.record.n,
        mse_bp2: score.record.mse_bp2,
        r2_oos: score.record.r2_oos,
        bands: score.bands,
    };
    scores.iter().map(line).collect()
}
