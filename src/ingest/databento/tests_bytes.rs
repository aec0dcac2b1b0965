//! The bytes of files: every version and packing, broken ones, and what is wrong said once.

use dbn::encode::{DbnEncoder, EncodeRecord};
use dbn::flags::LAST;
use dbn::{Mbp1Msg, SType, Schema, StatusMsg, UNDEF_PRICE, rtype};
use proptest::prelude::*;
use proptest::sample::Index;

use super::tests::{DAY, NEXT_DAY, encoded, metadata, order, read, read_with, shorts, top};
use crate::ingest::{Kind, OnBadRow, ReadOptions};

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    {
        let mut writer = dbn::encode::DynWriter::new(&mut out, dbn::Compression::Zstd).expect("a writer");
        std::io::Write::write_all(&mut writer, bytes).expect("written");
    }
    out
}

#[test]
fn packing_and_version_change_nothing() {
    let records = [top(100, 'A', 'B', (1000, 8), (1002, 9)), top(200, 'T', 'B', (1000, 8), (1002, 9))];
    let plain = encoded(Schema::Mbp1, &records);
    let expected = shorts(&plain);
    assert_eq!(expected.len(), 2);
    assert_eq!(shorts(&packed(&plain)), expected);
    for version in [1, 2] {
        let mut old = metadata(Some(Schema::Mbp1));
        old.version = version;
        old.symbol_cstr_len = if version == 1 { 22 } else { 71 };
        let mut bytes = Vec::new();
        let mut encoder = DbnEncoder::new(&mut bytes, &old).expect("metadata");
        encoder.encode_records(&records).expect("records");
        assert_eq!(bytes[3], version);
        assert_eq!(shorts(&bytes), expected);
    }
}

/// A file of the format before DBN, put together by hand as no encoder is left: metadata in a frame of their own,
/// symbols within it packed, then the records, packed.
fn legacy(schema: Schema, records: &[u8]) -> Vec<u8> {
    let text = |text: &str, length: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length, 0);
        bytes
    };
    let count = |n: u32| n.to_le_bytes().to_vec();
    let date = |day: u32| count(20_240_100 + day);
    let symbols = [count(1), text("ONE", 22)].concat();
    let mapping = [count(1), text("ONE", 22), count(1), date(2), date(3), text("7", 22)].concat();
    let variable = packed(&[count(0), symbols, count(0), count(0), mapping].concat());
    let mut fixed =
        [b"DBZ\x01".to_vec(), text("GLBX.MDP3", 16), (schema as u16).to_le_bytes().to_vec()].concat();
    fixed.extend([DAY, DAY + NEXT_DAY, 0, 2].into_iter().flat_map(u64::to_le_bytes));
    // Zstandard; symbols in, instruments out.
    fixed.extend([1, SType::RawSymbol as u8, SType::InstrumentId as u8]);
    fixed.resize(96, 0);
    let length = (fixed.len() + variable.len()) as u32;
    [0x184d_2a50_u32.to_le_bytes().to_vec(), count(length), fixed, variable, packed(records)].concat()
}

/// The records of a file without its metadata.
fn records_of(bytes: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    &bytes[8 + length..]
}

#[test]
fn the_format_before_gives_the_same_rows() {
    let records = [top(100, 'A', 'B', (1000, 8), (1002, 9)), top(200, 'T', 'B', (1000, 8), (1002, 9))];
    let bytes = encoded(Schema::Mbp1, &records);
    let before = legacy(Schema::Mbp1, records_of(&bytes));
    assert_eq!(shorts(&before), shorts(&bytes));
    for length in [9, 60, 103, 110, before.len() - 5] {
        let error = read(&before[..length]).map(|_| ()).expect_err("cut").to_string();
        assert!(error.contains("fetch it again") && !error.contains('\n'), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn broken_bytes_are_refused_or_read_but_never_break_the_reader(
        flips in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<Index>()),
        form in 0..3_usize,
        skip in any::<bool>(),
    ) {
        let orders = encoded(Schema::Mbo, &[
            order(1, 'A', 'B', 1000, 5, 1, LAST),
            order(2, 'T', 'A', 1000, 5, 0, 0),
            order(2, 'C', 'B', 1000, 5, 1, LAST),
            order(3, 'R', 'N', 0, 0, 0, LAST),
        ]);
        let mut bytes = match form {
            0 => orders,
            1 => encoded(Schema::Tbbo, &[top(5, 'T', 'A', (1000, 8), (1002, 9)), top(9, 'T', 'B', (0, 0), (1, 1))]),
            _ => legacy(Schema::Mbo, records_of(&orders)),
        };
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let on_bad_row = if skip { OnBadRow::Skip } else { OnBadRow::Fail };
        match read_with(&bytes, ReadOptions { on_bad_row, ..ReadOptions::default() }) {
            Ok((_, ticks, report)) => prop_assert_eq!(ticks.len() as u64, report.rows),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn a_bad_file_has_one_clear_error() {
    let good = encoded(Schema::Mbp1, &[top(100, 'A', 'B', (1000, 8), (1002, 9))]);
    let refused = |bytes: &[u8], words: &str| {
        let error = read(bytes).map(|_| ()).expect_err(words).to_string();
        assert!(error.contains(words) && !error.contains('\n'), "'{words}' is not in: {error}");
    };
    refused(&good[..good.len() - 1], "ends inside record 1; fetch it again");
    refused(&good[..60], "ends inside its metadata");
    refused(&packed(&good[..good.len() - 1]), "ends inside record 1");
    let whole = packed(&good);
    refused(&whole[..whole.len() - 9], "fetch it again");
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..].iter_mut().for_each(|byte| *byte = !*byte);
    refused(&torn, "fetch it again");
    refused(&packed(b"ts,symbol,price,size\n"), "is not DBN");
    let version = |number| [&[b'D', b'B', b'N', number], &good[4..]].concat();
    refused(&version(4), "DBN version 4; versions 1 to 3 are read");
    refused(&version(0), "DBN version 0");
    let huge = [&good[..4], &u32::MAX.to_le_bytes(), &good[8..]].concat();
    refused(&huge, "4294967295 bytes of metadata");
    let at = good.len() - size_of::<Mbp1Msg>();
    let mut short = good.clone();
    short[at] = 2;
    refused(&short, "record 1 cannot be read as DBN");
    let mut other = good.clone();
    other[at + 1] = rtype::MBO;
    refused(&other, "column rtype: '160' is not the record type of the file's schema");
    let mut status = Vec::new();
    let mut encoder = DbnEncoder::new(&mut status, &metadata(Some(Schema::Status))).expect("metadata");
    encoder.encode_record(&StatusMsg::default()).expect("a record");
    let (kind, ticks, report) = read(&status).expect("passed over");
    assert_eq!((kind, ticks.len()), (Kind::NoTicks, 0));
    assert_eq!(report.counted["records of status passed over"], 1);
    let mut mixed = Vec::new();
    DbnEncoder::new(&mut mixed, &metadata(None)).expect("metadata");
    refused(&mixed, "names no schema");
}

#[test]
fn a_bad_record_can_be_left_out() {
    let good = top(100, 'A', 'B', (1000, 8), (1002, 9));
    let unknown = Mbp1Msg { action: b'x' as i8, ..top(150, 'A', 'B', (1000, 8), (1002, 9)) };
    let priceless = Mbp1Msg { price: UNDEF_PRICE, ..top(160, 'T', 'B', (1000, 8), (1002, 9)) };
    let mut timeless = good.clone();
    timeless.hd.ts_event = dbn::UNDEF_TIMESTAMP;
    let bytes = encoded(Schema::Mbp1, &[good, unknown, priceless, timeless]);
    let error = read(&bytes).map(|_| ()).expect_err("a bad record").to_string();
    assert!(error.contains("line 2, column action: 'x' is none of its letters"), "{error}");
    let skip = ReadOptions { on_bad_row: OnBadRow::Skip, ..ReadOptions::default() };
    let (_, ticks, report) = read_with(&bytes, skip).expect("readable");
    let columns: Vec<&str> = report.rejects.iter().map(|reject| reject.column.as_str()).collect();
    assert_eq!((ticks.len(), report.rows_rejected), (1, 3));
    assert_eq!(columns, ["action", "price", "ts_event"]);
}
