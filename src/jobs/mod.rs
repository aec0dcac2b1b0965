//! Batches as jobs: asked for, queued, run one at a time, looked at, called off. What `impactd batch` does, for those
//! who have no shell on the machine.
//!
//! In: a question in JSON whose inputs are names under configured roots. Out: result tables, in the daemon's own folder
//! or in one for the job. A job is durable before it is acknowledged; one that was running when the daemon ended is
//! taken up again behind its last finished unit.

mod asked;
mod desk;
mod job;
mod results;
mod roots;
mod runner;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use asked::{Asked, FIELDS, Target, read};
pub use job::{Job, JobError, JobErrorCode, JobProgress};

use crate::batch::start_workers;
use crate::cost::Fault;
use crate::store::StoreError;
use crate::store::ledger::LedgerError;
pub use crate::store::ledger::{JobFile, JobState};
use desk::Desk;

/// What jobs are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The results folder; a job's own results go to `jobs/` in it.
    pub data: PathBuf,
    /// Folders under which inputs may lie. Without any, no job is taken.
    pub roots: Vec<PathBuf>,
}

/// Jobs could not be opened, or their record not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobsError {
    /// A root is none.
    #[error("{0}")]
    Roots(String),
    /// The record of jobs.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A folder of results.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gave no thread, or no random numbers.
    #[error("{0}")]
    System(String),
}

/// Why a job was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The question has faults, each with its pointer.
    #[error("the question has {} faults", .0.len())]
    Faults(Vec<Fault>),
    /// No root is configured.
    #[error(
        "this daemon reads no files for jobs: no folder is configured for their inputs; name some with roots in the \
         section [jobs] of its configuration"
    )]
    NoRoots,
    /// The key was given to another question.
    #[error("Idempotency-Key '{0}' was given to another job; give this one a key of its own")]
    Conflict(String),
    /// Too many jobs wait.
    #[error("{0} jobs are waiting, and no more may; ask again when some are done")]
    Full(usize),
    /// The record.
    #[error(transparent)]
    Jobs(#[from] JobsError),
}

/// A job that was taken, or had been before under the same key.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The job.
    pub job: Job,
    /// Whether it is new.
    pub is_new: bool,
}

/// What became of the wish that a job be gone.
#[derive(Clone, Debug)]
pub enum Cancelled {
    /// It had been waiting, and will not run.
    Now(Job),
    /// It is running, and will stop within a moment.
    Soon(Job),
    /// It had ended; it is forgotten, and results of its own are removed.
    Removed,
}

/// How many jobs there are, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// That wait.
    pub queued: u64,
    /// That run: one at most.
    pub running: u64,
    /// That are done, as long as they are kept.
    pub done: u64,
    /// That failed.
    pub failed: u64,
    /// That were called off.
    pub cancelled: u64,
}

/// The jobs of a daemon, and the thread that runs them.
#[derive(Debug)]
pub struct Jobs {
    desk: Arc<Desk>,
    runner: Mutex<Option<JoinHandle<()>>>,
}

impl Jobs {
    /// Opens the record of jobs and goes on with what was under way.
    ///
    /// # Errors
    /// When a root is no folder, or the record cannot be read.
    pub fn open(settings: &Settings) -> Result<Arc<Self>, JobsError> {
        let desk = Arc::new(Desk::open(settings)?);
        desk.take_up()?;
        start_workers(None);
        let its = Arc::clone(&desk);
        let runner = std::thread::Builder::new().name("jobs".into()).spawn(move || runner::run(&its));
        let runner = runner.map_err(|error| JobsError::System(format!("no thread for jobs: {error}")))?;
        Ok(Arc::new(Self { desk, runner: Mutex::new(Some(runner)) }))
    }

    /// Takes a job; once this returns, it is durable.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn submit(&self, asked: &Asked, idempotency_key: Option<&str>) -> Result<Submitted, Refused> {
        let submitted = self.desk.submit(asked, idempotency_key)?;
        self.wake();
        Ok(submitted)
    }

    /// A job.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<Job>, JobsError> {
        self.desk.find(id)
    }

    /// Jobs, latest first, that were asked for before the one of that number.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn list(
        &self,
        below: Option<i64>,
        state: Option<JobState>,
        most: usize,
    ) -> Result<Vec<Job>, JobsError> {
        self.desk.list(below.unwrap_or(i64::MAX), state, most)
    }

    /// Calls a job off, or forgets one that has ended. `None` where there is none of that name.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn cancel(&self, id: &str) -> Result<Option<Cancelled>, JobsError> {
        self.desk.cancel(id)
    }

    /// The files of a job that is done, by name, behind so many.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn files(&self, job: &Job, behind: usize, most: usize) -> Result<Vec<JobFile>, JobsError> {
        self.desk.files(job, behind, most)
    }

    /// One of a job's files, and where it lies now.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn file(&self, job: &Job, name: &str) -> Result<Option<(JobFile, PathBuf)>, JobsError> {
        self.desk.file(job, name)
    }

    /// How many jobs there are.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn status(&self) -> Result<Status, JobsError> {
        self.desk.status()
    }

    /// Has the job under way stop and begins no other; those who follow jobs are let go. Returns at once.
    pub fn begin_stop(&self) {
        self.desk.stop();
        self.wake();
    }

    /// Whether it is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.desk.is_stopping()
    }

    /// Stops running jobs, and waits until the one under way has stopped. It is taken up again by the next daemon,
    /// behind its last finished unit.
    pub fn stop(&self) {
        self.begin_stop();
        let runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runner) = runner {
            // A runner that panicked has stopped too.
            let _ = runner.join();
        }
    }

    fn wake(&self) {
        if let Some(runner) = &*self.runner.lock().unwrap_or_else(PoisonError::into_inner) {
            runner.thread().unpark();
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop();
    }
}
