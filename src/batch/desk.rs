//! Where finished symbol-days arrive: analysed on the worker pool, written in order.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use chrono::NaiveDate;

use super::Job;
use super::analyse::{Analysed, analyse};
use super::stream::Key;
use crate::clean::{Counts, Kind, Prints};
use crate::pipeline::SymbolDay;
use crate::sign::{Accuracy, Place};
use crate::store::{PartWriters, PrintCount, StoreError, UnitRecord, create_dir, write_atomically};
use crate::tape::Session;

type Pending = (Key, Receiver<Result<Analysed, StoreError>>);

/// The desk of one pass.
pub struct Desk<'a> {
    job: &'a Job<'a>,
    staging: PathBuf,
    pending: VecDeque<Pending>,
    parts: Option<(NaiveDate, PartWriters)>,
    counts: Counts,
    record: UnitRecord,
    failed: Option<StoreError>,
}

impl<'a> Desk<'a> {
    /// An empty desk that writes into `staging`.
    pub fn new(job: &'a Job<'a>, staging: &Path) -> Self {
        Self {
            job,
            staging: staging.to_owned(),
            pending: VecDeque::new(),
            parts: None,
            counts: Counts::default(),
            record: UnitRecord::default(),
            failed: None,
        }
    }

    /// Takes a finished symbol-day; false when writing has failed or the batch was called off, and more would be in
    /// vain.
    pub fn take(&mut self, key: Key, session: Session, day: SymbolDay) -> bool {
        if self.job.watch.is_called_off() {
            return false;
        }
        let (sender, receiver) = channel();
        let settings = Arc::clone(&self.job.settings);
        let symbol = key.1.clone();
        let (wanted, watch) = (self.job.wanted.clone(), self.job.watch.clone());
        rayon::spawn(move || {
            if watch.is_called_off() {
                return;
            }
            let analysed = analyse(&symbol, session, &day, &settings, &wanted)
                .map_err(|e| StoreError::damaged(Path::new(symbol.as_str()), e.to_string()));
            // A desk that closed early no longer wants it.
            let _ = sender.send(analysed);
        });
        self.pending.push_back((key, receiver));
        while self.failed.is_none() && self.pending.len() > self.job.request.jobs {
            self.write_next();
        }
        self.failed.is_none()
    }

    fn write_next(&mut self) {
        let Some((key, receiver)) = self.pending.pop_front() else {
            return;
        };
        let written = match receiver.recv() {
            Ok(analysed) => analysed.and_then(|analysed| self.write(&key, analysed)),
            Err(_) => Err(StoreError::damaged(
                Path::new(key.1.as_str()),
                format!("the analysis of {} broke off; this is a defect, report it", key.0),
            )),
        };
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    fn write(&mut self, key: &Key, analysed: Analysed) -> Result<(), StoreError> {
        let (date, symbol) = (key.0, key.1.as_str());
        if self.parts.as_ref().is_none_or(|(open, _)| *open != date) {
            self.close_date()?;
            self.record.dates.push(date.to_string());
            let writers = PartWriters::new(&self.staging, &date.to_string());
            self.parts = Some((date, writers));
        }
        let counts = &analysed.counts;
        if let Some((_, parts)) = &mut self.parts {
            parts.append(symbol, analysed.tables, counts.quotes_kept, counts.trades_kept)?;
        }
        if let Some(text) = analysed.summary {
            let folder = self.staging.join("summary");
            create_dir(&folder)?;
            let name = format!("{}_{}.json", key.1.file_stem(), date.format("%Y%m%d"));
            write_atomically(&folder.join(name), text.as_bytes())?;
        }
        self.record.symbol_days += 1;
        self.counts.add(counts);
        self.score(&analysed.accuracy);
        self.count_prints(&analysed.prints);
        self.record.halts += analysed.halts.count();
        for (reason, windows) in analysed.skipped {
            let total = self.record.windows_without_fit.entry(reason.into());
            *total.or_default() += windows;
        }
        Ok(())
    }

    /// Adds a symbol-day's prints to the unit's: nothing where all are ordinary.
    fn count_prints(&mut self, prints: &Prints) {
        let scale = self.job.settings.scale;
        let kinds = Kind::ALL.iter().map(|kind| (kind.code(), prints.of(*kind)));
        let all = [("all", &prints.all)].into_iter().filter(|_| prints.is_telling());
        for (code, tally) in all.chain(kinds.filter(|(_, tally)| tally.prints > 0)) {
            let (shares, dollars) = (scale.shares(tally.units), scale.shares(tally.value) / 1e9);
            let more = PrintCount { prints: tally.prints, shares, dollars };
            self.record.prints.entry(code.to_owned()).or_default().add(&more);
        }
    }

    /// Adds a symbol-day's scores to the unit's.
    fn score(&mut self, accuracy: &Accuracy) {
        if accuracy.trades() == 0 {
            return;
        }
        let layers = &self.job.settings.sign;
        let counted = (layers.rules().len() > 1).then(|| (layers.to_string(), accuracy.counted(Place::All)));
        let rules =
            accuracy.rules().map(|(rule, scores)| (rule.name().to_owned(), scores[Place::All as usize]));
        for (name, score) in rules.chain(counted) {
            let total = self.record.sign_accuracy.entry(name).or_default();
            total.trades += score.trades;
            total.classified += score.classified;
            total.right += score.right;
        }
    }

    fn close_date(&mut self) -> Result<(), StoreError> {
        self.parts.take().map_or(Ok(()), |(_, parts)| parts.finish())
    }

    /// Writes what is pending and closes the last date.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn finish(mut self) -> Result<UnitRecord, StoreError> {
        while self.failed.is_none() && !self.pending.is_empty() {
            self.write_next();
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.close_date()?;
        self.record.quotes.seen = self.counts.quotes_seen;
        self.record.quotes.kept = self.counts.quotes_kept;
        self.record.quotes.dropped = owned(self.counts.quotes_dropped());
        self.record.trades.seen = self.counts.trades_seen;
        self.record.trades.kept = self.counts.trades_kept;
        self.record.trades.dropped = owned(self.counts.trades_dropped());
        Ok(self.record)
    }
}

fn owned(counts: BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}
