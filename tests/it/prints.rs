//! Prints that are not ordinary trading, halts, and venues, through whole batches.

use std::fs;
use std::path::{Path, PathBuf};

use impactd::clean::Kinds;
use impactd::ingest::ColumnMap;
use impactd::store::{Manifest, Table};
use polars::prelude::*;
use proptest::prelude::*;

use crate::support::{OPEN, SECOND, batch, contents, impactd, real_data, request, rows, stderr};

const DATE: &str = "2013-10-07";
const LETTERS: [&str; 8] = ["", " F I", "@ Z", "@O", "@6", "@4", "@ T", "@  M"];

/// A trade: seconds after the open, price in cents, shares, letters, venue.
pub type Line = (i64, i64, i64, &'static str, char);
/// A quote: seconds after the open, bid in cents, condition.
pub type Book = (i64, i64, char);

pub fn write(folder: &Path, quotes: &[Book], trades: &[Line]) -> Vec<PathBuf> {
    let mut text = String::from("ts,symbol,bid,bid_size,ask,ask_size,conditions\n");
    for (at, bid, condition) in quotes {
        let (ts, bid, ask) = (OPEN + at * SECOND, *bid as f64 / 100.0, (*bid + 2) as f64 / 100.0);
        text += &format!("{ts},ABC,{bid:.2},300,{ask:.2},200,{condition}\n");
    }
    let paths = vec![folder.join("quotes.csv"), folder.join("trades.csv")];
    fs::write(&paths[0], text).expect("written");
    let mut text = String::from("ts,symbol,price,size,conditions,venue\n");
    for (at, cents, size, letters, venue) in trades {
        let ts = OPEN + at * SECOND + SECOND / 2;
        text += &format!("{ts},ABC,{:.2},{size},{letters},{venue}\n", *cents as f64 / 100.0);
    }
    fs::write(&paths[1], text).expect("written");
    paths
}

fn run(quotes: &[Book], trades: &[Line], exclude: &str) -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(write(folder.path(), quotes, trades), &folder.path().join("out"));
    request.excluded = Kinds::parse(exclude).expect("kinds");
    let manifest = batch(&request);
    (folder, manifest)
}

fn results(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = contents(&folder.join("out"));
    found.retain(|(path, _)| ["bars", "fits", "liquidity"].iter().any(|table| path.starts_with(table)));
    found
}

pub fn steady() -> Vec<Book> {
    (0..120).map(|at| (at * 3, 5_000 + at % 7, 'R')).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// A tape whose prints of a kind are left out is the tape without these rows; kept and dropped are what was seen.
    #[test]
    fn leaving_a_kind_out_is_a_tape_without_its_rows(
        picks in prop::collection::vec((0_i64..360, 5_000_i64..5_009, 1_i64..900, 0_usize..8, any::<bool>()), 1..60),
    ) {
        let mut trades: Vec<Line> = picks
            .iter()
            .map(|(at, cents, size, letters, off)| {
                (*at, *cents, *size, LETTERS[*letters], if *off { 'D' } else { 'N' })
            })
            .collect();
        trades.sort_by_key(|trade| trade.0);
        let is_out = |trade: &&Line| trade.3.contains('Z') || trade.3.contains('I') || trade.4 == 'D';
        let without: Vec<Line> = trades.iter().filter(|trade| !is_out(trade)).copied().collect();
        let (by_name, manifest) = run(&steady(), &trades, "late,odd_lot,off_exchange");
        let (by_hand, _) = run(&steady(), &without, "");
        // Without any trade there is no row of liquidity to compare the two by, and a batch takes no empty file.
        if !without.is_empty() {
            prop_assert!(results(by_name.path()) == results(by_hand.path()));
        }
        let counts = &manifest.units[0].trades;
        prop_assert_eq!(counts.seen, counts.kept + counts.dropped.values().sum::<u64>());
        prop_assert_eq!(counts.kept, without.len() as u64);
        for kind in ["late", "odd_lot", "off_exchange"] {
            let told = manifest.units[0].prints.get(kind).map_or(0, |count| count.prints);
            let dropped = counts.dropped.get(kind).copied().unwrap_or(0);
            prop_assert!(dropped <= told, "{kind}: {dropped} of {told}");
        }
    }
}

fn real(frame: &DataFrame, column: &str) -> Vec<Option<f64>> {
    let column = frame.column(column).expect("a column").cast(&DataType::Float64).expect("numbers");
    column.f64().expect("numbers").iter().collect()
}

fn text(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).expect("a column");
    column.str().expect("text").iter().map(|cell| cell.unwrap_or("").to_owned()).collect()
}

#[test]
fn every_kind_is_counted_whether_it_is_left_out_or_not() {
    let trades = [
        (5, 5_001, 100, "@F", 'N'),
        (6, 5_001, 50, " F I", 'N'),
        (7, 5_001, 200, "@ Z", 'D'),
        (8, 5_001, 40, "@ ZI", 'D'),
    ];
    let out = |exclude| {
        let (folder, manifest) = run(&steady(), &trades, exclude);
        (rows(&folder.path().join("out"), Table::Prints, DATE, "ABC"), manifest)
    };
    let (plain, manifest) = out("");
    assert_eq!(manifest.units[0].trades.kept, 4);
    assert!(!manifest.parameters.contains_key("excluded_prints"));
    let of = |frame: &DataFrame, column: &str, kind: &str| {
        let at = text(frame, "kind").iter().position(|name| name == kind).expect("a kind");
        real(frame, column)[at]
    };
    for (kind, prints, shares) in
        [("all", 4.0, 390.0), ("ordinary", 1.0, 100.0), ("odd_lot", 2.0, 90.0), ("late", 2.0, 240.0)]
    {
        assert_eq!(
            (of(&plain, "prints", kind), of(&plain, "shares", kind)),
            (Some(prints), Some(shares)),
            "{kind}"
        );
        assert_eq!(of(&plain, "share_of_prints", kind), Some(prints / 4.0));
    }
    assert_eq!(of(&plain, "dollars", "off_exchange"), Some(240.0 * 50.01));
    assert_eq!(of(&plain, "halts", "halted"), Some(0.0));
    let (without, manifest) = out("late,odd_lot");
    assert_eq!(real(&without, "prints"), real(&plain, "prints"));
    assert_eq!(
        (of(&without, "excluded", "late"), of(&without, "excluded", "off_exchange")),
        (Some(1.0), Some(0.0))
    );
    let unit = &manifest.units[0];
    assert_eq!((unit.trades.kept, unit.trades.dropped["late"], unit.trades.dropped["odd_lot"]), (1, 2, 1));
    assert_eq!(unit.prints["late"].shares, 240.0);
    assert_eq!(manifest.parameters["excluded_prints"].to_string(), r#"["late","odd_lot"]"#);
}

/// Trading stands still from second 30 to 60: the mid before it is 50.01, the one after it 60.01.
#[test]
fn no_mid_change_and_no_flow_goes_over_a_halt_that_is_left_out() {
    let quotes = [
        (1, 5_000, 'R'),
        (11, 5_001, 'R'),
        (30, 5_002, 'P'),
        (40, 5_500, 'R'),
        (60, 6_000, 'T'),
        (61, 6_001, 'R'),
        (71, 6_002, 'R'),
    ];
    let trades = [(12, 5_002, 100, "@", 'N'), (45, 5_600, 100, "@", 'N'), (62, 6_003, 100, "@5", 'N')];
    let bars = |exclude| {
        let (folder, manifest) = run(&quotes, &trades, exclude);
        let out = folder.path().join("out");
        let bars = rows(&out, Table::Bars, DATE, "ABC");
        (
            real(&bars, "mid_change_cents"),
            real(&bars, "ofi_shares"),
            manifest,
            rows(&out, Table::Prints, DATE, "ABC"),
        )
    };
    let (changes, flow, manifest, prints) = bars("");
    assert_eq!((manifest.units[0].halts, manifest.units[0].trades.kept), (1, 3));
    assert_eq!(real(&prints, "halted_seconds").last(), Some(&Some(30.0)));
    assert_eq!(real(&prints, "halted_quotes").last(), Some(&Some(2.0)));
    assert_eq!(real(&prints, "prints").last(), Some(&Some(1.0)));
    assert!(changes[6].expect("a change") > 400.0 && flow[6] != Some(0.0));

    let (changes, flow, manifest, _) = bars("halted");
    let unit = &manifest.units[0];
    assert_eq!((unit.trades.dropped["halted"], unit.quotes.dropped["halted"]), (1, 1));
    assert_eq!(unit.quotes.seen, unit.quotes.kept + unit.quotes.dropped.values().sum::<u64>());
    assert_eq!(changes[..8], [None, Some(1.0), Some(0.0), None, None, None, None, Some(1.0)]);
    // A bid and an ask that rise by a cent make 300 + 200 shares of flow.
    assert_eq!((flow[3], flow[4], flow[6], flow[7]), (Some(0.0), Some(0.0), Some(500.0), Some(500.0)));
}

/// LOBSTER tells a halt by type 7, hidden executions by 5 and crosses by 6.
#[test]
fn lobster_s_halts_hidden_executions_and_crosses_are_their_kinds() {
    let folder = tempfile::tempdir().expect("a folder");
    let messages = "34200.5,1,1,100,100000,1\n34201,1,2,100,100200,-1\n34202,5,0,30,100100,1\n\
                    34203,6,-1,500,100100,-1\n\
                    34210,7,0,0,-1,-1\n34215,4,1,10,100000,1\n34220,7,0,0,0,-1\n34230,7,0,0,1,-1\n\
                    34231,4,1,10,100000,1\n";
    let row = |size| format!("100200,100,100000,{size}\n");
    let first = "9999999999,0,100000,100\n".to_owned();
    let book: String = [first].into_iter().chain([100, 100, 100, 100, 90, 90, 90, 80].map(row)).collect();
    let name = |kind: &str| folder.path().join(format!("ABC_2013-10-07_34200000_57600000_{kind}_1.csv"));
    fs::write(name("message"), messages).expect("written");
    fs::write(name("orderbook"), book).expect("written");
    let run = |inputs: Vec<PathBuf>, exclude: &str, out: &str| {
        let mut request = request(inputs, &folder.path().join(out));
        request.excluded = Kinds::parse(exclude).expect("kinds");
        (batch(&request), rows(&folder.path().join(out), Table::Prints, DATE, "ABC"))
    };
    let both = || vec![name("message"), name("orderbook")];
    for (inputs, out) in [(both(), "pair"), (vec![name("message")], "alone")] {
        let (manifest, prints) = run(inputs, "", out);
        let counts = real(&prints, "prints");
        let of =
            |kind: &str| counts[text(&prints, "kind").iter().position(|name| name == kind).expect("a kind")];
        assert_eq!((of("hidden"), of("auction"), of("halted")), (Some(1.0), Some(1.0), Some(1.0)), "{out}");
        assert_eq!(manifest.units[0].halts, 1, "{out}");
        assert_eq!(real(&prints, "halted_seconds").last(), Some(&Some(20.0)), "{out}");
    }
    let (manifest, _) = run(both(), "hidden,auction,halted", "without");
    let unit = &manifest.units[0];
    assert_eq!((unit.trades.seen, unit.trades.kept), (4, 1));
    // The execution's row and the one that tells of quoting again; the row by which the halt begins is a state.
    assert_eq!((unit.quotes.dropped["halted"], unit.quotes.kept), (2, 7));
}

#[test]
fn the_panel_adds_venues_up_over_days_and_a_wrong_kind_is_refused() {
    let trades = [(5, 5_002, 100, "@F", 'N'), (6, 5_001, 50, " F I", 'N'), (7, 5_001, 300, "@", 'D')];
    let (folder, _) = run(&steady(), &trades, "");
    let out = folder.path().join("out");
    let venues = rows(&out, Table::Venues, DATE, "ABC");
    assert_eq!(
        (text(&venues, "venue"), real(&venues, "n")),
        (vec!["D".into(), "N".into()], vec![Some(1.0), Some(2.0)])
    );
    let told = impactd(&["panel", "venues", "--data", &out.display().to_string()]);
    assert!(told.status.success(), "{}", stderr(&told));
    let lines = String::from_utf8(told.stdout).expect("text");
    let cells: Vec<&str> = lines.lines().nth(2).expect("two venues").split(',').collect();
    assert_eq!(cells[..5], ["ABC", "N", "1", "2", "150.0"]);
    let refused = impactd(&["batch", "x.csv", "--exclude", "blocks"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("'blocks' is no kind of print"), "{}", stderr(&refused));
}

/// Counted with pandas in `tests/python/test_prints.py` once more.
#[test]
fn real_data_kinds_of_a_raw_day_of_the_nyse_sample() {
    let Some(folder) = real_data("nyse-2018") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let inputs = ["sampleQDataRaw.csv.gz", "sampleTDataRaw.csv.gz"].map(|name| folder.join(name));
    let mut request = request(inputs.to_vec(), out.path());
    request.map = ColumnMap::parse(
        "ts=DT,symbol=SYMBOL,bid=BID,bid_size=BIDSIZ,ask=OFR,ask_size=OFRSIZ,venue=EX,\
         price=PRICE,size=SIZE,conditions=COND,correction=CORR",
    )
    .expect("a map");
    let manifest = batch(&request);
    let found: Vec<(&str, u64)> =
        manifest.units[0].prints.iter().map(|(kind, count)| (kind.as_str(), count.prints)).collect();
    let expected = [
        ("all", 77_263),
        ("closing_auction", 10),
        ("corrected", 2),
        ("extended_hours", 442),
        ("late", 106),
        ("odd_lot", 35_190),
        ("off_exchange", 23_697),
        ("opening_auction", 6),
        ("special_price", 488),
    ];
    assert_eq!(found, expected);
}
