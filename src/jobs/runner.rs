//! The thread that runs jobs, one after the other; a batch spreads over the worker pool by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::asked::{Asked, read};
use super::desk::{Desk, End, UnderWay};
use super::job::{JobError, JobErrorCode};
use super::results;
use crate::batch::{self, BatchError, Outcome};
use crate::limits::{JOB_LOCK_WAIT_SECONDS, JOB_LOOK_MILLISECONDS};
use crate::store::StoreError;
use crate::store::ledger::JobRecord;

/// Runs jobs until it is told to stop. It sleeps while there are none; whoever brings one wakes it.
pub fn run(desk: &Desk) {
    while !desk.is_stopping() {
        match desk.begin() {
            Ok(Some((record, under_way))) => one(desk, &record, &under_way),
            Ok(None) => std::thread::park(),
            Err(error) => {
                tracing::error!(%error, "the record of jobs cannot be read; looking again");
                std::thread::park_timeout(Duration::from_secs(JOB_LOCK_WAIT_SECONDS.min(5)));
            }
        }
    }
}

fn one(desk: &Desk, record: &JobRecord, under_way: &UnderWay) {
    // The daemon may have begun to stop just before this job was known to be under way.
    if desk.is_stopping() {
        under_way.watch.call_off();
    }
    tracing::info!(job = record.id, attempt = record.attempts, "a job begins");
    let attempt = catch_unwind(AssertUnwindSafe(|| attempt(desk, record, under_way)));
    let end = match attempt {
        Ok(Ok((files, warnings))) => End::Done { files, warnings },
        Ok(Err(BatchError::CalledOff)) if desk.is_stopping() && !cancel_wanted(desk, record) => {
            End::Interrupted
        }
        Ok(Err(BatchError::CalledOff)) => End::Cancelled,
        Ok(Err(error)) => End::Failed(told(desk, &error)),
        Err(_) => End::Failed(JobError {
            code: JobErrorCode::Defect,
            message: "the batch broke off; this is a defect, report it with the daemon's log".into(),
        }),
    };
    match &end {
        End::Failed(error) => tracing::warn!(job = record.id, error = error.message, "a job failed"),
        End::Done { files, .. } => tracing::info!(job = record.id, files = files.len(), "a job is done"),
        End::Cancelled => tracing::info!(job = record.id, "a job was called off"),
        End::Interrupted => tracing::info!(job = record.id, "a job waits for the next daemon"),
    }
    if let Err(error) = desk.end(&end, record.number, &record.id, under_way.progress()) {
        // It stays marked as running, and is taken up when the daemon starts again.
        tracing::error!(%error, job = record.id, "how a job ended could not be recorded");
    }
}

fn cancel_wanted(desk: &Desk, record: &JobRecord) -> bool {
    desk.ledger().find(&record.id).ok().flatten().is_some_and(|job| job.cancel_wanted)
}

/// Why it failed, without where the daemon's folders lie.
fn told(desk: &Desk, error: &BatchError) -> JobError {
    tracing::debug!(%error, "in full");
    let JobError { code, message } = JobError::of(error);
    let message = desk.roots.without_roots(&message);
    JobError { code, message: message.replace(&desk.data.display().to_string(), "the results folder") }
}

type Made = (Vec<super::JobFile>, Vec<String>);

fn attempt(desk: &Desk, record: &JobRecord, under_way: &UnderWay) -> Result<Made, BatchError> {
    let asked = asked(record)?;
    let inputs = desk.inputs(&asked).map_err(|(index, why)| {
        BatchError::Plan(format!("{}: {why}", asked.inputs.get(index).map_or("", String::as_str)))
    })?;
    let request = asked.request(inputs, desk.out(&record.id, asked.into));
    let plan = batch::plan(&request)?;
    let deadline = Instant::now() + Duration::from_secs(JOB_LOCK_WAIT_SECONDS);
    let outcome = loop {
        match batch::run_watched(&request, &under_way.watch) {
            Err(BatchError::Store(StoreError::Locked { .. })) if under_way.watch.is_called_off() => {
                return Err(BatchError::CalledOff);
            }
            // A session's tables may be landing, or a batch of the command line's may be under way.
            Err(BatchError::Store(StoreError::Locked { .. })) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(JOB_LOOK_MILLISECONDS));
            }
            other => break other?,
        }
    };
    let (manifest, warnings) = match outcome {
        Outcome::UpToDate(manifest) => (manifest, plan.warnings()),
        Outcome::Made(manifest, warnings) => (manifest, warnings),
    };
    let dates: Vec<String> = plan.made(&manifest).flat_map(|unit| unit.dates.clone()).collect();
    Ok((results::files(&request.out, &dates, &under_way.watch)?, warnings))
}

/// What was asked. It was understood when it was taken; another version of this program may see it otherwise.
fn asked(record: &JobRecord) -> Result<Asked, BatchError> {
    let value: Value = serde_json::from_str(&record.asked).unwrap_or_default();
    read(&value).map_err(|faults| {
        let told: Vec<String> =
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.message)).collect();
        BatchError::Plan(format!("the question is no longer understood: {}", told.join("; ")))
    })
}
