//! `impactd fraud features`: tapes to the features of manipulation, one row a symbol and bin.

use std::path::PathBuf;

use clap::Args;

use crate::batch::{self, Outcome};
use crate::cli::reading::Reading;
use crate::cli::{Failure, exit, report};
use crate::simulate::episodes::Labels;

/// Write the features that a manipulation model scores, one row a symbol and ten seconds
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    reading: Reading,
    /// Folder for the results: features/date=YYYY-MM-DD/
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The episodes that were injected into the tapes: adds label, episode, pattern and strength
    #[arg(long, value_name = "FILE,..", value_delimiter = ',')]
    episodes: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut request = arguments.reading.request(&arguments.out)?;
    let labels = Labels::read(&arguments.episodes)
        .map_err(|e| Failure { message: e.to_string(), code: exit::BAD_DATA })?;
    request.features = Some(labels);
    batch::start_workers(Some(request.jobs));
    match batch::run(&request)? {
        Outcome::UpToDate(_) => eprintln!("{}: up to date, nothing to do", request.out.display()),
        Outcome::Made(manifest, warnings) => {
            report::made(&manifest);
            warnings.iter().for_each(|warning| eprintln!("note: {warning}"));
        }
    }
    Ok(())
}
