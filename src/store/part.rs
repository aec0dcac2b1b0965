//! A date's tables under construction: symbols come in ascending order and go to their bucket's part.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::catalogue::{Catalogue, RowRange, SymbolEntry};
use super::dir::{StoreError, create_dir, sync};
use super::tables::{self, SymbolTables, Table};
use crate::ingest::{Origin, RawQuote, RawTrade};
use crate::limits::{ROW_GROUP_ROWS, SYMBOL_BUCKETS};
use crate::tape::Symbol;

/// The bucket of a symbol: FNV-1a of its name, so that every machine agrees.
fn bucket(symbol: &str) -> u64 {
    let hash = symbol.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits of FNV mix only the low bits of the letters: fold the high ones in.
    (hash ^ (hash >> 32)) % SYMBOL_BUCKETS
}

/// Where a part lies under a results folder.
#[must_use]
pub fn part_path(root: &Path, table: Table, date: &str, bucket: u64) -> PathBuf {
    root.join(table.name()).join(format!("date={date}")).join(format!("part-{bucket:02}.parquet"))
}

/// The parts of one date.
pub struct PartWriters {
    root: PathBuf,
    date: String,
    origin: Origin,
    parts: BTreeMap<(Table, u64), Part>,
    /// Where rows of the symbol under way lie.
    rows: BTreeMap<Table, RowRange>,
    catalogue: Catalogue,
}

struct Part {
    path: PathBuf,
    writer: BatchedWriter<BufWriter<Remembering>>,
    refusal: Refusal,
    /// Rows not yet written as a row group.
    pending: DataFrame,
    rows: usize,
}

/// What the operating system refused, for polars' errors carry only its text.
type Refusal = Arc<Mutex<Option<io::Error>>>;

/// A file that remembers why it could not be written.
struct Remembering {
    file: File,
    refusal: Refusal,
}

impl Remembering {
    fn note<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
            refusal.get_or_insert_with(|| io::Error::new(error.kind(), error.to_string()));
        })
    }
}

impl Write for Remembering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.file.write(bytes);
        self.note(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.flush();
        self.note(done)
    }
}

impl PartWriters {
    /// Parts of a date under a folder.
    #[must_use]
    pub fn new(root: &Path, date: &str) -> Self {
        Self {
            root: root.to_owned(),
            date: date.to_owned(),
            origin: Origin::default(),
            parts: BTreeMap::new(),
            rows: BTreeMap::new(),
            catalogue: Catalogue::default(),
        }
    }

    /// Says in every part how its rows came to be, so that they are read accordingly.
    #[must_use]
    pub fn made_from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Appends a symbol's rows; symbols come in ascending order.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn append(
        &mut self,
        symbol: &str,
        tables: SymbolTables,
        quotes: u64,
        trades: u64,
    ) -> Result<(), StoreError> {
        for (table, frame) in tables.frames {
            self.extend(symbol, table, frame)?;
        }
        self.close_symbol(symbol, quotes, trades);
        Ok(())
    }

    /// Appends some of a symbol's raw quotes; more may follow until the symbol is closed.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn quotes(&mut self, symbol: &Symbol, rows: &[RawQuote]) -> Result<(), StoreError> {
        let frame = tables::quotes(symbol, self.origin.scale, rows).map_err(|e| unfit(symbol, &e))?;
        self.extend(symbol.as_str(), Table::Quotes, frame)
    }

    /// The same for raw trades.
    ///
    /// # Errors
    /// As there.
    pub fn trades(&mut self, symbol: &Symbol, rows: &[RawTrade]) -> Result<(), StoreError> {
        let frame = tables::trades(symbol, self.origin.scale, rows).map_err(|e| unfit(symbol, &e))?;
        self.extend(symbol.as_str(), Table::Trades, frame)
    }

    fn extend(&mut self, symbol: &str, table: Table, frame: DataFrame) -> Result<(), StoreError> {
        let new = self.part(table, bucket(symbol), &frame)?.append(frame)?;
        self.rows.entry(table).and_modify(|range| range.rows += new.rows).or_insert(new);
        Ok(())
    }

    /// All rows of the symbol have come.
    pub fn close_symbol(&mut self, symbol: &str, quotes: u64, trades: u64) {
        let rows = std::mem::take(&mut self.rows);
        let (symbol, bucket) = (symbol.to_owned(), bucket(symbol));
        self.catalogue.symbols.push(SymbolEntry { symbol, bucket, rows, quotes, trades });
    }

    /// Closes every part and makes it durable, and writes the date's catalogue.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn finish(self) -> Result<(), StoreError> {
        for part in self.parts.into_values() {
            part.finish()?;
        }
        create_dir(&self.root.join("catalogue"))?;
        self.catalogue.save(&self.root, &self.date)
    }

    fn part(&mut self, table: Table, bucket: u64, like: &DataFrame) -> Result<&mut Part, StoreError> {
        match self.parts.entry((table, bucket)) {
            std::collections::btree_map::Entry::Occupied(part) => Ok(part.into_mut()),
            std::collections::btree_map::Entry::Vacant(slot) => {
                let path = part_path(&self.root, table, &self.date, bucket);
                path.parent().map_or(Ok(()), create_dir)?;
                Ok(slot.insert(Part::create(path, like, &self.origin)?))
            }
        }
    }
}

impl Part {
    fn create(path: PathBuf, like: &DataFrame, origin: &Origin) -> Result<Self, StoreError> {
        let file = File::create(&path).map_err(|e| StoreError::io(&path, "creating", e))?;
        let refusal = Refusal::default();
        let file = Remembering { file, refusal: Arc::clone(&refusal) };
        let pairs = origin.pairs();
        let origin = (!pairs.is_empty()).then(|| KeyValueMetadata::from_static(pairs));
        let writer = ParquetWriter::new(BufWriter::new(file))
            .with_compression(ParquetCompression::Zstd(None))
            .with_key_value_metadata(origin)
            .batched(like.schema())
            .map_err(|e| refused(&path, &refusal, &e))?;
        Ok(Self { path, writer, refusal, pending: like.clear(), rows: 0 })
    }

    fn append(&mut self, frame: DataFrame) -> Result<RowRange, StoreError> {
        let range = RowRange { offset: self.rows, rows: frame.height() };
        self.rows += frame.height();
        self.pending.vstack_mut_owned(frame).map_err(|e| refused(&self.path, &self.refusal, &e))?;
        if self.pending.height() >= ROW_GROUP_ROWS {
            self.flush()?;
        }
        Ok(range)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let empty = self.pending.clear();
        let mut group = std::mem::replace(&mut self.pending, empty);
        group.rechunk_mut();
        self.writer.write_batch(&group).map_err(|e| refused(&self.path, &self.refusal, &e))
    }

    fn finish(mut self) -> Result<(), StoreError> {
        if self.pending.height() > 0 {
            self.flush()?;
        }
        self.writer.finish().map_err(|e| refused(&self.path, &self.refusal, &e))?;
        sync(&self.path)
    }
}

fn unfit(symbol: &Symbol, error: &PolarsError) -> StoreError {
    StoreError::damaged(Path::new(symbol.as_str()), error.to_string())
}

fn refused(path: &Path, refusal: &Refusal, error: &PolarsError) -> StoreError {
    match refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(source) => StoreError::io(path, "writing", source),
        None => StoreError::damaged(path, error.to_string()),
    }
}
