//! What a reader of outside bytes promises, whatever the bytes: an answer or an error that names the file; no panic,
//! and no tick that breaks its word. The fuzzer drives it, and `tests/it/fuzz.rs` replays what the fuzzer kept.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use impactd::ingest::{self, Batch, ColumnMap, IngestError, OnBadRow, RawRow, ReadOptions, Rows};
use impactd::live::wire;
use impactd::tape::{NYSE, Nanos};

/// Every reader of bytes from outside, by the name of its target.
pub const READERS: [&str; 14] = [
    "binance",
    "binance-vision",
    "csv",
    "dbn",
    "events-arrow",
    "events-csv",
    "events-ndjson",
    "itch",
    "lean",
    "lean-zip",
    "lobster",
    "nyse-taq",
    "parquet",
    "wrds-taq",
];

/// 2100: events of the tapes here are never from the future.
const RECEIVED: Nanos = Nanos(4_102_444_800_000_000_000);

/// Hands the bytes to a reader as it would meet them; `folder` is for its files.
///
/// # Panics
/// When the reader breaks its word.
pub fn exercise(reader: &str, bytes: &[u8], folder: &Path) {
    if let Some(events) = reader.strip_prefix("events-") {
        return exercise_events(events, bytes);
    }
    for path in put_down(reader, bytes, folder) {
        let ways = [(OnBadRow::Fail, 1), (OnBadRow::Skip, 1), (OnBadRow::Skip, levels(reader))];
        for (on_bad_row, levels) in ways.into_iter().filter(|(_, levels)| *levels > 0) {
            if let Err(error) = read(&path, on_bad_row, levels) {
                let (message, name) =
                    (error.to_string(), path.file_name().unwrap_or_default().to_string_lossy());
                // What is wrong with the times of a LOBSTER book stands in its message file.
                let names = [name.replace("_orderbook_", "_message_"), name.into_owned()];
                assert!(names.iter().any(|name| message.contains(name)), "an error names no file: {message}");
            }
        }
    }
}

/// Levels that are asked for beside the best, of readers that may tell of more.
fn levels(reader: &str) -> usize {
    match reader {
        "binance" | "dbn" | "itch" => 10,
        "lobster" => 2,
        _ => 0,
    }
}

/// Writes the files of one input. What a name or an archive would decide is tried both ways.
fn put_down(reader: &str, bytes: &[u8], folder: &Path) -> Vec<PathBuf> {
    let files: Vec<(String, Vec<u8>)> = match reader {
        "lean" => ["Quote", "Trade"]
            .map(|kind| {
                (format!("20131007_{kind}.zip"), zipped(&format!("20131007_sim_{kind}_Tick.csv"), bytes))
            })
            .into(),
        "binance-vision" => ["trades", "aggTrades", "bookTicker"]
            .map(|kind| (format!("B-{kind}-2024-01.csv"), bytes.to_vec()))
            .into(),
        "lobster" => {
            // A message file, then its orderbook file behind a zero byte; without one, messages alone.
            let mut parts = bytes.splitn(2, |byte| *byte == 0);
            let kinds = ["message", "orderbook"].into_iter();
            let named = kinds.map(|kind| format!("SIM_2013-10-07_0_86400000_{kind}_2.csv"));
            named.zip(parts.by_ref().map(<[u8]>::to_vec)).collect()
        }
        _ => vec![(name(reader).to_owned(), bytes.to_vec())],
    };
    let stale = folder.join("SIM_2013-10-07_0_86400000_orderbook_2.csv");
    let _ = fs::remove_file(stale);
    let write = |(name, bytes): (String, Vec<u8>)| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    files.into_iter().map(write).collect()
}

fn name(reader: &str) -> &'static str {
    match reader {
        "binance" => "capture.txt",
        "dbn" => "tape.dbn",
        "itch" => "10072013.NASDAQ_ITCH50",
        "lean-zip" => "20131007_quote.zip",
        "nyse-taq" => "EQY_US_ALL_TRADE_20131007",
        "parquet" => "tape.parquet",
        _ => "tape.csv",
    }
}

fn zipped(entry: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file(entry, stored).expect("an entry");
    archive.write_all(bytes).expect("written");
    archive.finish().expect("an archive").into_inner()
}

fn exercise_events(format: &str, bytes: &[u8]) {
    let format = match format {
        "arrow" => wire::Format::Arrow,
        "csv" => wire::Format::Csv,
        _ => wire::Format::Ndjson,
    };
    let origin = wire::Origin::new("fuzz", None).expect("a source");
    // An error is an answer; a panic is none.
    let _ = wire::read(format, bytes, &origin, (RECEIVED, NYSE));
}

/// Reads a file as a batch would, skipping bad rows or not, with so many levels; gives the number of rows.
///
/// # Errors
/// The reader's own.
///
/// # Panics
/// When the reader does, or hands on a row that breaks its word.
pub fn read(path: &Path, on_bad_row: OnBadRow, levels: usize) -> Result<u64, IngestError> {
    let input = ingest::inspect(path, None, &ColumnMap::default(), None)?;
    let (sender, receiver) = sync_channel::<Batch>(2);
    let options = ReadOptions { on_bad_row, levels, ..ReadOptions::default() };
    let reader = std::thread::spawn(move || ingest::read(&input, &options, &sender));
    let mut rows = 0;
    for batch in receiver {
        rows += check(&batch);
    }
    let report = reader.join().expect("a reader never panics")?;
    assert_eq!(report.rows, rows);
    Ok(rows)
}

/// Sizes are never negative, and every row names a symbol of its batch; gives the number of rows.
fn check(batch: &Batch) -> u64 {
    fn named<R: RawRow>(rows: &[R], batch: &Batch) -> u64 {
        assert!(
            rows.iter().all(|row| (row.symbol() as usize) < batch.symbols.len()),
            "a symbol is not named"
        );
        rows.len() as u64
    }
    match &batch.rows {
        Rows::Quotes(rows) => {
            assert!(rows.iter().all(|row| row.quote.bid_size.0 >= 0 && row.quote.ask_size.0 >= 0));
            named(rows, batch)
        }
        Rows::Trades(rows) => {
            assert!(rows.iter().all(|row| row.trade.size.0 >= 0));
            named(rows, batch)
        }
        Rows::Depths(rows) => named(rows, batch),
        Rows::Ticks(rows) => named(rows, batch),
        Rows::DepthTicks(rows) => named(rows, batch),
    }
}
