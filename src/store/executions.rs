//! Executed orders on disk: `DIR/executions/DATE/HASH.json`, a file an order.
//!
//! DATE is the New York date of the order's arrival, HASH the SHA-256 of its id, so that an id is found without an
//! index. Ground state: unlike the result tables it cannot be made again from the inputs of a batch, and no batch
//! touches it. A file is written whole under another name, synced and renamed, and its folder synced, before anybody
//! is told that the order is recorded. Writers take turns by a lock on `executions/.lock`, also those of another
//! process. The same order again changes nothing; another order under the same id is refused.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::dir::{StoreError, create_dir, sync, write_atomically};
use super::execution_record::ExecutionRecord;
use crate::limits::EXECUTIONS_PER_DATE_MAX;
use crate::tape::{NYSE, Nanos, sha256};

/// Why orders were not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRecorded {
    /// Another order is recorded under this id.
    #[error("another order is recorded under the id '{order_id}'")]
    Conflict {
        /// Which of the orders, from 0.
        index: usize,
        /// Its id.
        order_id: String,
    },
    /// A date holds as many orders as it may.
    #[error("{date} holds {EXECUTIONS_PER_DATE_MAX} orders, as many as a date may")]
    Full {
        /// Which date.
        date: NaiveDate,
    },
    /// The disk refused, or a file is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The place of an order among all: dates ascending, and within a date by the hash of its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Date of arrival.
    pub date: NaiveDate,
    /// Hash of the id, 64 hexadecimal digits.
    pub hash: String,
}

/// The executions of a results folder.
#[derive(Clone, Debug)]
pub struct Executions {
    root: PathBuf,
}

impl Executions {
    /// Those of a folder, which need not have any yet.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { root: data.join("executions") }
    }

    /// Records orders, all or none: returns what is now kept of each and whether it is new, once all are durable.
    /// Orders that are recorded already keep their first record.
    ///
    /// # Errors
    /// When an id stands for another order, a date is full, or the disk refuses. A refusal of the disk midway may leave
    /// some of the orders recorded, each of them whole: the same call again records the rest.
    pub fn record(&self, records: Vec<ExecutionRecord>) -> Result<Vec<(ExecutionRecord, bool)>, NotRecorded> {
        create_dir(&self.root)?;
        let _turn = self.lock()?;
        let mut settled: BTreeMap<String, ExecutionRecord> = BTreeMap::new();
        let mut fresh: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        let mut all = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            let order_id = record.order.order_id.clone();
            let earlier = match settled.get(&order_id) {
                Some(record) => Some(record.clone()),
                None => self.find(&order_id)?,
            };
            if earlier.as_ref().is_some_and(|known| known.sha256 != record.sha256) {
                return Err(NotRecorded::Conflict { index, order_id });
            }
            let (kept, is_new) = earlier.map_or((record, true), |known| (known, false));
            if is_new {
                *fresh.entry(place(&kept).date).or_default() += 1;
            }
            settled.insert(order_id, kept.clone());
            all.push((kept, is_new));
        }
        for (date, more) in fresh {
            if self.hashes(date)?.len() + more > EXECUTIONS_PER_DATE_MAX {
                return Err(NotRecorded::Full { date });
            }
            self.make_folder(date)?;
        }
        for (record, _) in all.iter().filter(|(_, is_new)| *is_new) {
            self.write(record)?;
        }
        Ok(all)
    }

    /// The record of an order; `None` when there is none.
    ///
    /// # Errors
    /// When its file is damaged, or the disk refuses.
    pub fn find(&self, order_id: &str) -> Result<Option<ExecutionRecord>, StoreError> {
        let hash = hash(order_id);
        for date in self.dates()? {
            if let Some(record) = self.read(&Place { date, hash: hash.clone() })? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Dates with executions, ascending.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn dates(&self) -> Result<Vec<NaiveDate>, StoreError> {
        let mut dates: Vec<NaiveDate> =
            names(&self.root)?.iter().filter_map(|name| name.parse().ok()).collect();
        dates.sort_unstable();
        Ok(dates)
    }

    /// Hashes of the ids of a date's orders, ascending.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn hashes(&self, date: NaiveDate) -> Result<Vec<String>, StoreError> {
        let whole = |name: String| name.strip_suffix(".json").map(str::to_owned);
        let mut hashes: Vec<String> = names(&self.folder(date))?.into_iter().filter_map(whole).collect();
        hashes.sort_unstable();
        Ok(hashes)
    }

    /// The record at a place; `None` when there is none.
    ///
    /// # Errors
    /// When the file is damaged, or the disk refuses.
    pub fn read(&self, place: &Place) -> Result<Option<ExecutionRecord>, StoreError> {
        let path = self.path(place);
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|e| StoreError::io(&path, "reading", e))?,
        };
        let record: ExecutionRecord = serde_json::from_slice(&bytes).map_err(|e| {
            let what =
                format!("is damaged ({e}); put it back from a copy, or delete it and post the order again");
            StoreError::damaged(&path, what)
        })?;
        if self.path(&self::place(&record)) != path {
            let what =
                format!("holds the order '{}', which belongs elsewhere; delete it", record.order.order_id);
            return Err(StoreError::damaged(&path, what));
        }
        Ok(Some(record))
    }

    /// The record at a place, in a walk over many: a damaged file is handed to `skip`, and the walk goes on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn read_or_skip(
        &self,
        place: &Place,
        skip: &mut dyn FnMut(&Place, &StoreError),
    ) -> Result<Option<ExecutionRecord>, StoreError> {
        match self.read(place) {
            Err(error @ StoreError::Damaged { .. }) => {
                skip(place, &error);
                Ok(None)
            }
            other => other,
        }
    }

    fn write(&self, record: &ExecutionRecord) -> Result<(), StoreError> {
        let path = self.path(&place(record));
        let mut bytes =
            serde_json::to_vec_pretty(record).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
        bytes.push(b'\n');
        write_atomically(&path, &bytes)
    }

    /// A folder that is there for good before anything is written into it; one that is there may not have been synced.
    fn make_folder(&self, date: NaiveDate) -> Result<(), StoreError> {
        create_dir(&self.folder(date))?;
        sync(&self.root)?;
        self.root.parent().map_or(Ok(()), sync)
    }

    fn lock(&self) -> Result<File, StoreError> {
        let path = self.root.join(".lock");
        let file = File::create(&path).map_err(|e| StoreError::io(&path, "opening", e))?;
        file.lock().map_err(|e| StoreError::io(&path, "locking", e))?;
        Ok(file)
    }

    fn folder(&self, date: NaiveDate) -> PathBuf {
        self.root.join(date.to_string())
    }

    fn path(&self, place: &Place) -> PathBuf {
        self.folder(place.date).join(format!("{}.json", place.hash))
    }
}

/// Where a record belongs.
#[must_use]
pub fn place(record: &ExecutionRecord) -> Place {
    let date = NYSE.date_of(Nanos(record.order.arrival_ts_nanos));
    Place { date, hash: hash(&record.order.order_id) }
}

fn hash(order_id: &str) -> String {
    sha256(order_id)
}

/// Names in a folder; none when it is not there.
fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let refused = |e| StoreError::io(folder, "listing", e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(refused)?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<io::Result<_>>().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::super::execution_record::{OrderRecord, SideRecord};
    use super::*;

    fn record(order_id: &str, quantity_shares: i64) -> ExecutionRecord {
        let order = OrderRecord {
            order_id: order_id.into(),
            symbol: "IBM".into(),
            side: SideRecord::Buy,
            quantity_shares,
            decision_ts_nanos: 1_381_152_600_000_000_000,
            decision_price_nanodollars: 1,
            arrival_ts_nanos: 1_381_152_600_000_000_000,
            arrival_mid_nanodollars: None,
            end_ts_nanos: 1_381_152_600_000_000_000,
            end_mid_nanodollars: Some(1),
            fills: Vec::new(),
        };
        ExecutionRecord {
            order,
            sha256: quantity_shares.to_string(),
            recorded_at_nanos: 7,
            estimate: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn the_same_again_is_known_and_another_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let executions = Executions::new(folder.path());
        assert!(executions.dates().expect("none").is_empty());
        let first = executions.record(vec![record("a/../b", 1), record("c", 2)]).expect("recorded");
        assert!(first.iter().all(|(_, is_new)| *is_new));
        let mut again = record("c", 2);
        again.recorded_at_nanos = 8;
        assert_eq!(executions.record(vec![again]).expect("known"), [(record("c", 2), false)]);
        let refused = executions.record(vec![record("d", 1), record("c", 3)]).expect_err("another order");
        assert!(matches!(refused, NotRecorded::Conflict { index: 1, order_id } if order_id == "c"));
        assert!(executions.find("d").expect("readable").is_none(), "all or none");
        assert_eq!(executions.find("a/../b").expect("readable"), Some(record("a/../b", 1)));
        let date = "2013-10-07".parse().expect("a date");
        assert_eq!(executions.dates().expect("dates"), [date]);
        assert_eq!(executions.hashes(date).expect("hashes").len(), 2);
    }

    #[test]
    fn one_id_twice_in_a_request_is_one_order_or_a_conflict() {
        let folder = tempfile::tempdir().expect("a folder");
        let executions = Executions::new(folder.path());
        let twice = executions.record(vec![record("a", 1), record("a", 1)]).expect("recorded");
        assert_eq!(twice.iter().map(|(_, is_new)| *is_new).collect::<Vec<_>>(), [true, false]);
        assert!(executions.record(vec![record("b", 1), record("b", 2)]).is_err());
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let executions = Executions::new(folder.path());
        executions.record(vec![record("a", 1)]).expect("recorded");
        let path = executions.path(&place(&record("a", 1)));
        fs::write(&path, "{\"order\":").expect("written");
        let error = executions.find("a").expect_err("damaged").to_string();
        assert!(
            error.starts_with(&path.display().to_string()) && error.contains("post the order again"),
            "{error}"
        );
        fs::write(&path, serde_json::to_vec(&record("z", 1)).expect("JSON")).expect("written");
        assert!(executions.find("a").expect_err("misplaced").to_string().contains("'z'"));
    }
}
