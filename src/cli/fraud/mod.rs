//! `impactd fraud`: scores of fraud and manipulation, made and judged.

mod evaluate;
mod evaluate_table;
mod study;
mod study_table;

use clap::{Args, Subcommand};

use super::Failure;

/// Judge scores of fraud: F1, then G-mean, and what stands behind them
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Evaluate(Box<evaluate::Arguments>),
    Study(study::Arguments),
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Study(arguments) => study::run(arguments),
    }
}
