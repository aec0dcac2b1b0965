//! `GET /health/live`, `GET /health/ready`, `GET /version`: for whoever keeps the daemon running.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::inference::Served;
use super::live_checks;
use super::problem::Problem;
use super::responses::Plain;
use super::server::Stopping;
use super::shelf::Shelf;
use crate::clock::now;
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
    pub name: &'static str,
    /// Whether it is as it should be.
    pub passed: bool,
    /// What was found.
    #[schema(example = "5 dates, 1 symbols, 2013-10-07 to 2013-10-11")]
    pub reason: String,
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
/// `not_ready`, with status 503, while it stops, before there is a results folder with at least one date (where live
/// tape is taken none is needed yet), before the journal was read again, and once the live side has failed. `degraded`,
/// with status 200, where everything but a part is answered: a limits file that changed and could not be taken (the
/// last sound limits hold, and every estimate says so), damaged files of recorded orders, models that are loading or
/// could not be taken, little room on the disk or in the journal, live numbers that lag, a session's tables that
/// could not be written, feeds that are silent in a session under way.
#[utoipa::path(get, path = "/health/ready", tag = "operations", operation_id = "ready",
    responses(Plain, (status = 200, description = "It can", body = Readiness),
        (status = 503, description = "It cannot yet, and why", body = Readiness)))]
pub async fn ready(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
) -> Result<Response, Problem> {
    let is_stopping = stopping.is_some_and(|Extension(stopping)| stopping.has_begun());
    // Not through the gate: a busy daemon is ready. It only stats one file, unless results changed or orders are
    // damaged.
    let looked = tokio::task::spawn_blocking(move || {
        let (passed, reason) = models_check(&app.models.served());
        let live = app.live.as_ref();
        let calendar = live.map(|live| live.settings().request.calendar).unwrap_or_default();
        let live = live.map(|live| (live.status(), live.feeds()));
        let needed = [
            archive_check(&app.shelf, live.is_some()),
            live_checks::running(is_stopping),
            live_checks::journal(live.as_ref().map(|(status, _)| status)),
        ];
        let mut wanted = vec![
            limits_check(&app.limits.state()),
            orders_check(app.damaged.count(&app.executions)),
            Check { name: "models", passed, reason },
            live_checks::disk(app.shelf.root()),
        ];
        wanted.extend(
            live.iter().flat_map(|(status, feeds)| live_checks::flow(status, feeds, (now(), calendar))),
        );
        (needed, wanted)
    });
    let (needed, wanted) = looked.await.map_err(Problem::internal)?;
    let all = |checks: &[Check]| checks.iter().all(|check| check.passed);
    let (code, status) = match (all(&needed), all(&wanted)) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ready"),
    };
    let [archive, running, journal] = needed;
    let mut checks = vec![archive];
    checks.extend(wanted);
    checks.extend([running, journal]);
    Ok(fresh(code, Readiness { status, checks }))
}

fn archive_check(shelf: &Shelf, live: bool) -> Check {
    let (passed, reason) = match shelf.snapshot() {
        Ok(snapshot) => {
            let catalogues = snapshot.archive.catalogues();
            let mut symbols: Vec<&str> =
                catalogues.values().flat_map(|c| &c.symbols).map(|s| s.symbol.as_str()).collect();
            symbols.sort_unstable();
            symbols.dedup();
            let span = catalogues.first_key_value().zip(catalogues.last_key_value());
            let span = span.map(|((first, _), (last, _))| format!(", {first} to {last}")).unwrap_or_default();
            let reason = format!("{} dates, {} symbols{span}", catalogues.len(), symbols.len());
            (live || !catalogues.is_empty(), reason)
        }
        Err(_) if live && shelf.is_bare() => (true, "no date yet: waiting for the first session".to_owned()),
        Err(error) => {
            tracing::warn!(cause = %error, "not ready");
            (false, "the results folder holds no results, or they are being replaced".to_owned())
        }
    };
    Check { name: "archive", passed, reason }
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
