//! The command line: one command a file. Data go to stdout, everything else to stderr.

mod audit;
mod batch;
mod check;
mod check_report;
mod client;
mod config;
mod convert;
mod doctor;
mod fraud;
mod impact;
mod keys;
mod liquidity;
mod live_slopes;
mod logs;
mod openapi;
mod panel;
mod reading;
mod replay;
mod replay_body;
mod report;
mod serve;
mod simulate;
mod simulate_episodes;
mod study;
mod study_table;
mod supervisor;
mod tca;
mod tca_report;
mod train;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

/// Exit codes beside 0, after sysexits(3).
pub mod exit {
    /// The command line is wrong.
    pub const USAGE: u8 = 2;
    /// A CUDA device was asked for and there is none that works.
    pub const NO_DEVICE: u8 = 3;
    /// `check`: the order may be sent, but somebody should look.
    pub const WARN: u8 = 10;
    /// `check`: the order must not be sent.
    pub const BLOCK: u8 = 20;
    /// `check`: something needed is not known; treat it as a block.
    pub const INDETERMINATE: u8 = 30;
    /// The input is wrong; running again will not help.
    pub const BAD_DATA: u8 = 65;
    /// The operating system refused; running again may help.
    pub const TRY_AGAIN: u8 = 75;
}

/// Market-microstructure analytics: order-flow imbalance and price impact from trades and quotes.
#[derive(Debug, Parser)]
#[command(name = "impactd", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(audit::Arguments),
    Batch(batch::Arguments),
    Check(Box<check::Arguments>),
    Config(config::Arguments),
    Convert(convert::Arguments),
    Doctor(doctor::Arguments),
    Fraud(fraud::Arguments),
    Impact(impact::Arguments),
    Keys(keys::Arguments),
    Liquidity(liquidity::Arguments),
    Panel(panel::Arguments),
    Replay(replay::Arguments),
    Serve(Box<serve::Arguments>),
    Simulate(simulate::Arguments),
    Study(study::Arguments),
    Train(train::Arguments),
    Tca(tca::Arguments),
    /// Print the API's description, OpenAPI 3.1 in YAML
    Openapi,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// A command that failed: what to say, and the exit code.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code: exit::USAGE }
    }
}

/// The Parquet decoder panics on some damaged files, on threads of its own; that is caught and told as an error
/// by whoever asked, so its own outcry would only be a second message.
fn quiet_decoders() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !std::thread::current().name().is_some_and(|name| name.starts_with("polars-")) {
            usual(panic);
        }
    }));
}

/// Writes to stdout; a reader who has seen enough, such as `head`, is no failure.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    match std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure { message: format!("writing to stdout: {e}"), code: exit::TRY_AGAIN })
        }
        _ => Ok(()),
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    quiet_decoders();
    let done = match Arguments::parse().command {
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Check(arguments) => match check::run(&arguments) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
        Command::Config(arguments) => config::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Doctor(arguments) => match doctor::run(&arguments) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
        Command::Fraud(arguments) => match fraud::run(&arguments) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
        Command::Impact(arguments) => impact::run(&arguments),
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Liquidity(arguments) => liquidity::run(&arguments),
        Command::Panel(arguments) => panel::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Tca(arguments) => match tca::run(&arguments) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Study(arguments) => study::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "impactd", &mut script);
            print(&script)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("impactd: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
