//! How fast files are read and nothing else: `cargo bench --bench readers -- FILE..`.
//!
//! All files at once, as a batch reads those of a day (hashed for the manifest, checked, books rebuilt); the rows are
//! counted and let go. Prints one JSON line.

#![allow(clippy::expect_used, missing_docs, reason = "a measurement that cannot be made may stop")]

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use impactd::ingest::{self, Batch, ColumnMap, ReadOptions, Rows};

// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rows of a file.
fn rows(path: &str) -> usize {
    let input = ingest::inspect(Path::new(path), None, &ColumnMap::default(), None).expect("a tape");
    let (sender, receiver) = sync_channel::<Batch>(16);
    let reader = std::thread::spawn(move || ingest::read(&input, &ReadOptions::default(), &sender));
    let count = |batch: Batch| match batch.rows {
        Rows::Quotes(rows) => rows.len(),
        Rows::Trades(rows) => rows.len(),
        Rows::Ticks(rows) => rows.len(),
        Rows::Depths(_) | Rows::DepthTicks(_) => 0,
    };
    let rows = receiver.into_iter().map(count).sum();
    reader.join().expect("no panic").expect("readable");
    rows
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let started = Instant::now();
    let rows: usize = std::thread::scope(|scope| {
        let readers: Vec<_> = paths.iter().map(|path| scope.spawn(move || rows(path))).collect();
        readers.into_iter().map(|reader| reader.join().expect("no panic")).sum()
    });
    println!("{{\"seconds\": {:.6}, \"ticks\": {rows}}}", started.elapsed().as_secs_f64());
}
