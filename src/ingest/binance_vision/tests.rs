//! Rows of every kind and spelling to the last digit, and every fault with its place.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use flate2::{Compression, write::GzEncoder};

use crate::ingest::{
    self, ColumnMap, Format, IngestError, Kind, OnBadRow, RawQuote, RawRow, RawTrade, ReadOptions, ReadReport,
};
use crate::tape::{Price, Sign, Size};

const SPOT: &str = "4309552,42283.58000000,0.01271000,537.42430180,1704067200123,True,True\n\
                    4309553,42283.59000000,1.00000000,42283.59000000,1704067200124,False,True\n";
const FUTURES: &str = "id,price,qty,quote_qty,time,is_buyer_maker\n\
                       4309552,42283.58,0.01271,537.4243018,1704067200123,true\n\
                       4309553,42283.59,1,42283.59,1704067200124,false\n";
const AGGREGATED: &str = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n\
     77,42283.58,0.01271,4309552,4309552,1704067200123,true\n\
     78,42283.59,1,4309553,4309559,1704067200124,false\n";
const BOOK: &str = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n\
     3831603310013,2474.30000000,6.00900000,2474.31000000,44.75700000,1704067200123,1704067200128\n\
     3831603310668,0.00000000,0.00000000,2474.31000000,44.75700000,1704067200124,1704067200129\n";

fn put_down(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn zipped(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

fn read<R: RawRow>(path: &Path, on_bad_row: OnBadRow) -> Result<(Vec<R>, ReadReport), IngestError> {
    let input = ingest::inspect(path, None, &ColumnMap::default(), None)?;
    assert_eq!(input.reading.format, Format::BinanceVision, "{}", path.display());
    let (sender, receiver) = sync_channel(100);
    let report = ingest::read(&input, &ReadOptions { on_bad_row, ..ReadOptions::default() }, &sender)?;
    drop(sender);
    Ok((receiver.into_iter().flat_map(|batch| R::unwrap(batch.rows)).collect(), report))
}

fn trades(name: &str, text: &str) -> Vec<RawTrade> {
    let folder = tempfile::tempdir().expect("a folder");
    read(&put_down(folder.path(), name, text), OnBadRow::Fail).expect("read").0
}

/// What a file is refused with.
fn refused(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = put_down(folder.path(), name, bytes);
    let named = Some(Format::BinanceVision);
    let input = ingest::inspect(&path, named, &ColumnMap::default(), None);
    let (sender, _receiver) = sync_channel(100);
    let read = input.and_then(|input| ingest::read(&input, &ReadOptions::default(), &sender));
    let said = read.expect_err("refused").to_string();
    assert!(said.contains(name), "{said}");
    said
}

#[test]
fn trades_are_read_to_the_last_digit_with_a_header_or_without() {
    let [spot, futures] = [SPOT, FUTURES].map(|text| trades("BTCUSDT-trades-2024-01-01.csv", text));
    assert_eq!(spot, futures);
    let [first, second] = spot.as_slice() else { panic!("two rows") };
    assert_eq!((first.sequence, first.trade.ts.0), (4_309_552, 1_704_067_200_123_000_000));
    assert_eq!((first.trade.price, first.trade.size), (Price(42_283_580_000_000), Size(1_271_000)));
    assert_eq!((first.trade.known_side, second.trade.known_side), (Sign::Sell, Sign::Buy));
    assert_eq!((second.trade.price, second.trade.size), (Price(42_283_590_000_000), Size(100_000_000)));
    let camel = FUTURES.replace("quote_qty", "quoteQty").replace("is_buyer_maker", "isBuyerMaker");
    let coin = FUTURES.replace("quote_qty", "base_qty");
    let marked = FUTURES.replace("id,price", "\u{feff}id,price").replace('\n', "\r\n");
    for text in [camel, coin, marked] {
        assert_eq!(trades("BTCUSDT-trades-2024-01-01.csv", &text), spot, "{text}");
    }
}

#[test]
fn aggregated_trades_carry_their_own_ids() {
    let read = trades("BTCUSDT-aggTrades-2024-01.csv", AGGREGATED);
    let of_fills = trades("BTCUSDT-trades-2024-01.csv", SPOT);
    assert_eq!(read.iter().map(|row| row.sequence).collect::<Vec<_>>(), [77, 78]);
    assert!(read.iter().zip(&of_fills).all(|(a, b)| a.trade == b.trade));
    let spot = "77,42283.58000000,0.01271000,4309552,4309552,1704067200123,True,True\n\
                78,42283.59000000,1.00000000,4309553,4309559,1704067200124,False,True\n";
    assert_eq!(trades("BTCUSDT-aggTrades-2024-01.csv", spot), read);
}

#[test]
fn best_quotes_are_read_with_a_header_or_without_and_may_have_one_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = put_down(folder.path(), "ETHUSDT-bookTicker-2024-01-01.csv", BOOK);
    let (rows, report) = read::<RawQuote>(&path, OnBadRow::Fail).expect("read");
    let [first, second] = rows.as_slice() else { panic!("two rows") };
    assert_eq!((first.sequence, first.quote.ts.0), (3_831_603_310_013, 1_704_067_200_123_000_000));
    assert_eq!((first.quote.bid, first.quote.bid_size), (Price(2_474_300_000_000), Size(600_900_000)));
    assert_eq!((first.quote.ask, first.quote.ask_size), (Price(2_474_310_000_000), Size(4_475_700_000)));
    assert_eq!((second.quote.bid, second.quote.bid_size), (Price(0), Size(0)));
    assert!(report.counted.is_empty() && report.sha256.is_some());
    let bare = BOOK.split_once('\n').expect("a header").1;
    let path = put_down(folder.path(), "ETHUSDT-bookTicker-2024-01-01.csv", bare);
    assert_eq!(read::<RawQuote>(&path, OnBadRow::Fail).expect("read").0, rows);
}

#[test]
fn a_time_of_thirteen_digits_is_milliseconds_and_one_of_sixteen_microseconds() {
    let name = "BTCUSDT-trades-2024-12-31.csv";
    let both = "1,1,1,1,1735689599999,True,True\n2,1,1,1,1735689600010866,True,True\n";
    let times: Vec<i64> = trades(name, both).iter().map(|row| row.trade.ts.0).collect();
    assert_eq!(times, [1_735_689_599_999_000_000, 1_735_689_600_010_866_000]);
    for (time, nanos) in
        [("99999999999", 99_999_999_999_000_000), ("100000000000000", 100_000_000_000_000_000)]
    {
        let row = &trades(name, &format!("1,1,1,1,{time},True,True"))[0];
        assert_eq!(row.trade.ts.0, nanos, "{time}");
    }
    for late in ["99999999999999", "1735689600010866001", "18446744073709551615"] {
        let said = refused(name, format!("1,1,1,1,{late},True,True"));
        assert!(said.contains("line 1, column time") && said.contains("1970 to 2199"), "{said}");
    }
}

#[test]
fn a_zip_and_gzip_hold_what_the_plain_file_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "BTCUSDT-trades-2024-01-01";
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(FUTURES.as_bytes()).expect("packed");
    let paths = [
        put_down(folder.path(), &format!("{name}.csv"), FUTURES),
        put_down(folder.path(), &format!("{name}.csv.gz"), packed.finish().expect("packed")),
        put_down(folder.path(), &format!("{name}.zip"), zipped(&[(&format!("{name}.csv"), FUTURES)])),
        // A zip may be called anything: the file within has the name that counts.
        put_down(folder.path(), "20240101_trade.zip", zipped(&[(&format!("{name}.csv"), FUTURES)])),
    ];
    let all = paths.map(|path| {
        let input = ingest::inspect(&path, None, &ColumnMap::default(), None).expect("inspected");
        assert_eq!((input.kind, input.symbol.as_deref()), (Kind::Trades, Some("BTCUSDT")));
        assert_eq!((input.reading.scale.decimals(), input.reading.date), (8, None));
        read::<RawTrade>(&path, OnBadRow::Fail).expect("read").0
    });
    assert!(all.iter().all(|rows| rows == &all[0] && rows.len() == 2));
}

#[test]
fn a_time_that_runs_backwards_a_little_is_held_and_far_is_a_bad_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = |id: u64, time: u64| format!("{id},1,1,1,{time},true\n");
    let [near, far] = [1_704_067_198_000, 1_704_067_197_999];
    let text = [row(1, 1_704_067_200_000), row(2, near), row(3, far), row(4, 1_704_067_200_001)].concat();
    let path = put_down(folder.path(), "A-trades-2024-01-01.csv", text);
    let error = read::<RawTrade>(&path, OnBadRow::Fail).expect_err("far back").to_string();
    assert!(error.contains("line 3, column time") && error.contains("runs backwards"), "{error}");
    let (rows, report) = read::<RawTrade>(&path, OnBadRow::Skip).expect("read");
    let told: Vec<_> = rows.iter().map(|row| (row.sequence, row.trade.ts.0 / 1_000_000)).collect();
    assert_eq!(told, [(1, 1_704_067_200_000), (2, 1_704_067_200_000), (4, 1_704_067_200_001)]);
    assert_eq!((report.rows_rejected, report.counted["times that ran backwards"]), (1, 1));
}

#[test]
fn every_fault_names_its_line_and_column() {
    let (trades, aggregated, book) =
        ("B-trades-2024-01-01.csv", "B-aggTrades-2024-01-01.csv", "B-bookTicker-2024-01-01.csv");
    let of_trades = "7,42283.58,0.01271,537.4,1704067200123,true";
    for (name, row, from, to, words) in [
        (trades, of_trades, "7,", "7x,", "column id: '7x' is not a number"),
        (trades, of_trades, "42283.58", "4e4", "column price: '4e4' is not a decimal price"),
        (trades, of_trades, "42283.58", "", "column price: '' is empty"),
        (trades, of_trades, "0.01271", "", "column qty: '' is empty"),
        (trades, of_trades, "0.01271", "-1", "column qty: '-1' is a negative size"),
        (trades, of_trades, "0.01271", "0.000000001", "column qty: '0.000000001' has more decimals"),
        (trades, of_trades, "1704067200123", "2024-01-01", "column time: '2024-01-01' is not a number"),
        (trades, of_trades, "true", "yes", "column is_buyer_maker: 'yes' is neither true nor false"),
        (trades, of_trades, ",true", "", "column is_buyer_maker: '' is not there"),
        (trades, of_trades, "true", "true,True,1", "column beyond is_best_match: '1' is a cell too many"),
        (aggregated, "7,1,1,2,3,1704067200123,true", ",true", "", "column is_buyer_maker: '' is not there"),
        (aggregated, "7,1,1,2,3,1704067200123,true", "true", "1704", "'1704' is neither true nor false"),
        (book, "7,1,1,2,1,1704067200123,1704067200124", ",1,1,", ",1,x,", "column best_bid_qty: 'x'"),
        (book, "7,1,1,2,1,1704067200123,1704067200124", ",2,", ",,", "column best_ask_price: '' is empty"),
        (book, "7,1,1,2,1,1704067200123,1704067200124", "0124", "0124,9", "column beyond event_time: '9'"),
        (book, "7,1,1,2,1,1704067200123,1704067200124", ",1704067200124", "", "column event_time: '' is not"),
    ] {
        let broken = row.replacen(from, to, 1);
        let said = refused(name, format!("{row}\n{broken}\n"));
        assert!(said.contains("line 2") && said.contains(words), "{broken}: {said}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = put_down(folder.path(), name, format!("{row}\n{broken}\n{row}\n"));
        let report = if name == book {
            read::<RawQuote>(&path, OnBadRow::Skip).expect("read").1
        } else {
            read::<RawTrade>(&path, OnBadRow::Skip).expect("read").1
        };
        assert_eq!((report.rows, report.rows_rejected, report.rejects[0].line), (2, 1, 2), "{broken}");
    }
}

#[test]
fn rows_of_another_kind_than_the_name_says_are_refused_at_the_first() {
    let texts = [SPOT, AGGREGATED, BOOK];
    let names = ["B-trades-2024-01-01.csv", "B-aggTrades-2024-01-01.csv", "B-bookTicker-2024-01-01.csv"];
    for (at, name) in names.iter().enumerate() {
        for (_, text) in texts.iter().enumerate().filter(|(other, _)| *other != at) {
            let said = refused(name, text);
            let bare = text
                .lines()
                .filter(|line| !super::table::is_header(line.as_bytes()))
                .collect::<Vec<_>>()
                .join("\n");
            assert!(said.contains("line 1, column"), "{said}");
            let said = refused(name, bare);
            assert!(said.contains("line 1, column"), "{said}");
        }
    }
    let klines =
        "1704067200000,42283.58,42298.62,42261.02,42298.61,35.92,1704067259999,1519032.1,1327,23.1,977,0\n";
    let said = refused("BTCUSDT-trades-2024-01.csv", klines);
    assert!(said.contains("line 1, column"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    for path in [
        put_down(folder.path(), "BTCUSDT-1m-2024-01.csv", klines),
        put_down(folder.path(), "BTCUSDT-1m-2024-01.zip", zipped(&[("BTCUSDT-1m-2024-01.csv", klines)])),
    ] {
        let said = ingest::inspect(&path, None, &ColumnMap::default(), None).expect_err("klines").to_string();
        assert!(said.contains("holds '1m'") && said.contains("aggTrades and bookTicker are read"), "{said}");
    }
}

#[test]
fn a_header_of_another_table_and_a_name_without_kind_are_refused_with_what_to_do() {
    let said = refused("B-trades-2024-01-01.csv", FUTURES.replace("qty,quote_qty", "amount,quote_qty"));
    assert!(said.contains("line 1, column qty: the header has 'amount'") && said.contains("--map"), "{said}");
    assert!(said.contains("id,price,qty,quote_qty,time,is_buyer_maker"), "{said}");
    let said = refused("B-trades-2024-01-01.csv", "id,price,qty\n1,2,3\n");
    assert!(said.contains("column quote_qty: the header has ''"), "{said}");
    let said = refused("trades.csv", FUTURES);
    assert!(said.contains("SYMBOL-trades-YYYY-MM-DD.csv"), "{said}");
    let said =
        refused("two.zip", zipped(&[("B-trades-2024-01-01.csv", SPOT), ("B-trades-2024-01-02.csv", SPOT)]));
    assert!(said.contains("holds 2 files"), "{said}");
    let said = refused("other.zip", zipped(&[("trades.csv", SPOT)]));
    assert!(said.contains("'trades.csv' is not named"), "{said}");
}

#[test]
fn other_tables_and_zips_are_not_taken_for_binance_s() {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = "ts,symbol,price,size\n1704067200123000000,B,1,1\n";
    let path = put_down(folder.path(), "B-trades-2024-01-01.csv", csv);
    let input = ingest::inspect(&path, None, &ColumnMap::default(), None).expect("csv");
    assert_eq!(input.reading.format, Format::Csv);
    let lean = zipped(&[("20131007_sim_Trade_Tick.csv", "34200000,1000000,100,N,0,0\n")]);
    let path = put_down(folder.path(), "B-trades-2024-01-01.zip", lean);
    let input = ingest::inspect(&path, None, &ColumnMap::default(), None).expect("lean");
    assert_eq!(input.reading.format, Format::Lean);
}

#[test]
fn a_damaged_zip_is_an_error() {
    let mut bytes = zipped(&[("B-trades-2024-01-01.csv", &SPOT.repeat(50))]);
    let said = refused("B-trades-2024-01-01.zip", &bytes[..bytes.len() / 2]);
    assert!(said.contains("damaged zip"), "{said}");
    // Within the packed bytes.
    bytes[70] ^= 0xFF;
    refused("B-trades-2024-01-01.zip", &bytes);
}
