//! Why no tape could be drawn or written.

use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

/// One clear reason, with what to do where the law is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// A parameter that the law cannot have.
    #[error("{name} is {value}; it must be {wanted}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        wanted: &'static str,
    },
    /// The exchange is shut on that day.
    #[error("{0} has no session: NYSE is shut")]
    NoSession(NaiveDate),
    /// A step has more ticks than distinct stamps.
    #[error(
        "step {step} has {ticks} ticks but {stamps} distinct stamps; choose a finer stamp or a longer step"
    )]
    Crowded {
        /// Which step of the session.
        step: u64,
        /// Quotes and trades drawn for it.
        ticks: u64,
        /// Stamps it has.
        stamps: u64,
    },
    /// The walk of the price left the prices a tape can hold.
    #[error("the price left (0, 1000000) USD in step {step}; lower lambda or the noise, or start elsewhere")]
    PriceLeft {
        /// Which step of the session.
        step: u64,
    },
    /// A file could not be written.
    #[error("writing {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl SimulateError {
    pub(super) fn parameter(name: &'static str, value: &dyn ToString, wanted: &'static str) -> Self {
        Self::Parameter { name, value: value.to_string(), wanted }
    }

    pub(super) fn io(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }
}
