//! Metadata of a file to the trades that it tells.

use std::collections::BTreeSet;

use dbn::Metadata;

use crate::ingest::coverage::Coverage;

const NANOS_PER_DAY: u64 = 86_400_000_000_000;

/// As a file's metadata say. One that does not say where it ends is taken to end with the day of its start.
pub fn of(metadata: &Metadata) -> Coverage {
    let mapped = metadata.symbol_map().unwrap_or_default();
    let intervals = mapped.inner().values().flat_map(dbn::symbol_map::SymbolIntervals::intervals);
    let mut symbols: BTreeSet<String> = intervals.map(|interval| interval.symbol.to_string()).collect();
    if symbols.is_empty() {
        symbols.extend(metadata.symbols.iter().cloned());
    }
    let day_after = (metadata.start / NANOS_PER_DAY).saturating_add(1).saturating_mul(NANOS_PER_DAY);
    let end = metadata.end.map_or(day_after, std::num::NonZeroU64::get);
    Coverage::new(&metadata.dataset, symbols, metadata.start, end)
}
