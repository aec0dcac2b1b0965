//! `GET /v1/jobs/{id}` and `DELETE /v1/jobs/{id}`: one job, and the end of it.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::App;
use super::format::Format;
use super::job_schema::{CancelAnswers, JobId, JobPath};
use super::jobs::{told, trouble};
use super::parameters::Given;
use super::problem::Problem;
use super::responses::FoundOr404;
use crate::access::{Action, Deed, Who};
use crate::jobs::{Cancelled, Job};

/// A job
///
/// How far it is, how fast, what came of it. While it has not ended, `Retry-After` says when to look again;
/// `GET /v1/jobs/{id}/events` tells it as it goes.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "jobs", operation_id = "get_job",
    params(JobPath), responses(FoundOr404<Job>))]
pub async fn get(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    JobId(id): JobId,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let gate = app.gate.clone();
    gate.run(move || told(&app.jobs.find(&id)?, StatusCode::OK)).await
}

/// Call a job off, or forget it
///
/// A job that waits will not run (200). One that runs stops within about a second, and leaves nothing half-written
/// (202); once its tables are being moved into place it is too late, and it is done. One that has ended is forgotten,
/// and results of its own are removed (204); what went into the served folder stays there.
#[utoipa::path(
    delete,
    path = "/v1/jobs/{id}",
    tag = "jobs",
    operation_id = "cancel_job",
    params(JobPath),
    responses(CancelAnswers)
)]
pub async fn cancel(
    State(app): State<App>,
    Extension(who): Extension<Who>,
    uri: Uri,
    headers: HeaderMap,
    JobId(id): JobId,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let gate = app.gate.clone();
    gate.run(move || {
        // Known by now, or refused by its name.
        app.jobs.find(&id)?;
        let cancelled = app.jobs.jobs()?.cancel(&id).map_err(|e| trouble(&e))?;
        app.access.audit(Action::JobCancelled, Deed::of(&who, format!("job {id}"), ""));
        match cancelled {
            Some(Cancelled::Now(job)) => told(&job, StatusCode::OK),
            Some(Cancelled::Soon(job)) => told(&job, StatusCode::ACCEPTED),
            Some(Cancelled::Removed) | None => Ok(StatusCode::NO_CONTENT.into_response()),
        }
    })
    .await
}
