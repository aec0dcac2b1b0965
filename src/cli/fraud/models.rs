//! `impactd fraud models`: what is in the folder of models, and whether it passes.

use clap::Args;
use serde::Serialize;

use super::loading::Loading;
use super::{Failure, bad_data, exit, print};
use crate::scoring::{Manifest, ModelThreshold, Shelf, Status, Training};

/// List the models of a folder: loaded, held to their golden rows, and what they did where they were judged
///
/// Exit code: 0, or 65 when a model fails.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    loading: Loading,
    /// Say only what fails
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    name: &'a str,
    version: u64,
    state: &'static str,
    default: bool,
    error: Option<&'a str>,
    provider: Option<&'static str>,
    provider_reason: Option<&'a str>,
    golden_difference: Option<f64>,
    features_version: Option<&'a str>,
    threshold: Option<&'a ModelThreshold>,
    prevalence: Option<f64>,
    training: Option<&'a Training>,
}

/// Runs the command; gives the exit code.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let folder = &arguments.loading.models;
    if !folder.is_dir() {
        return Err(bad_data(format!(
            "{}: there is no such folder; name one with --models",
            folder.display()
        )));
    }
    let shelf = Shelf::open(folder, arguments.loading.options());
    let mut statuses = shelf.list();
    let failed = statuses.iter().any(|status| status.error.is_some());
    if arguments.check {
        statuses.retain(|status| status.error.is_some());
    }
    let listed: Vec<Listed<'_>> = statuses.iter().map(told).collect();
    if arguments.json {
        let mut bytes = serde_json::to_vec_pretty(&listed).map_err(|e| bad_data(e.to_string()))?;
        bytes.push(b'\n');
        print(&bytes)?;
    } else {
        print(listed.iter().map(text).collect::<String>().as_bytes())?;
        if statuses.is_empty() && !arguments.check {
            eprintln!("{}: holds no model (NAME/VERSION/manifest.json)", folder.display());
        }
    }
    Ok(if failed { exit::BAD_DATA } else { 0 })
}

fn told(status: &Status) -> Listed<'_> {
    let model = status.model.as_deref();
    let manifest: Option<&Manifest> = model.map(crate::scoring::Model::manifest);
    Listed {
        name: &status.name,
        version: status.version,
        state: if model.is_some() { "ready" } else { "failed" },
        default: status.default,
        error: status.error.as_deref(),
        provider: model.map(|model| model.provider().name),
        provider_reason: model.and_then(|model| model.provider().reason.as_deref()),
        golden_difference: model.map(crate::scoring::Model::golden_difference),
        features_version: manifest
            .and_then(|m| m.features.as_ref())
            .map(|features| features.version.as_str()),
        threshold: manifest.and_then(|m| m.threshold.as_ref()),
        prevalence: manifest.and_then(|m| m.prevalence),
        training: manifest.and_then(|m| m.training.as_ref()),
    }
}

fn text(listed: &Listed<'_>) -> String {
    let mut text = String::new();
    let mut line = |what: String| {
        text.push_str(&what);
        text.push('\n');
    };
    let default = if listed.default { ", answers by default" } else { "" };
    line(format!("{} {}: {}{default}", listed.name, listed.version, listed.state));
    if let Some(error) = listed.error {
        line(format!("  error: {error}"));
    }
    if let Some(provider) = listed.provider {
        let reason = listed.provider_reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        line(format!("  provider: {provider}{reason}"));
    }
    if let Some(threshold) = listed.threshold {
        line(format!(
            "  threshold: {}, by {}, on {}",
            threshold.value, threshold.chosen_by, threshold.chosen_on
        ));
        let at = &threshold.at_threshold;
        let figure = |name: &str, value: Option<f64>| {
            let value = value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.3}"));
            let interval = at.intervals.get(name).map(|[low, high]| format!(" [{low:.3}, {high:.3}]"));
            format!("{name} {value}{}", interval.unwrap_or_default())
        };
        let figures =
            [("precision", at.precision), ("recall", at.recall), ("f1", at.f1), ("g_mean", at.g_mean)]
                .map(|(name, value)| figure(name, value));
        line(format!("  there, on {}: {}", at.sample, figures.join(", ")));
    }
    if let Some(prevalence) = listed.prevalence {
        line(format!("  prevalence: {prevalence}"));
    }
    text
}
