//! LOBSTER tapes: the numbers of the AMZN sample, the true aggressor against every rule, and what is refused.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use impactd::batch::{self, BatchError, Request};
use impactd::flow::Widths;
use impactd::ingest::OnBadRow;
use impactd::sign::{Layers, Rule};
use impactd::store::{Manifest, Table};
use polars::prelude::*;

use crate::support::{batch, contents, real_data, request, rows, sample};

const REAL_DAY: &str = "2012-06-21";
const TOLERANCE: f64 = 1e-9;

/// A batch on the real sample; `None` where that is absent.
fn amzn(change: impl FnOnce(&mut Request)) -> Option<(tempfile::TempDir, Manifest)> {
    let folder = real_data("lobster")?;
    let file = |kind| folder.join(format!("AMZN_{REAL_DAY}_34200000_57600000_{kind}_1.csv"));
    let out = tempfile::tempdir().expect("a folder");
    let mut request = request(vec![file("message"), file("orderbook")], out.path());
    request.widths = Widths::parse("1s,10s,60s").expect("widths");
    change(&mut request);
    let manifest = batch(&request);
    Some((out, manifest))
}

fn whole(frame: &DataFrame, name: &str) -> Vec<i64> {
    let column = frame.column(name).expect("a column").i64().expect("whole numbers");
    column.iter().map(|value| value.expect("set")).collect()
}

#[test]
fn real_data_lobster_rows_flow_and_imbalance_of_the_day() {
    let Some((out, manifest)) = amzn(|_| {}) else { return };
    let unit = &manifest.units[0];
    assert_eq!(manifest.parameters["sign"], "known");
    // Row k of the book belongs to message k: a reader that is content has met 57,515 of each.
    assert_eq!((unit.quotes.seen, unit.quotes.kept), (57_515, 57_515));
    assert_eq!((unit.trades.seen, unit.trades.kept), (11_419, 11_419));
    let bars = rows(out.path(), Table::Bars, REAL_DAY, "AMZN");
    let seconds = bars.column("bar_seconds").expect("a column").f64().expect("floats").clone();
    for width in [1.0, 10.0, 60.0] {
        let sum = |name: &str| -> i64 {
            let values = whole(&bars, name);
            (0..bars.height()).filter(|row| seconds.get(*row) == Some(width)).map(|row| values[row]).sum()
        };
        assert_eq!(sum("ofi_shares"), -64_089, "first bar included");
        assert_eq!(sum("trade_imbalance_shares"), -29_289);
        assert_eq!(sum("trade_count"), 11_419);
        assert_eq!((sum("unsigned_shares"), sum("buy_shares") + sum("sell_shares")), (0, 810_755));
    }
}

#[test]
fn real_data_lobster_slopes_of_order_flow_and_of_signed_volume() {
    let Some((out, _)) = amzn(|_| {}) else { return };
    let fits = rows(out.path(), Table::Fits, REAL_DAY, "AMZN");
    let text = |name: &str, row: usize| {
        fits.column(name).expect("a column").str().expect("text").get(row).expect("set").to_owned()
    };
    let real = |name: &str, row: usize| {
        fits.column(name).expect("a column").f64().expect("floats").get(row).expect("set")
    };
    for (seconds, model, slope, r2, n) in [
        (1.0, "ofi", 1.545_240_933_0e-3, 0.158_931_027_1, 23_399),
        (10.0, "ofi", 2.531_469_841_6e-3, 0.316_204_920_2, 2_339),
        (60.0, "ofi", 3.019_051_282_5e-3, 0.423_323_843_3, 389),
        (1.0, "kyle", 5.457_609_817_8e-3, 0.193_129_412_0, 23_399),
        (10.0, "kyle", 6.330_312_600_2e-3, 0.312_719_623_2, 2_339),
        (60.0, "kyle", 6.111_515_634_5e-3, 0.367_712_694_5, 389),
    ] {
        let row = (0..fits.height())
            .find(|row| {
                real("bar_seconds", *row) == seconds
                    && text("model", *row) == model
                    && text("window", *row) == "day"
                    && text("term", *row) != "intercept"
                    && text("unit", *row) == "cents_per_share"
            })
            .expect("a fit");
        for (name, expected) in [("coefficient", slope), ("r2", r2)] {
            let found: f64 = real(name, row);
            assert!(
                (found - expected).abs() <= TOLERANCE * expected,
                "{model} {seconds} s {name}: {found} for {expected}"
            );
        }
        assert_eq!(whole(&fits, "n")[row], n);
    }
}

/// How often each rule names the true aggressor, is wrong, and is silent, of 11,419 executions. The counts are
/// those of a pandas script of its own: quotes found with `numpy.searchsorted` on integer stamps, strictly before
/// the trade or at or before it; an unusable or missing quote leaves the tick rule (the quote rule is silent).
///
/// Strictly before, all 8,974 visible executions are signed rightly by every rule that looks at the quote: all
/// that these get wrong are executions of hidden orders, inside the spread.
#[test]
fn real_data_lobster_rules_against_the_true_aggressor() {
    use impactd::sign::Match::{AtOrBefore, Before};
    for (matching, expected) in [
        (
            Before,
            [
                ("sign_tick", 9_906, 1_512, 1),
                ("sign_quote", 11_063, 234, 122),
                ("sign_lee_ready", 11_137, 281, 1),
                ("sign_emo", 10_857, 561, 1),
                ("sign_clnv", 11_124, 294, 1),
            ],
        ),
        (
            AtOrBefore,
            [
                ("sign_tick", 9_906, 1_512, 1),
                ("sign_quote", 9_818, 1_187, 414),
                ("sign_lee_ready", 10_151, 1_268, 0),
                ("sign_emo", 10_148, 1_270, 1),
                ("sign_clnv", 10_377, 1_042, 0),
            ],
        ),
    ] {
        let asked = |request: &mut Request| {
            request.signed_trades = true;
            request.matching = matching;
        };
        let Some((out, _)) = amzn(asked) else { return };
        let trades = rows(out.path(), Table::SignedTrades, REAL_DAY, "AMZN");
        let truth = whole(&trades, "side_known");
        assert!(truth.len() == 11_419 && truth == whole(&trades, "sign"), "the feed's own sign counts");
        for (rule, right, wrong, silent) in expected {
            let says = whole(&trades, rule);
            let count =
                |is: fn(i64) -> bool| std::iter::zip(&says, &truth).filter(|(s, t)| is(*s * *t)).count();
            let found = (count(|same| same > 0), count(|same| same < 0), count(|same| same == 0));
            assert_eq!(found, (right, wrong, silent), "{rule} {matching:?}");
        }
    }
}

/// The table of accuracy says what the counts above say, for every rule, and where trades stood.
#[test]
fn real_data_lobster_every_rule_is_scored_by_where_trades_stood() {
    let Some((out, manifest)) = amzn(|request| request.sign = Layers::parse("quote,depth,tick").ok()) else {
        return;
    };
    let scores = rows(out.path(), Table::SignAccuracy, REAL_DAY, "AMZN");
    let text = |name: &str, row: usize| {
        scores.column(name).expect("a column").str().expect("text").get(row).expect("set").to_owned()
    };
    let of = |rule: &str, place: &str| {
        let row = (0..scores.height()).find(|row| text("rule", *row) == rule && text("place", *row) == place);
        ["n", "classified", "right"].map(|name| whole(&scores, name)[row.expect("a row")])
    };
    for (rule, right, wrong) in [
        ("tick", 9_906, 1_512),
        ("quote", 11_063, 234),
        ("lee-ready", 11_137, 281),
        ("emo", 10_857, 561),
        ("clnv", 11_124, 294),
    ] {
        assert_eq!(of(rule, "all"), [11_419, right + wrong, right], "{rule}");
        assert_eq!(manifest.units[0].sign_accuracy[rule].right, right as u64);
    }
    // All visible executions stand at a quote, and every rule that looks at it is right there.
    for rule in ["quote", "lee-ready", "rev-emo", "quote,depth,tick"] {
        for place in ["at_ask", "at_bid"] {
            let [n, classified, right] = of(rule, place);
            assert!(n > 4_000 && n == classified && n == right, "{rule} {place} {n} {classified} {right}");
        }
    }
    let places = ["at_ask", "at_bid", "at_mid", "inside", "outside", "no_quote"];
    assert_eq!(places.map(|place| of("tick", place)[0]).iter().sum::<i64>(), 11_419);
    assert_eq!(scores.height(), 12 * 7, "eleven rules and the layers");
}

/// A folder with a small pair in it: six messages, the last but one a halt.
struct Pair {
    folder: tempfile::TempDir,
}

const MESSAGES: &str = "34200.5,1,1,100,100000,1\n34200.500000001,1,2,200,100200,-1\n34201,4,2,50,100200,-1\n\
                        34202,5,0,30,100100,1\n34203,7,0,0,-1,-1\n34204.25,6,-2,500,100100,-1\n";
const BOOKS: &str = "9999999999,0,100000,100\n100200,200,100000,100\n100200,150,100000,100\n\
                     100200,150,100000,100\n100200,150,100000,100\n100200,150,100000,100\n";

impl Pair {
    fn new(date: &str) -> Self {
        let pair = Self { folder: tempfile::tempdir().expect("a folder") };
        fs::write(pair.path("message", date), MESSAGES).expect("written");
        fs::write(pair.path("orderbook", date), BOOKS).expect("written");
        pair
    }

    fn path(&self, kind: &str, date: &str) -> PathBuf {
        self.folder.path().join(format!("SIM_{date}_34200000_57600000_{kind}_1.csv"))
    }

    fn request(&self, date: &str) -> Request {
        let inputs = vec![self.path("message", date), self.path("orderbook", date)];
        let mut request = request(inputs, &self.folder.path().join("out"));
        request.signed_trades = true;
        request
    }
}

const DATE: &str = "2013-10-07";

fn message_of(outcome: Result<batch::Outcome, BatchError>) -> String {
    outcome.expect_err("refused").to_string()
}

#[test]
fn executions_and_crosses_are_trades_and_only_told_sides_are_known() {
    // Since 14 July 2014 the direction of a hidden execution tells nothing.
    for (date, hidden) in [("2014-07-11", Some(-1)), ("2014-07-14", None)] {
        let pair = Pair::new(date);
        let manifest = batch(&pair.request(date));
        assert_eq!((manifest.units[0].quotes.seen, manifest.units[0].trades.seen), (6, 3));
        let trades = rows(&pair.folder.path().join("out"), Table::SignedTrades, date, "SIM");
        let sides: Vec<Option<i64>> =
            trades.column("side_known").expect("a column").i64().expect("whole").iter().collect();
        assert_eq!(sides, [Some(1), hidden, None]);
        assert_eq!(whole(&trades, "size_shares"), [50, 30, 500]);
        let stamps = trades.column("ts").expect("a column").to_physical_repr();
        let midnight = impactd::tape::local_midnight(date.parse().expect("a date")).0;
        assert_eq!(stamps.get(2).expect("a row").extract::<i64>(), Some(midnight + 34_204_250_000_000));
    }
}

#[test]
fn messages_alone_give_signed_volume_and_where_they_tell_all_quotes_and_a_book_needs_its_messages() {
    // The submission of order 2 is missing, as where a file begins behind it.
    let lines: String = MESSAGES.split_inclusive('\n').filter(|line| !line.contains(",1,2,200,")).collect();
    // Where all is told, the end of trading is told too, with the book as it stands.
    for (text, quotes, kind) in [(MESSAGES, 4, "ticks"), (&lines, 0, "trades")] {
        let pair = Pair::new(DATE);
        fs::write(pair.path("message", DATE), text).expect("written");
        let mut alone = pair.request(DATE);
        alone.inputs.pop();
        let unit = &batch(&alone).units[0];
        assert_eq!((unit.quotes.seen, unit.trades.seen), (quotes, 3));
        assert_eq!(unit.inputs[0].kind, kind);
        let bars = rows(&alone.out, Table::Bars, DATE, "SIM");
        assert_eq!(whole(&bars, "trade_imbalance_shares").iter().sum::<i64>(), 50 - 30);
    }

    let pair = Pair::new(DATE);
    let mut book = pair.request(DATE);
    book.inputs.remove(0);
    let said = message_of(batch::run(&book));
    assert!(said.contains("_message_1.csv, which is not among the inputs; name that file too"), "{said}");
    fs::remove_file(pair.path("message", DATE)).expect("removed");
    let said = message_of(batch::run(&book));
    assert!(said.contains("_message_1.csv is not next to it"), "{said}");
}

#[test]
fn bad_rows_are_named_by_file_line_and_column_or_skipped_in_pairs() {
    for (kind, from, to, words) in [
        ("message", "34201,4", "34201.0000000001,4", "message_1.csv line 3, column time"),
        ("message", "34201,4", "34199,4", "message_1.csv line 3, column time"),
        ("message", "34202,5", "34202,8", "message_1.csv line 4, column type: '8'"),
        ("message", "0,30,", "x,30,", "message_1.csv line 4, column order id: 'x'"),
        ("message", ",30,", ",-30,", "message_1.csv line 4, column size: '-30'"),
        ("message", "30,100100,1", "30,100100.5,1", "message_1.csv line 4, column price"),
        ("message", "30,100100,1", "30,100100,0", "message_1.csv line 4, column direction: '0'"),
        ("message", "30,100100,1", "30,100100", "message_1.csv line 4, column direction"),
        (
            "message",
            "30,100100,1",
            "30,100100,1,MPID",
            "message_1.csv line 4, column beyond direction: 'MPID'",
        ),
        ("message", "0,0,-1,-1", "0,0,-2,-1", "message_1.csv line 5, column price: '-2' is not -1 (halt)"),
        ("orderbook", "100200,200", "100200,x", "orderbook_1.csv line 2, column ask size 1: 'x'"),
        ("orderbook", "100200,200", "-100200,200", "orderbook_1.csv line 2, column ask price 1: '-100200'"),
        ("orderbook", "100200,200,", "100200,", "orderbook_1.csv line 2, column (all): '3 cells'"),
    ] {
        let pair = Pair::new(DATE);
        let path = pair.path(kind, DATE);
        let text = fs::read_to_string(&path).expect("readable");
        fs::write(&path, text.replacen(from, to, 1)).expect("written");
        let said = message_of(batch::run(&pair.request(DATE)));
        assert!(said.contains(words) && said.contains("--on-bad-row skip"), "{to}: {said}");

        let mut skip = pair.request(DATE);
        skip.on_bad_row = OnBadRow::Skip;
        let unit = &batch(&skip).units[0];
        let rejected: Vec<u64> = unit.inputs.iter().map(|input| input.rows_rejected).collect();
        let expected = match (kind, words.contains("time")) {
            ("message", true) => [1, 1],
            ("message", false) => [1, 0],
            _ => [0, 1],
        };
        assert_eq!(rejected, expected, "{to}");
    }
}

#[test]
fn a_pair_of_unequal_lengths_is_refused_even_where_bad_rows_are_skipped() {
    for (kind, keep, words) in [
        ("message", 4, "holds 6 rows where"),
        ("orderbook", 5, "holds 5 rows where"),
        ("orderbook", 1, "line 2 on"),
    ] {
        let pair = Pair::new(DATE);
        let path = pair.path(kind, DATE);
        let text = fs::read_to_string(&path).expect("readable");
        fs::write(&path, text.split_inclusive('\n').take(keep).collect::<String>()).expect("written");
        for on_bad_row in [OnBadRow::Fail, OnBadRow::Skip] {
            let mut request = pair.request(DATE);
            request.on_bad_row = on_bad_row;
            let said = message_of(batch::run(&request));
            assert!(said.contains("orderbook_1.csv: ") && said.contains(words), "{said}");
        }
    }
}

#[test]
fn names_and_signing_rules_that_do_not_fit_are_refused() {
    let pair = Pair::new(DATE);
    let odd = pair.folder.path().join("messages.csv");
    fs::write(&odd, MESSAGES).expect("written");
    let mut request = pair.request(DATE);
    request.inputs = vec![odd];
    request.format = Some(impactd::ingest::Format::Lobster);
    let said = message_of(batch::run(&request));
    assert!(said.contains("TICKER_YYYY-MM-DD_START_END_message_LEVEL.csv"), "{said}");

    let mut mixed = pair.request(DATE);
    mixed.inputs.extend(sample("csv"));
    let said = message_of(batch::run(&mixed));
    assert!(said.contains("name one with --sign"), "{said}");
    mixed.sign = Some(Rule::LeeReady.into());
    assert_eq!(batch(&mixed).parameters["sign"], "lee-ready");
}

/// Packed files and deeper books give the same tables; the batch knows its results again.
#[test]
fn packed_files_and_deeper_books_give_the_same_tables() {
    let tables = |out: &Path| {
        let mut found = contents(out);
        found.retain(|(path, _)| path.starts_with("bars") || path.starts_with("signed_trades"));
        found
    };
    let plain = Pair::new(DATE);
    batch(&plain.request(DATE));
    let deep = tempfile::tempdir().expect("a folder");
    let mut inputs = Vec::new();
    for (kind, text) in
        [("message", MESSAGES.to_owned()), ("orderbook", BOOKS.replace('\n', ",100300,1,-9999999999,0\n"))]
    {
        let path = deep.path().join(format!("SIM_{DATE}_34200000_57600000_{kind}_2.csv.gz"));
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(text.as_bytes()).expect("packed");
        fs::write(&path, packer.finish().expect("packed")).expect("written");
        inputs.push(path);
    }
    let mut request = request(inputs, &deep.path().join("out"));
    request.signed_trades = true;
    batch(&request);
    assert!(tables(&plain.request(DATE).out) == tables(&request.out));
    assert!(matches!(batch::run(&request), Ok(batch::Outcome::UpToDate(_))));
}
