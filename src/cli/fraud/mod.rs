//! `impactd fraud`: scores of fraud and manipulation, made and judged.

mod evaluate;
mod evaluate_table;
mod features;
mod loading;
mod measure;
mod models;
mod rows;
mod rows_csv;
mod rows_parquet;
mod score;
mod scored_file;
mod study;
mod study_table;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Failure, exit, print};

/// Make features of tapes, score rows with ONNX models, and judge scores: F1, then G-mean, and what stands behind them
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Score(Box<score::Arguments>),
    Evaluate(Box<evaluate::Arguments>),
    Features(Box<features::Arguments>),
    Models(models::Arguments),
    Study(study::Arguments),
    #[command(hide = true)]
    Measure(measure::Arguments),
}

/// Runs the command; gives the exit code.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.command {
        Command::Score(arguments) => score::run(arguments).map(|()| 0),
        Command::Evaluate(arguments) => evaluate::run(arguments).map(|()| 0),
        Command::Features(arguments) => features::run(arguments).map(|()| 0),
        Command::Models(arguments) => models::run(arguments),
        Command::Measure(arguments) => measure::run(arguments),
        Command::Study(arguments) => study::run(arguments).map(|()| 0),
    }
}

/// Refuses to write over what is read.
fn not_over_inputs(out: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    let Ok(target) = out.canonicalize() else { return Ok(()) };
    match inputs.iter().find(|input| input.canonicalize().is_ok_and(|input| input == target)) {
        Some(input) => {
            let (out, input) = (out.display(), input.display());
            Err(Failure::usage(format!(
                "{out}: would be written over {input}, which is read; name another file"
            )))
        }
        None => Ok(()),
    }
}

fn bad_data(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), code: exit::BAD_DATA }
}
