//! `impactd config`: what the daemon would be told, and by whom.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, exit, print};
use crate::config::{self, Config, ConfigError, Layers};

/// What the daemon would be told: the system's file, the named one, the environment.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print every key with what holds
    Show {
        #[command(flatten)]
        file: File,
        /// Also who said so: a file's line, a variable, or the default
        #[arg(long)]
        origin: bool,
        /// As one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Say whether it can be taken
    Validate {
        #[command(flatten)]
        file: File,
    },
}

#[derive(Debug, Args)]
struct File {
    /// A configuration file, over /etc/impactd/config.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// What cannot be taken, and who said it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Show { file, origin, json } => {
            let layers = read(file.config.as_deref(), &[])?;
            let text = if *json { document(&layers) } else { table(&layers, *origin) };
            print(text.as_bytes())
        }
        Command::Validate { file } => {
            Config::of(&read(file.config.as_deref(), &[])?)?;
            eprintln!("impactd: the configuration can be taken");
            Ok(())
        }
    }
}

/// What was said so far, with `flags` over it.
///
/// # Errors
/// What cannot be taken.
pub fn read(file: Option<&Path>, flags: &[(&'static str, String)]) -> Result<Layers, Failure> {
    // A variable that is no text cannot name a key of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
    Ok(config::layers(file, variables, flags)?)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let code = if matches!(error, ConfigError::Said { .. }) { exit::USAGE } else { exit::BAD_DATA };
        Self { message: error.to_string(), code }
    }
}

/// TOML that can be read back: what does not hold is commented out, with what it is for.
fn table(layers: &Layers, with_origin: bool) -> String {
    let mut text = String::new();
    let mut section = "";
    for (key, (name, said)) in config::KEYS.iter().zip(layers.iter()) {
        let (of, short) = name.split_once('.').unwrap_or(("", name));
        if of != section {
            let between = if section.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{between}[{of}]");
            section = of;
        }
        let line = match &said.value {
            Some(value) => format!("{short} = {}", config::as_toml(&config::shown(value))),
            None => format!("# {short} = {}", key.kind.words()),
        };
        let about = if with_origin { said.origin.to_string() } else { key.about.to_owned() };
        let _ = writeln!(text, "{line:<44} # {about}");
    }
    text
}

fn document(layers: &Layers) -> String {
    let entry = |(name, said): (&str, &config::Said)| {
        (
            name.to_owned(),
            json!({"value": said.value.as_ref().map(config::shown), "origin": said.origin.to_string()}),
        )
    };
    let all: serde_json::Map<String, Value> = layers.iter().map(entry).collect();
    format!("{:#}\n", Value::Object(all))
}
