//! Captured Binance streams: every row counted, sizes exact, sides known, on one clock; results of fractional sizes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use impactd::batch::{BatchError, Request};
use impactd::flow::{Bucketings, Widths};
use impactd::ingest::{self, Clock, ColumnMap, IngestError, OnBadRow, RawRow, RawTick, ReadOptions, Rows};
use impactd::sign::Rule;
use impactd::store::{Manifest, Table};
use impactd::tape::{Calendar, Market};
use proptest::prelude::*;

use crate::support::{batch, contents, real_data, request, rows};

pub const DATE: &str = "2024-08-08";

/// Lines of futures: a quote, a trade at the offer that arrives behind the quote that it caused, and another quote.
pub const FUTURES: [&str; 4] = [
    concat!(
        r#"1723161255000000000 {"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61800.20","B":"2.507","#,
        r#""a":"61800.30","A":"0.006","T":1723161256300,"E":1723161256301}}"#
    ),
    concat!(
        r#"1723161255000000100 {"stream":"btcusdt@bookTicker","data":{"u":2,"s":"BTCUSDT","b":"61800.30","B":"1.5","#,
        r#""a":"61800.40","A":"3","T":1723161256322,"E":1723161256323}}"#
    ),
    concat!(
        r#"1723161255000000200 {"stream":"btcusdt@trade","data":{"s":"BTCUSDT","t":5,"p":"61800.30","q":"0.006","#,
        r#""T":1723161256322,"X":"MARKET","m":false}}"#
    ),
    r#"1723161255000000300 {"result":null,"id":1}"#,
];

pub fn capture(folder: &Path, lines: &[&str]) -> PathBuf {
    let path = folder.join("capture.txt");
    fs::write(&path, lines.join("\n")).expect("written");
    path
}

/// A request for bars of a second on days of UTC.
pub fn asked(inputs: Vec<PathBuf>, out: &Path) -> Request {
    let mut request = request(inputs, out);
    request.widths = Widths::parse("1s,10s").expect("widths");
    request.calendar = Calendar::of(Market::Continuous);
    request
}

/// The ticks of a file and how many rows were bad.
pub fn ticks(
    path: &Path,
    clock: Option<Clock>,
    on_bad_row: OnBadRow,
) -> Result<(Vec<RawTick>, u64), IngestError> {
    let mut input = ingest::inspect(path, None, &ColumnMap::default(), None)?;
    if let Some(clock) = clock {
        input = input.with_clock(clock)?;
    }
    let (sender, receiver) = sync_channel(1_000);
    let report = ingest::read(&input, &ReadOptions { on_bad_row, ..ReadOptions::default() }, &sender)?;
    drop(sender);
    let of = |batch: ingest::Batch| match batch.rows {
        Rows::Ticks(rows) => rows,
        _ => Vec::new(),
    };
    Ok((receiver.into_iter().flat_map(of).collect(), report.rows_rejected))
}

fn count(ticks: &[RawTick]) -> (usize, usize) {
    let quotes = ticks.iter().filter(|tick| matches!(tick, RawTick::Quote(_))).count();
    (quotes, ticks.len() - quotes)
}

/// How often a rule says what the feed says: right, wrong, silent.
fn agreement(out: &Path, rule: &str) -> (usize, usize, usize) {
    let signed = rows(out, Table::SignedTrades, DATE, "BTCUSDT");
    let column = |name: &str| signed.column(name).expect(name).i64().expect("whole").clone();
    let (known, guessed) = (column("side_known"), column(rule));
    let mut told = (0, 0, 0);
    for (known, guess) in known.iter().zip(guessed.iter()) {
        match (known.expect("always known"), guess.unwrap_or(0)) {
            (_, 0) => told.2 += 1,
            (known, guess) if known == guess => told.0 += 1,
            _ => told.1 += 1,
        }
    }
    told
}

#[test]
fn a_capture_is_read_by_the_exchange_s_clock_where_best_quotes_tell_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path(), &FUTURES);
    let (by_exchange, _) = ticks(&path, None, OnBadRow::Fail).expect("read");
    assert_eq!(count(&by_exchange), (2, 1));
    let RawTick::Trade(trade) = by_exchange[2] else { panic!("the trade comes last") };
    assert_eq!((trade.trade.ts.0, trade.received.0), (1_723_161_256_322_000_000, 1_723_161_255_000_000_200));
    assert_eq!((trade.trade.size.0, trade.trade.price.0), (600_000, 61_800_300_000_000));
    let (by_receipt, _) = ticks(&path, Some(Clock::Received), OnBadRow::Fail).expect("read");
    let RawTick::Trade(trade) = by_receipt[2] else { panic!("the trade comes last") };
    assert_eq!(trade.trade.ts, trade.received);
    // The quote that was in force: by the exchange's clock not the one of the trade's own millisecond.
    let signed = |clock: Option<Clock>, name: &str| {
        let out = folder.path().join(name);
        let mut request = asked(vec![path.clone()], &out);
        (request.clock, request.signed_trades) = (clock, true);
        let manifest = batch(&request);
        assert_eq!(manifest.parameters["size_decimals"], 8);
        let frame = rows(&out, Table::SignedTrades, DATE, "BTCUSDT");
        let real =
            |name: &str| frame.column(name).expect(name).f64().expect("floats").get(0).expect("a value");
        (real("size_shares"), real("ask_usd"))
    };
    assert_eq!(signed(None, "exchange"), (0.006, 61_800.3));
    assert_eq!(signed(Some(Clock::Received), "received"), (0.006, 61_800.4));
}

#[test]
fn rows_overtaken_on_their_way_are_put_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let late = FUTURES[0].replace("1723161255000000000", "1723161255000000250");
    let path = capture(folder.path(), &[FUTURES[1], FUTURES[2], &late]);
    let (ticks, bad) = ticks(&path, None, OnBadRow::Fail).expect("read");
    let updates: Vec<u64> = ticks.iter().map(RawRow::sequence).collect();
    assert_eq!((updates, bad), (vec![1, 2, 5], 0));
}

#[test]
fn what_is_no_message_is_one_error_or_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let doubled = FUTURES[2].replace("@trade", "@aggTrade").replace("\"t\":5", "\"a\":9");
    let unstamped = FUTURES[1].replace("\"T\":1723161256322,", "");
    for (line, words) in [
        (&FUTURES[2][..90], "is the line whole?"),
        (
            "1723161255000000400 {\"stream\":\"btcusdt@kline_1m\",\"data\":{}}",
            "'btcusdt@kline_1m' is none of",
        ),
        (doubled.as_str(), "tells the same trades"),
        (unstamped.as_str(), "--clock received"),
        ("no stamp", "column received"),
    ] {
        let mut lines = FUTURES.to_vec();
        lines.push(line);
        let path = capture(folder.path(), &lines);
        let error = ticks(&path, None, OnBadRow::Fail).expect_err(words).to_string();
        assert!(error.contains("line 5") && error.contains(words), "{error}");
        let (ticks, bad) = ticks(&path, None, OnBadRow::Skip).expect("read");
        assert_eq!((ticks.len(), bad), (3, 1), "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Bytes changed or missing: an error or fewer rows, never a panic.
    #[test]
    fn broken_captures_never_panic(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut bytes = FUTURES.join("\n").into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len()) + 1);
        let path = folder.path().join("capture.txt");
        fs::write(&path, &bytes).expect("written");
        for on_bad_row in [OnBadRow::Fail, OnBadRow::Skip] {
            if let Ok((ticks, _)) = ticks(&path, None, on_bad_row) {
                prop_assert!(ticks.len() <= 3);
            }
        }
    }
}

#[test]
fn sizes_of_different_scales_are_not_added_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path(), &FUTURES);
    let csv = folder.path().join("trades.csv");
    fs::write(&csv, "ts,symbol,price,size\n1723161255000000000,BTCUSDT,61800.3,1\n").expect("written");
    let mut request = asked(vec![path, csv], &folder.path().join("out"));
    request.sign = Some(Rule::LeeReady.into());
    let refused = impactd::batch::run(&request).expect_err("refused").to_string();
    assert!(refused.contains("0 decimals") && refused.contains("have 8"), "{refused}");
    request.size_decimals = Some(8);
    let refused = impactd::batch::run(&request).expect_err("refused").to_string();
    assert!(refused.contains("leave out --size-decimals"), "{refused}");
}

#[test]
fn a_csv_of_coins_gives_what_it_gives_in_shares_of_a_hundred_millionth() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, scaled: bool| {
        let size = |units: i64| if scaled { format!("{:.8}", units as f64 / 1e8) } else { units.to_string() };
        let (mut quotes, mut trades) =
            (String::from("ts,symbol,bid,bid_size,ask,ask_size\n"), String::from("ts,symbol,price,size\n"));
        for k in 0..1_200_i64 {
            let ts = 1_723_161_255_000_000_000 + k * 250_000_000;
            let (bid, walk) = (5_000 + (k * k) % 7 - (k % 5), k % 13);
            let (left, right) = (size(1 + 17 * walk), size(3 + 11 * (k % 3)));
            quotes += &format!("{ts},B,{bid},{left},{},{right}\n", bid + 1 + k % 2);
            trades += &format!("{},B,{},{}\n", ts + 1_000, bid + k % 2, size(1 + walk));
        }
        let paths =
            [folder.path().join(format!("{name}_q.csv")), folder.path().join(format!("{name}_t.csv"))];
        fs::write(&paths[0], quotes).expect("written");
        fs::write(&paths[1], trades).expect("written");
        let out = folder.path().join(name);
        let mut request = asked(paths.to_vec(), &out);
        request.size_decimals = scaled.then_some(8);
        let buckets = if scaled { "volume:0.0000005" } else { "volume:50" };
        request.buckets = Bucketings::parse(buckets).expect("buckets");
        batch(&request);
        if scaled {
            request.buckets = Bucketings::parse("volume:0.000000001").expect("buckets");
            let refused = impactd::batch::run(&request).expect_err("refused").to_string();
            assert!(
                refused.contains("volume:0.000000001 are finer") && refused.contains("8 decimals"),
                "{refused}"
            );
        }
        let read = |table| rows(&out, table, DATE, "B");
        (read(Table::Bars), read(Table::Fits), read(Table::Buckets))
    };
    let ((whole, whole_fits, whole_buckets), (coins, coin_fits, coin_buckets)) =
        (write("whole", false), write("coins", true));
    // The same trades fill the same buckets.
    assert!(whole_buckets.height() > 100 && whole_buckets.height() == coin_buckets.height());
    let same = ["ts_start", "ts_end", "trade_count", "mid_change_cents", "is_full"];
    let [whole_cut, coins_cut] =
        [&whole_buckets, &coin_buckets].map(|all| all.select(same).expect("columns"));
    assert!(whole_cut.equals_missing(&coins_cut));
    assert_eq!(coin_buckets.column("bucket_size").expect("a size").f64().expect("floats").get(0), Some(5e-7));
    for name in ["ofi_shares", "buy_shares", "sell_shares", "trade_imbalance_shares"] {
        let units = whole.column(name).expect(name).i64().expect("whole").clone();
        let of_coins = coins.column(name).expect(name).f64().expect("floats").clone();
        for (units, coins) in units.iter().flatten().zip(of_coins.iter().flatten()) {
            assert_eq!(coins, units as f64 / 1e8, "{name}");
        }
    }
    let slopes = |fits: &polars::prelude::DataFrame| -> Vec<f64> {
        let unit = fits.column("unit").expect("unit").str().expect("text").clone();
        let slope = fits.column("coefficient").expect("coefficient").f64().expect("floats").clone();
        let per_share = unit.iter().zip(slope.iter()).filter(|(unit, _)| *unit == Some("cents_per_share"));
        per_share.filter_map(|(_, slope)| slope).collect()
    };
    let (whole, coins) = (slopes(&whole_fits), slopes(&coin_fits));
    assert!(!whole.is_empty() && whole.len() == coins.len());
    for (whole, coins) in whole.iter().zip(&coins) {
        assert!((coins / 1e8 - whole).abs() <= 1e-9 * whole.abs().max(1e-9), "{coins} is not 1e8 x {whole}");
    }
}

/// A real capture: its name, whether best quotes tell the exchange's time, and its rows by `NOTES.md`.
pub const CAPTURES: [(&str, (usize, usize)); 2] =
    [("usdm_btcusdt_20240808.gz", (66_089, 21_313)), ("spot_btcusdt_20240808.gz", (28_040, 9_757))];

#[test]
fn real_data_captures_hold_the_rows_that_their_notes_count() {
    let Some(folder) = real_data("crypto") else { return };
    for (name, rows) in CAPTURES {
        let (ticks, bad) = ticks(&folder.join(name), None, OnBadRow::Fail).expect(name);
        assert_eq!((count(&ticks), bad), (rows, 0), "{name}");
    }
}

#[test]
fn real_data_captures_give_bars_and_fits_and_sides_that_rules_can_be_held_against() {
    let Some(folder) = real_data("crypto") else { return };
    let scratch = tempfile::tempdir().expect("a folder");
    for ((name, (_, trades)), least) in CAPTURES.into_iter().zip([0.99, 0.4]) {
        let out = scratch.path().join(name);
        let mut request = asked(vec![folder.join(name)], &out);
        request.signed_trades = true;
        let manifest: Manifest = batch(&request);
        assert_eq!(manifest.units[0].trades.kept, trades as u64, "{name}");
        for rule in ["sign_tick", "sign_quote", "sign_lee_ready", "sign_emo", "sign_clnv"] {
            let (right, wrong, silent) = agreement(&out, rule);
            let share = right as f64 / (right + wrong + silent) as f64;
            println!("{name} {rule}: {right} right, {wrong} wrong, {silent} silent: {share:.4}");
            let is_sane = if rule == "sign_lee_ready" { share > least } else { share > 0.3 };
            assert!(is_sane && right + wrong + silent == trades, "{name} {rule} {share}");
        }
        let fits = rows(&out, Table::Fits, DATE, "BTCUSDT");
        assert!(fits.height() > 0, "{name}");
    }
}

#[test]
fn real_data_converted_captures_give_the_same_results() {
    let Some(folder) = real_data("crypto") else { return };
    let scratch = tempfile::tempdir().expect("a folder");
    let (ticks, direct, again) =
        (scratch.path().join("ticks"), scratch.path().join("direct"), scratch.path().join("again"));
    let source = vec![folder.join(CAPTURES[0].0)];
    let mut convert = asked(source.clone(), &ticks);
    convert.ticks = true;
    batch(&convert);
    let files = contents(&ticks).into_iter().map(|(path, _)| ticks.join(path));
    let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "parquet")).collect();
    // Quotes and trades of two days of UTC: the capture ends a minute behind midnight.
    assert_eq!(files.len(), 4);
    batch(&asked(source, &direct));
    batch(&asked(files, &again));
    let tables = |out: &Path| {
        let all = contents(out).into_iter();
        all.filter(|(path, _)| path.extension().is_some_and(|e| e == "parquet")).collect::<Vec<_>>()
    };
    assert!(tables(&direct) == tables(&again));
}

#[test]
fn results_of_coins_are_not_taken_for_those_of_shares() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    batch(&asked(vec![capture(folder.path(), &FUTURES)], &out));
    let archive = impactd::store::Archive::open(&out).expect("results");
    let refused = archive.bars(DATE, "BTCUSDT", 1_000_000_000).expect_err("refused").to_string();
    assert!(refused.contains("8 decimals"), "{refused}");
    assert!(archive.check_is_of_new_york().is_err());
    let mut watched = asked(vec![folder.path().join("capture.txt")], &folder.path().join("features"));
    watched.features = Some(Default::default());
    let refused = impactd::batch::run(&watched).expect_err("refused");
    assert!(matches!(&refused, BatchError::Plan(what) if what.contains("whole shares")), "{refused}");
}
