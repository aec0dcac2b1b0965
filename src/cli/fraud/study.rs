//! `impactd fraud study`: the founding study of metrics, repeated and examined.

use clap::Args;

use super::super::{Failure, exit, print};
use super::study_table;
use crate::fraud::founding::{self, Settings};

/// Which metric to judge a fraud classifier by, when frauds are rare and labels err: the founding study, repeated.
///
/// Hypothetical classifiers over a synthetic score distribution; annotators that miss frauds and accuse genuine rows;
/// every metric against each, and how often it puts two classifiers in their true order.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Rows of the data set
    #[arg(long, value_name = "N", default_value_t = Settings::default().rows,
        value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    rows: u64,
    /// Frauds among them
    #[arg(long, value_name = "N", default_value_t = Settings::default().frauds,
        value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    frauds: u64,
    /// Rows of the samples that set thresholds and rank classifiers
    #[arg(long, value_name = "N", default_value_t = Settings::default().ranking_rows,
        value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    ranking_rows: u64,
    /// Samples drawn for each annotation error
    #[arg(long, value_name = "N", default_value_t = Settings::default().draws,
        value_parser = clap::value_parser!(u32).range(2..=10_000))]
    draws: u32,
    /// Seed of all chance
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// Print JSON, with every series
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { rows, frauds, ranking_rows, draws, seed, json } = *arguments;
    if frauds >= rows {
        let message = format!("{frauds} frauds in {rows} rows leave no genuine one; give fewer --frauds");
        return Err(Failure::usage(message));
    }
    let settings = Settings { rows, frauds, ranking_rows, draws, seed };
    if ranking_rows as f64 * settings.prevalence() < 1.0 {
        let message = format!(
            "{ranking_rows} rows hold less than one fraud at {:.2e}; give more --ranking-rows or --frauds",
            settings.prevalence()
        );
        return Err(Failure::usage(message));
    }
    let study = founding::run(&settings);
    if !json {
        return print(study_table::render(&study).as_bytes());
    }
    let mut text = serde_json::to_vec_pretty(&study)
        .map_err(|e| Failure { message: e.to_string(), code: exit::BAD_DATA })?;
    text.push(b'\n');
    print(&text)
}
