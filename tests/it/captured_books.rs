//! Books in captured Binance streams: rebuilt from their changes, telling the best quotes where nothing else does, and
//! what is lost of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use impactd::ingest::{self, ColumnMap, DepthTick, OnBadRow, RawRow, ReadOptions, Rows};
use impactd::store::Table;
use impactd::tape::{Nanos, Quote};

use crate::captures::{self, CAPTURES, DATE, asked, capture};
use crate::support::{batch, real_data, rows};

/// A state's number, its best quotes where it tells them, and its second level: price and size, bid and ask.
type Told = (u64, Option<[i64; 4]>, Option<[i64; 4]>);

/// What a file tells of its first two levels.
fn levels(path: &Path) -> Vec<Told> {
    let input = ingest::inspect(path, None, &ColumnMap::default(), None).expect("a capture");
    assert!(input.has_levels);
    let (sender, receiver) = sync_channel(1_000);
    ingest::read(&input, &ReadOptions { levels: 2, ..ReadOptions::default() }, &sender).expect("read");
    drop(sender);
    let of = |batch: ingest::Batch| match batch.rows {
        Rows::DepthTicks(rows) => rows,
        _ => Vec::new(),
    };
    let numbers = |quote: &Quote| [quote.bid.0, quote.bid_size.0, quote.ask.0, quote.ask_size.0];
    let told = |row: DepthTick| match row {
        DepthTick::Quote(row) => Some((row.sequence, Some(numbers(&row.quote)), None)),
        DepthTick::Depth(row) => {
            let second = row.deeper().next().map(|state| numbers(&state));
            Some((row.quote.sequence, (!row.is_behind).then(|| numbers(&row.quote.quote)), second))
        }
        DepthTick::Trade(_) => None,
    };
    receiver.into_iter().flat_map(of).filter_map(told).collect()
}

/// Changes of spot, of which the second is in the snapshot, and a change that follows one that was lost.
const BOOK: [&str; 5] = [
    r#"1723161255000000000 {"stream":"b@depth","data":{"E":1723161255001,"s":"B","U":1,"u":3,"b":[["9","1"]],"a":[]}}"#,
    concat!(
        r#"1723161255000000001 {"stream":"b@depth","data":{"E":1723161255002,"s":"B","#,
        r#""U":4,"u":5,"b":[],"a":[["12","2"]]}}"#
    ),
    r#"1723161255000000002 {"lastUpdateId":4,"bids":[["10","1"],["9","3"]],"asks":[["11","1"]]}"#,
    concat!(
        r#"1723161255000000003 {"stream":"b@depth","data":{"E":1723161255004,"s":"B","#,
        r#""U":6,"u":6,"b":[["9","0.5"]],"a":[]}}"#
    ),
    r#"1723161255000000004 {"stream":"b@depth","data":{"E":1723161255005,"s":"B","U":8,"u":9,"b":[["9","1"]],"a":[]}}"#,
];

#[test]
fn books_tell_their_levels_and_the_best_quotes_where_nothing_else_does() {
    const COIN: i64 = 100_000_000;
    const DOLLAR: i64 = 1_000_000_000;
    let folder = tempfile::tempdir().expect("a folder");
    let alone = levels(&capture(folder.path(), &BOOK));
    let best = [10 * DOLLAR, COIN, 11 * DOLLAR, COIN];
    let second = |size| Some([9 * DOLLAR, size, 12 * DOLLAR, 2 * COIN]);
    let lost = Some([0; 4]);
    let told = [(5, Some(best), second(3 * COIN)), (6, None, second(COIN / 2)), (0, lost, lost)];
    assert_eq!(alone, told);
    let (ticks, bad) = captures::ticks(&capture(folder.path(), &BOOK), None, OnBadRow::Fail).expect("read");
    let stamps: Vec<i64> = ticks.iter().map(|tick| tick.ts().0 % 1_000_000_000).collect();
    assert_eq!((stamps, bad), (vec![2_000_000, 5_000_000], 0), "by the exchange's clock, the best alone");
    // Beside best quotes of their own, books tell of what is behind.
    let quote = concat!(
        r#"1723161255000000000 {"stream":"b@bookTicker","data":{"u":2,"s":"B","#,
        r#""b":"9","B":"1","a":"20","A":"1"}}"#
    );
    let beside = levels(&capture(folder.path(), &[&[quote][..], &BOOK].concat()));
    let own = (2, Some([9 * DOLLAR, COIN, 20 * DOLLAR, COIN]), None);
    assert_eq!(beside, [own, (5, None, second(3 * COIN)), (6, None, second(COIN / 2)), (0, None, lost)]);
    // First levels, told anew each time, tell the same as changes do.
    let renewed =
        r#"1723161255000000009 {"stream":"b@depth5","data":{"lastUpdateId":9,"bids":[["9","1"]],"asks":[]}}"#;
    let both = capture(folder.path(), &[&BOOK[..], &[renewed]].concat());
    let error = captures::ticks(&both, None, OnBadRow::Fail).expect_err("refused").to_string();
    assert!(error.contains("line 6") && error.contains("leave one of the two streams out"), "{error}");
}

#[test]
fn each_symbol_s_best_quotes_come_from_one_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let best = concat!(
        r#"1723161255000000000 {"stream":"a@bookTicker","data":{"#,
        r#""u":2,"s":"A","b":"9","B":"1","a":"20","A":"1"}}"#
    );
    // Another symbol has them: B's are its book's.
    let told = levels(&capture(folder.path(), &[&[best][..], &BOOK].concat()));
    assert_eq!(told.iter().filter(|(_, best, _)| best.is_some()).count(), 3, "A's, and B's begun and lost");
    let input = ingest::inspect(
        &capture(folder.path(), &[&[best][..], &BOOK].concat()),
        None,
        &ColumnMap::default(),
        None,
    );
    let (sender, receiver) = sync_channel(1_000);
    ingest::read(&input.expect("a capture"), &ReadOptions::default(), &sender).expect("read");
    drop(sender);
    let symbols: Vec<_> =
        receiver.into_iter().flat_map(|batch| batch.symbols).map(|name| name.to_string()).collect();
    assert_eq!(symbols, ["A", "B"], "at the best alone too");
    // Its own come where nobody looked for them any more.
    let idle = r#"1723161255000000001 {"result":null,"id":1}"#;
    let late = best.replace("\"A\",\"b\"", "\"B\",\"b\"");
    let lines = [&BOOK[..], &vec![idle; 10_000], &[late.as_str()]].concat();
    let error = captures::ticks(&capture(folder.path(), &lines), None, OnBadRow::Fail)
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("line 10006") && error.contains("first @bookTicker far behind its books"),
        "{error}"
    );
}

#[test]
fn what_is_lost_of_a_book_stands_in_the_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let mut request = asked(vec![capture(folder.path(), &BOOK)], &out);
    request.levels = 2;
    let manifest = serde_json::to_value(batch(&request)).expect("JSON");
    let counted = &manifest["units"][0]["inputs"][0]["counted"];
    assert_eq!(counted["gaps in depth updates"], 1, "{manifest}");
    assert_eq!(rows(&out, Table::BarsLevels, DATE, "B").height(), 2 * (8_640 + 86_400));
}

/// A best quote and a book of one number are of one moment: the exchange has told both.
#[test]
fn real_data_rebuilt_books_have_the_best_quotes_of_their_numbers() {
    let Some(folder) = real_data("crypto") else { return };
    for (name, _) in CAPTURES {
        let input = ingest::inspect(&folder.join(name), None, &ColumnMap::default(), None).expect(name);
        let (sender, receiver) = sync_channel(1_000_000);
        let report =
            ingest::read(&input, &ReadOptions { levels: 10, ..ReadOptions::default() }, &sender).expect(name);
        drop(sender);
        let (mut best, mut books) = (BTreeMap::new(), BTreeMap::new());
        for batch in receiver {
            let Rows::DepthTicks(rows) = batch.rows else { panic!("levels are told") };
            for row in rows {
                match row {
                    DepthTick::Quote(row) => {
                        best.insert(row.sequence, Quote { ts: Nanos(0), ..row.quote });
                    }
                    DepthTick::Depth(row) => {
                        assert!(
                            row.deeper.iter().all(|rung| rung.bid_size.0 > 0 && rung.ask_size.0 > 0),
                            "{name}"
                        );
                        books.insert(row.quote.sequence, Quote { ts: Nanos(0), ..row.quote.quote });
                    }
                    DepthTick::Trade(_) => {}
                }
            }
        }
        let both: Vec<bool> =
            best.iter().filter_map(|(number, best)| books.get(number).map(|book| book == best)).collect();
        let agree = both.iter().filter(|agrees| **agrees).count();
        println!("{name}: {} books, {agree} of {} agree; {:?}", books.len(), both.len(), report.counted);
        assert!(
            agree == both.len() && agree > 500 && !report.counted.contains_key("gaps in depth updates"),
            "{name}"
        );
    }
}
