//! `GET /v1/jobs/{id}/result` and `/result/{file}`: what a job made, listed and handed over.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use polars::prelude::*;
use utoipa::IntoParams;

use super::App;
use super::answer::{self, percent};
use super::cursor::Cursor;
use super::job_schema::{FileAnswers, JobFilePath, JobFileRow, JobId, JobPath};
use super::jobs::trouble;
use super::page::PageQuery;
use super::parameters::{Asked, Given, Parameters};
use super::problem::{Code, Problem};
use super::responses::TableOf;
use super::rows::Page;
use crate::jobs::{Job, JobFile, JobState};
use crate::limits::JOB_FILE_CHUNK_BYTES;
use crate::store::StoreError;

/// No parameters but those of the page.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilesQuery {}

impl Parameters for FilesQuery {
    fn read(_: &Given) -> Result<Self, Problem> {
        Ok(Self {})
    }
}

/// A job's results
///
/// The files that it made, or found made: Parquet tables by date and symbol bucket, the catalogue that says whose
/// rows lie where, the manifest, summaries. They are those of `impactd batch`, byte for byte. 409 until the job is
/// done.
#[utoipa::path(get, path = "/v1/jobs/{id}/result", tag = "jobs", operation_id = "list_job_files",
    params(JobPath, PageQuery), responses(TableOf<JobFileRow>))]
pub async fn list(
    State(app): State<App>,
    JobId(id): JobId,
    asked: Asked<FilesQuery>,
) -> Result<Response, Problem> {
    app.gate
        .clone()
        .run(move || {
            let job = done(&app, &id)?;
            let page = page(&app, &job, &asked)?;
            answer::listed(&asked, &format!("job-{id}"), page)
        })
        .await
}

fn done(app: &App, id: &str) -> Result<Job, Problem> {
    let job = app.jobs.find(id)?;
    if job.state == JobState::Done {
        return Ok(job);
    }
    let detail = format!("the job is {}; it has results once it is done", job.state.name());
    Err(Problem::new(Code::JobNotDone, detail))
}

fn page(app: &App, job: &Job, asked: &Asked<FilesQuery>) -> Result<Page, Problem> {
    let of_query = asked.fingerprint().value();
    if asked.page.cursor.is_some_and(|cursor| cursor.fingerprint != of_query) {
        return Err(Cursor::stale());
    }
    let behind = asked.page.cursor.map_or(0, |cursor| cursor.offset as usize);
    let found = app.jobs.jobs()?.files(job, behind, asked.page.limit + 1);
    let mut files = found.map_err(|e| trouble(&e))?;
    let more = files.len() > asked.page.limit;
    files.truncate(asked.page.limit);
    let offset = u32::try_from(behind + files.len()).map_err(Problem::internal)?;
    let next = more.then_some(Cursor { day: 0, offset, fingerprint: of_query });
    Ok(Page { frame: table(&job.id, &files).map_err(Problem::internal)?, next, damaged: None })
}

/// Files as rows.
///
/// # Errors
/// When polars refuses.
pub fn table(job: &str, files: &[JobFile]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: &dyn Fn(&JobFile) -> String| {
        Column::new(name.into(), files.iter().map(of).collect::<Vec<_>>())
    };
    let bytes: Vec<i64> = files.iter().map(|file| file.bytes as i64).collect();
    let rows: Vec<Option<i64>> = files.iter().map(|file| file.rows.map(|rows| rows as i64)).collect();
    let columns = vec![
        text("name", &|file| file.name.clone()),
        text("path", &|file| file.path.clone()),
        Column::new("bytes".into(), bytes),
        Column::new("rows".into(), rows),
        text("sha256", &|file| file.sha256.clone()),
        text("url", &|file| format!("/v1/jobs/{job}/result/{}", percent(&file.name))),
    ];
    DataFrame::new(files.len(), columns)
}

/// A file of a job's results
///
/// Its entity tag is its SHA-256. 409 where a later batch has written the served folder anew since.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/result/{file}",
    tag = "jobs",
    operation_id = "get_job_file",
    params(JobFilePath),
    responses(FileAnswers)
)]
pub async fn file(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    path: Result<axum::extract::Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    // Bytes that are no text name no job and no file.
    let (id, name) = path.map(|path| path.0).unwrap_or_default();
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    app.gate.clone().run(move || hand_over(&app, &id, &name, known.as_deref())).await
}

fn hand_over(app: &App, id: &str, name: &str, known: Option<&str>) -> Result<Response, Problem> {
    let job = done(app, id)?;
    let found = app.jobs.jobs()?.file(&job, name).map_err(|e| trouble(&e))?;
    let (file, path) = found.ok_or_else(|| {
        let short: String = name.chars().take(128).collect();
        let detail = format!("the job has no file '{short}'; /v1/jobs/{id}/result lists those that it has");
        Problem::new(Code::UnknownFile, detail).at("path/file".into(), "is not known", Vec::new())
    })?;
    let tag = format!("\"{}\"", file.sha256);
    let mut response = if known.is_some_and(|known| answer::matches_tag(known, &tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        whole(&job, &file, &path)?
    };
    let value = |text: &str| HeaderValue::from_str(text).map_err(Problem::internal);
    response.headers_mut().insert(header::ETAG, value(&tag)?);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn whole(job: &Job, file: &JobFile, path: &PathBuf) -> Result<Response, Problem> {
    let changed = || {
        let detail = "a later batch has written this file of the served folder anew; run the job again";
        Problem::new(Code::StaleResult, detail)
    };
    let io = |error| trouble(&StoreError::io(path, "reading", error).into());
    let opened = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(changed()),
        other => other.map_err(io)?,
    };
    let meta = opened.metadata().map_err(io)?;
    let written = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let ended = job.ended_at.map_or(0, |stamp| stamp.0.0.unsigned_abs());
    if meta.len() != file.bytes || written.is_none_or(|at| at.as_nanos() > u128::from(ended)) {
        return Err(changed());
    }
    let mut response = Response::new(Body::from_stream(chunks(opened, file.bytes)));
    let value = |text: &str| HeaderValue::from_str(text).map_err(Problem::internal);
    let json = file.name.ends_with(".json");
    let kind = if json { "application/json" } else { "application/vnd.apache.parquet" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    let disposition = format!("attachment; filename=\"{}\"", file.name.replace(['"', '\\'], "_"));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition)?);
    Ok(response)
}

/// A file piece by piece, each read when the client has taken the one before: a slow one holds no thread.
fn chunks(file: File, bytes: u64) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold((file, bytes), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = move || {
            let mut chunk = vec![0; left.min(JOB_FILE_CHUNK_BYTES as u64) as usize];
            file.read_exact(&mut chunk).map(|()| (chunk, file))
        };
        let (chunk, file) = tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)??;
        let left = left - chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (file, left))))
    })
}
