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

#[test]
fn symbols_must_suit_every_format() {
    for bad in ["", "ibm", "A,B", "A|B", "BRK A B", " A", "1A", "../A"] {
        assert!(sink::in_nyse_order(&[Symbol::new(bad)]).is_err(), "{bad}");
    }
    assert!(sink::in_nyse_order(&[Symbol::new("A"), Symbol::new("A")]).is_err());
    assert!(sink::in_nyse_order(&[]).is_err());
}
