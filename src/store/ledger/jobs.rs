//! Batch jobs and their results' files, as rows of `jobs.sqlite`. What a job was asked is text that `jobs` reads.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{FOLDER, LedgerError, open, told};

const SCHEMA: &str = "
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    asked TEXT NOT NULL,
    asked_sha256 TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    cancel_wanted INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    progress TEXT,
    warnings TEXT NOT NULL DEFAULT '[]',
    error TEXT
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE TABLE files (
    job INTEGER NOT NULL REFERENCES jobs (number),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    rows INTEGER,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;
";

const COLUMNS: &str = "number, id, state, asked, asked_sha256, attempts, cancel_wanted, created_at, started_at, \
                       ended_at, progress, warnings, error";

/// How far a job is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// It runs, or will be taken up again: the daemon was ended while it ran.
    Running,
    /// Its results are there.
    Done,
    /// It could not be done.
    Failed,
    /// It was called off.
    Cancelled,
}

impl JobState {
    /// All, in the order in which a job may pass them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will become of it any more.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A job as it was asked for.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Its name.
    pub id: &'a str,
    /// What was asked.
    pub asked: &'a str,
    /// Of what was asked: the same question again is known by it.
    pub asked_sha256: &'a str,
    /// The client's key for asking again safely.
    pub idempotency_key: Option<&'a str>,
    /// When, nanoseconds since 1970.
    pub created_at: i64,
}

/// A job on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its place among all jobs, ascending.
    pub number: i64,
    /// Its name.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// What was asked.
    pub asked: String,
    /// Of what was asked.
    pub asked_sha256: String,
    /// How many times it was begun.
    pub attempts: u32,
    /// Whether somebody has called it off.
    pub cancel_wanted: bool,
    /// When it was asked for, nanoseconds since 1970.
    pub created_at: i64,
    /// When it was last begun.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// How far it got, where it ended.
    pub progress: Option<String>,
    /// What to know before believing its results, a JSON list.
    pub warnings: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// A file of a job's results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// Its name among the job's files.
    pub name: String,
    /// Where it lies in the results folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Rows, of a table.
    pub rows: Option<u64>,
    /// Of its bytes, hexadecimal.
    pub sha256: String,
}

/// The jobs on record.
#[derive(Debug)]
pub struct JobLedger {
    connection: Connection,
    path: PathBuf,
}

impl JobLedger {
    /// Opens the record under a results folder.
    ///
    /// # Errors
    /// When the operating system refuses, or the file is damaged.
    pub fn open(data: &Path) -> Result<Self, LedgerError> {
        let path = data.join(FOLDER).join("jobs.sqlite");
        Ok(Self { connection: open(&path, &[SCHEMA])?, path })
    }

    /// Records a job that is to wait for its turn.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add(&self, job: &NewJob<'_>) -> Result<(), LedgerError> {
        let sql = "INSERT INTO jobs (id, state, asked, asked_sha256, idempotency_key, created_at) \
                   VALUES (?1, 'queued', ?2, ?3, ?4, ?5)";
        let values = params![job.id, job.asked, job.asked_sha256, job.idempotency_key, job.created_at];
        self.told(self.connection.execute(sql, values)).map(drop)
    }

    /// A job by its name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &str) -> Result<Option<JobRecord>, LedgerError> {
        self.one("WHERE id = ?1", params![id])
    }

    /// The job that was asked for under a client's key.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of_key(&self, key: &str) -> Result<Option<JobRecord>, LedgerError> {
        self.one("WHERE idempotency_key = ?1", params![key])
    }

    /// The job whose turn it is.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn next(&self) -> Result<Option<JobRecord>, LedgerError> {
        self.one("WHERE state = 'queued' ORDER BY number LIMIT 1", params![])
    }

    /// Jobs by number, latest first, below a number.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn below(
        &self,
        number: i64,
        state: Option<JobState>,
        most: usize,
    ) -> Result<Vec<JobRecord>, LedgerError> {
        let rest = "WHERE number < ?1 AND (?2 IS NULL OR state = ?2) ORDER BY number DESC LIMIT ?3";
        self.many(rest, params![number, state.map(JobState::name), most as i64])
    }

    /// Jobs in a state, earliest first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn in_state(&self, state: JobState) -> Result<Vec<JobRecord>, LedgerError> {
        self.many("WHERE state = ?1 ORDER BY number", params![state.name()])
    }

    /// Jobs that have ended, but for the latest.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn ended_behind(&self, kept: usize) -> Result<Vec<JobRecord>, LedgerError> {
        let rest = "WHERE state IN ('done', 'failed', 'cancelled') ORDER BY number DESC LIMIT -1 OFFSET ?1";
        self.many(rest, params![kept as i64])
    }

    /// How many jobs are in each state, in the order of [`JobState::ALL`].
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn counts(&self) -> Result<[u64; 5], LedgerError> {
        let count = |state: JobState| {
            let sql = "SELECT count(*) FROM jobs WHERE state = ?1";
            let counted = self.connection.query_row(sql, [state.name()], |row| row.get::<_, i64>(0));
            self.told(counted).map(i64::unsigned_abs)
        };
        let mut counts = [0; 5];
        for (state, place) in JobState::ALL.into_iter().zip(&mut counts) {
            *place = count(state)?;
        }
        Ok(counts)
    }

    /// Writes how a job stands; its number, name and question stay.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn update(&self, job: &JobRecord) -> Result<(), LedgerError> {
        let sql = "UPDATE jobs SET state = ?2, attempts = ?3, cancel_wanted = ?4, started_at = ?5, ended_at = ?6, \
                   progress = ?7, warnings = ?8, error = ?9 WHERE number = ?1";
        let values = params![
            job.number,
            job.state.name(),
            job.attempts,
            job.cancel_wanted,
            job.started_at,
            job.ended_at,
            job.progress,
            job.warnings,
            job.error,
        ];
        self.told(self.connection.execute(sql, values)).map(drop)
    }

    /// Writes that a job is done, with its files, in one stroke.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn finish(&mut self, job: &JobRecord, files: &[JobFile]) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let all = connection.transaction()?;
            all.execute("DELETE FROM files WHERE job = ?1", [job.number])?;
            for file in files {
                let rows = file.rows.map(|rows| rows as i64);
                let values = params![job.number, file.name, file.path, file.bytes as i64, rows, file.sha256];
                all.execute("INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values)?;
            }
            let sql =
                "UPDATE jobs SET state = ?2, ended_at = ?3, progress = ?4, warnings = ?5 WHERE number = ?1";
            let values = params![job.number, job.state.name(), job.ended_at, job.progress, job.warnings];
            all.execute(sql, values)?;
            all.commit()
        };
        write(&mut self.connection).map_err(|error| told(&path, "writing", error))
    }

    /// Forgets a job and its files' names.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&mut self, number: i64) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let all = connection.transaction()?;
            all.execute("DELETE FROM files WHERE job = ?1", [number])?;
            all.execute("DELETE FROM jobs WHERE number = ?1", [number])?;
            all.commit()
        };
        write(&mut self.connection).map_err(|error| told(&path, "writing", error))
    }

    /// A job's files by name, behind a name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn files(&self, job: i64, behind: usize, most: usize) -> Result<Vec<JobFile>, LedgerError> {
        let sql = "SELECT name, path, bytes, rows, sha256 FROM files WHERE job = ?1 ORDER BY name LIMIT ?3 OFFSET ?2";
        let mut statement = self.told(self.connection.prepare_cached(sql))?;
        let rows = statement.query_map(params![job, behind as i64, most as i64], file_of);
        self.told(rows.and_then(Iterator::collect))
    }

    /// One of a job's files.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn file(&self, job: i64, name: &str) -> Result<Option<JobFile>, LedgerError> {
        let sql = "SELECT name, path, bytes, rows, sha256 FROM files WHERE job = ?1 AND name = ?2";
        self.told(self.connection.query_row(sql, params![job, name], file_of).optional())
    }

    fn one(&self, rest: &str, values: impl rusqlite::Params) -> Result<Option<JobRecord>, LedgerError> {
        let sql = format!("SELECT {COLUMNS} FROM jobs {rest}");
        self.told(self.connection.query_row(&sql, values, record_of).optional())
    }

    fn many(&self, rest: &str, values: impl rusqlite::Params) -> Result<Vec<JobRecord>, LedgerError> {
        let sql = format!("SELECT {COLUMNS} FROM jobs {rest}");
        let mut statement = self.told(self.connection.prepare_cached(&sql))?;
        let rows = statement.query_map(values, record_of);
        self.told(rows.and_then(Iterator::collect))
    }

    fn told<T>(&self, done: rusqlite::Result<T>) -> Result<T, LedgerError> {
        done.map_err(|error| told(&self.path, "asking", error))
    }
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<JobRecord> {
    let name: String = row.get(2)?;
    let unknown = || rusqlite::Error::InvalidColumnType(2, name.clone(), rusqlite::types::Type::Text);
    Ok(JobRecord {
        number: row.get(0)?,
        id: row.get(1)?,
        state: JobState::of(&name).ok_or_else(unknown)?,
        asked: row.get(3)?,
        asked_sha256: row.get(4)?,
        attempts: row.get(5)?,
        cancel_wanted: row.get(6)?,
        created_at: row.get(7)?,
        started_at: row.get(8)?,
        ended_at: row.get(9)?,
        progress: row.get(10)?,
        warnings: row.get(11)?,
        error: row.get(12)?,
    })
}

fn file_of(row: &Row<'_>) -> rusqlite::Result<JobFile> {
    let whole = |number: i64| number.unsigned_abs();
    Ok(JobFile {
        name: row.get(0)?,
        path: row.get(1)?,
        bytes: whole(row.get(2)?),
        rows: row.get::<_, Option<i64>>(3)?.map(whole),
        sha256: row.get(4)?,
    })
}
