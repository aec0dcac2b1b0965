//! `impactd fraud`: scores of fraud and manipulation, how they are judged, and what they are made from.

mod features;

use clap::{Args, Subcommand};

use super::Failure;

/// Score fraud and manipulation, judge scores, make features
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Features(features::Arguments),
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Features(arguments) => features::run(arguments),
    }
}
