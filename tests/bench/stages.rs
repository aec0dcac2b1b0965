//! Rows a second of every stage by itself, over the same rows in memory: `cargo bench --bench stages -- QUOTES TRADES`.
//!
//! One thread each, but for reading, which parses on all cores. Prints one JSON line a stage.

#![allow(clippy::expect_used, missing_docs, reason = "a measurement that cannot be made may stop")]

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use impactd::clean::{Cleaner, Rules};
use impactd::flow::{BarBuilder, Widths};
use impactd::impact::fit_windows;
use impactd::ingest::{self, Batch, ColumnMap, RawQuote, RawTick, RawTrade, ReadOptions, Rows};
use impactd::live::Event;
use impactd::live::wire::{self, Encoder, Format, Origin};
use impactd::sign::{AsOf, Match, SignedTrade, Signer};
use impactd::tape::{NYSE, Nanos, Quote, Scale, Trade};

fn read(path: &str) -> (Vec<RawQuote>, Vec<RawTrade>) {
    let input = ingest::inspect(Path::new(path), None, &ColumnMap::default(), None).expect("a tape");
    let (sender, receiver) = sync_channel::<Batch>(16);
    let reader = std::thread::spawn(move || ingest::read(&input, &ReadOptions::default(), &sender));
    let (mut quotes, mut trades) = (Vec::new(), Vec::new());
    for batch in receiver {
        match batch.rows {
            Rows::Quotes(rows) => quotes.extend(rows),
            Rows::Trades(rows) => trades.extend(rows),
            Rows::Depths(_) | Rows::DepthTicks(_) => {}
            Rows::Ticks(rows) => rows.iter().for_each(|row| match row {
                RawTick::Quote(row) => quotes.push(*row),
                RawTick::Trade(row) => trades.push(*row),
            }),
        }
    }
    reader.join().expect("no panic").expect("readable");
    (quotes, trades)
}

/// Times a stage; says how many rows a second it took.
fn stage<T>(name: &str, rows: usize, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let made = work();
    let seconds = started.elapsed().as_secs_f64();
    let rate = rows as f64 / seconds;
    println!(
        "{{\"stage\": \"{name}\", \"rows\": {rows}, \"seconds\": {seconds:.4}, \"rows_per_second\": {rate:.0}}}"
    );
    made
}

/// Bodies of events, in every format, on one thread.
fn wire(quotes: &[RawQuote]) {
    let origin = Origin::new("bench", None).expect("a name");
    let some = &quotes[..quotes.len().min(200_000)];
    for format in Format::ALL {
        let mut encoder = Encoder::new(format, true);
        let body = stage(&format!("write {format:?}"), some.len(), || {
            for (number, quote) in (1..).zip(some) {
                let event = Event::Quote(RawQuote { sequence: number, ..*quote });
                encoder.add(&event, "IBM").expect("written");
            }
            encoder.finish().expect("written")
        });
        let read = || wire::read(format, &body, &origin, (Nanos(i64::MAX / 2), NYSE)).expect("read");
        stage(&format!("read {format:?}"), some.len(), read);
    }
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let [quote_file, trade_file] = paths.as_slice() else {
        eprintln!("stages: needs a quote file and a trade file; nothing was measured");
        return;
    };
    let bytes = std::fs::metadata(quote_file).map_or(0, |m| m.len());
    let (raw_quotes, _) = read(quote_file);
    let rows = raw_quotes.len();
    drop(raw_quotes);
    let (raw_quotes, _) = stage("read", rows, || read(quote_file));
    let (_, raw_trades) = read(trade_file);
    wire(&raw_quotes);
    let session = NYSE.session(NYSE.date_of(raw_quotes[rows / 2].quote.ts));

    let mut cleaner = Cleaner::new(Rules::default(), session);
    let (quotes, trades): (Vec<Quote>, Vec<Trade>) = stage("clean", rows + raw_trades.len(), || {
        (
            raw_quotes.iter().filter_map(|q| cleaner.quote(q)).collect(),
            raw_trades.iter().filter_map(|t| cleaner.trade(t)).collect(),
        )
    });
    drop(raw_quotes);
    let signed: Vec<SignedTrade> = stage("sign", quotes.len() + trades.len(), || {
        let (mut book, mut signer) = (AsOf::new(Match::Before, 0), Signer::default());
        let mut coming = quotes.iter().peekable();
        let sign = |trade: &Trade| {
            while let Some(quote) = coming.next_if(|q| q.ts <= trade.ts) {
                book.quote(*quote);
            }
            signer.sign(*trade, book.at(trade.ts))
        };
        trades.iter().map(sign).collect()
    });
    let widths = Widths::parse("10s").expect("a width");
    let bars = stage("bars", quotes.len() + signed.len(), || {
        let mut builder = BarBuilder::new(session, widths.divisor(), Scale::WHOLE);
        let mut coming = quotes.iter().peekable();
        for trade in &signed {
            while let Some(quote) = coming.next_if(|q| q.ts <= trade.trade.ts) {
                builder.quote(quote);
            }
            builder.trade(trade);
        }
        coming.for_each(|quote| builder.quote(quote));
        builder.finish().bars(widths.divisor())
    });
    let fits = stage("fits", bars.len(), || fit_windows(session, &bars).0);
    println!("{{\"quote_file_bytes\": {bytes}, \"fits\": {}}}", fits.len());
}
