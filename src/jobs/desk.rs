//! Where jobs are taken, looked up and called off: the record of them, and the one under way.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::asked::{Asked, Target};
use super::job::{Job, JobError, JobErrorCode, JobProgress};
use super::roots::Roots;
use super::{Cancelled, JobFile, JobState, JobsError, Refused, Settings, Status, Submitted};
use crate::batch::Watch;
use crate::clock::now;
use crate::cost::Fault;
use crate::limits::{JOB_ATTEMPTS_MAX, JOB_INPUTS_MAX, JOBS_KEPT_MAX, JOBS_QUEUED_MAX};
use crate::store::ledger::{JobLedger, JobRecord, NewJob};
use crate::store::remove_dir;
use crate::tape::{hex, sha256};

/// The record, and the job under way.
#[derive(Debug)]
pub struct Desk {
    pub data: PathBuf,
    pub roots: Roots,
    ledger: Mutex<JobLedger>,
    under_way: Mutex<Option<UnderWay>>,
    stopping: AtomicBool,
}

/// The job that runs.
#[derive(Clone, Debug)]
pub struct UnderWay {
    pub number: i64,
    pub watch: Watch,
    pub since: Instant,
}

impl UnderWay {
    /// How far it is.
    pub fn progress(&self) -> JobProgress {
        JobProgress::after(self.watch.progress(), self.since.elapsed().as_secs_f64())
    }
}

fn json(value: &impl serde::Serialize) -> String {
    // Numbers and text: writing them cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

impl Desk {
    /// Opens the record.
    pub fn open(settings: &Settings) -> Result<Self, JobsError> {
        Ok(Self {
            data: settings.data.clone(),
            roots: Roots::open(&settings.roots).map_err(JobsError::Roots)?,
            ledger: Mutex::new(JobLedger::open(&settings.data)?),
            under_way: Mutex::default(),
            stopping: AtomicBool::new(false),
        })
    }

    pub fn ledger(&self) -> MutexGuard<'_, JobLedger> {
        // Every change is one statement or one transaction: a panic between two leaves the record whole.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn under_way(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what was under way when the last daemon ended back into the queue, unless it was begun too often.
    pub fn take_up(&self) -> Result<(), JobsError> {
        let ledger = self.ledger();
        for mut job in ledger.in_state(JobState::Running)? {
            if job.cancel_wanted {
                (job.state, job.ended_at) = (JobState::Cancelled, Some(now().0));
                self.clear(&job)?;
            } else if job.attempts >= JOB_ATTEMPTS_MAX {
                let message =
                    format!("it was begun {} times, and the daemon ended during each", job.attempts);
                tracing::error!(job = job.id, "{message}");
                job.error = Some(json(&JobError { code: JobErrorCode::GaveUp, message }));
                (job.state, job.ended_at) = (JobState::Failed, Some(now().0));
                self.clear(&job)?;
            } else {
                job.state = JobState::Queued;
            }
            ledger.update(&job)?;
        }
        Ok(())
    }

    /// Takes a job.
    pub fn submit(&self, asked: &Asked, key: Option<&str>) -> Result<Submitted, Refused> {
        let asked_sha256 = sha256(asked.text.as_bytes());
        let known = |ledger: &JobLedger| key.map_or(Ok(None), |key| ledger.of_key(key));
        if let Some(record) = known(&self.ledger()).map_err(JobsError::from)? {
            return self.again(record, &asked_sha256, key);
        }
        self.check_inputs(asked)?;
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| JobsError::System(format!("no random numbers: {error}")))?;
        let id = hex(&id);
        let ledger = self.ledger();
        // Somebody may have come in between with the same key.
        if let Some(record) = known(&ledger).map_err(JobsError::from)? {
            drop(ledger);
            return self.again(record, &asked_sha256, key);
        }
        let [queued, ..] = ledger.counts().map_err(JobsError::from)?;
        if queued >= JOBS_QUEUED_MAX {
            return Err(Refused::Full(JOBS_QUEUED_MAX as usize));
        }
        let job = NewJob {
            id: &id,
            asked: &asked.text,
            asked_sha256: &asked_sha256,
            idempotency_key: key,
            created_at: now().0,
        };
        ledger.add(&job).map_err(JobsError::from)?;
        let record = ledger.find(&id).map_err(JobsError::from)?;
        let job = record.map(|record| Job::of(record, None));
        let job = job.ok_or_else(|| JobsError::System("a job that was just recorded is not there".into()))?;
        Ok(Submitted { job, is_new: true })
    }

    fn again(&self, record: JobRecord, asked_sha256: &str, key: Option<&str>) -> Result<Submitted, Refused> {
        if record.asked_sha256 != asked_sha256 {
            return Err(Refused::Conflict(key.unwrap_or_default().to_owned()));
        }
        Ok(Submitted { job: self.told(record), is_new: false })
    }

    fn check_inputs(&self, asked: &Asked) -> Result<(), Refused> {
        if self.roots.is_empty() {
            return Err(Refused::NoRoots);
        }
        let found = self.inputs(asked);
        let fault = |(index, why)| Refused::Faults(vec![Fault::new(format!("/inputs/{index}"), why)]);
        found.map(drop).map_err(fault)
    }

    /// The files that a question names, each once; or the first name that cannot be taken, and why.
    pub fn inputs(&self, asked: &Asked) -> Result<Vec<PathBuf>, (usize, String)> {
        let mut all = BTreeSet::new();
        for (index, name) in asked.inputs.iter().enumerate() {
            all.extend(self.roots.resolve(name).map_err(|why| (index, why))?);
            if all.len() > JOB_INPUTS_MAX {
                return Err((index, format!("with it the inputs are more than {JOB_INPUTS_MAX} files")));
            }
        }
        Ok(all.into_iter().collect())
    }

    /// A job as it is told, with how far it is.
    fn told(&self, record: JobRecord) -> Job {
        let under_way = self.under_way().clone().filter(|now| now.number == record.number);
        Job::of(record, under_way.map(|now| now.progress()))
    }

    pub fn find(&self, id: &str) -> Result<Option<Job>, JobsError> {
        let record = self.ledger().find(id)?;
        Ok(record.map(|record| self.told(record)))
    }

    pub fn list(&self, below: i64, state: Option<JobState>, most: usize) -> Result<Vec<Job>, JobsError> {
        let records = self.ledger().below(below, state, most)?;
        Ok(records.into_iter().map(|record| self.told(record)).collect())
    }

    pub fn files(&self, job: &Job, behind: usize, most: usize) -> Result<Vec<JobFile>, JobsError> {
        Ok(self.ledger().files(job.number, behind, most)?)
    }

    pub fn file(&self, job: &Job, name: &str) -> Result<Option<(JobFile, PathBuf)>, JobsError> {
        let file = self.ledger().file(job.number, name)?;
        let out = self.out(&job.id, job.into);
        Ok(file.map(|file| {
            let path = out.join(&file.path);
            (file, path)
        }))
    }

    pub fn status(&self) -> Result<Status, JobsError> {
        let [queued, running, done, failed, cancelled] = self.ledger().counts()?;
        Ok(Status { queued, running, done, failed, cancelled })
    }

    /// Calls a job off, or forgets it.
    pub fn cancel(&self, id: &str) -> Result<Option<Cancelled>, JobsError> {
        let mut ledger = self.ledger();
        let Some(mut record) = ledger.find(id)? else { return Ok(None) };
        if record.state.has_ended() {
            self.remove_results(&record)?;
            ledger.forget(record.number)?;
            return Ok(Some(Cancelled::Removed));
        }
        record.cancel_wanted = true;
        if record.state == JobState::Queued {
            (record.state, record.ended_at) = (JobState::Cancelled, Some(now().0));
            ledger.update(&record)?;
            // It may have been begun by a daemon that was killed.
            self.clear(&record)?;
            return Ok(Some(Cancelled::Now(Job::of(record, None))));
        }
        ledger.update(&record)?;
        drop(ledger);
        if let Some(now) = self.under_way().as_ref().filter(|now| now.number == record.number) {
            now.watch.call_off();
        }
        Ok(Some(Cancelled::Soon(self.told(record))))
    }

    /// Begins the job whose turn it is.
    pub fn begin(&self) -> Result<Option<(JobRecord, UnderWay)>, JobsError> {
        let ledger = self.ledger();
        let Some(mut record) = ledger.next()? else { return Ok(None) };
        record.state = JobState::Running;
        record.attempts += 1;
        record.started_at = Some(now().0);
        ledger.update(&record)?;
        let under_way = UnderWay { number: record.number, watch: Watch::default(), since: Instant::now() };
        *self.under_way() = Some(under_way.clone());
        Ok(Some((record, under_way)))
    }

    /// Writes how a job ended, or that it waits again.
    pub fn end(&self, end: &End, number: i64, id: &str, progress: JobProgress) -> Result<(), JobsError> {
        let mut ledger = self.ledger();
        let Some(mut record) = ledger.find(id)?.filter(|record| record.number == number) else {
            return Ok(());
        };
        let progress = JobProgress { eta_seconds: None, ..progress };
        (record.progress, record.ended_at) = (Some(json(&progress)), Some(now().0));
        match end {
            End::Done { files, warnings } => {
                (record.state, record.warnings) = (JobState::Done, json(warnings));
                ledger.finish(&record, files)?;
            }
            End::Failed(error) => {
                (record.state, record.error) = (JobState::Failed, Some(json(error)));
                self.clear(&record)?;
                ledger.update(&record)?;
            }
            End::Cancelled => {
                record.state = JobState::Cancelled;
                self.clear(&record)?;
                ledger.update(&record)?;
            }
            End::Interrupted => {
                record.state = JobState::Queued;
                (record.progress, record.ended_at) = (None, None);
                // The daemon was asked to end: that is not the job's fault.
                record.attempts -= 1;
                ledger.update(&record)?;
            }
        }
        *self.under_way() = None;
        for old in ledger.ended_behind(JOBS_KEPT_MAX)? {
            self.remove_results(&old)?;
            ledger.forget(old.number)?;
        }
        Ok(())
    }

    /// A job's results folder.
    pub fn out(&self, id: &str, into: Target) -> PathBuf {
        match into {
            Target::Own => self.data.join("jobs").join(id),
            Target::Served => self.data.clone(),
        }
    }

    /// Takes away what a job has begun and will not finish.
    fn clear(&self, record: &JobRecord) -> Result<(), JobsError> {
        let job = Job::of(record.clone(), None);
        match job.into {
            Target::Own => self.remove_results(record),
            Target::Served => Ok(crate::batch::discard(&self.data)?),
        }
    }

    /// Removes results of a job's own; those that are served stay.
    fn remove_results(&self, record: &JobRecord) -> Result<(), JobsError> {
        Ok(remove_dir(&self.out(&record.id, Target::Own))?)
    }

    /// Has the runner stop, and with it the job under way.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(now) = self.under_way().as_ref() {
            now.watch.call_off();
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// How an attempt at a job ended.
#[derive(Debug)]
pub enum End {
    /// Its results are there.
    Done { files: Vec<JobFile>, warnings: Vec<String> },
    /// It could not be done.
    Failed(JobError),
    /// It was called off.
    Cancelled,
    /// The daemon stops: the next one goes on.
    Interrupted,
}
