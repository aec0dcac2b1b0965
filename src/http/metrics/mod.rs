//! `GET /metrics`: what the daemon did and how it is, in the OpenMetrics text format.
//!
//! No label takes its values from callers: routes are templates, statuses classes, and neither a symbol, a source nor
//! a key is one. So the number of series is bounded by this program and its folder of models.

mod inference;
mod jobs;
mod live;
mod process;
mod traffic;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::App;
use super::problem::Problem;
use super::responses::Plain;

pub use inference::Meters;
pub use traffic::traffic;

/// Media type of the text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the daemon did and how it is
///
/// OpenMetrics, for Prometheus: requests by `route` template, `method` and class of `status`, connections, the live
/// side, jobs by `state`, the process, and models by `model`, `version`, `provider` and `kind` of failures.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((status = 200, description = "The metrics", content_type = "application/openmetrics-text", body = String),
        Plain))]
pub async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    // Not through the gate: a busy daemon is watched too. It stats and reads a few small files.
    let told = tokio::task::spawn_blocking(move || text(&app));
    let text = told.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

fn text(app: &App) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::default();
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("impactd_build", "Which program this is", build);
    traffic().register(&mut registry);
    registry.register_collector(Box::new(process::Process));
    if let Some(live) = &app.live {
        live::register(live, &mut registry);
    }
    if let Ok(jobs) = app.jobs.jobs() {
        registry.register_collector(Box::new(jobs::Scrape(jobs)));
    }
    let models = inference::Scrape { models: app.models.clone(), meters: app.meters.clone() };
    registry.register_collector(Box::new(models));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}
