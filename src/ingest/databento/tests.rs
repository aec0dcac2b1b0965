//! Files made here with the crate's encoder, read as a batch reads them.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use dbn::encode::{DbnEncoder, EncodeRecord};
use dbn::flags::{BAD_TS_RECV, LAST, SNAPSHOT, TOB};
use dbn::{
    BboMsg, BidAskPair, Cmbp1Msg, ConsolidatedBidAskPair, FlagSet, HasRType, MappingInterval, MboMsg,
    Mbp1Msg, Metadata, RecordHeader, SType, Schema, SymbolMapping, TradeMsg, UNDEF_PRICE, rtype,
};

use crate::ingest::{self, ColumnMap, IngestError, Kind, RawTick, ReadOptions, ReadReport, Rows};

const DOLLAR: i64 = 1_000_000_000;
/// Midnight of 2 January 2024 in UTC, and of the day after.
pub(super) const DAY: u64 = 1_704_153_600_000_000_000;
pub(super) const NEXT_DAY: u64 = 86_400_000_000_000;

pub(super) fn metadata(schema: Option<Schema>) -> Metadata {
    let date = |days: u64| dbn::record::ts_to_dt(DAY + days * NEXT_DAY).expect("a time").date();
    let interval = |from, symbol: &str| MappingInterval {
        start_date: date(from),
        end_date: date(from + 1),
        symbol: symbol.to_owned(),
    };
    let mapping = |raw: &str, intervals| SymbolMapping { raw_symbol: raw.to_owned(), intervals };
    let (one, two) = (vec![interval(0, "7")], vec![interval(1, "7"), interval(0, "8")]);
    let mut metadata = Metadata::builder()
        .dataset(dbn::Dataset::GlbxMdp3)
        .schema(schema)
        .start(DAY)
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .mappings(vec![mapping("ONE", one), mapping("TWO", two)])
        .build();
    metadata.symbols = vec!["ONE".into(), "TWO".into()];
    metadata
}

/// What a file was told to be, its ticks with their symbols, and the report.
pub(super) type ReadTicks = (Kind, Vec<(String, RawTick)>, ReadReport);

fn header<T: HasRType<Header = RecordHeader>>(rtype: u8, instrument: u32, ts: u64) -> RecordHeader {
    RecordHeader::new::<T>(rtype, 1, instrument, DAY + ts)
}

#[allow(clippy::too_many_arguments, reason = "a record's fields, in its order")]
pub(super) fn order(ts: u64, action: char, side: char, cents: i64, size: u32, id: u64, flags: u8) -> MboMsg {
    MboMsg {
        hd: header::<MboMsg>(rtype::MBO, 7, ts),
        order_id: id,
        price: cents * DOLLAR / 100,
        size,
        flags: FlagSet::new(flags),
        action: action as i8,
        side: side as i8,
        ts_recv: DAY + ts + 90,
        sequence: ts as u32,
        ..MboMsg::default()
    }
}

pub(super) fn top(
    ts: u64,
    action: char,
    side: char,
    (bid, bid_sz): (i64, u32),
    (ask, ask_sz): (i64, u32),
) -> Mbp1Msg {
    let price = |cents: i64| if cents == 0 { UNDEF_PRICE } else { cents * DOLLAR / 100 };
    Mbp1Msg {
        hd: header::<Mbp1Msg>(rtype::MBP_1, 7, ts),
        price: if side == 'A' { price(bid) } else { price(ask) },
        size: 3,
        flags: FlagSet::new(LAST),
        action: action as i8,
        side: side as i8,
        ts_recv: DAY + ts + 90,
        sequence: ts as u32,
        levels: [BidAskPair { bid_px: price(bid), ask_px: price(ask), bid_sz, ask_sz, bid_ct: 1, ask_ct: 1 }],
        ..Mbp1Msg::default()
    }
}

/// The bytes of a file of these records.
pub(super) fn encoded<T: dbn::encode::DbnEncodable>(schema: Schema, records: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = DbnEncoder::new(&mut bytes, &metadata(Some(schema))).expect("metadata");
    encoder.encode_records(records).expect("records");
    bytes
}

fn read_file(path: &Path, options: ReadOptions) -> Result<ReadTicks, IngestError> {
    let input = ingest::inspect(path, None, &ColumnMap::default(), None)?;
    let (sender, receiver) = sync_channel(2);
    let kind = input.kind;
    let reader = std::thread::spawn(move || ingest::read(&input, &options, &sender));
    let mut ticks = Vec::new();
    for batch in receiver {
        let rows: Vec<RawTick> = match batch.rows {
            Rows::Quotes(rows) => rows.into_iter().map(RawTick::Quote).collect(),
            Rows::Trades(rows) => rows.into_iter().map(RawTick::Trade).collect(),
            Rows::Ticks(rows) => rows,
            Rows::Depths(_) | Rows::DepthTicks(_) => Vec::new(),
        };
        let symbol = |row: &RawTick| batch.symbols[ingest::RawRow::symbol(row) as usize].to_string();
        ticks.extend(rows.iter().map(|row| (symbol(row), *row)));
    }
    reader.join().expect("no panic").map(|report| (kind, ticks, report))
}

pub(super) fn read(bytes: &[u8]) -> Result<ReadTicks, IngestError> {
    read_with(bytes, ReadOptions::default())
}

pub(super) fn read_with(bytes: &[u8], options: ReadOptions) -> Result<ReadTicks, IngestError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape");
    std::fs::write(&path, bytes).expect("written");
    read_file(&path, options)
}

/// A row in short: symbol, time since the day's start, then prices in cents with sizes, or price, size and sign.
fn short((symbol, row): &(String, RawTick)) -> String {
    let cents = |nanos: i64| nanos * 100 / DOLLAR;
    match row {
        RawTick::Quote(row) => {
            let q = row.quote;
            let ts = q.ts.0 - DAY as i64;
            format!("{symbol} {ts} {}x{} {}x{}", cents(q.bid.0), q.bid_size.0, cents(q.ask.0), q.ask_size.0)
        }
        RawTick::Trade(row) => {
            let t = row.trade;
            format!(
                "{symbol} {} {} {} {:+}",
                t.ts.0 - DAY as i64,
                cents(t.price.0),
                t.size.0,
                t.known_side.value()
            )
        }
    }
}

pub(super) fn shorts(bytes: &[u8]) -> Vec<String> {
    read(bytes).expect("readable").1.iter().map(short).collect()
}

#[test]
fn a_book_is_told_when_an_event_is_whole_and_a_fill_is_no_second_trade() {
    let records = [
        order(1, 'A', 'B', 1000, 5, 1, LAST),
        order(2, 'A', 'A', 1002, 4, 2, LAST),
        // One event: a sale of 7 takes the bid of 5, and the rest of it rests.
        order(5, 'T', 'A', 1000, 5, 0, 0),
        order(5, 'F', 'B', 1000, 5, 1, 0),
        order(5, 'C', 'B', 1000, 5, 1, 0),
        order(5, 'A', 'A', 1000, 2, 3, LAST),
        // Behind the best: tells nothing new.
        order(6, 'A', 'A', 1005, 9, 4, LAST),
        // So many contracts again, of two orders now.
        order(6, 'M', 'A', 1000, 1, 3, 0),
        order(6, 'A', 'A', 1000, 1, 5, LAST),
        order(6, 'C', 'A', 1000, 1, 5, 0),
        order(6, 'M', 'A', 1000, 2, 3, LAST),
        order(7, 'M', 'A', 1001, 1, 3, LAST),
        order(8, 'R', 'N', 0, 0, 0, LAST),
    ];
    let (kind, ticks, report) = read(&encoded(Schema::Mbo, &records)).expect("readable");
    assert_eq!(kind, Kind::Ticks);
    let told: Vec<String> = ticks.iter().map(short).collect();
    let expected = [
        "ONE 1 1000x5 0x0",
        "ONE 2 1000x5 1002x4",
        "ONE 5 0x0 1000x2",
        "ONE 5 1000 5 -1",
        "ONE 7 0x0 1001x1",
        "ONE 8 0x0 0x0",
    ];
    assert_eq!(told, expected);
    let RawTick::Trade(trade) = ticks[3].1 else { panic!("a trade") };
    assert_eq!((trade.received.0, trade.sequence), (DAY as i64 + 95, 5));
    let counted: Vec<(&str, u64)> = report.counted.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    let expected = [
        ("add (A)", 5),
        ("cancel (C)", 2),
        ("clear (R)", 1),
        ("fill (F)", 1),
        ("modify (M)", 3),
        ("trade (T)", 1),
    ];
    assert_eq!(counted, expected);
}

#[test]
fn a_snapshot_empties_the_book_and_is_told_before_what_follows() {
    let snapshot =
        |cents, id| MboMsg { ts_recv: DAY + 50, ..order(1, 'A', 'B', cents, 1, id, SNAPSHOT | BAD_TS_RECV) };
    let mut records = vec![
        order(2, 'A', 'B', 990, 7, 1, LAST),
        snapshot(1000, 5),
        snapshot(1001, 6),
        order(60, 'A', 'A', 1002, 4, 2, LAST),
    ];
    let expected = ["ONE 2 990x7 0x0", "ONE 50 1001x1 0x0", "ONE 60 1001x1 1002x4"];
    assert_eq!(shorts(&encoded(Schema::Mbo, &records)), expected);
    // The next event was on its way when the snapshot was taken.
    records[3].hd.ts_event = DAY + 40;
    let expected = ["ONE 2 990x7 0x0", "ONE 39 1001x1 0x0", "ONE 40 1001x1 1002x4"];
    assert_eq!(shorts(&encoded(Schema::Mbo, &records)), expected);
    // Nothing follows.
    records.truncate(3);
    let (_, ticks, report) = read(&encoded(Schema::Mbo, &records)).expect("readable");
    assert_eq!(ticks.iter().map(short).collect::<Vec<_>>(), ["ONE 2 990x7 0x0", "ONE 50 1001x1 0x0"]);
    let RawTick::Quote(quote) = ticks[1].1 else { panic!("a quote") };
    // The capture's time is flagged as wrong: it is not told.
    assert_eq!((quote.received.0, report.counted["F_SNAPSHOT"], report.counted["F_BAD_TS_RECV"]), (0, 2, 2));
}

#[test]
fn what_a_book_cannot_apply_is_counted() {
    let records = [
        order(1, 'C', 'B', 1000, 5, 1, LAST),
        order(2, 'A', 'B', 1000, 5, 1, LAST),
        order(3, 'A', 'B', 1001, 5, 1, LAST),
        order(4, 'C', 'B', 1000, 6, 1, LAST),
        // A modification of an order that was not seen adds it.
        order(5, 'M', 'A', 1004, 2, 9, LAST),
        order(6, 'A', 'N', 1004, 2, 10, LAST),
    ];
    let (_, ticks, report) = read(&encoded(Schema::Mbo, &records)).expect("readable");
    let expected = ["ONE 2 1000x5 0x0", "ONE 4 0x0 0x0", "ONE 5 0x0 1004x2"];
    assert_eq!(ticks.iter().map(short).collect::<Vec<_>>(), expected);
    for (name, count) in [
        ("orders that are not in the book", 2),
        ("orders that are in the book already", 1),
        ("cancellations of more than is left", 1),
        ("orders without a side or price", 1),
    ] {
        assert_eq!(report.counted.get(name), Some(&count), "{name}");
    }
}

#[test]
fn the_book_of_several_venues_is_the_best_of_them() {
    let at = |venue, mut record: MboMsg| {
        record.hd.publisher_id = venue;
        record
    };
    let records = [
        at(1, order(1, 'A', 'B', 1000, 5, 1, LAST)),
        // A venue without orders: each addition stands for its side.
        at(2, order(2, 'A', 'B', 1001, 2, 0, LAST | TOB)),
        at(2, order(3, 'A', 'B', 1000, 3, 0, LAST | TOB)),
        at(2, MboMsg { price: UNDEF_PRICE, ..order(4, 'A', 'B', 0, 0, 0, LAST | TOB) }),
    ];
    let expected = ["ONE 1 1000x5 0x0", "ONE 2 1001x2 0x0", "ONE 3 1000x8 0x0", "ONE 4 1000x5 0x0"];
    assert_eq!(shorts(&encoded(Schema::Mbo, &records)), expected);
}

#[test]
fn the_state_before_a_trade_is_in_force_for_it() {
    let records = [
        top(100, 'T', 'A', (1000, 8), (1002, 9)),
        // A second trade of the same stamp, by then at a worse state.
        top(100, 'T', 'A', (999, 4), (1002, 9)),
        top(200, 'T', 'B', (999, 4), (1002, 9)),
        top(300, 'T', 'N', (999, 4), (1003, 1)),
    ];
    let expected = [
        "ONE 99 1000x8 1002x9",
        "ONE 100 999x4 1002x9",
        "ONE 100 1000 3 -1",
        "ONE 100 999 3 -1",
        "ONE 200 1002 3 +1",
        "ONE 299 999x4 1003x1",
        "ONE 300 1003 3 +0",
    ];
    assert_eq!(shorts(&encoded(Schema::Tbbo, &records)), expected);
}

#[test]
fn states_of_mbp_are_told_when_whole() {
    let part = |record: Mbp1Msg| Mbp1Msg { flags: FlagSet::empty(), ..record };
    let records = [
        top(100, 'A', 'B', (1000, 8), (0, 0)),
        top(150, 'A', 'A', (1000, 8), (1002, 9)),
        // The trade shows what was told; its event closes two records later.
        part(top(200, 'T', 'B', (1000, 8), (1002, 9))),
        part(top(200, 'C', 'A', (1000, 8), (1004, 1))),
        top(200, 'A', 'B', (1003, 2), (1004, 1)),
        // An event without a last record here ends when the next begins.
        part(top(300, 'C', 'B', (1000, 8), (1004, 1))),
        top(400, 'A', 'A', (1000, 8), (1004, 6)),
    ];
    let expected = [
        "ONE 100 1000x8 0x0",
        "ONE 150 1000x8 1002x9",
        "ONE 200 1003x2 1004x1",
        "ONE 200 1002 3 +1",
        "ONE 300 1000x8 1004x1",
        "ONE 400 1000x8 1004x6",
    ];
    assert_eq!(shorts(&encoded(Schema::Mbp1, &records)), expected);
}

#[test]
fn every_schema_gives_its_kind_of_rows() {
    let trade = TradeMsg {
        hd: header::<TradeMsg>(rtype::MBP_0, 7, 5),
        price: 10 * DOLLAR,
        size: 2,
        action: b'T' as i8,
        side: b'B' as i8,
        ts_recv: DAY + 9,
        ..TradeMsg::default()
    };
    let (kind, ticks, _) = read(&encoded(Schema::Trades, &[trade])).expect("readable");
    assert_eq!((kind, short(&ticks[0])), (Kind::Trades, "ONE 5 1000 2 +1".into()));

    // The time of the interval's last trade says nothing of the state at its end.
    let level = BidAskPair { bid_px: DOLLAR, bid_sz: 3, ..BidAskPair::default() };
    let mut second =
        BboMsg { ts_recv: DAY + 1_000, levels: [level], ..BboMsg::default_for_schema(Schema::Bbo1S) };
    second.hd.instrument_id = 7;
    let (kind, ticks, _) = read(&encoded(Schema::Bbo1S, &[second])).expect("readable");
    assert_eq!((kind, short(&ticks[0])), (Kind::Quotes, "ONE 1000 100x3 0x0".into()));

    let level = ConsolidatedBidAskPair { ask_px: 2 * DOLLAR, ask_sz: 4, ask_pb: 3, ..Default::default() };
    let record = Cmbp1Msg {
        hd: header::<Cmbp1Msg>(rtype::CMBP_1, 7, 5),
        flags: FlagSet::new(LAST),
        action: b'A' as i8,
        ts_recv: DAY + 9,
        levels: [level],
        ..Cmbp1Msg::default_for_schema(Schema::Cmbp1)
    };
    let (kind, ticks, _) = read(&encoded(Schema::Cmbp1, &[record])).expect("readable");
    assert_eq!((kind, short(&ticks[0])), (Kind::Ticks, "ONE 5 0x0 200x4".into()));
}

#[test]
fn symbols_are_those_of_the_day_and_unmapped_numbers_stay() {
    let of = |instrument, ts| {
        let mut record = top(ts, 'A', 'B', (1000, 1), (1001, 1));
        record.hd.instrument_id = instrument;
        record
    };
    let records = [of(7, 1), of(8, 2), of(9, 3), of(7, NEXT_DAY)];
    let bytes = encoded(Schema::Mbp1, &records);
    let symbols = |options| -> Vec<String> {
        let (_, ticks, _) = read_with(&bytes, options).expect("readable");
        ticks.into_iter().map(|(symbol, _)| symbol).collect()
    };
    assert_eq!(symbols(ReadOptions::default()), ["ONE", "TWO", "9", "TWO"]);
    let only = ReadOptions { symbols: ["TWO".to_owned()].into(), ..ReadOptions::default() };
    assert_eq!(symbols(only.clone()), ["TWO", "TWO"]);
    assert_eq!(read_with(&bytes, only).expect("readable").2.rows_unselected, 2);
}

#[test]
fn a_time_that_runs_backwards_is_held_and_counted() {
    let records = [
        top(100, 'A', 'B', (1000, 8), (1002, 9)),
        top(90, 'A', 'B', (1000, 9), (1002, 9)),
        top(110, 'A', 'B', (1000, 10), (1002, 9)),
    ];
    let (_, ticks, report) = read(&encoded(Schema::Mbp1, &records)).expect("readable");
    let expected = ["ONE 100 1000x8 1002x9", "ONE 100 1000x9 1002x9", "ONE 110 1000x10 1002x9"];
    assert_eq!(ticks.iter().map(short).collect::<Vec<_>>(), expected);
    assert_eq!(report.counted["times that ran backwards"], 1);
}
