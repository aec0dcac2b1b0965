//! What a running daemon says of itself: its readiness, reason by reason.

use std::path::Path;

use serde_json::Value;

use super::{Check, State};
use crate::cli::Failure;
use crate::cli::client::Client;

/// Asks for `/health/ready`, which needs no key. A degraded daemon answers: that is a warning.
///
/// # Errors
/// When the URL is none, or the certificates cannot be read.
pub fn ready(url: &str, ca: Option<&Path>) -> Result<Vec<Check>, Failure> {
    const NAME: &str = "daemon";
    let client = Client::stranger(url, ca)?;
    let (status, said) = match client.get("/health/ready") {
        Ok(answered) => answered,
        Err(error) => {
            let advice = "see whether it runs, and where it listens: journalctl -u impactd";
            return Ok(vec![Check::fail(NAME, error, advice)]);
        }
    };
    let word = said["status"].as_str().unwrap_or("of a kind that this program does not know");
    let found = format!("{url} is {word}");
    let summary = match (status, word) {
        (200, "ready") => Check::ok(NAME, found),
        (200, _) => Check::warn(NAME, found, "it answers; see below"),
        (503, "not_ready") => Check::fail(NAME, found, "see below"),
        (status, _) => Check::fail(NAME, format!("{found} (status {status})"), "see whether that is impactd"),
    };
    let reasons = said["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let severe = status != 200;
    Ok([summary].into_iter().chain(reasons.iter().map(|reason| told(reason, severe))).collect())
}

fn told(reason: &Value, severe: bool) -> Check {
    let text = |name: &str| reason[name].as_str().unwrap_or("?");
    let state = match (reason["passed"].as_bool() == Some(true), severe) {
        (true, _) => State::Ok,
        (false, false) => State::Warn,
        (false, true) => State::Fail,
    };
    Check { name: "reason", state, found: format!("{}: {}", text("name"), text("reason")), advice: None }
}
