//! `impactd batch`: tapes to result tables.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::reading::Reading;
use super::{Failure, exit, report};
use crate::batch::{self, BatchError, Blame, Outcome, Request, start_workers};
use crate::estimators::Measures;
use crate::flow::{Bucketings, Widths};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::liquidity::Horizons;
use crate::surveillance::{Surveillance, SurveillanceError};

/// Read trade and quote files, write bars, fits, liquidity and a manifest.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    reading: Reading,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Bar widths
    #[arg(long, value_name = "WIDTH,..", value_parser = Widths::parse, default_value = batch::DEFAULT_WIDTHS)]
    bar: Widths,
    /// How long after a trade its realized spread and price impact are read
    #[arg(long, value_name = "DURATION,..", value_parser = Horizons::parse, default_value = batch::DEFAULT_HORIZONS)]
    horizon: Horizons,
    /// Buckets of trading too, each full to its edge: volume:SHARES (volume:0.5 of coins), trades:NUMBER, dollars:USD
    #[arg(long, value_name = "KIND:SIZE,..", value_parser = Bucketings::parse)]
    bucket: Option<Bucketings>,
    /// Order flow at so many levels of the book, each and integrated (lobster, itch, and dbn's mbp-10 and mbo)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = levels)]
    levels: usize,
    /// Spreads that trades met alone, or every estimator too
    #[arg(long, value_enum, default_value_t)]
    measures: Measures,
    /// Also write every signed trade
    #[arg(long)]
    signed_trades: bool,
    /// Also write summary/SYMBOL_YYYYMMDD.json
    #[arg(long)]
    summary: bool,
    /// Score every ten seconds with this model, and write fraud_scores and fraud_alerts: what resembles manipulation
    #[arg(long, value_name = "DIR")]
    fraud_model: Option<PathBuf>,
    /// ONNX Runtime's library [default: $IMPACTD_ONNXRUNTIME, then beside the program, then the system's]
    #[arg(long, value_name = "FILE", requires = "fraud_model")]
    onnxruntime: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the manifest to stdout
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    carry_out(&arguments.request()?, arguments.dry_run, arguments.json)
}

/// Runs a batch and tells of it; or only says what it would do.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn carry_out(request: &Request, is_dry_run: bool, is_json: bool) -> Result<(), Failure> {
    if is_dry_run {
        let plan = batch::plan(request)?;
        report::plan(&plan, is_json);
        return Ok(());
    }
    start_workers(Some(request.jobs));
    let outcome = batch::run(request)?;
    let manifest = match &outcome {
        Outcome::UpToDate(manifest) => {
            eprintln!("{}: up to date, nothing to do", request.out.display());
            manifest
        }
        Outcome::Made(manifest, warnings) => {
            report::made(manifest);
            warnings.iter().for_each(|warning| eprintln!("note: {warning}"));
            manifest
        }
    };
    if is_json {
        println!("{:#}", json!(manifest));
    }
    Ok(())
}

impl Arguments {
    fn request(&self) -> Result<Request, Failure> {
        let mut request = self.reading.request(&self.out)?;
        request.widths = self.bar.clone();
        request.horizons = self.horizon.clone();
        request.buckets = self.bucket.clone().unwrap_or_default();
        request.levels = self.levels;
        request.measures = self.measures;
        request.signed_trades = self.signed_trades;
        request.summary = self.summary;
        if let Some(folder) = &self.fraud_model {
            let loaded = Surveillance::load(folder, self.onnxruntime.as_deref());
            request.surveillance = Some(loaded?);
        }
        Ok(request)
    }
}

fn levels(text: &str) -> Result<usize, String> {
    let levels = text.parse().ok().filter(|levels| (1..=DEPTH_LEVELS_MAX).contains(levels));
    levels.ok_or_else(|| format!("a number of levels from 1 to {DEPTH_LEVELS_MAX}"))
}

impl From<SurveillanceError> for Failure {
    fn from(error: SurveillanceError) -> Self {
        Self { message: error.to_string(), code: exit::BAD_DATA }
    }
}

impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Self {
        let code = match error.blame() {
            Blame::System => exit::TRY_AGAIN,
            Blame::Data => exit::BAD_DATA,
            Blame::Request => exit::USAGE,
        };
        let message = error.to_string();
        Self { message, code }
    }
}
