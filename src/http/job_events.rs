//! `GET /v1/jobs/{id}/events`: a job's progress as server-sent events, until it ends.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedSemaphorePermit;

use super::App;
use super::format::negotiate_media;
use super::job_schema::{EventAnswers, JobId, JobPath};
use super::jobs::JobsApp;
use super::parameters::Given;
use super::problem::{Code, Problem};
use super::server::Stopping;
use crate::jobs::Job;
use crate::limits::{JOB_FOLLOWERS_MAX, JOB_LOOK_MILLISECONDS, LIVE_KEEP_ALIVE_SECONDS};

/// Follow a job
///
/// Server-sent events: `progress` with the job as `GET /v1/jobs/{id}` tells it, as often as it changes and four times a
/// second at most; `end` with the job once it has ended, and then the stream ends too. Where the daemon stops first it
/// ends without. A comment every 15 seconds keeps it open.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/events",
    tag = "jobs",
    operation_id = "follow_job",
    params(JobPath),
    responses(EventAnswers)
)]
pub async fn follow(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    uri: Uri,
    headers: HeaderMap,
    JobId(id): JobId,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    negotiate_media(&headers, &["text/event-stream"])?;
    let full = |_| {
        let detail =
            format!("{JOB_FOLLOWERS_MAX} clients follow jobs already; look at it, or ask again later");
        Problem::new(Code::Overloaded, detail)
    };
    let jobs = app.jobs.clone();
    let place = jobs.followers.clone().try_acquire_owned().map_err(full)?;
    let (known, name) = (jobs.clone(), id.clone());
    app.gate.run(move || known.find(&name).map(drop)).await?;
    let stopping = stopping.map(|Extension(stopping)| stopping).unwrap_or_default();
    let following = Following { jobs, id, said: String::new(), ended: false, stopping, _place: place };
    let events = futures_util::stream::unfold(following, next);
    let silence = KeepAlive::new().interval(Duration::from_secs(LIVE_KEEP_ALIVE_SECONDS));
    let mut response = Sse::new(events).keep_alive(silence).into_response();
    // A proxy that gathers answers before it hands them on would hold the events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One who follows a job.
struct Following {
    jobs: JobsApp,
    id: String,
    said: String,
    ended: bool,
    /// A daemon that stops does not wait for those who listen.
    stopping: Stopping,
    /// Given back when the stream ends, whoever ends it.
    _place: OwnedSemaphorePermit,
}

async fn next(mut following: Following) -> Option<(Result<Event, Infallible>, Following)> {
    if following.ended {
        return None;
    }
    loop {
        let jobs = following.jobs.jobs().ok()?;
        let id = following.id.clone();
        // A job that was forgotten meanwhile has nothing more to say.
        let job: Job = tokio::task::spawn_blocking(move || jobs.find(&id)).await.ok()?.ok()??;
        let says = serde_json::to_string(&job).ok()?;
        following.ended = job.state.has_ended();
        if following.ended || says != following.said {
            let name = if following.ended { "end" } else { "progress" };
            let event = Event::default().event(name).data(&says);
            following.said = says;
            return Some((Ok(event), following));
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(JOB_LOOK_MILLISECONDS)) => {}
            () = following.stopping.begun() => return None,
        }
    }
}
