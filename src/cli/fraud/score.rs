//! `impactd fraud score`: rows of CSV and Parquet scored by a model, in bounded memory.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polars::prelude::{Column, DataFrame};
use serde::Serialize;

use super::loading::Loading;
use super::rows::{Block, Rows, Wanted};
use super::scored_file::ScoredFile;
use super::{Failure, bad_data, not_over_inputs, print};
use crate::ingest::OnBadRow;
use crate::scoring::{Features, InferError, Model, Scores, contributions};

/// Score the rows of CSV and Parquet files with a model
///
/// Columns are found by the names of the model's features. All others are passed on (id, label, time, weight, group,
/// ..), and `score` and `alert` are added, so that `impactd fraud evaluate` can read the result.
#[derive(Debug, Args)]
pub struct Arguments {
    /// CSV or Parquet files of the same columns
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// A model's folder, or its name in --models: card-fraud, card-fraud/2
    #[arg(long, value_name = "DIR|NAME")]
    model: String,
    #[command(flatten)]
    loading: Loading,
    /// File to write, .csv or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Add a column `reasons` to rows that alert: their N features that raise the log-odds of the score most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    explain: Option<u16>,
    /// What to do with a row that has no finite number for a feature
    #[arg(long, value_enum, default_value = "fail")]
    on_bad_row: OnBadRow,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    model: String,
    version: u64,
    provider: &'static str,
    provider_reason: Option<String>,
    onnxruntime: String,
    features_version: String,
    threshold: f64,
    rows: u64,
    skipped: u64,
    alerts: u64,
    out: String,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model = arguments.loading.model(&arguments.model)?;
    let manifest = model.manifest();
    let (Some(features), Some(threshold)) = (&manifest.features, &manifest.threshold) else {
        return Err(bad_data(format!("{}: {}", manifest.name, InferError::NoScore)));
    };
    let mut summary = Summary {
        model: manifest.name.clone(),
        version: manifest.version,
        provider: model.provider().name,
        provider_reason: model.provider().reason.clone(),
        onnxruntime: model.runtime().version().to_owned(),
        features_version: features.version.clone(),
        threshold: threshold.value,
        out: arguments.out.display().to_string(),
        ..Summary::default()
    };
    not_over_inputs(&arguments.out, &arguments.inputs)?;
    let mut out = ScoredFile::create(&arguments.out)?;
    let (bar, began) = (bar(arguments), Instant::now());
    let mut before = 0;
    for path in &arguments.inputs {
        let (path, names) = (path.clone(), features.names.clone());
        let bytes = std::fs::metadata(&path).map_or(0, |about| about.len());
        let mut rows = Rows::open(Wanted { path, features: names, on_bad_row: arguments.on_bad_row })?;
        while let Some(block) = rows.next()? {
            summary.rows += block.rows as u64;
            summary.skipped += block.skipped as u64;
            let bytes_read = before + block.bytes_read;
            if block.rows > 0 {
                let (frame, alerts) = scored(&model, features, &block, arguments.explain)?;
                summary.alerts += alerts as u64;
                out.append(frame)?;
            }
            bar.set_position(bytes_read);
            let rate = summary.rows as f64 / began.elapsed().as_secs_f64().max(1e-9);
            bar.set_message(format!("{} rows, {:.2} million rows/s", summary.rows, rate / 1e6));
        }
        before += bytes;
    }
    bar.finish_and_clear();
    if summary.rows == 0 {
        return Err(bad_data("the inputs hold no rows that can be scored"));
    }
    out.finish()?;
    tell(arguments, &summary)
}

fn tell(arguments: &Arguments, summary: &Summary) -> Result<(), Failure> {
    if arguments.json {
        let mut bytes = serde_json::to_vec_pretty(summary).map_err(|e| bad_data(e.to_string()))?;
        bytes.push(b'\n');
        return print(&bytes);
    }
    let reason = summary.provider_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    eprintln!(
        "{} {} on {}{reason}: {} rows scored, {} skipped, {} alerts at {} or more; written to {}",
        summary.model,
        summary.version,
        summary.provider,
        summary.rows,
        summary.skipped,
        summary.alerts,
        summary.threshold,
        summary.out
    );
    Ok(())
}

fn bar(arguments: &Arguments) -> ProgressBar {
    let bytes =
        arguments.inputs.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|about| about.len());
    let bar = ProgressBar::with_draw_target(Some(bytes.sum()), ProgressDrawTarget::stderr());
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}  {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A block's other columns with what scoring adds; and the number of alerts.
fn scored(
    model: &Model,
    features: &Features,
    block: &Block,
    explain: Option<u16>,
) -> Result<(DataFrame, usize), Failure> {
    let failed = |e: InferError| bad_data(e.to_string());
    let Scores { scores, alerts, unusual } =
        model.score_blocking(&block.features, block.rows).map_err(failed)?;
    let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
    let mut columns = block.others.columns().to_vec();
    let count = alerts.iter().filter(|alert| **alert).count();
    if let Some(most) = explain {
        let width = features.names.len();
        let row = |at: usize| &block.features[at * width..(at + 1) * width];
        let reasons = alerts.iter().enumerate().map(|(at, alert)| {
            if *alert { reasons(model, features, row(at), usize::from(most)) } else { Ok(String::new()) }
        });
        let reasons = reasons.collect::<Result<Vec<String>, InferError>>().map_err(failed)?;
        columns.push(Column::new("reasons".into(), reasons));
    }
    columns.push(Column::new("score".into(), wide(scores)));
    columns.push(Column::new("alert".into(), alerts.into_iter().map(i32::from).collect::<Vec<i32>>()));
    if let Some(unusual) = unusual {
        columns.push(Column::new("unusual".into(), wide(unusual)));
    }
    let frame = DataFrame::new(block.rows, columns).map_err(|e| bad_data(e.to_string()))?;
    Ok((frame, count))
}

/// `v14 +3.21; v4 +0.90`: log-odds that the score would lose.
fn reasons(model: &Model, features: &Features, row: &[f32], most: usize) -> Result<String, InferError> {
    let zeros = vec![0.0; row.len()];
    let usual = features.usual.as_deref().unwrap_or(&zeros);
    let largest = contributions(model, row, usual)?;
    let told = largest.iter().take(most).map(|(at, drop)| format!("{} {drop:+.2}", features.names[*at]));
    Ok(told.collect::<Vec<String>>().join("; "))
}
