//! Rows gathered into a batch: symbols named, their times watched. One gatherer serves one chunk of a file, so
//! that chunks can be read side by side; [`super::sequence`] joins them.

use std::collections::{BTreeSet, HashMap};

use super::error::Fault;
use super::raw::{Batch, RawRow};
use crate::tape::{Nanos, Symbol};

/// The times below which a symbol may not fall, where earlier rows are known.
pub type Floors = HashMap<Box<[u8]>, Nanos>;

/// A symbol met in a chunk.
#[derive(Debug)]
pub struct Met {
    /// As the file spells it.
    pub name: Box<[u8]>,
    /// Time of its first row, and the line that stands on.
    pub first: (Nanos, u64),
    /// Time of its last row.
    pub last: Nanos,
    wanted: bool,
}

/// What a chunk gave.
#[derive(Debug)]
pub struct Gathered<R> {
    /// The rows, in file order.
    pub rows: Vec<R>,
    /// The symbols that the rows' indices name.
    pub met: Vec<Met>,
    /// Rows that could not be read, with the line they stand on, counted from 1 in this chunk.
    pub faults: Vec<(u64, Fault)>,
    /// Rows of symbols nobody asked for.
    pub unselected: u64,
}

/// What a gatherer is told of symbols.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The symbols asked for; all when empty.
    pub wanted: &'a BTreeSet<String>,
    /// Where each symbol's time has come to before this chunk; empty where that is checked later.
    pub floors: &'a Floors,
}

/// Gathers the rows of one chunk.
pub struct Gatherer<R> {
    gathered: Gathered<R>,
    by_name: HashMap<Box<[u8]>, usize>,
    current: usize,
}

impl<R: RawRow> Gatherer<R> {
    /// An empty gatherer with room for some rows.
    pub fn new(rows: usize) -> Self {
        let gathered =
            Gathered { rows: Vec::with_capacity(rows), met: Vec::new(), faults: Vec::new(), unselected: 0 };
        Self { gathered, by_name: HashMap::new(), current: 0 }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.gathered.rows.len()
    }

    /// Takes a row that stands on `line`.
    #[inline]
    pub fn row(&mut self, context: Context<'_>, line: u64, symbol: &[u8], row: R) {
        let is_current = self.gathered.met.get(self.current).is_some_and(|met| *met.name == *symbol);
        if !is_current {
            match self.look_up(context, symbol, (row.ts(), line)) {
                Ok(index) => self.current = index,
                Err(why) => {
                    self.current = usize::MAX;
                    return self.fault(line, "symbol", symbol, why);
                }
            }
        }
        self.row_of_same(line, row);
    }

    /// Takes a row of the symbol that the row before had.
    #[inline]
    pub fn row_of_same(&mut self, line: u64, mut row: R) {
        let Some(met) = self.gathered.met.get_mut(self.current) else {
            return self.fault(line, "symbol", b"", "is, again, no symbol");
        };
        if row.ts() < met.last {
            let fault = backwards(row.ts(), met.last);
            self.gathered.faults.push((line, fault));
            return;
        }
        met.last = row.ts();
        if !met.wanted {
            self.gathered.unselected += 1;
            return;
        }
        row.set_symbol(self.current as u32);
        self.gathered.rows.push(row);
    }

    /// Takes note of a row that could not be read.
    pub fn bad(&mut self, line: u64, fault: Fault) {
        self.gathered.faults.push((line, fault));
    }

    /// What was gathered.
    pub fn finish(self) -> Gathered<R> {
        self.gathered
    }

    fn fault(&mut self, line: u64, column: &str, value: &[u8], why: &'static str) {
        let value = String::from_utf8_lossy(value).into_owned();
        self.bad(line, Fault { column: column.into(), value, why });
    }

    fn look_up(
        &mut self,
        context: Context<'_>,
        name: &[u8],
        first: (Nanos, u64),
    ) -> Result<usize, &'static str> {
        if let Some(&found) = self.by_name.get(name) {
            return Ok(found);
        }
        if name.is_empty() {
            return Err("is empty where a symbol is needed");
        }
        let text = std::str::from_utf8(name).map_err(|_| "is not UTF-8")?;
        let floor = context.floors.get(name).copied();
        self.gathered.met.push(Met {
            name: name.into(),
            first,
            last: floor.unwrap_or(Nanos(i64::MIN)),
            wanted: context.wanted.is_empty() || context.wanted.contains(text),
        });
        self.by_name.insert(name.into(), self.gathered.met.len() - 1);
        Ok(self.gathered.met.len() - 1)
    }
}

impl<R: RawRow> Gathered<R> {
    /// The rows as a batch for the river.
    pub fn into_batch(self) -> Batch {
        let name = |met: &Met| Symbol::new(&String::from_utf8_lossy(&met.name));
        Batch { symbols: self.met.iter().map(name).collect(), rows: R::wrap(self.rows) }
    }
}

/// A time that falls behind an earlier one of its symbol.
pub fn backwards(ts: Nanos, last: Nanos) -> Fault {
    let utc =
        |ts: Nanos| chrono::DateTime::from_timestamp_nanos(ts.0).format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
    Fault {
        column: "time".into(),
        value: format!("{} after {}", utc(ts), utc(last)),
        why: "runs backwards for its symbol: sort the file by time within each symbol",
    }
}
