//! The book of keys and of the audit, `live/access.sqlite`. In: keys' hashes and what was done with them. Out: the
//! same.
//!
//! The daemon and the command line both write it: every change is one transaction with its line in the audit.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::audit::{self, AuditEntry, NewEntry, Verified};
use super::{FOLDER, LedgerError, open, told};
use crate::store::StoreError;
use crate::tape::Nanos;

const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        scope TEXT NOT NULL,
        hash BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER,
        last_used_at INTEGER,
        replaces TEXT REFERENCES keys
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        address TEXT NOT NULL,
        request_id TEXT NOT NULL,
        sha256 TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_action ON audit (action, position);
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
    CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
"];

/// A key as it is kept: its hash, never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// What it allows: `read`, `write` or `admin`.
    pub scope: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Nanos,
    /// From when on it counts no more.
    pub expires_at: Option<Nanos>,
    /// Since when it counts no more.
    pub revoked_at: Option<Nanos>,
    /// When it was last used, to some seconds.
    pub last_used_at: Option<Nanos>,
    /// The key whose place it takes.
    pub replaces: Option<String>,
}

/// The book of keys and of the audit.
#[derive(Debug)]
pub struct AccessBook {
    book: Connection,
    path: PathBuf,
}

impl AccessBook {
    /// Whether a results folder has one.
    #[must_use]
    pub fn exists(data: &Path) -> bool {
        path_in(data).is_file()
    }

    /// Opens the book of a results folder, or founds it; nobody but its owner may read the file.
    ///
    /// # Errors
    /// When it is damaged or of a newer version, or the operating system refuses.
    pub fn open(data: &Path) -> Result<Self, LedgerError> {
        let path = path_in(data);
        let fresh = !path.exists();
        let book = open(&path, &MIGRATIONS)?;
        if fresh {
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&path, private)
                .map_err(|e| StoreError::io(&path, "closing it to others", e))?;
        }
        Ok(Self { book, path })
    }

    /// A number that another one follows when somebody else wrote the book.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn version(&self) -> Result<i64, LedgerError> {
        let version = self.book.pragma_query_value(None, "data_version", |row| row.get(0));
        version.map_err(|e| told(&self.path, "looking for changes", e))
    }

    /// All keys, also those that count no more, the oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn keys(&self) -> Result<Vec<KeyRecord>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<KeyRecord>> {
            let mut query = self.book.prepare_cached("SELECT * FROM keys ORDER BY created_at, id")?;
            query.query_map([], record)?.collect()
        };
        read().map_err(|e| told(&self.path, "reading the keys", e))
    }

    /// Writes a new key down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(&mut self, key: &KeyRecord, entry: NewEntry) -> Result<(), LedgerError> {
        self.change("writing a key", |step| {
            put(step, key)?;
            audit::append(step, entry).map(|_| ())
        })
    }

    /// Revokes a key; false when there is none of that id, or it was revoked before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn revoke(&mut self, id: &str, at: Nanos, entry: NewEntry) -> Result<bool, LedgerError> {
        self.change("revoking a key", |step| {
            let revoke = "UPDATE keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
            let done = step.execute(revoke, params![id, at.0])? > 0;
            if done {
                audit::append(step, entry)?;
            }
            Ok(done)
        })
    }

    /// Puts a new key in the place of another, which counts until `old_ends` at most.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn rotate(
        &mut self,
        old: &str,
        old_ends: Nanos,
        new: &KeyRecord,
        entry: NewEntry,
    ) -> Result<(), LedgerError> {
        self.change("rotating a key", |step| {
            let shorten = "UPDATE keys SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE id = ?1";
            step.execute(shorten, params![old, old_ends.0])?;
            put(step, new)?;
            audit::append(step, entry).map(|_| ())
        })
    }

    /// Writes down when keys were last used.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn used(&mut self, last: &[(String, Nanos)]) -> Result<(), LedgerError> {
        self.change("noting the use of keys", |step| {
            for (id, at) in last {
                let later = "UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), ?2) WHERE id = ?1";
                step.execute(later, params![id, at.0])?;
            }
            Ok(())
        })
    }

    /// Adds lines to the audit.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn note(&mut self, entries: Vec<NewEntry>) -> Result<(), LedgerError> {
        self.change("writing the audit", |step| {
            entries.into_iter().try_for_each(|entry| audit::append(step, entry).map(|_| ()))
        })
    }

    /// Lines of the audit behind a position, the oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn entries(&self, after: i64, most: usize) -> Result<Vec<AuditEntry>, LedgerError> {
        audit::entries(&self.book, after, most).map_err(|e| told(&self.path, "reading the audit", e))
    }

    /// The last line of the audit with an action.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last(&self, action: &str) -> Result<Option<AuditEntry>, LedgerError> {
        audit::last(&self.book, action).map_err(|e| told(&self.path, "reading the audit", e))
    }

    /// Looks whether the audit is whole: no line changed, none missing.
    ///
    /// # Errors
    /// When it is not, with the first place where it is not; or it cannot be read.
    pub fn verify(&self) -> Result<Verified, LedgerError> {
        let verified = audit::verify(&self.book).map_err(|e| told(&self.path, "verifying the audit", e))?;
        verified.map_err(|what| LedgerError::Damaged { path: self.path.clone(), what })
    }

    /// One transaction. It takes the right to write before it reads: the end of the chain stays the end.
    fn change<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let changed = || {
            let step = self.book.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&step)?;
            step.commit()?;
            Ok(done)
        };
        changed().map_err(|e| told(&self.path, doing, e))
    }
}

/// The book's file inside the results folder.
fn path_in(data: &Path) -> PathBuf {
    data.join(FOLDER).join("access.sqlite")
}

fn put(step: &Transaction<'_>, key: &KeyRecord) -> rusqlite::Result<()> {
    let times = [key.expires_at, key.revoked_at, key.last_used_at].map(|at| at.map(|at| at.0));
    let values = params![
        key.id,
        key.owner,
        key.scope,
        key.hash,
        key.created_at.0,
        times[0],
        times[1],
        times[2],
        key.replaces
    ];
    step.execute("INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", values).map(|_| ())
}

fn record(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let time = |name: &str| row.get::<_, Option<i64>>(name).map(|at| at.map(Nanos));
    Ok(KeyRecord {
        id: row.get("id")?,
        owner: row.get("owner")?,
        scope: row.get("scope")?,
        hash: row.get("hash")?,
        created_at: Nanos(row.get("created_at")?),
        expires_at: time("expires_at")?,
        revoked_at: time("revoked_at")?,
        last_used_at: time("last_used_at")?,
        replaces: row.get("replaces")?,
    })
}
