//! Databento's files: what is in every one of the sample, what the rebuilt book does over a day, and that quotes and
//! trades of a file agree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use impactd::ingest::{
    self, ColumnMap, Input, Kind, RawQuote, RawTick, RawTrade, ReadOptions, ReadReport, Rows,
};
use impactd::tape::{Price, Sign};

use crate::support::{impactd, real_data, stderr};

/// When trading begins on the day of the orders, 2023-12-25 at 17:00 in Chicago.
const OPENING_NANOS: i64 = 1_703_545_200_000_000_000;

fn inspect(path: &Path) -> Input {
    ingest::inspect(path, None, &ColumnMap::default(), None).unwrap_or_else(|error| panic!("{error}"))
}

fn read(path: &Path) -> (Kind, Vec<RawTick>, ReadReport) {
    let input = inspect(path);
    let kind = input.kind;
    let (sender, receiver) = sync_channel(2);
    let reader = std::thread::spawn(move || ingest::read(&input, &ReadOptions::default(), &sender));
    let mut ticks = Vec::new();
    for batch in receiver {
        assert_eq!(batch.symbols.len(), 1, "one instrument in every file");
        assert!(["ESH4", "ESU4", "ESH1"].contains(&batch.symbols[0].as_str()), "{}", batch.symbols[0]);
        match batch.rows {
            Rows::Quotes(rows) => ticks.extend(rows.into_iter().map(RawTick::Quote)),
            Rows::Trades(rows) => ticks.extend(rows.into_iter().map(RawTick::Trade)),
            Rows::Ticks(rows) => ticks.extend(rows),
            Rows::Depths(_) | Rows::DepthTicks(_) => {}
        }
    }
    let report = reader.join().expect("no panic").unwrap_or_else(|error| panic!("{error}"));
    (kind, ticks, report)
}

fn quotes(ticks: &[RawTick]) -> Vec<RawQuote> {
    let quote = |tick: &RawTick| if let RawTick::Quote(row) = tick { Some(*row) } else { None };
    ticks.iter().filter_map(quote).collect()
}

fn trades(ticks: &[RawTick]) -> Vec<RawTrade> {
    let trade = |tick: &RawTick| if let RawTick::Trade(row) = tick { Some(*row) } else { None };
    ticks.iter().filter_map(trade).collect()
}

fn large(folder: &Path, words: &str) -> PathBuf {
    let mut files = std::fs::read_dir(folder).expect("files").flatten().map(|entry| entry.path());
    files.find(|path| path.display().to_string().contains(words)).expect("a file")
}

fn counted(report: &ReadReport, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| report.counted.get(*name).copied().unwrap_or(0)).collect()
}

const ACTIONS: [&str; 7] =
    ["add (A)", "cancel (C)", "modify (M)", "clear (R)", "trade (T)", "fill (F)", "no action (N)"];
const NOT_APPLIED: [&str; 6] = [
    "orders that are not in the book",
    "orders that are in the book already",
    "cancellations of more than is left",
    "orders without a size",
    "orders beyond a full book",
    "orders without a side or price",
];

#[test]
fn real_data_a_day_of_orders_makes_a_book_without_a_fault() {
    let Some(folder) = real_data("dbn") else { return };
    let (_, before, report) = read(&large(&folder, "20231224"));
    assert_eq!(counted(&report, &ACTIONS), [8_725, 0, 0, 0, 0, 0, 0]);
    assert_eq!(counted(&report, &["F_SNAPSHOT", "F_BAD_TS_RECV"]), [8_725, 8_725]);
    // A file that is one snapshot tells one state.
    assert_eq!((quotes(&before).len(), trades(&before).len()), (1, 0));

    let (kind, ticks, report) = read(&large(&folder, "20231225"));
    assert_eq!(kind, Kind::Ticks);
    assert_eq!(counted(&report, &ACTIONS), [29_216, 17_999, 12_233, 0, 2_973, 6_371, 0]);
    assert_eq!(report.counted.values().sum::<u64>(), 68_792 + 2 * 8_725 + 891, "{:?}", report.counted);
    assert_eq!(counted(&report, &NOT_APPLIED), [0; 6]);
    let crossed = counted(&report, &["events that leave the bid above the offer"])[0];
    println!(
        "crossed after {crossed} events; {:?} records could not be applied",
        counted(&report, &NOT_APPLIED)
    );
    assert_eq!(crossed, 891);
    let (quotes, trades) = (quotes(&ticks), trades(&ticks));
    assert_eq!((quotes.len(), trades.len()), (25_439, 2_973));
    // Before the opening orders gather and may cross; from then on they never do.
    let open = |row: &&RawQuote| row.quote.ts.0 > OPENING_NANOS;
    assert!(quotes.iter().filter(open).all(|row| row.quote.bid < row.quote.ask));
    // The day's own snapshot is the book that the day before left.
    let (first, last) = (quotes[0].quote, quotes_of_last(&before));
    assert_eq!((first.bid, first.ask, first.bid_size, first.ask_size), last);
    let sides = |sign| trades.iter().filter(|row| row.trade.known_side == sign).count();
    assert_eq!((sides(Sign::Buy), sides(Sign::Sell), sides(Sign::Unknown)), (1_542, 1_430, 1));
}

fn quotes_of_last(ticks: &[RawTick]) -> (Price, Price, impactd::tape::Size, impactd::tape::Size) {
    let quote = quotes(ticks).last().expect("a quote").quote;
    (quote.bid, quote.ask, quote.bid_size, quote.ask_size)
}

/// Of how many trades, and of how many at all, the aggressor's side of the quote in force is the price. Of several of
/// one stamp only the first counts: one order that takes several levels makes the others.
fn at_the_touch(ticks: &[RawTick]) -> (usize, usize) {
    let (quotes, mut hits, mut all) = (quotes(ticks), 0, 0);
    let mut rows = trades(ticks);
    rows.dedup_by_key(|row| row.trade.ts);
    for row in rows {
        let next = quotes.partition_point(|quote| quote.quote.ts < row.trade.ts);
        let Some(quote) = next.checked_sub(1).map(|at| quotes[at].quote) else { continue };
        let touch = match row.trade.known_side {
            Sign::Buy => quote.ask,
            Sign::Sell => quote.bid,
            Sign::Unknown => continue,
        };
        all += 1;
        hits += usize::from(touch == row.trade.price);
    }
    (hits, all)
}

#[test]
fn real_data_trades_happen_at_the_quotes_in_force() {
    let Some(folder) = real_data("dbn") else { return };
    let (kind, ticks, report) = read(&large(&folder, "futures_mbp-1"));
    assert_eq!(kind, Kind::Ticks);
    // The state before the first trade is told too.
    assert_eq!((quotes(&ticks).len(), trades(&ticks).len()), (2_288 - 120 + 1, 120));
    assert_eq!(counted(&report, &ACTIONS), [1_061, 989, 118, 0, 120, 0, 0]);
    let (hits, all) = at_the_touch(&ticks);
    assert!(hits == all && all > 100, "{hits} of {all}");

    // The file of trades alone holds the same ones.
    let (kind, alone, _) = read(&large(&folder, "futures_trades"));
    assert_eq!((kind, trades(&alone)), (Kind::Trades, trades(&ticks)));

    let (_, ticks, _) = read(&large(&folder, "20231225"));
    let (hits, all) = at_the_touch(&ticks);
    println!("{hits} of {all} trades at the touch of the rebuilt book");
    assert_eq!((hits, all), (2_833, 2_833));
}

#[test]
fn real_data_every_version_and_packing_of_a_schema_gives_the_same_rows() {
    let Some(folder) = real_data("dbn") else { return };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("dbn-tests")).expect("files").flatten().map(|e| e.path()).collect();
    files.sort();
    assert_eq!(files.len(), 39);
    type Read = (Kind, Vec<RawTick>, BTreeMap<String, u64>);
    let mut first: BTreeMap<String, Read> = BTreeMap::new();
    let (mut read_files, mut passed_over) = (0, 0);
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let schema = name.split('.').nth(1).expect("a schema").to_owned();
        if ["status", "imbalance"].contains(&schema.as_str()) {
            let (kind, ticks, report) = read(&path);
            let records = report.counted[&format!("records of {schema} passed over")];
            assert!(
                kind == Kind::NoTicks && ticks.is_empty() && (1..=4).contains(&records),
                "{name}: {records}"
            );
            passed_over += 1;
            continue;
        }
        let (kind, ticks, report) = read(&path);
        let records: u64 = counted(&report, &ACTIONS).into_iter().sum();
        assert_eq!(records, if schema == "bbo-1s" { 4 } else { 2 }, "{name}");
        let found = (kind, ticks, report.counted);
        assert_eq!(first.entry(schema).or_insert_with(|| found.clone()), &found, "{name}");
        read_files += 1;
    }
    assert_eq!((read_files, passed_over), (32, 7));
    let rows: Vec<(String, usize, usize)> = first
        .iter()
        .map(|(schema, (_, ticks, _))| (schema.clone(), quotes(ticks).len(), trades(ticks).len()))
        .collect();
    let of = |schema: &str, quotes, trades| (schema.to_owned(), quotes, trades);
    // Both orders of the mbo files are cancelled without having been added; of mbp-10's two states the top is one.
    let expected = [
        of("bbo-1s", 4, 0),
        of("cmbp-1", 2, 0),
        of("mbo", 0, 0),
        of("mbp-1", 2, 0),
        of("mbp-10", 1, 0),
        of("tbbo", 2, 2),
        of("trades", 0, 2),
    ];
    assert_eq!(rows, expected);
}

/// The command line tells the format by the first bytes and signs by the feed's own side; trades alone suffice.
#[test]
fn a_tape_of_trades_and_quotes_is_one_file() {
    let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tape/dbn/SIM_20131007.mbp-1.dbn.zst");
    let folder = tempfile::tempdir().expect("a folder");
    // Whatever it is called.
    let copy = folder.path().join("tape.bin");
    std::fs::copy(&tape, &copy).expect("copied");
    let out = folder.path().join("out").display().to_string();
    let done = impactd(&["batch", "--bar", "60s", "--out", &out, &copy.display().to_string()]);
    assert!(done.status.success(), "{}", stderr(&done));
    let manifest = std::fs::read_to_string(folder.path().join("out/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["parameters"]["sign"], "known");
    let input = &manifest["units"][0]["inputs"][0];
    assert_eq!((&input["format"], &input["kind"]), (&"dbn".into(), &"ticks".into()));
    assert_eq!(input["counted"]["trade (T)"], 2_315);
    let bytes = std::fs::read(&tape).expect("readable");
    assert_eq!(input["sha256"], impactd::tape::sha256(&bytes));
}

/// What a batch says and makes of files, with so many levels.
fn batched(paths: &[PathBuf], levels: &str) -> (std::process::Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let mut arguments =
        vec!["batch", "--calendar", "24x7", "--bar", "60s", "--levels", levels, "--out", &out];
    arguments.extend(paths.iter().map(String::as_str));
    (impactd(&arguments), folder)
}

#[test]
fn real_data_files_that_tell_the_same_trades_are_refused_and_both_named() {
    let Some(folder) = real_data("dbn") else { return };
    let (trades, quotes) = (large(&folder, "futures_trades"), large(&folder, "futures_mbp-1"));
    let (refused, _kept) = batched(&[trades.clone(), quotes.clone()], "1");
    let said = stderr(&refused);
    assert!(!refused.status.success(), "{said}");
    for words in ["futures_trades", "futures_mbp-1", "ESU4", "leave one of the two out"] {
        assert!(said.contains(words), "'{words}' is not in: {said}");
    }
    let status = folder.join("dbn-tests/test_data.status.v3.dbn.zst");
    let (done, _kept) = batched(&[quotes, status.clone()], "1");
    assert!(done.status.success(), "{}", stderr(&done));
    let (refused, _kept) = batched(&[status], "1");
    assert!(stderr(&refused).contains("holds neither trades nor quotes"), "{}", stderr(&refused));
}

/// Levels of a real day's orders, and that asking for them leaves the best quotes' results as they are.
#[test]
fn real_data_levels_of_a_day_of_orders_leave_its_best_quotes_alone() {
    let Some(folder) = real_data("dbn") else { return };
    let orders = large(&folder, "20231225");
    let ((deep, kept), (flat, kept_flat)) =
        (batched(std::slice::from_ref(&orders), "10"), batched(&[orders], "1"));
    assert!(deep.status.success() && flat.status.success(), "{} {}", stderr(&deep), stderr(&flat));
    let found = |folder: &tempfile::TempDir, table: &str| {
        let mut all = crate::support::contents(&folder.path().join("out"));
        all.retain(|(path, _)| path.starts_with(table));
        all
    };
    for table in ["bars", "liquidity"] {
        assert!(
            !found(&kept, table).is_empty() && found(&kept, table) == found(&kept_flat, table),
            "{table}"
        );
    }
    assert!(!found(&kept, "bars_levels").is_empty() && found(&kept_flat, "bars_levels").is_empty());
}
