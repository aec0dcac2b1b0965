//! Levels behind the best, as files made here tell of them.

use std::sync::mpsc::sync_channel;

use dbn::flags::LAST;
use dbn::{MboMsg, Schema};

use super::tests::{DAY, encoded, order, shorts};
use crate::ingest::{self, ColumnMap, DepthTick, RawDepth, ReadOptions, Rows};

/// What is told of a file's depth where so many levels are wanted: quotes, and levels behind them.
fn depths(bytes: &[u8], levels: usize) -> Vec<RawDepth> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape");
    std::fs::write(&path, bytes).expect("written");
    let input = ingest::inspect(&path, None, &ColumnMap::default(), None).expect("readable");
    assert!(input.has_levels);
    let (sender, receiver) = sync_channel(8);
    let options = ReadOptions { levels, ..ReadOptions::default() };
    ingest::read(&input, &options, &sender).expect("readable");
    drop(sender);
    let of = |batch: ingest::Batch| match batch.rows {
        Rows::DepthTicks(rows) => rows,
        other => panic!("{other:?}"),
    };
    let rows = receiver.into_iter().flat_map(of);
    rows.filter_map(|row| if let DepthTick::Depth(row) = row { Some(row) } else { None }).collect()
}

#[test]
fn levels_behind_the_best_are_told_when_one_of_them_changes_and_are_no_quotes() {
    let at = |venue, mut record: MboMsg| {
        record.hd.publisher_id = venue;
        record
    };
    let bytes = encoded(
        Schema::Mbo,
        &[
            order(1, 'A', 'B', 1000, 5, 1, LAST),
            order(2, 'A', 'B', 998, 4, 2, LAST),
            order(3, 'A', 'B', 997, 3, 3, LAST),
            order(4, 'A', 'B', 996, 2, 4, LAST),
            // Another venue of the same instrument: sizes at a price add up.
            at(2, order(5, 'A', 'B', 998, 6, 1, LAST)),
            at(2, order(6, 'A', 'A', 1001, 9, 2, LAST)),
            order(7, 'C', 'B', 1000, 5, 1, LAST),
        ],
    );
    let told: Vec<_> = depths(&bytes, 3)
        .iter()
        .map(|row| {
            let sizes: Vec<i64> = row.deeper().map(|level| level.bid_size.0).take(3).collect();
            let q = row.quote.quote;
            (q.ts.0 - DAY as i64, row.is_behind, (q.bid_size.0, q.ask_size.0), sizes)
        })
        .collect();
    let expected = [
        (1, false, (5, 0), vec![0, 0, 0]),
        (2, true, (5, 0), vec![4, 0, 0]),
        (3, true, (5, 0), vec![4, 3, 0]),
        // The fourth level is not wanted.
        (5, true, (5, 0), vec![10, 3, 0]),
        (6, false, (5, 9), vec![10, 3, 0]),
        (7, false, (10, 9), vec![3, 2, 0]),
    ];
    assert_eq!(told, expected);
    // What stands at the top is what is told where no levels are wanted.
    let tops: Vec<String> = shorts(&bytes);
    assert_eq!(tops, ["ONE 1 1000x5 0x0", "ONE 6 1000x5 1001x9", "ONE 7 998x10 1001x9"]);
}
