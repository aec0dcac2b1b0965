//! `impactd doctor`: whether a daemon could run here, check by check, before it does; or what a running one says of
//! itself. In: the configuration. Out: a line a check, with what to do where something is amiss.

mod asked;
mod folder;
mod machine;
mod scoring;

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::config::read;
use super::{Failure, print};
use crate::config::Config;

/// Say whether the daemon could run here: configuration, folder, disk, journal, keys, models, port, clock.
///
/// Exit code 1 when a check fails.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A configuration file, over /etc/impactd/config.toml
    #[arg(long, value_name = "FILE", conflicts_with = "ready")]
    config: Option<PathBuf>,
    /// Results folder, over the configured one
    #[arg(long, value_name = "DIR", conflicts_with = "ready")]
    data: Option<String>,
    /// Ask a running daemon whether it is ready, and look at nothing else
    #[arg(long)]
    ready: bool,
    /// The running daemon [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", requires = "ready")]
    url: Option<String>,
    /// Certificates that vouch for the daemon, PEM [default: the usual authorities]
    #[arg(long, value_name = "FILE", requires = "ready")]
    ca: Option<PathBuf>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// The daemon runs, but somebody should look.
    Warn,
    /// The daemon would not run, or not be ready.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    found: String,
    /// What to do; none where nothing is.
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), advice: None }
    }

    fn warn(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    fn fail(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Fail, found: found.into(), advice: Some(advice.into()) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.state {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        };
        write!(f, "{word:<4}  {:<14} {}", self.name, self.found)?;
        match &self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

/// Runs the command; the exit code says whether all is well.
///
/// # Errors
/// When the arguments do not fit, or nothing can be printed.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let checks = if arguments.ready {
        let url = arguments.url.as_deref().unwrap_or("http://127.0.0.1:8080");
        asked::ready(url, arguments.ca.as_deref())?
    } else {
        looked(arguments.config.as_deref(), arguments.data.as_deref())
    };
    let sound = checks.iter().all(|check| check.state != State::Fail);
    let text = if arguments.json {
        format!("{:#}\n", json!({"sound": sound, "checks": checks}))
    } else {
        checks.iter().map(|check| format!("{check}\n")).collect()
    };
    print(text.as_bytes())?;
    Ok(u8::from(!sound))
}

/// Every check; only the first one where the configuration cannot be taken.
fn looked(file: Option<&Path>, data: Option<&str>) -> Vec<Check> {
    let flags: Vec<_> = data.iter().map(|data| ("server.data", (*data).to_owned())).collect();
    let config = read(file, &flags).and_then(|layers| Ok(Config::of(&layers)?));
    let config = match config {
        Ok(config) => config,
        Err(failure) => {
            let advice = "correct it; impactd config show --origin tells who says what";
            return vec![Check::fail("configuration", failure.message, advice)];
        }
    };
    let data = &config.server.data;
    let mut checks = vec![Check::ok("configuration", "can be taken")];
    checks.extend([folder::writable(data), folder::disk(data, config.live.journal_max_bytes)]);
    checks.extend([folder::archive(data), folder::journal(data), folder::limits(&config.server)]);
    checks.extend([folder::keys(&config.server), machine::certificates(&config.server)]);
    checks.push(scoring::models(&config));
    checks.extend([machine::files(), machine::port(&config.server), machine::clock(data)]);
    checks
}
