//! What the daemon is told, and by whom: defaults < `/etc/impactd/config.toml` < `--config FILE` < environment <
//! flags. Every key is known by name ([`KEYS`]), and every value remembers where it came from.

mod environment;
mod file;
mod keys;
mod layers;
mod redact;
mod sections;
mod value;

pub use keys::{KEYS, Key, Kind};
pub use layers::{Layers, Origin, Said};
pub use redact::shown;
pub use sections::{Access, Config, Jobs, Live, Server};
pub use value::{Value, as_toml};

use std::path::{Path, PathBuf};

/// The configuration that a machine has, where no other is named.
pub const SYSTEM_FILE: &str = "/etc/impactd/config.toml";

/// A configuration that cannot be taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A key or value that is not understood.
    #[error("{origin}: {what}")]
    Said {
        /// Who said it.
        origin: Origin,
        /// What is wrong with it, and what would be right.
        what: String,
    },
    /// Values that do not go together.
    #[error("{0}")]
    Together(String),
}

/// Everything that was said, the later over the earlier: the system's file, `file`, the environment, `flags`.
///
/// # Errors
/// The first thing that cannot be taken, with who said it.
pub fn layers(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[(&'static str, String)],
) -> Result<Layers, ConfigError> {
    let mut layers = Layers::of_defaults()?;
    let system = Path::new(SYSTEM_FILE);
    if system.is_file() {
        file::read(system, &mut layers)?;
    }
    if let Some(file) = file {
        file::read(file, &mut layers)?;
    }
    environment::read(environment, &mut layers)?;
    for (key, text) in flags {
        layers.say_text(key, text, Origin::Flag)?;
    }
    Ok(layers)
}

#[cfg(test)]
mod tests;
