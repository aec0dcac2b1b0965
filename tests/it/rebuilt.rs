//! Books rebuilt from messages against the books that files hold: simulated pairs at every row and level, Amazon's
//! day at level 1, where deeper orders are not in the file; and the same orders as ITCH and as LOBSTER.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use impactd::book::{Level, Order, OrderBook, Side};
use impactd::flow::Widths;
use impactd::simulate::{self, Format, Law, Output, Tape};
use impactd::store::Table;
use impactd::tape::{Price, Sign, Size, Symbol};
use polars::prelude::DataFrame;

use crate::support::{batch, contents, real_data, request, rows, sample};

/// Price and size of a level without orders, and of one with.
const NO_PRICE: i64 = 9_999_999_999;

/// A row of whole numbers; the first cell, a time, is left out where there is one.
fn numbers(line: &str, skipped: usize) -> Vec<i64> {
    line.split(',').skip(skipped).map(|cell| cell.parse().expect("a whole number")).collect()
}

fn side(direction: i64) -> Side {
    if direction == 1 { Side::Bid } else { Side::Ask }
}

/// Applies a message `type,order,size,price,direction`; false where the book does not hold its order.
fn apply(book: &mut OrderBook, message: &[i64]) -> bool {
    let [kind, id, size, price, direction] = *message else { panic!("five cells") };
    let (id, size) = (id.unsigned_abs(), Size(size));
    match kind {
        1 => book.add(Order { id, side: side(direction), price: Price(price), size }).is_ok(),
        2 => book.reduce(id, size).is_ok(),
        3 => book.delete(id).is_ok(),
        4 => book.execute(id, size).is_ok(),
        _ => true,
    }
}

/// The first levels of a book as a LOBSTER row has them.
fn row(book: &OrderBook, levels: usize) -> Vec<i64> {
    let (asks, bids) = (book.levels(Side::Ask, levels), book.levels(Side::Bid, levels));
    let cells = |found: Option<&Level>, none| found.map_or([none, 0], |level| [level.price.0, level.size.0]);
    let both = |at| [cells(asks.get(at), NO_PRICE), cells(bids.get(at), -NO_PRICE)].concat();
    (0..levels).flat_map(both).collect()
}

fn law() -> Law {
    Law { step_ns: 60_000_000_000, mis_sign: 0.1, ..Law::default() }
}

fn symbols() -> [Symbol; 2] {
    [Symbol::new("AAA"), Symbol::new("BRK A")]
}

/// Since 14 July 2014 neither format tells the side of a hidden execution.
const DATE: &str = "2018-01-02";

/// Tapes of two symbols with executions of hidden orders and crosses among their trades.
fn tapes() -> Vec<Tape> {
    let date = DATE.parse().expect("a date");
    let mut tapes = symbols().map(|s| simulate::simulate(&law(), 7, &s, date).expect("a tape"));
    for trades in tapes.iter_mut().map(|tape| &mut tape.trades) {
        trades.iter_mut().step_by(7).for_each(|trade| trade.price.0 += trade.known_side.value() * 100_000);
        trades.iter_mut().step_by(50).for_each(|trade| trade.known_side = Sign::Unknown);
    }
    tapes.into()
}

#[test]
fn a_book_rebuilt_from_all_messages_is_the_orderbook_file_at_every_row_and_level() {
    for levels in [1, 3, 20] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = Output { formats: &[Format::Lobster], dir: folder.path(), levels };
        let date = DATE.parse().expect("a date");
        let files = simulate::run_with(&law(), (7, &symbols(), date), output, None).expect("written").files;
        let mut deepest = 0;
        for pair in files.chunks(2).take(2) {
            let [messages, books] = [&pair[0], &pair[1]].map(|path| fs::read_to_string(path).expect("text"));
            let mut book = OrderBook::new();
            assert!(messages.lines().count() > 1_000 && messages.lines().count() == books.lines().count());
            for (at, (message, expected)) in std::iter::zip(messages.lines(), books.lines()).enumerate() {
                assert!(apply(&mut book, &numbers(message, 1)), "row {at}: {message}");
                assert_eq!(row(&book, levels.into()), numbers(expected, 0), "row {at} after {message}");
                deepest = deepest.max(book.levels(Side::Bid, usize::MAX).len());
            }
            assert_eq!(book.faults().total(), 0);
            // Every kind of message is there.
            for kind in ["1", "2", "3", "4"] {
                let is_there = messages.lines().any(|line| line.split(',').nth(1) == Some(kind));
                assert!(is_there, "no message of type {kind}");
            }
        }
        assert!((6..=20).contains(&deepest), "{deepest} levels");
    }
}

/// The orders of Amazon's day at level 1. A message at a price says that this price is its side's best: what is known
/// to be better has gone unseen. Where the best level empties, the next one's orders were submitted out of sight.
#[test]
fn real_data_lobster_a_rebuilt_book_disagrees_only_behind_an_emptied_level() {
    let Some(folder) = real_data("lobster") else { return };
    let text = |kind| {
        let name = format!("AMZN_2012-06-21_34200000_57600000_{kind}_1.csv");
        fs::read_to_string(folder.join(name)).expect("text")
    };
    let (messages, books) = (text("message"), text("orderbook"));
    let mut book = OrderBook::new();
    let (mut rows, mut agreeing) = (0_u32, [0_u32; 3]);
    // How disagreements begin: with the file, behind an emptied level, at an order that came up from behind one.
    let mut begun = [0_u32; 3];
    let mut before: Option<Vec<i64>> = None;
    let mut agreed = [true; 2];
    let (mut executions, mut at_the_best) = (0, 0);
    for (message, expected) in std::iter::zip(messages.lines(), books.lines()) {
        let (message, expected) = (numbers(message, 1), numbers(expected, 0));
        let [kind, _, _, price, direction] = message[..] else { panic!("five cells") };
        let own = if direction == 1 { 2 } else { 0 };
        if let (4, Some(before)) = (kind, &before) {
            executions += 1;
            at_the_best += u32::from(before[own] == price);
        }
        if kind <= 4 {
            forget_better(&mut book, side(direction), Price(price));
        }
        let is_known = apply(&mut book, &message);
        let found = row(&book, 1);
        let agrees = [0, 2].map(|at| found[at..at + 2] == expected[at..at + 2]);
        for (index, at) in [0, 2].into_iter().enumerate() {
            if agreed[index] && !agrees[index] {
                let worse = |before: &Vec<i64>| (expected[at] - before[at]) * (1 - at as i64) > 0;
                match &before {
                    None => begun[0] += 1,
                    Some(before) if worse(before) => begun[1] += 1,
                    Some(_) => {
                        assert!(!is_known && own == at, "row {rows}: {message:?} {found:?} {expected:?}");
                        begun[2] += 1;
                    }
                }
            }
        }
        rows += 1;
        agreeing[0] += u32::from(agrees[0]);
        agreeing[1] += u32::from(agrees[1]);
        agreeing[2] += u32::from(agrees == [true; 2]);
        (agreed, before) = (agrees, Some(expected));
    }
    let share = |n: u32| 100.0 * f64::from(n) / f64::from(rows);
    eprintln!(
        "AMZN level 1, {rows} rows: the rebuilt ask agrees at {:.2} %, the bid at {:.2} %, both at {:.2} %; \
         disagreements begin {} times behind an emptied level, {} times at an order from behind one, {} with the file",
        share(agreeing[0]),
        share(agreeing[1]),
        share(agreeing[2]),
        begun[1],
        begun[2],
        begun[0]
    );
    // As a Python script of its own counts them.
    assert_eq!((rows, agreeing[2]), (57_515, 17_133));
    assert_eq!(begun, [2, 6_575, 57]);
    assert_eq!((executions, at_the_best), (8_974, 8_974), "executions are at the row before's best price");
}

/// Deletes what stands at better prices.
fn forget_better(book: &mut OrderBook, side: Side, price: Price) {
    loop {
        let best = if side == Side::Bid { book.best().bid } else { book.best().ask };
        let is_better = if side == Side::Bid { best.price > price } else { best.price < price };
        if best == Level::default() || !is_better {
            return;
        }
        for order in book.queue(side, best.price) {
            book.delete(order.id).expect("it was in the queue");
        }
    }
}

/// What a batch makes of files, but for its record of how.
fn tables(inputs: Vec<PathBuf>) -> Vec<(PathBuf, Vec<u8>)> {
    let out = tempfile::tempdir().expect("a folder");
    let mut request = request(inputs, out.path());
    request.widths = Widths::parse("1s,10s,60s").expect("widths");
    request.signed_trades = true;
    let manifest = batch(&request);
    assert_eq!(manifest.parameters["sign"], "known");
    assert!(manifest.units[0].inputs.iter().all(|input| input.kind == "ticks"));
    let mut found = contents(out.path());
    let is_result = |path: &Path| {
        ["bars", "fits", "liquidity", "signed_trades"].iter().any(|table| path.starts_with(table))
    };
    found.retain(|(path, _)| is_result(path));
    found
}

#[test]
fn the_same_orders_as_itch_and_as_lobster_messages_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = |format| simulate::write(&tapes(), format, folder.path()).expect("written");
    let (itch, mut messages) = (written(Format::Itch), written(Format::Lobster));
    messages.retain(|path| is_message(path));
    assert_eq!((itch.len(), messages.len()), (1, 2));
    let types: BTreeSet<u8> = kinds(&fs::read(&itch[0]).expect("bytes")).into_iter().collect();
    assert!(b"SRHYLAFECXDUPQ".iter().all(|kind| types.contains(kind)), "{types:?}");
    let expected = tables(itch);
    assert_eq!(expected.iter().filter(|(path, _)| path.starts_with("bars")).count(), 2, "a part a symbol");
    assert!(expected == tables(messages), "LOBSTER messages give other bytes than ITCH");
    assert!(
        tables(sample("itch"))
            == tables(sample("lobster").into_iter().filter(|path| is_message(path)).collect())
    );
}

/// What a batch over files makes, its record of how left out, with so many levels of the book.
fn with_levels(inputs: Vec<PathBuf>, levels: usize) -> Vec<(PathBuf, Vec<u8>)> {
    let out = tempfile::tempdir().expect("a folder");
    let mut request = request(inputs, out.path());
    request.widths = Widths::parse("10s,60s").expect("widths");
    request.signed_trades = true;
    request.levels = levels;
    batch(&request);
    contents(out.path())
}

fn of_tables(all: &[(PathBuf, Vec<u8>)], tables: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
    let is_named = |(path, _): &&(PathBuf, Vec<u8>)| tables.iter().any(|table| path.starts_with(table));
    all.iter().filter(is_named).cloned().collect()
}

/// Level by level, the book that ITCH or LOBSTER messages make is that of the orderbook file; and asking for levels
/// changes nothing at the first one.
#[test]
fn levels_of_rebuilt_books_are_those_of_the_orderbook_file_and_leave_the_best_quotes_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let formats = [Format::Itch, Format::Lobster];
    let output = Output { formats: &formats, dir: folder.path(), levels: 5 };
    let date = DATE.parse().expect("a date");
    let files = simulate::run_with(&law(), (7, &symbols(), date), output, None).expect("written").files;
    let tapes = files.into_iter().filter(|path| path.extension().is_none_or(|ending| ending != "json"));
    let (itch, pairs): (Vec<PathBuf>, Vec<PathBuf>) =
        tapes.partition(|path| path.display().to_string().contains("ITCH"));
    let messages: Vec<PathBuf> = pairs.iter().filter(|path| is_message(path)).cloned().collect();
    assert_eq!((itch.len(), messages.len()), (1, 2));
    let deep = ["bars_levels", "ofi_weights"];
    let level_rows = |inputs: &[PathBuf]| {
        let out = tempfile::tempdir().expect("a folder");
        let mut request = request(inputs.to_vec(), out.path());
        (request.widths, request.levels) = (Widths::parse("60s").expect("a width"), 5);
        batch(&request);
        rows(out.path(), Table::BarsLevels, DATE, "AAA")
    };
    let depth = |all: &DataFrame| all.select(["ts_start", "level", "depth_mean_shares"]).expect("columns");
    let expected = level_rows(&pairs);
    assert_eq!(expected.height(), 5 * 390);
    // The first row is the best quotes' first bar, which begins with the first quote that a feed tells of.
    let behind = |all: &DataFrame| all.slice(1, all.height());
    assert!(behind(&level_rows(&messages)).equals_missing(&behind(&expected)), "messages give other levels");
    // ITCH replaces an order in one message, LOBSTER deletes and submits in two: flows differ, states over time do not.
    assert!(depth(&level_rows(&itch)).equals_missing(&depth(&expected)), "ITCH gives other levels");
    for inputs in [itch, messages] {
        let (found, alone) = (with_levels(inputs.clone(), 5), with_levels(inputs.clone(), 1));
        let best = ["bars", "liquidity", "signed_trades"];
        assert!(!of_tables(&found, &deep).is_empty() && of_tables(&alone, &deep).is_empty());
        assert!(
            of_tables(&found, &best) == of_tables(&alone, &best),
            "{inputs:?}: levels change the best quotes"
        );
    }
}

/// The types of a file's messages.
fn kinds(mut bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    while let [high, low, kind, ..] = *bytes {
        found.push(kind);
        bytes = &bytes[2 + usize::from(u16::from_be_bytes([high, low]))..];
    }
    found
}

fn is_message(path: &Path) -> bool {
    path.display().to_string().contains("_message_")
}
