//! The files of a tape: their bytes, their rows, their names.

use super::tests::{day, drawn};
use super::*;
use crate::tape::Quote;

#[test]
fn the_same_run_writes_the_same_bytes() {
    let law = Law { step_ns: 300_000_000_000, ..Law::default() };
    let formats = <Format as clap::ValueEnum>::value_variants();
    let symbols = [Symbol::new("IBM"), Symbol::new("BRK A"), Symbol::new("BAC")];
    let write = || {
        let dir = tempfile::tempdir().expect("a folder");
        let written = run(&law, 5, &symbols, day("2018-01-02"), formats, dir.path()).expect("written");
        let read =
            |path: &PathBuf| (path.strip_prefix(dir.path()).map(Path::to_owned), std::fs::read(path).ok());
        let files: Vec<_> = written.files.iter().map(read).collect();
        (files, written.truth)
    };
    let (first, second) = (write(), write());
    assert!(first.0.iter().all(|(_, bytes)| bytes.is_some()));
    assert_eq!(first, second);
    let counts: Vec<&str> = first.1.symbols.iter().map(|s| s.symbol.as_str()).collect();
    assert_eq!(counts, ["BAC", "BRK A", "IBM"]);
}

#[test]
fn a_tape_written_later_is_the_tape_written_at_once() {
    let law = Law { step_ns: 300_000_000_000, ..Law::default() };
    let dir = tempfile::tempdir().expect("a folder");
    let symbols = [Symbol::new("IBM"), Symbol::new("BAC")];
    let date = day("2018-01-02");
    let at_once = run(&law, 5, &symbols, date, &[Format::Csv], dir.path()).expect("written").files;
    let tapes: Vec<Tape> = symbols.iter().map(|s| simulate(&law, 5, s, date).expect("a tape")).collect();
    let later = write(&tapes, Format::Csv, &dir.path().join("later")).expect("written");
    for (one, other) in std::iter::zip(&at_once, &later) {
        assert_eq!(std::fs::read(one).expect("bytes"), std::fs::read(other).expect("bytes"));
    }
}

#[test]
fn taq_files_hold_every_state_once_and_count_their_rows() {
    let law = Law { step_ns: 300_000_000_000, ..Law::default() };
    let tape = drawn(&law, 6);
    let dir = tempfile::tempdir().expect("a folder");
    let files = write(std::slice::from_ref(&tape), Format::NyseTaqPlain, dir.path()).expect("written");
    let cells = |at: usize| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(&files[at]).expect("text");
        text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    };
    for (at, file) in files.iter().enumerate().take(3) {
        let rows = cells(at);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{file:?}");
        let trailer = rows.last().expect("a trailer");
        assert_eq!((trailer[0].as_str(), trailer[2].parse()), ("END", Ok(rows.len() - 2)));
    }
    let (nbbo, bbo) = (cells(1), cells(2));
    let rows = |rows: &[Vec<String>]| rows[1..rows.len() - 1].to_vec();
    let key = |row: &[String], at: [usize; 4]| at.map(|i| row[i].clone()).join(" ");
    let mut states: Vec<(u64, String)> = Vec::new();
    let sequence = |row: &[String]| row[8].parse().expect("a number");
    states.extend(rows(&nbbo).iter().map(|r| (sequence(r), key(r, [16, 17, 21, 22]))));
    let flagged = rows(&bbo).into_iter().filter(|r| (r[13].as_str(), r[9].as_str()) == ("C", "1"));
    states.extend(flagged.map(|r| (sequence(&r), key(&r, [3, 4, 5, 6]))));
    states.sort();
    let text = |q: &Quote| format!("{} {} {} {}", q.bid, q.bid_size.0 / 100, q.ask, q.ask_size.0 / 100);
    let all: Vec<(u64, String)> = (1..).zip(tape.quotes.iter().map(text)).collect();
    assert_eq!(states, all);
    assert_eq!(rows(&bbo).len(), tape.quotes.len());
}

/// Every message explains the change of the book between its row and the row before.
#[test]
fn lobster_messages_explain_their_books_and_tell_every_tick() {
    let law = Law { step_ns: 300_000_000_000, mis_sign: 0.2, ..Law::default() };
    let tape = drawn(&law, 7);
    let dir = tempfile::tempdir().expect("a folder");
    let files = write(std::slice::from_ref(&tape), Format::Lobster, dir.path()).expect("written");
    let rows = |at: usize| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(&files[at]).expect("text");
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let whole = |text: &String| text.parse::<i64>().expect("a whole number");
    let (messages, books) = (rows(0), rows(1));
    assert_eq!(messages.len(), books.len());
    let (mut states, mut trades) = (Vec::new(), Vec::new());
    let mut before = ["9999999999", "0", "-9999999999", "0"].map(str::to_owned).to_vec();
    for (at, (message, book)) in std::iter::zip(&messages, &books).enumerate() {
        let (kind, size, price) = (whole(&message[1]), whole(&message[3]), &message[4]);
        let (own, other) = if message[5] == "1" { (2, 0) } else { (0, 2) };
        assert_eq!(book[other..other + 2], before[other..other + 2], "row {at}: one event, one side");
        let (shares, held) = (whole(&book[own + 1]), whole(&before[own + 1]));
        let is_behind = (whole(price) - whole(&before[own])) * whole(&message[5]) < 0;
        match kind {
            // What happens behind the best level does not show.
            1..=3 if is_behind => assert_eq!(book, &before, "row {at}"),
            // A submission joins the best price or improves it.
            1 if before[own] == *price => assert_eq!(shares, held + size, "row {at}"),
            1 => assert!(book[own] == *price && shares == size && book[own] != before[own], "row {at}"),
            2 | 4 => assert!(before[own] == *price && shares == held - size && shares > 0, "row {at}"),
            3 if held == size => assert!(before[own] == *price && book[own] != *price, "row {at}"),
            3 => assert!(before[own] == *price && shares == held - size, "row {at}"),
            other => panic!("row {at}: type {other}"),
        }
        assert!(whole(&book[2]) < whole(&book[0]), "row {at}: crossed");
        if kind == 4 {
            trades.push(format!("{} {price} {size} {}", message[0], -whole(&message[5])));
        }
        let is_last = messages.get(at + 1).is_none_or(|next| next[0] != message[0]);
        if is_last && kind != 4 {
            states.push(format!("{} {}", message[0], book.join(" ")));
        }
        before.clone_from(book);
    }
    let midnight = crate::tape::local_midnight(tape.date).0;
    let seconds = |ts: crate::tape::Nanos| crate::tape::Price(ts.0 - midnight).to_string();
    let units = |price: crate::tape::Price| price.0 / 100_000;
    let state = |q: &Quote| {
        let (at, ask, bid) = (seconds(q.ts), units(q.ask), units(q.bid));
        format!("{at} {ask} {} {bid} {}", q.ask_size.0, q.bid_size.0)
    };
    assert_eq!(states, tape.quotes.iter().map(state).collect::<Vec<_>>());
    let told = tape
        .trades
        .iter()
        .map(|t| format!("{} {} {} {}", seconds(t.ts), units(t.price), t.size.0, t.known_side.value()));
    assert_eq!(trades, told.collect::<Vec<_>>());
}

#[test]
fn symbols_must_suit_every_format() {
    for bad in ["", "ibm", "A,B", "A|B", "BRK A B", " A", "1A", "../A"] {
        assert!(sink::in_nyse_order(&[Symbol::new(bad)]).is_err(), "{bad}");
    }
    assert!(sink::in_nyse_order(&[Symbol::new("A"), Symbol::new("A")]).is_err());
    assert!(sink::in_nyse_order(&[]).is_err());
}
