//! The values of the R package `highfrequency` on its own samples, where exact integers give them.
//!
//! One deliberate difference: the package compares price and mid as floats and so flips 204 of 7,168 signs.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use impactd::clean::{Profile, merge_quotes};
use impactd::ingest::{self, Batch, ColumnMap, Format, RawQuote, RawTick, RawTrade, ReadOptions, Rows};
use impactd::sign::{AsOf, Match, SignedTrade, Signer};
use impactd::tape::{Quote, Trade};

use crate::support::{batch, real_data, request};

const QUOTES: &str = "ts=DT,symbol=SYMBOL,bid=BID,bid_size=BIDSIZ,ask=OFR,ask_size=OFRSIZ,venue=EX";
const TRADES: &str = "price=PRICE,size=SIZE,conditions=COND,correction=CORR";

fn map() -> ColumnMap {
    ColumnMap::parse(&format!("{QUOTES},{TRADES}")).expect("a map")
}

/// All rows of a sample.
fn read(path: &Path) -> (Vec<RawQuote>, Vec<RawTrade>) {
    let input = ingest::inspect(path, Some(Format::Csv), &map(), Some(100)).expect("a sample");
    let (sender, receiver) = sync_channel::<Batch>(4);
    let reader = std::thread::spawn(move || ingest::read(&input, &ReadOptions::default(), &sender));
    let (mut quotes, mut trades) = (Vec::new(), Vec::new());
    for batch in receiver {
        match batch.rows {
            Rows::Quotes(rows) => quotes.extend(rows),
            Rows::Trades(rows) => trades.extend(rows),
            Rows::Ticks(rows) => rows.iter().for_each(|row| match row {
                RawTick::Quote(row) => quotes.push(*row),
                RawTick::Trade(row) => trades.push(*row),
            }),
        }
    }
    reader.join().expect("no panic").expect("readable");
    (quotes, trades)
}

#[test]
fn real_data_venue_filter_and_equal_stamp_merging() {
    let Some(folder) = real_data("nyse-2018") else { return };
    let (quotes, _) = read(&folder.join("sampleQDataRaw.csv.gz"));
    assert_eq!(quotes.len(), 131_401);
    let of_n: Vec<Quote> = quotes.iter().filter(|q| q.venue == b'N').map(|q| q.quote).collect();
    assert_eq!(of_n.len(), 94_422);
    assert_eq!(merge_quotes(&of_n).len(), 46_566);
}

/// quotesCleanup and tradesCleanup of exchange N through the whole river: what each filter takes, in its order.
#[test]
fn real_data_the_package_cleaning_order() {
    let Some(folder) = real_data("nyse-2018") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let inputs = ["sampleQDataRaw.csv.gz", "sampleTDataRaw.csv.gz"].map(|f| folder.join(f));
    let mut request = request(inputs.to_vec(), out.path());
    request.map = map();
    request.profile = Some(Profile::Bnhls);
    request.venue = Some('N');
    let manifest = batch(&request);
    let unit = &manifest.units[0];
    assert_eq!(unit.quotes.seen, 131_401);
    for (reason, count) in [("non_positive", 96), ("outside_session", 776), ("other_venue", 36_109)] {
        assert_eq!(unit.quotes.dropped[reason], count, "{reason}");
    }
    // Before rule Q4, where we follow the paper's mean deviation and the package its own median deviation.
    assert_eq!(unit.quotes.kept + unit.quotes.dropped["outlier"], 46_564);
    // T4 comes behind the package's tradesCleanup: put its drops back to compare.
    let off_quote = unit.trades.dropped.get("off_quote").copied().unwrap_or(0);
    assert_eq!(unit.trades.kept + off_quote, 7_168);
}

/// Quotes carry over the night and the tick test runs over all trades, as in the package.
#[test]
fn real_data_exact_integers_give_the_table_of_signs() {
    let Some(folder) = real_data("nyse-2018") else { return };
    let (quotes, _) = read(&folder.join("sampleQData.csv.gz"));
    let (_, trades) = read(&folder.join("sampleTData.csv.gz"));
    const LAG: i64 = 2_000_000_000;
    for (rule, lag, n, signs, mid, spread) in [
        (Match::AtOrBefore, 0, 7_168, -1_154, 156.875_120_326_4, 0.021_160_993_3),
        (Match::Before, 0, 7_168, -1_454, 156.877_261_788_5, 0.033_656_250_0),
        (Match::AtOrBefore, LAG, 7_154, -1_560, 156.878_125_524_2, 0.047_501_957_0),
        (Match::Before, LAG, 7_154, -1_564, 156.878_127_620_9, 0.047_548_085_0),
    ] {
        let signed = sign(&quotes, &trades, AsOf::new(rule, lag));
        let with: Vec<(&SignedTrade, Quote)> = signed.iter().filter_map(|s| Some((s, s.quote?))).collect();
        assert_eq!(with.len(), n);
        let sum: i64 = with.iter().map(|(s, _)| s.signs.lee_ready.value()).sum();
        assert_eq!(sum, signs, "{rule:?} {lag}");
        let mids: i128 = with.iter().map(|(_, q)| i128::from(q.mid_doubled())).sum();
        let spreads: i128 =
            with.iter().map(|(s, q)| i128::from((2 * s.trade.price.0 - q.mid_doubled()).abs())).sum();
        let mean = |sum: i128, unit: f64| sum as f64 / n as f64 / unit;
        assert!((mean(mids, 2e9) - mid).abs() < 1e-10 * mid, "{rule:?} {lag}");
        assert!((mean(spreads, 1e9) - spread).abs() < 6e-11, "{rule:?} {lag}");
    }
}

fn sign(quotes: &[RawQuote], trades: &[RawTrade], mut book: AsOf) -> Vec<SignedTrade> {
    let mut signer = Signer::default();
    let mut quotes = quotes.iter().peekable();
    let mut one = |trade: &Trade| {
        while let Some(raw) = quotes.next_if(|q| q.quote.ts <= trade.ts) {
            book.quote(raw.quote);
        }
        signer.sign(*trade, book.at(trade.ts))
    };
    trades.iter().map(|raw| one(&raw.trade)).collect()
}
