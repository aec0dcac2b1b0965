//! Which symbol an instrument's number stood for at a time: by the intervals in a file's metadata, else the number
//! itself.

use std::collections::{BTreeSet, HashMap};

use dbn::Metadata;
use dbn::symbol_map::TsSymbolMap;

/// The symbols of a file.
pub struct Names {
    intervals: TsSymbolMap,
    /// What was found last of an instrument: from when to when which symbol holds.
    found: HashMap<u32, (u64, u64, usize)>,
    symbols: Vec<(Box<str>, bool)>,
    index_of: HashMap<Box<str>, usize>,
    wanted: BTreeSet<String>,
}

impl Names {
    /// The symbols of which metadata tell; only some are wanted, all where the set is empty.
    pub fn new(metadata: &Metadata, wanted: &BTreeSet<String>) -> Self {
        // Where neither side of the mappings is a number, records cannot be looked up: numbers stay.
        let intervals = metadata.symbol_map().unwrap_or_default();
        let (found, index_of) = (HashMap::new(), HashMap::new());
        Self { intervals, found, symbols: Vec::new(), index_of, wanted: wanted.clone() }
    }

    /// The index of an instrument's symbol at a time.
    pub fn index(&mut self, instrument: u32, ts: u64) -> usize {
        if let Some((from, to, index)) = self.found.get(&instrument)
            && (*from..*to).contains(&ts)
        {
            return *index;
        }
        let known = self.intervals.inner().get(&instrument);
        let interval = known.and_then(|known| {
            known.intervals().iter().find(|interval| (interval.start_ts..interval.end_ts).contains(&ts))
        });
        let (from, to, symbol) = match interval {
            Some(interval) => (interval.start_ts, interval.end_ts, interval.symbol.clone()),
            None => (ts, ts, instrument.to_string()),
        };
        let index = self.named(&symbol);
        self.found.insert(instrument, (from, to, index));
        index
    }

    /// A symbol.
    pub fn symbol(&self, index: usize) -> &[u8] {
        self.symbols.get(index).map_or(b"", |(symbol, _)| symbol.as_bytes())
    }

    /// Whether it was asked for.
    pub fn is_wanted(&self, index: usize) -> bool {
        self.symbols.get(index).is_some_and(|(_, is_wanted)| *is_wanted)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    fn named(&mut self, symbol: &str) -> usize {
        if let Some(index) = self.index_of.get(symbol) {
            return *index;
        }
        let is_wanted = self.wanted.is_empty() || self.wanted.contains(symbol);
        self.symbols.push((symbol.into(), is_wanted));
        self.index_of.insert(symbol.into(), self.symbols.len() - 1);
        self.symbols.len() - 1
    }
}
