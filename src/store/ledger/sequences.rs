//! Which of a source's numbers have been seen on a session date: coalesced ranges, mirrored from the table as they are
//! asked for and written back in the transaction that stores the events themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, params};

use crate::limits::SEQUENCE_RANGES_HELD;

/// A source's session date.
pub type Key = (String, NaiveDate);

/// The mirror of all ranges that were asked for lately.
#[derive(Debug, Default)]
pub struct Sequences {
    held: HashMap<Key, Ranges>,
}

impl Sequences {
    /// The ranges of a key, for adding to.
    pub fn of(&mut self, book: &Connection, key: &Key) -> rusqlite::Result<&mut Ranges> {
        if !self.held.contains_key(key) {
            let ranges = load(book, key)?;
            self.held.insert(key.clone(), ranges);
        }
        Ok(self.held.entry(key.clone()).or_default())
    }

    /// Writes what was added to a key.
    pub fn save(&mut self, book: &Connection, key: &Key) -> rusqlite::Result<()> {
        let Some(ranges) = self.held.get_mut(key) else { return Ok(()) };
        let (source, date) = (&key.0, key.1.num_days_from_ce());
        let mut put = book.prepare_cached("INSERT OR REPLACE INTO sequences VALUES (?1, ?2, ?3, ?4)")?;
        let mut drop =
            book.prepare_cached("DELETE FROM sequences WHERE source = ?1 AND date = ?2 AND first = ?3")?;
        for first in std::mem::take(&mut ranges.changed) {
            match ranges.last_of.get(&first) {
                Some(last) => put.execute(params![source, date, first.cast_signed(), last.cast_signed()])?,
                None => drop.execute(params![source, date, first.cast_signed()])?,
            };
        }
        Ok(())
    }

    /// Lets go of everything: after a rollback the table is right and the mirror is not.
    pub fn clear(&mut self) {
        self.held.clear();
    }

    /// Lets go of everything once it is much.
    pub fn trim(&mut self) {
        let ranges: usize = self.held.values().map(|ranges| 8 + ranges.last_of.len()).sum();
        if ranges > SEQUENCE_RANGES_HELD {
            self.clear();
        }
    }
}

/// The ranges of a key as the table has them, ascending.
pub fn load(book: &Connection, (source, date): &Key) -> rusqlite::Result<Ranges> {
    let mut rows =
        book.prepare_cached("SELECT first, last FROM sequences WHERE source = ?1 AND date = ?2")?;
    let pair = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
    };
    let last_of =
        rows.query_map(params![source, date.num_days_from_ce()], pair)?.collect::<Result<_, _>>()?;
    Ok(Ranges { last_of, changed: BTreeSet::new() })
}

/// Numbers as ranges that neither touch nor overlap.
#[derive(Debug, Default)]
pub struct Ranges {
    /// A range's last number by its first.
    last_of: BTreeMap<u64, u64>,
    /// First numbers of ranges that the table does not have so.
    changed: BTreeSet<u64>,
}

impl Ranges {
    /// Adds a number; says whether it is new.
    pub fn insert(&mut self, number: u64) -> bool {
        let before = self.last_of.range(..=number).next_back().map(|(&first, &last)| (first, last));
        if before.is_some_and(|(_, last)| number <= last) {
            return false;
        }
        let next = number.checked_add(1);
        let after = next.and_then(|next| {
            self.last_of.remove(&next).inspect(|_| {
                self.changed.insert(next);
            })
        });
        let last = after.unwrap_or(number);
        let first = match before {
            Some((first, before)) if before.checked_add(1) == Some(number) => first,
            _ => number,
        };
        self.last_of.insert(first, last);
        self.changed.insert(first);
        true
    }

    /// How many ranges there are.
    pub fn len(&self) -> usize {
        self.last_of.len()
    }

    /// The ranges, ascending: first and last number of each.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.last_of.iter().map(|(&first, &last)| (first, last))
    }
}
