//! Making and ending keys: what `impactd keys` does. In: a results folder and a wish. Out: a key's text, once.

use std::path::Path;

use super::audit::{Action, Deed, entry};
use super::{KeyText, Scope};
use crate::clock::now;
use crate::limits::{KEY_OWNER_MAX_CHARS, KEYS_MAX};
use crate::store::ledger::{AccessBook, KeyRecord, LedgerError, NewEntry};
use crate::tape::Nanos;

/// A key could not be made or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManageError {
    /// What was asked for cannot be.
    #[error("{0}")]
    Refused(String),
    /// The book refused.
    #[error(transparent)]
    Book(#[from] LedgerError),
    /// The operating system has no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// The keys of a results folder, to be changed.
#[derive(Debug)]
pub struct KeyBook {
    book: AccessBook,
}

impl KeyBook {
    /// Opens the book, or founds it.
    ///
    /// # Errors
    /// When that fails.
    pub fn open(data: &Path) -> Result<Self, LedgerError> {
        Ok(Self { book: AccessBook::open(data)? })
    }

    /// All keys, also those that count no more.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self) -> Result<Vec<KeyRecord>, LedgerError> {
        self.book.keys()
    }

    /// Makes a key; its text is nowhere else.
    ///
    /// # Errors
    /// When the owner's name is none, there are too many keys, or the book refuses.
    pub fn create(
        &mut self,
        owner: &str,
        scope: Scope,
        expires_at: Option<Nanos>,
    ) -> Result<(KeyText, KeyRecord), ManageError> {
        let (text, record) = self.fresh(owner, scope, expires_at, None)?;
        self.book.create(&record, line(Action::KeyCreated, &record.id, &told(&record)))?;
        Ok((text, record))
    }

    /// Revokes a key at once.
    ///
    /// # Errors
    /// When there is no such key, it was revoked before, or the book refuses.
    pub fn revoke(&mut self, id: &str) -> Result<(), ManageError> {
        let record = self.of(id)?;
        let entry = line(Action::KeyRevoked, id, &format!("of {}", record.owner));
        if self.book.revoke(id, now(), entry)? {
            Ok(())
        } else {
            Err(ManageError::Refused(format!("key {id} was revoked before")))
        }
    }

    /// Makes a key like another, which counts for `overlap_ns` more.
    ///
    /// # Errors
    /// When there is no such key, it counts no more, or the book refuses.
    pub fn rotate(&mut self, id: &str, overlap_ns: i64) -> Result<(KeyText, KeyRecord), ManageError> {
        let (old, now) = (self.of(id)?, now());
        let scope = Scope::parse(&old.scope)
            .ok_or_else(|| ManageError::Refused(format!("key {id} has the unknown scope {:?}", old.scope)))?;
        if old.revoked_at.is_some() || old.expires_at.is_some_and(|end| end <= now) {
            return Err(ManageError::Refused(format!(
                "key {id} counts no more: make a new one with keys create"
            )));
        }
        let lasts = old.expires_at.map(|end| end.0.saturating_sub(old.created_at.0));
        let expires_at = lasts.map(|lasts| Nanos(now.0.saturating_add(lasts)));
        let (text, record) = self.fresh(&old.owner, scope, expires_at, Some(id.to_owned()))?;
        let ends = Nanos(now.0.saturating_add(overlap_ns));
        let detail = format!("in the place of {id}, which ends {ends}; {}", told(&record));
        self.book.rotate(id, ends, &record, line(Action::KeyRotated, &record.id, &detail))?;
        Ok((text, record))
    }

    fn of(&self, id: &str) -> Result<KeyRecord, ManageError> {
        let found = self.book.keys()?.into_iter().find(|key| key.id == id);
        found.ok_or_else(|| {
            ManageError::Refused(format!(
                "there is no key {id:?}: impactd keys list names those that there are"
            ))
        })
    }

    fn fresh(
        &self,
        owner: &str,
        scope: Scope,
        expires_at: Option<Nanos>,
        replaces: Option<String>,
    ) -> Result<(KeyText, KeyRecord), ManageError> {
        let plain = |c: char| !c.is_control();
        if owner.trim().is_empty() || owner.chars().count() > KEY_OWNER_MAX_CHARS || !owner.chars().all(plain)
        {
            let what = format!("an owner has 1 to {KEY_OWNER_MAX_CHARS} characters that can be printed");
            return Err(ManageError::Refused(what));
        }
        if self.book.keys()?.len() >= KEYS_MAX {
            return Err(ManageError::Refused(format!("there are {KEYS_MAX} keys already; that is all")));
        }
        let text = KeyText::random()?;
        let record = KeyRecord {
            id: text.id().to_owned(),
            owner: owner.to_owned(),
            scope: scope.as_str().to_owned(),
            hash: text.hash(),
            created_at: now(),
            expires_at,
            revoked_at: None,
            last_used_at: None,
            replaces,
        };
        Ok((text, record))
    }
}

fn told(record: &KeyRecord) -> String {
    let ends = record.expires_at.map_or_else(|| "without an end".to_owned(), |end| format!("until {end}"));
    format!("scope {}, of {}, {ends}", record.scope, record.owner)
}

fn line(action: Action, subject: &str, detail: &str) -> NewEntry {
    let (who, subject, detail) = ("command line".to_owned(), subject.to_owned(), detail.to_owned());
    entry(action, Deed { who, subject, detail, ..Deed::default() })
}
