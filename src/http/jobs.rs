//! `POST /v1/jobs` and `GET /v1/jobs`: batches asked for, and listed.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use polars::prelude::*;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

use super::App;
use super::answer;
use super::body;
use super::cursor::Cursor;
use super::format::Format;
use super::job_schema::{JobAnswers, JobBody, JobRow, JobStateText};
use super::page::PageQuery;
use super::parameters::{Asked, Given, Parameters};
use super::pretrade::unfit;
use super::problem::{Code, Problem};
use super::responses::TableOf;
use super::rows::Page;
use crate::access::{Action, Deed, Who};
use crate::jobs::{Job, JobState, Jobs, JobsError, Refused, read};
use crate::limits::{HTTP_ORDER_MAX_BYTES, JOB_FOLLOWERS_MAX, JOB_KEY_MAX_BYTES, JOB_RETRY_AFTER_SECONDS};

/// The daemon's jobs, where it runs any, and room for those who follow them.
#[derive(Clone, Debug)]
pub struct JobsApp {
    jobs: Option<Arc<Jobs>>,
    pub followers: Arc<Semaphore>,
}

impl JobsApp {
    /// These jobs.
    #[must_use]
    pub fn new(jobs: Option<Arc<Jobs>>) -> Self {
        Self { jobs, followers: Arc::new(Semaphore::new(JOB_FOLLOWERS_MAX)) }
    }

    /// The jobs.
    ///
    /// # Errors
    /// Where this daemon runs none.
    pub fn jobs(&self) -> Result<Arc<Jobs>, Problem> {
        let off = || Problem::new(Code::JobsOff, "this daemon runs no jobs: they are switched off");
        self.jobs.clone().ok_or_else(off)
    }

    /// A job by its name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn find(&self, id: &str) -> Result<Job, Problem> {
        self.jobs()?.find(id).map_err(|e| trouble(&e))?.ok_or_else(|| unknown_job(id))
    }
}

/// The record of jobs cannot be read or written.
pub fn trouble(error: &JobsError) -> Problem {
    let detail = "the record of jobs cannot be read or written; the log names its file and what to do";
    Problem { cause: Some(error.to_string()), ..Problem::new(Code::DamagedRecord, detail) }
}

fn unknown_job(id: &str) -> Problem {
    let short: String = id.chars().take(64).collect();
    let detail = format!("there is no job '{short}'; /v1/jobs lists those that there are");
    Problem::new(Code::UnknownJob, detail).at("path/id".into(), "is not known", Vec::new())
}

/// A job as an answer.
///
/// # Errors
/// When it cannot be written.
pub fn told(job: &Job, status: StatusCode) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(job).map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !job.state.has_ended() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(JOB_RETRY_AFTER_SECONDS));
    }
    Ok(response)
}

/// Ask for a batch
///
/// What `impactd batch` does, with its options by name. Inputs are names under the roots that the daemon is configured
/// with: files, or folders, which mean all files below them. The job waits for its turn; `Location` says where to look.
/// With an `Idempotency-Key`, asking again is safe: the same question is answered with the same job as long as that is
/// kept, another one is refused.
#[utoipa::path(post, path = "/v1/jobs", tag = "jobs", operation_id = "submit_job",
    params(("Idempotency-Key" = Option<String>, Header, description = "The client's own name for this question: \
        1 to 256 visible ASCII characters", pattern = "^[!-~]{1,256}$", example = "backfill-2013-10-07")),
    request_body = JobBody, responses(JobAnswers))]
pub async fn submit(
    State(app): State<App>,
    Extension(who): Extension<Who>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let jobs = app.jobs.jobs()?;
    let key = idempotency_key(&headers)?;
    body::kind(&headers, &["application/json"])?;
    let value = body::json(&body::within(body, HTTP_ORDER_MAX_BYTES)?)?;
    let asked = read(&value).map_err(invalid)?;
    let submitted = app.gate.run(move || jobs.submit(&asked, key.as_deref()).map_err(refused)).await?;
    if submitted.is_new {
        app.access.audit(Action::JobStarted, Deed::of(&who, format!("job {}", submitted.job.id), ""));
    }
    let mut response = told(&submitted.job, StatusCode::ACCEPTED)?;
    let url = format!("/v1/jobs/{}", submitted.job.id);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(&url).map_err(Problem::internal)?);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(JOB_RETRY_AFTER_SECONDS));
    Ok(response)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all("idempotency-key").iter();
    let Some(given) = all.next() else { return Ok(None) };
    let word = |text: &&str| {
        (1..=JOB_KEY_MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let text = given.to_str().ok().map(str::trim).filter(word);
    match (text, all.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => {
            let message = format!("is not one word of 1 to {JOB_KEY_MAX_BYTES} visible ASCII characters");
            let problem = Problem::new(Code::InvalidParameter, format!("Idempotency-Key: {message}"));
            Err(problem.at("header/Idempotency-Key".into(), message, Vec::new()))
        }
    }
}

fn invalid(faults: Vec<crate::cost::Fault>) -> Problem {
    Problem { code: Code::InvalidJob, ..unfit(faults) }
}

fn refused(refused: Refused) -> Problem {
    let detail = refused.to_string();
    match refused {
        Refused::Faults(faults) => invalid(faults),
        Refused::NoRoots => {
            let message = "no folder is configured for inputs";
            Problem::new(Code::NoRoots, detail).at("/inputs".into(), message, Vec::new())
        }
        Refused::Conflict(_) => {
            let message = "was given to another job";
            Problem::new(Code::KeyReused, detail).at("header/Idempotency-Key".into(), message, Vec::new())
        }
        Refused::Full(_) => Problem::new(Code::Overloaded, detail),
        Refused::Jobs(error) => trouble(&error),
    }
}

/// Which jobs.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobsQuery {
    /// Only jobs in this state.
    #[param(inline, value_type = JobStateText, required = false, example = "running")]
    pub state: Option<JobState>,
}

impl Parameters for JobsQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let names = JobState::ALL.map(JobState::name);
        let state = given.one("state", &names, |text| {
            let found = JobState::ALL.into_iter().find(|state| state.name() == text);
            found.ok_or_else(|| format!("'{text}' is not a state of jobs"))
        })?;
        Ok(Self { state })
    }
}

/// Jobs
///
/// In short, the latest first; `GET /v1/jobs/{id}` tells all of one. Those that have ended are kept until a thousand
/// later ones have.
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs", operation_id = "list_jobs",
    params(JobsQuery, PageQuery), responses(TableOf<JobRow>))]
pub async fn list(State(app): State<App>, asked: Asked<JobsQuery>) -> Result<Response, Problem> {
    app.gate
        .clone()
        .run(move || {
            let page = page(&*app.jobs.jobs()?, &asked)?;
            answer::listed(&asked, "jobs", page)
        })
        .await
}

fn page(jobs: &Jobs, asked: &Asked<JobsQuery>) -> Result<Page, Problem> {
    // The lower half is enough to tell queries apart.
    let of_query = asked.fingerprint().value() as u32;
    if asked.page.cursor.is_some_and(|cursor| cursor.offset != of_query) {
        return Err(Cursor::stale());
    }
    let below = asked.page.cursor.map(|cursor| i64::try_from(cursor.fingerprint).unwrap_or(i64::MAX));
    let mut found = jobs.list(below, asked.query.state, asked.page.limit + 1).map_err(|e| trouble(&e))?;
    let more = found.len() > asked.page.limit;
    found.truncate(asked.page.limit);
    let last = found.last().filter(|_| more).map(|job| job.number.unsigned_abs());
    let next = last.map(|number| Cursor { day: 0, offset: of_query, fingerprint: number });
    Ok(Page { frame: table(&found).map_err(Problem::internal)?, next, damaged: None })
}

/// Jobs as rows.
///
/// # Errors
/// When polars refuses.
pub fn table(jobs: &[Job]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: fn(&Job) -> Option<String>| {
        Column::new(name.into(), jobs.iter().map(of).collect::<Vec<_>>())
    };
    let whole = |name: &str, of: fn(&Job) -> u64| {
        Column::new(name.into(), jobs.iter().map(|job| of(job) as i64).collect::<Vec<_>>())
    };
    let stamp = |name: &str, of: fn(&Job) -> Option<crate::pretrade::Stamp>| {
        let nanos: Vec<Option<i64>> = jobs.iter().map(|job| of(job).map(|stamp| stamp.0.0)).collect();
        Column::new(name.into(), nanos).cast(&DataType::Datetime(TimeUnit::Nanoseconds, None))
    };
    let target = |job: &Job| serde_json::to_value(job.into).ok()?.as_str().map(str::to_owned);
    let columns = vec![
        text("id", |job| Some(job.id.clone())),
        text("state", |job| Some(job.state.name().to_owned())),
        text("into", target),
        whole("inputs", |job| job.asked["inputs"].as_array().map_or(0, Vec::len) as u64),
        stamp("created_at", |job| Some(job.created_at))?,
        stamp("started_at", |job| job.started_at)?,
        stamp("ended_at", |job| job.ended_at)?,
        whole("attempts", |job| u64::from(job.attempts)),
        whole("units_done", |job| job.progress.units_done),
        whole("units_total", |job| job.progress.units_total),
        whole("rows", |job| job.progress.rows),
        whole("bytes_read", |job| job.progress.bytes_read),
        whole("bytes_total", |job| job.progress.bytes_total),
        text("error", |job| job.error.as_ref().map(|error| error.message.clone())),
    ];
    DataFrame::new(jobs.len(), columns)
}
