//! Every type of message, byte by byte as the specification lays it out, and what becomes of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::books::{Books, Told};
use super::message::{Head, Message};
use crate::book::Side;
use crate::ingest::{Fault, RawQuote, RawTrade};
use crate::tape::{Nanos, Price, Sign, Size, local_midnight};

/// Types and lengths, in the order of the specification.
const LENGTHS: [(u8, usize); 23] = [
    (b'S', 12),
    (b'R', 39),
    (b'H', 25),
    (b'Y', 20),
    (b'L', 26),
    (b'V', 35),
    (b'W', 12),
    (b'K', 28),
    (b'J', 35),
    (b'h', 21),
    (b'A', 36),
    (b'F', 40),
    (b'E', 31),
    (b'C', 36),
    (b'X', 23),
    (b'D', 19),
    (b'U', 35),
    (b'P', 44),
    (b'Q', 40),
    (b'B', 19),
    (b'I', 50),
    (b'N', 20),
    (b'O', 48),
];

/// Of locate 258 (0x0102), at 0x1F1A_CED9_F000 ns (09:30:00), with `rest` behind.
fn bytes(kind: u8, rest: &[&[u8]]) -> Vec<u8> {
    let head: &[u8] = &[1, 2, 0, 0, 0x1F, 0x1A, 0xCE, 0xD9, 0xF0, 0x00];
    [&[kind], head].into_iter().chain(rest.iter().copied()).flatten().copied().collect()
}

const ORDER: &[u8] = &[0, 0, 0, 0, 0, 0, 0x30, 0x39];
const OTHER: &[u8] = &[0, 0, 0, 0, 0, 1, 0, 0];
const SHARES: &[u8] = &[0, 0, 1, 0x2C];
const STOCK: &[u8] = b"AMZN    ";
const PRICE: &[u8] = &[0, 0x22, 0x27, 0x58];
const MATCH: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 7];

fn parsed(bytes: &[u8]) -> (Head, Message<'_>) {
    Message::parse(bytes).expect("sound").expect("known")
}

#[test]
fn every_message_of_the_specification_is_read_from_its_bytes() {
    let (order, size, price) = (12_345, Size(300), Price(223_829_600_000));
    let mpid: &[u8] = b"NSDQ";
    let executed = |price, is_printable| Message::Execute { order, size, price, is_printable };
    let directory: &[u8] = b"QN\0\0\0\x64NCZ PNN1N\0\0\0\0N";
    for (bytes, expected) in [
        (bytes(b'R', &[STOCK, directory]), Message::Directory { stock: b"AMZN" }),
        (
            bytes(b'A', &[ORDER, b"B", SHARES, STOCK, PRICE]),
            Message::Add { order, side: Side::Bid, size, stock: b"AMZN", price },
        ),
        (
            bytes(b'F', &[ORDER, b"S", SHARES, STOCK, PRICE, mpid]),
            Message::Add { order, side: Side::Ask, size, stock: b"AMZN", price },
        ),
        (bytes(b'E', &[ORDER, SHARES, MATCH]), executed(None, true)),
        (bytes(b'C', &[ORDER, SHARES, MATCH, b"Y", PRICE]), executed(Some(price), true)),
        (bytes(b'C', &[ORDER, SHARES, MATCH, b"N", PRICE]), executed(Some(price), false)),
        (bytes(b'X', &[ORDER, SHARES]), Message::Cancel { order, size }),
        (bytes(b'D', &[ORDER]), Message::Delete { order }),
        (
            bytes(b'U', &[ORDER, OTHER, SHARES, PRICE]),
            Message::Replace { old: order, new: 65_536, size, price },
        ),
        (bytes(b'P', &[&[0; 8], b"B", SHARES, STOCK, PRICE, MATCH]), Message::Hidden { size, price }),
        (
            bytes(b'Q', &[&[0; 4], SHARES, STOCK, PRICE, MATCH, b"O"]),
            Message::Cross { size, price, kind: b'O' },
        ),
        (
            bytes(b'Q', &[&[0; 8], STOCK, &[0; 4], MATCH, b"C"]),
            Message::Cross { size: Size(0), price: Price(0), kind: b'C' },
        ),
        (bytes(b'H', &[STOCK, b"P ", b"LUDP"]), Message::State { letter: b'P' }),
        (bytes(b'B', &[MATCH]), Message::Broken),
    ] {
        let head = Head { locate: 258, nanos: 34_200_000_000_000 };
        assert_eq!(parsed(&bytes), (head, expected));
    }
    for kind in b"SYLVWKJhINO" {
        let length = LENGTHS.iter().find(|(known, _)| known == kind).expect("listed").1;
        assert_eq!(parsed(&bytes(*kind, &[&vec![b' '; length - 11]])).1, Message::Other);
    }
    assert_eq!(Message::parse(&bytes(b'z', &[])), Ok(None));
}

#[test]
fn a_length_that_is_not_the_types_own_is_refused() {
    for (kind, length) in LENGTHS {
        for found in [length - 1, length + 1] {
            let message = bytes(kind, &[&vec![0; found.max(12) - 11]]);
            let fault = Message::parse(&message[..found]).expect_err("refused");
            assert_eq!((fault.column.as_str(), fault.value.contains(char::from(kind))), ("length", true));
        }
    }
}

#[test]
fn fields_that_hold_what_they_cannot_are_named() {
    let late = [&[b'D', 1, 2, 0, 0, 0x4E, 0x94, 0x91, 0x4F, 0, 0][..], ORDER].concat();
    for (message, column, value) in [
        (late, "timestamp", "86400000000000"),
        (bytes(b'A', &[ORDER, b"X", SHARES, STOCK, PRICE]), "side", "X"),
        (bytes(b'A', &[ORDER, b"B", &[0; 4], STOCK, PRICE]), "shares", "0"),
        (bytes(b'A', &[ORDER, b"B", SHARES, STOCK, &[0; 4]]), "price", "0"),
        (bytes(b'A', &[ORDER, b"B", SHARES, b"        ", PRICE]), "stock", "        "),
        (bytes(b'C', &[ORDER, SHARES, MATCH, b"?", PRICE]), "printable", "?"),
        (bytes(b'H', &[STOCK, b"X ", b"LUDP"]), "trading state", "X"),
        (bytes(b'Q', &[&[255; 8], STOCK, PRICE, MATCH, b"O"]), "shares", "18446744073709551615"),
    ] {
        let fault = Message::parse(&message).expect_err("refused");
        assert_eq!((fault.column.as_str(), fault.value.as_str()), (column, value));
    }
}

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 1, 30).expect("a date")
}

/// What messages tell, one after the other.
fn told(books: &mut Books<'_>, messages: &[Vec<u8>]) -> Vec<Result<Told, Fault>> {
    let each = |bytes: &Vec<u8>| {
        let (head, message) = parsed(bytes);
        books.apply(head, &message)
    };
    messages.iter().map(each).collect()
}

fn directory() -> Vec<u8> {
    bytes(b'R', &[STOCK, &[b' '; 20]])
}

#[test]
fn executions_tell_the_aggressor_and_the_state_they_leave() {
    let all = BTreeSet::new();
    let mut books = Books::new(date(), &all, 1);
    let better: &[u8] = &[0, 0x22, 0x27, 0x59];
    let told = told(
        &mut books,
        &[
            directory(),
            bytes(b'A', &[ORDER, b"B", SHARES, STOCK, PRICE]),
            // Replaced by one of a better price, and executed at another price, as in a cross with improvement.
            bytes(b'U', &[ORDER, OTHER, SHARES, better]),
            bytes(b'C', &[OTHER, &[0, 0, 0, 100], MATCH, b"Y", PRICE]),
            bytes(b'C', &[OTHER, &[0, 0, 0, 100], MATCH, b"N", PRICE]),
            bytes(b'E', &[OTHER, &[0, 0, 0, 100], MATCH]),
        ],
    );
    let told: Vec<Told> = told.into_iter().map(|told| told.expect("applied")).collect();
    let bids: Vec<Option<(i64, i64)>> = told
        .iter()
        .map(|t| t.quote(1).map(|RawQuote { quote, .. }| (quote.bid.0 / 100_000, quote.bid_size.0)))
        .collect();
    let (old, new) = (2_238_296, 2_238_297);
    let states = [None, Some((old, 300)), Some((new, 300)), Some((new, 200)), Some((new, 100)), Some((0, 0))];
    assert_eq!(bids, states);
    let trades: Vec<(i64, i64, Sign)> = told
        .iter()
        .filter_map(|t| t.trade(1))
        .map(|RawTrade { trade, .. }| (trade.price.0 / 100_000, trade.size.0, trade.known_side))
        .collect();
    assert_eq!(trades, [(old, 100, Sign::Sell), (new, 100, Sign::Sell)]);
    let at = told[5].trade(9).expect("a trade");
    assert_eq!((at.trade.ts, at.sequence), (Nanos(local_midnight(date()).0 + 34_200_000_000_000), 9));
    assert_eq!(books.counted().into_iter().collect::<Vec<_>>(), [("non_printable_executions".to_owned(), 1)]);
}

#[test]
fn crosses_and_hidden_executions_have_no_aggressor_and_broken_trades_are_counted() {
    let all = BTreeSet::new();
    let mut books = Books::new(date(), &all, 1);
    let cross = |kind: &[u8]| bytes(b'Q', &[&[0; 4], SHARES, STOCK, PRICE, MATCH, kind]);
    let told = told(
        &mut books,
        &[
            directory(),
            cross(b"O"),
            cross(b"C"),
            cross(b"H"),
            cross(b"I"),
            bytes(b'P', &[&[0; 8], b"B", SHARES, STOCK, PRICE, MATCH]),
            bytes(b'Q', &[&[0; 8], STOCK, &[0; 4], MATCH, b"O"]),
            bytes(b'B', &[MATCH]),
        ],
    );
    let trades: Vec<RawTrade> = told.into_iter().filter_map(|told| told.expect("applied").trade(1)).collect();
    assert!(trades.iter().all(|row| row.trade.known_side == Sign::Unknown));
    let conditions: Vec<&[u8]> = trades.iter().map(|row| row.conditions.as_slice()).collect();
    assert_eq!(conditions, [b"@O  ", b"@6  ", b"@5  ", b"@x  ", b"h\0\0\0"]);
    let counted: Vec<(String, u64)> = books.counted().into_iter().collect();
    let expected = [("broken_trades".to_owned(), 1), ("crosses_without_shares".to_owned(), 1)];
    assert_eq!(counted, expected);
}

/// A halt and its end come with the book as it stands; trading that was never halted is no news.
#[test]
fn halts_are_told_by_the_book_under_the_letter_of_the_state() {
    let all = BTreeSet::new();
    let mut books = Books::new(date(), &all, 1);
    let state = |letter: &[u8]| bytes(b'H', &[STOCK, letter, b" ", b"LUDP"]);
    let add = bytes(b'A', &[ORDER, b"B", SHARES, STOCK, PRICE]);
    let messages =
        [state(b"T"), directory(), state(b"T"), add, state(b"P"), state(b"Q"), state(b"T"), state(b"T")];
    let rows: Vec<Option<RawQuote>> =
        told(&mut books, &messages).into_iter().map(|told| told.expect("applied").quote(1)).collect();
    let letters: Vec<Option<(u8, u8, i64)>> =
        rows.iter().map(|row| row.map(|row| (row.source, row.condition, row.quote.bid_size.0))).collect();
    let halt = |letter| Some((b'I', letter, 300));
    let expected = [None, None, None, Some((0, 0, 300)), halt(b'P'), halt(b'Q'), halt(b'T'), None];
    assert_eq!(letters, expected);
}

#[test]
fn what_is_not_there_is_named_and_other_stocks_have_no_book() {
    let all = BTreeSet::new();
    let mut books = Books::new(date(), &all, 1);
    let add = |stock| bytes(b'A', &[ORDER, b"B", SHARES, stock, PRICE]);
    let delete = bytes(b'D', &[ORDER]);
    let execute = bytes(b'E', &[ORDER, &[0, 0, 2, 0], MATCH]);
    let messages =
        [add(STOCK), directory(), add(b"IBM     "), delete.clone(), add(STOCK), add(STOCK), execute, delete];
    let columns: Vec<Option<String>> =
        told(&mut books, &messages).into_iter().map(|told| told.err().map(|fault| fault.column)).collect();
    let (locate, stock, order) = ("stock locate", "stock", "order reference number");
    let expected =
        [Some(locate), None, Some(stock), Some(order), None, Some(order), Some(order), Some(order)];
    assert_eq!(columns, expected.map(|column| column.map(str::to_owned)));
    let renamed = bytes(b'R', &[b"IBM     ", &[b' '; 20]]);
    assert!(told(&mut books, &[renamed])[0].is_err());

    let some = BTreeSet::from(["IBM".to_owned()]);
    let mut books = Books::new(date(), &some, 1);
    assert_eq!(told(&mut books, &[directory(), add(STOCK)])[1], Ok(Told::default()));
    assert_eq!(books.counted().get("messages_of_other_stocks"), Some(&1));
}
