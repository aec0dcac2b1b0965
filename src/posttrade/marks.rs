//! An order's mids and benchmarks: the caller's where there are any, else the tape's, else unknown.

use std::sync::Arc;

use crate::cost::{Benchmarks, Execution, mid_before};
use crate::flow::BarRecord;
use crate::limits::POSTTRADE_TAPES_KEPT;
use crate::pretrade::Kept;
use crate::store::{Archive, StoreError};
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Price};

/// Where a mid is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MidSource {
    /// The caller.
    Caller,
    /// The last bar that had ended.
    Tape,
}

impl MidSource {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Tape => "tape",
        }
    }
}

/// An order with all mids that can be known.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// The order; mids of the tape stand where the caller gave none.
    pub execution: Execution,
    /// Of the mid on arrival.
    pub arrival: Option<MidSource>,
    /// Of the mid at the end.
    pub end: Option<MidSource>,
    /// Of the mids at the fills.
    pub fills: Vec<Option<MidSource>>,
    /// What the market did meanwhile.
    pub benchmarks: Benchmarks,
    /// Width of the bars that told; `None` when there were none.
    pub bar_seconds: Option<f64>,
}

/// A symbol, the dates from and to, and the state of the results.
type TapeKey = (String, String, String, String);

/// The finest bars of symbols' days, the last ones used held at hand.
#[derive(Debug)]
pub struct Tapes {
    kept: Kept<TapeKey, Arc<Vec<BarRecord>>>,
}

impl Default for Tapes {
    fn default() -> Self {
        Self { kept: Kept::new(POSTTRADE_TAPES_KEPT) }
    }
}

impl Tapes {
    /// Looks up what the caller did not give. Blocks on the disk.
    ///
    /// # Errors
    /// When a table is missing or damaged.
    pub fn mark(&self, archive: Option<&Archive>, mut execution: Execution) -> Result<Marked, StoreError> {
        let width = archive.and_then(|archive| archive.bar_widths().iter().copied().min());
        let bars = match (archive, width) {
            (Some(archive), Some(width)) => self.bars(archive, width, &execution)?,
            _ => Arc::default(),
        };
        let known = |mid: &mut Option<Price>, moment: Nanos| {
            if mid.is_some() {
                return Some(MidSource::Caller);
            }
            *mid = mid_before(&bars, moment);
            mid.map(|_| MidSource::Tape)
        };
        let (arrival, end) = (execution.arrival, execution.end);
        Ok(Marked {
            arrival: known(&mut execution.arrival_mid, arrival),
            end: known(&mut execution.end_mid, end),
            fills: execution.fills.iter_mut().map(|fill| known(&mut fill.mid, fill.ts)).collect(),
            benchmarks: Benchmarks::of(&bars, arrival, end),
            bar_seconds: width.filter(|_| !bars.is_empty()).map(|w| w as f64 / NANOS_PER_SECOND as f64),
            execution,
        })
    }

    fn bars(
        &self,
        archive: &Archive,
        width: i64,
        execution: &Execution,
    ) -> Result<Arc<Vec<BarRecord>>, StoreError> {
        archive.check_is_of_new_york()?;
        let symbol = execution.symbol.as_str();
        let date = |moment| NYSE.date_of(moment).to_string();
        let (from, to) = (date(execution.arrival), date(execution.end));
        let state = archive.state_up_to(&to).unwrap_or_default().to_owned();
        let key = (symbol.to_owned(), from.clone(), to.clone(), state);
        if let Some(bars) = self.kept.get(&key) {
            return Ok(bars);
        }
        let mut bars = Vec::new();
        for day in archive.dates_of(symbol).filter(|day| (from.as_str()..=to.as_str()).contains(day)) {
            bars.extend(archive.bars(day, symbol, width)?);
        }
        let bars = Arc::new(bars);
        self.kept.put(key, bars.clone());
        Ok(bars)
    }
}
