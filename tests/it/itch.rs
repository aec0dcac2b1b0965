//! Nasdaq ITCH files as batches meet them: told by content, packed or not, filtered by symbol, refused with one
//! clear error.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::{Compression, write::GzEncoder};
use impactd::batch::{self, Request};
use impactd::ingest::OnBadRow;
use impactd::store::{Archive, Table};

use crate::support::{batch, contents, request};

/// Messages behind their lengths.
fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    messages.iter().flat_map(|m| [&(m.len() as u16).to_be_bytes(), &m[..]].concat()).collect()
}

/// A message of a stock at a second of the day.
fn message(kind: u8, locate: u16, second: u64, rest: &[&[u8]]) -> Vec<u8> {
    let nanos = (second * 1_000_000_000).to_be_bytes();
    [&[kind][..], &locate.to_be_bytes(), &[0, 0], &nanos[2..], &rest.concat()].concat()
}

const OPEN: u64 = 34_200;

#[allow(clippy::too_many_arguments, reason = "a message's fields, in its order")]
fn add(
    locate: u16,
    second: u64,
    order: u64,
    side: &[u8],
    shares: u32,
    stock: &[u8; 8],
    price: u32,
) -> Vec<u8> {
    let parts: [&[u8]; 5] = [&order.to_be_bytes(), side, &shares.to_be_bytes(), stock, &price.to_be_bytes()];
    message(b'A', locate, second, &parts)
}

/// Two stocks; the first one's bid is executed in part, and its offer deleted.
fn day() -> Vec<Vec<u8>> {
    let directory = |locate, stock: &[u8; 8]| message(b'R', locate, 11_000, &[stock, &[b' '; 20]]);
    let executed = [&1_u64.to_be_bytes()[..], &40_u32.to_be_bytes(), &7_u64.to_be_bytes()].concat();
    vec![
        message(b'S', 0, 10_800, &[b"O"]),
        directory(1, b"AMZN    "),
        directory(2, b"BRK.A   "),
        add(1, OPEN + 1, 1, b"B", 100, b"AMZN    ", 2_238_200),
        add(1, OPEN + 2, 2, b"S", 200, b"AMZN    ", 2_239_000),
        add(2, OPEN + 3, 3, b"B", 5, b"BRK.A   ", 3_000_000_000),
        add(2, OPEN + 3, 4, b"S", 5, b"BRK.A   ", 3_000_010_000),
        message(b'E', 1, OPEN + 4, &[&executed]),
        message(b'D', 1, OPEN + 5, &[&2_u64.to_be_bytes()]),
        message(b'S', 0, 75_000, &[b"C"]),
    ]
}

struct Tape {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Tape {
    fn new(name: &'static str, bytes: &[u8]) -> Self {
        let tape = Self { folder: tempfile::tempdir().expect("a folder"), name };
        fs::write(tape.path(), bytes).expect("written");
        tape
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    fn request(&self) -> Request {
        let mut request = request(vec![self.path()], &self.folder.path().join("out"));
        request.signed_trades = true;
        request
    }

    fn said(&self) -> String {
        batch::run(&self.request()).expect_err("refused").to_string()
    }
}

const NAME: &str = "01302019.NASDAQ_ITCH50";

#[test]
fn quotes_and_trades_of_every_stock_come_out_of_one_file() {
    let tape = Tape::new(NAME, &framed(&day()));
    let manifest = batch(&tape.request());
    let (unit, input) = (&manifest.units[0], &manifest.units[0].inputs[0]);
    assert_eq!((input.format.as_str(), input.kind.as_str(), input.rows), ("itch", "ticks", 7));
    assert_eq!((unit.quotes.seen, unit.trades.seen), (6, 1));
    let out = Archive::open(&tape.request().out).expect("a results folder");
    let trades = out.rows(Table::SignedTrades, "2019-01-30", "AMZN").expect("readable").expect("rows");
    let whole = |name: &str| trades.column(name).expect("a column").i64().expect("whole").get(0);
    assert_eq!((whole("side_known"), whole("sign"), whole("size_shares")), (Some(-1), Some(-1), Some(40)));
}

#[test]
fn packed_files_give_the_same_tables_and_symbols_are_chosen_before_books_are_built() {
    let tables = |tape: &Tape, symbols: &[&str]| {
        let mut request = tape.request();
        request.symbols = symbols.iter().map(|s| (*s).to_owned()).collect();
        let counted = batch(&request).units[0].inputs[0].counted.clone();
        let mut found = contents(&request.out);
        found.retain(|(path, _)| path.starts_with("bars") || path.starts_with("signed_trades"));
        (found, counted)
    };
    let plain = Tape::new(NAME, &framed(&day()));
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&framed(&day())).expect("packed");
    let packed = Tape::new("S013019-v50.txt.gz", &packer.finish().expect("packed"));
    let (expected, counted) = tables(&plain, &[]);
    assert!(expected == tables(&packed, &[]).0 && counted.is_empty());
    let one = Tape::new(NAME, &framed(&day()));
    let (found, counted) = tables(&one, &["AMZN"]);
    assert!(!found.is_empty() && found.iter().all(|part| expected.contains(part)), "AMZN's own part");
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("messages_of_other_stocks".to_owned(), 2)]);
}

#[test]
fn each_fault_is_one_clear_error_and_can_be_left_out_and_counted() {
    let with = |at: usize, message: Vec<u8>| {
        let mut messages = day();
        messages.insert(at, message);
        framed(&messages)
    };
    let unknown = 9_u64.to_be_bytes();
    let mut long = day()[3].clone();
    long.push(0);
    for (bytes, words) in [
        (with(5, message(b'D', 1, OPEN + 2, &[&unknown])), "line 6, column order reference number: '9'"),
        (with(5, add(3, OPEN + 2, 5, b"B", 1, b"IBM     ", 10_000)), "line 6, column stock locate: '3'"),
        (with(5, long), "line 6, column length: '37 bytes of type A'"),
        (with(5, add(1, OPEN + 2, 5, b"?", 1, b"AMZN    ", 10_000)), "line 6, column side: '?'"),
        (with(5, add(1, OPEN, 5, b"B", 1, b"AMZN    ", 2_239_000)), "column time"),
    ] {
        let tape = Tape::new(NAME, &bytes);
        let said = tape.said();
        assert!(said.contains(NAME) && said.contains(words) && said.contains("--on-bad-row skip"), "{said}");
        let mut skip = tape.request();
        skip.on_bad_row = OnBadRow::Skip;
        assert_eq!(batch(&skip).units[0].inputs[0].rows_rejected, 1, "{words}");
    }
}

#[test]
fn a_cut_file_and_a_name_without_a_date_are_refused_and_unknown_types_are_counted() {
    let whole = framed(&day());
    let cut = Tape::new(NAME, &whole[..whole.len() - 5]);
    assert!(
        cut.said().contains("ends 9 bytes into message 10, which is longer; fetch it again"),
        "{}",
        cut.said()
    );
    let undated = Tape::new("NASDAQ_ITCH50.bin", &whole);
    assert!(undated.said().contains("has no date in its name"), "{}", undated.said());
    let mut messages = day();
    messages.insert(4, vec![b'z', 1, 2, 3]);
    let newer = Tape::new(NAME, &framed(&messages));
    let counted = batch(&newer.request()).units[0].inputs[0].counted.clone();
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("messages_of_unknown_types".to_owned(), 1)]);
}
