//! `GET /health/live`, `GET /health/ready`, `GET /version`: for whoever keeps the daemon running.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::inference::Served;
use super::problem::Problem;
use super::responses::Plain;
use crate::pretrade::LimitsState;

/// Whether the daemon runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `live`.
    #[schema(example = "live")]
    status: &'static str,
}

/// Whether the daemon can answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` when every check passed; `degraded` when it answers, but the limits file or a model could not be taken
    /// or files of recorded orders are damaged; else `not_ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// What was looked at.
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// Which.
    #[schema(example = "archive")]
    name: &'static str,
    /// Whether it is as it should be.
    passed: bool,
    /// What was found.
    #[schema(example = "5 dates, 1 symbols, 2013-10-07 to 2013-10-11")]
    reason: String,
}

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    /// Its name.
    #[schema(example = "impactd")]
    name: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The newest version of its API.
    #[schema(example = "v1")]
    api: &'static str,
}

/// Whether the daemon runs
#[utoipa::path(get, path = "/health/live", tag = "operations", operation_id = "live",
    responses((status = 200, description = "It runs", body = Live), Plain))]
pub async fn live() -> Response {
    fresh(StatusCode::OK, Live { status: "live" })
}

/// Whether the daemon can answer
///
/// Ready when a results folder is loaded and holds at least one date. A limits file that changed and could not be taken
/// leaves it `degraded` with status 200: the last sound limits hold, and every estimate says so. So do damaged files of
/// recorded orders, once they were come across: lists and reports leave them out. So do models that are loading or
/// could not be taken, and an absent ONNX Runtime: everything but scores is answered.
#[utoipa::path(get, path = "/health/ready", tag = "operations", operation_id = "ready",
    responses(Plain, (status = 200, description = "It can", body = Readiness),
        (status = 503, description = "It cannot yet, and why", body = Readiness)))]
pub async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    // Not through the gate: a busy daemon is ready. It only stats one file, unless results changed or orders are
    // damaged.
    let looked = tokio::task::spawn_blocking(move || {
        let models = models_check(&app.models.served());
        (app.shelf.snapshot(), app.limits.state(), app.damaged.count(&app.executions), models)
    });
    let (snapshot, limits, damaged, (fit, reason)) = looked.await.map_err(Problem::internal)?;
    let models = Check { name: "models", passed: fit, reason };
    let check = match snapshot {
        Ok(snapshot) => {
            let catalogues = snapshot.archive.catalogues();
            let mut symbols: Vec<&str> =
                catalogues.values().flat_map(|c| &c.symbols).map(|s| s.symbol.as_str()).collect();
            symbols.sort_unstable();
            symbols.dedup();
            let span = catalogues.first_key_value().zip(catalogues.last_key_value());
            let span = span.map(|((first, _), (last, _))| format!(", {first} to {last}")).unwrap_or_default();
            let reason = format!("{} dates, {} symbols{span}", catalogues.len(), symbols.len());
            Check { name: "archive", passed: !catalogues.is_empty(), reason }
        }
        Err(error) => {
            tracing::warn!(cause = %error, "not ready");
            let reason = "the results folder holds no results, or they are being replaced".to_owned();
            Check { name: "archive", passed: false, reason }
        }
    };
    let limits = limits_check(&limits);
    let orders = orders_check(damaged);
    let (code, status) = match (check.passed, limits.passed && orders.passed && models.passed) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ready"),
    };
    Ok(fresh(code, Readiness { status, checks: vec![check, limits, orders, models] }))
}

/// The file's own faults are for the log: they may tell of accounts and paths.
fn limits_check(limits: &LimitsState) -> Check {
    let digest: String = limits.sha256.chars().take(12).collect();
    let reason = match limits.trouble {
        Some(_) => {
            format!("the limits file changed and could not be taken: those of sha256 {digest} still hold")
        }
        None => format!("{} limits, sha256 {digest}", limits.source.replace('_', "-")),
    };
    Check { name: "limits", passed: limits.trouble.is_none(), reason }
}

fn orders_check(damaged: usize) -> Check {
    let reason = match damaged {
        0 => "no damaged order was come across".to_owned(),
        _ => format!("files of recorded orders are damaged and left out: {damaged}; the log names each once"),
    };
    Check { name: "executions", passed: damaged == 0, reason }
}

/// Whether the models score, and what was found. Looks for ONNX Runtime on the disk while there is none.
pub fn models_check(served: &Served) -> (bool, String) {
    let shelf = match served {
        Served::Off => return (true, "no models are served".to_owned()),
        Served::Loading => return (false, "the models are being loaded".to_owned()),
        Served::Open(shelf) => shelf,
    };
    let listed = shelf.list();
    let runtime = match shelf.runtime() {
        Ok(runtime) => format!("ONNX Runtime {}", runtime.version()),
        Err(error) => return (false, error.to_string()),
    };
    let ready = listed.iter().filter(|status| status.model.is_some()).count();
    let failed = listed.iter().filter_map(|status| {
        let error = status.error.as_ref()?;
        Some(format!("; {} {}: {error}", status.name, status.version))
    });
    let failed: String = failed.collect();
    (failed.is_empty(), format!("{ready} of {} versions answer, {runtime}{failed}", listed.len()))
}

/// Which program this is
#[utoipa::path(get, path = "/version", tag = "operations", operation_id = "version",
    responses((status = 200, description = "Name and version", body = Version), Plain))]
pub async fn version() -> Response {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    fresh(StatusCode::OK, Version { name, version, api: "v1" })
}

fn fresh<T: Serialize>(status: StatusCode, body: T) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
