//! The keys as they are held in memory. In: a key's text and the time. Out: whose it is, or why not.
//!
//! An id that is not known and a secret that is wrong take the same path: one hash, one comparison in constant time.

use std::collections::HashMap;

use subtle::ConstantTimeEq;

use super::key::{KeyHash, KeyText};
use super::{Denied, Scope};
use crate::store::ledger::KeyRecord;
use crate::tape::Nanos;

/// Compared with where no key has the id.
const NOBODY: KeyHash = [0; 32];

/// A key without its secret.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// What it allows.
    pub scope: Scope,
    expires_at: Option<Nanos>,
    revoked: bool,
    hash: KeyHash,
}

/// All keys, also those that count no more.
#[derive(Clone, Debug, Default)]
pub struct Ring {
    by_id: HashMap<String, Held>,
    /// Some records were not understood: their keys are refused.
    misread: usize,
}

impl Ring {
    /// Those of a book.
    #[must_use]
    pub fn of(records: Vec<KeyRecord>) -> Self {
        let all = records.len();
        let by_id: HashMap<_, _> =
            records.into_iter().filter_map(held).map(|key| (key.id.clone(), key)).collect();
        Self { misread: all - by_id.len(), by_id }
    }

    /// Whether there never was a key: then nobody can be asked for one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.misread == 0
    }

    /// Keys that count at a moment.
    #[must_use]
    pub fn usable(&self, now: Nanos) -> usize {
        self.by_id.values().filter(|key| key.refused(now).is_none()).count()
    }

    /// Whether the key of an id counts at a moment.
    #[must_use]
    pub fn counts(&self, id: &str, now: Nanos) -> bool {
        self.by_id.get(id).is_some_and(|key| key.refused(now).is_none())
    }

    /// Whose a key is.
    ///
    /// # Errors
    /// When it is nobody's, or counts no more.
    pub fn whose(&self, key: &KeyText, now: Nanos) -> Result<&Held, Denied> {
        let held = self.by_id.get(key.id());
        let expected = held.map_or(&NOBODY, |held| &held.hash);
        let same = bool::from(key.hash().ct_eq(expected));
        let held = held.filter(|_| same).ok_or(Denied::Unknown)?;
        held.refused(now).map_or(Ok(held), Err)
    }
}

impl Held {
    /// Why it counts no more, if so.
    fn refused(&self, now: Nanos) -> Option<Denied> {
        let expired = self.expires_at.is_some_and(|end| now >= end);
        match (self.revoked, expired) {
            (true, _) => Some(Denied::Revoked),
            (false, true) => Some(Denied::Expired),
            (false, false) => None,
        }
    }
}

fn held(record: KeyRecord) -> Option<Held> {
    let scope = Scope::parse(&record.scope)?;
    let KeyRecord { id, owner, expires_at, revoked_at, hash, .. } = record;
    Some(Held { id, owner, scope, expires_at, revoked: revoked_at.is_some(), hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &KeyText) -> KeyRecord {
        KeyRecord {
            id: key.id().to_owned(),
            owner: "desk".into(),
            scope: "write".into(),
            hash: key.hash(),
            created_at: Nanos(1),
            expires_at: Some(Nanos(100)),
            revoked_at: None,
            last_used_at: None,
            replaces: None,
        }
    }

    #[test]
    fn a_key_counts_until_its_end_and_no_other_secret_does() {
        let (mine, other) = (KeyText::random().expect("random"), KeyText::random().expect("random"));
        let ring = Ring::of(vec![record(&mine)]);
        assert_eq!(ring.whose(&mine, Nanos(99)).expect("a key").scope, Scope::Write);
        assert_eq!(ring.whose(&mine, Nanos(100)).expect_err("ended"), Denied::Expired);
        assert_eq!(ring.whose(&other, Nanos(5)).expect_err("unknown"), Denied::Unknown);
        // The id is right and the secret another key's.
        let forged = Ring::of(vec![KeyRecord { hash: other.hash(), ..record(&mine) }]);
        assert_eq!(forged.whose(&mine, Nanos(5)).expect_err("wrong"), Denied::Unknown);
        let revoked = Ring::of(vec![KeyRecord { revoked_at: Some(Nanos(2)), ..record(&mine) }]);
        assert_eq!(revoked.whose(&mine, Nanos(5)).expect_err("revoked"), Denied::Revoked);
        assert!(!revoked.is_empty() && revoked.usable(Nanos(5)) == 0);
    }

    #[test]
    fn a_scope_that_is_not_understood_closes_the_door_rather_than_opens_it() {
        let key = KeyText::random().expect("random");
        let ring = Ring::of(vec![KeyRecord { scope: "root".into(), ..record(&key) }]);
        assert!(!ring.is_empty());
        assert_eq!(ring.whose(&key, Nanos(5)).expect_err("unknown"), Denied::Unknown);
    }
}
