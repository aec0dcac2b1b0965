//! The audit: who did what and when, one line behind the other. In: what was done. Out: the lines, and whether they
//! are whole.
//!
//! A line's SHA-256 covers the one before it, so that none can be changed or taken out of the middle unseen; the
//! table's own counter tells of lines taken from its end. Who owns the file can write all of it anew: the head, kept
//! elsewhere, tells of that.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::tape::{Nanos, sha256};

/// What is written down; the fields that a line does not need are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// When.
    pub at: Nanos,
    /// Who: a key's id, `command line`, `daemon`, or `nobody` without a key.
    pub who: String,
    /// What was done, a word of a small set.
    pub action: String,
    /// With what: a key, a route, a model, a file's hash.
    pub subject: String,
    /// More of it, for a person.
    pub detail: String,
    /// From which address.
    pub address: String,
    /// Which request.
    pub request_id: String,
}

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub position: i64,
    /// What was written down.
    pub entry: NewEntry,
    /// Of the line and of all before it.
    pub sha256: String,
}

/// An audit that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many lines.
    pub entries: i64,
    /// The last line's SHA-256; empty when there is none.
    pub head: String,
}

/// The chained hash of a line. JSON, so that no field can run into its neighbour.
fn chained(before: &str, position: i64, entry: &NewEntry) -> String {
    let NewEntry { at, who, action, subject, detail, address, request_id } = entry;
    let line = serde_json::json!([before, position, at.0, who, action, subject, detail, address, request_id]);
    sha256(line.to_string())
}

/// Adds a line at the end; the transaction must have the right to write already.
pub fn append(step: &Transaction<'_>, entry: NewEntry) -> rusqlite::Result<i64> {
    let last = "SELECT position, sha256 FROM audit ORDER BY position DESC LIMIT 1";
    let last = step.query_row(last, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    let (position, before) = last.optional()?.unwrap_or_default();
    // Not simply one more than the last line: a line taken from the end leaves a gap that is found.
    let seen: Option<i64> = counter(step)?;
    let position = position.max(seen.unwrap_or(0)) + 1;
    let sha256 = chained(&before, position, &entry);
    let NewEntry { at, who, action, subject, detail, address, request_id } = entry;
    let put = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    step.execute(put, params![position, at.0, who, action, subject, detail, address, request_id, sha256])?;
    Ok(position)
}

/// The highest position that was ever given.
fn counter(book: &Connection) -> rusqlite::Result<Option<i64>> {
    book.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", [], |row| row.get(0)).optional()
}

/// Lines behind a position.
pub fn entries(book: &Connection, after: i64, most: usize) -> rusqlite::Result<Vec<AuditEntry>> {
    let mut query =
        book.prepare_cached("SELECT * FROM audit WHERE position > ?1 ORDER BY position LIMIT ?2")?;
    query.query_map(params![after, most as i64], line)?.collect()
}

/// The last line with an action.
pub fn last(book: &Connection, action: &str) -> rusqlite::Result<Option<AuditEntry>> {
    let query = "SELECT * FROM audit WHERE action = ?1 ORDER BY position DESC LIMIT 1";
    book.query_row(query, [action], line).optional()
}

/// Looks at every line; the inner error says where the chain breaks first.
pub fn verify(book: &Connection) -> rusqlite::Result<Result<Verified, String>> {
    let mut query = book.prepare("SELECT * FROM audit ORDER BY position")?;
    let (mut entries, mut head) = (0, String::new());
    for found in query.query_map([], line)? {
        let AuditEntry { position, entry, sha256 } = found?;
        if position != entries + 1 {
            let what = match position - entries {
                2 => format!("line {} of the audit is missing", entries + 1),
                _ => format!("lines {} to {} of the audit are missing", entries + 1, position - 1),
            };
            return Ok(Err(what));
        }
        if chained(&head, position, &entry) != sha256 {
            return Ok(Err(format!("line {position} of the audit, or the one before it, was changed")));
        }
        (entries, head) = (position, sha256);
    }
    let given = counter(book)?.unwrap_or(0);
    if given > entries {
        return Ok(Err(format!("lines {} to {given} of the audit are missing at its end", entries + 1)));
    }
    Ok(Ok(Verified { entries, head }))
}

fn line(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let entry = NewEntry {
        at: Nanos(row.get("at")?),
        who: row.get("who")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
        address: row.get("address")?,
        request_id: row.get("request_id")?,
    };
    Ok(AuditEntry { position: row.get("position")?, entry, sha256: row.get("sha256")? })
}

#[cfg(test)]
mod tests {
    use super::super::AccessBook;
    use super::*;

    fn entry(subject: &str) -> NewEntry {
        NewEntry { at: Nanos(7), who: "nobody".into(), subject: subject.into(), ..NewEntry::default() }
    }

    /// A book of five lines, and a way to tamper with it as who owns the file can.
    fn tampered(with: &str) -> Result<Verified, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut book = AccessBook::open(folder.path()).expect("a book");
        book.note(["a", "b", "c", "d", "e"].map(entry).to_vec()).expect("written");
        let raw = Connection::open(folder.path().join("live/access.sqlite")).expect("the file");
        raw.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut")
            .expect("a trick");
        raw.execute_batch(with).expect("tampered");
        book.verify().map_err(|e| e.to_string())
    }

    #[test]
    fn a_changed_or_missing_line_is_found() {
        let whole = tampered("").expect("whole");
        assert_eq!((whole.entries, whole.head.len()), (5, 64));
        for (with, said) in [
            ("UPDATE audit SET subject = 'x' WHERE position = 3", "line 3"),
            ("UPDATE audit SET at = 8 WHERE position = 5", "line 5"),
            ("UPDATE audit SET who = 'n', action = 'obody' WHERE position = 1", "line 1"),
            ("DELETE FROM audit WHERE position = 2", "line 2"),
            ("DELETE FROM audit WHERE position IN (2, 3)", "lines 2 to 3"),
            ("DELETE FROM audit WHERE position > 3", "lines 4 to 5"),
            ("DELETE FROM audit", "lines 1 to 5"),
            ("DELETE FROM audit WHERE position = 1; UPDATE audit SET position = position - 1", "line 1"),
        ] {
            let told = tampered(with).expect_err(with);
            assert!(told.contains(said), "{with}: {told}");
        }
    }

    #[test]
    fn lines_are_only_added() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut book = AccessBook::open(folder.path()).expect("a book");
        book.note(vec![entry("a")]).expect("written");
        let raw = Connection::open(folder.path().join("live/access.sqlite")).expect("the file");
        for bad in ["UPDATE audit SET who = 'x'", "DELETE FROM audit"] {
            assert!(raw.execute_batch(bad).expect_err(bad).to_string().contains("only added to"));
        }
        book.note(vec![entry("b")]).expect("written");
        let lines = book.entries(1, 10).expect("lines");
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].position, lines[0].entry.subject.as_str()), (2, "b"));
        assert!(book.verify().is_ok());
    }
}
