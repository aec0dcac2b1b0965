//! Bytes from outside: valid files of every format, broken at random. A reader may refuse; it may not panic,
//! hang, or hand on a tick that breaks its promises.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use impactd::ingest::{self, Batch, ColumnMap, IngestError, OnBadRow, RawRow, ReadOptions, Rows};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{FORMATS, sample};

/// What is done to a file's bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Double(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let tokens = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..6),
        prop::sample::select(vec![
            "\n",
            ",",
            "|",
            "\"",
            "-",
            ".",
            "END|",
            "\r\n",
            "NaN",
            "9999999999999999999",
            "é"
        ])
        .prop_map(|token| token.as_bytes().to_vec()),
    ];
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => any::<Index>().prop_map(Damage::Cut),
        4 => (any::<Index>(), tokens).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Double(a, b)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Flip(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Insert(at, more) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, more.iter().copied());
        }
        Damage::Double(a, b) => {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            let piece = bytes[a.min(b)..a.max(b)].to_vec();
            bytes.extend(piece);
        }
    }
}

/// Reads a file as a batch would, skipping bad rows or not.
fn read(path: &Path, on_bad_row: OnBadRow) -> Result<u64, IngestError> {
    let input = ingest::inspect(path, None, &ColumnMap::default(), None)?;
    let (sender, receiver) = sync_channel::<Batch>(2);
    let options = ReadOptions { on_bad_row, ..ReadOptions::default() };
    let reader = std::thread::spawn(move || ingest::read(&input, &options, &sender));
    let mut rows = 0;
    for batch in receiver {
        match batch.rows {
            Rows::Quotes(quotes) => {
                rows += quotes.len() as u64;
                assert!(
                    quotes
                        .iter()
                        .all(|q| q.quote.bid_size.0 >= 0 && (q.symbol as usize) < batch.symbols.len())
                );
            }
            Rows::Trades(trades) => {
                rows += trades.len() as u64;
                assert!(
                    trades.iter().all(|t| t.trade.size.0 >= 0 && (t.symbol as usize) < batch.symbols.len())
                );
            }
            Rows::Depths(depths) => rows += depths.len() as u64,
            Rows::DepthTicks(ticks) => rows += ticks.len() as u64,
            Rows::Ticks(ticks) => {
                rows += ticks.len() as u64;
                assert!(ticks.iter().all(|t| (t.symbol() as usize) < batch.symbols.len()));
            }
        }
    }
    let report = reader.join().expect("a reader never panics")?;
    assert_eq!(report.rows, rows);
    Ok(rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_files_are_refused_or_read_but_never_break_the_reader(
        damages in prop::collection::vec(damage(), 1..5),
        skip in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        for tape in FORMATS.into_iter().flat_map(sample) {
            let mut bytes = std::fs::read(&tape).expect("readable");
            // Text and messages are broken near their head, so that the readers get past most of it in little time.
            if tape.extension().is_none_or(|e| e == "csv" || e == "NASDAQ_ITCH50") {
                bytes.truncate(20_000);
            }
            damages.iter().for_each(|damage| apply(&mut bytes, damage));
            let broken = folder.path().join(tape.file_name().expect("a name"));
            std::fs::write(&broken, bytes).expect("written");
            let started = Instant::now();
            let on_bad_row = if skip { OnBadRow::Skip } else { OnBadRow::Fail };
            if let Err(error) = read(&broken, on_bad_row) {
                let message = error.to_string();
                let name = broken.file_name().expect("a name").to_string_lossy().into_owned();
                // What is wrong with the times of a LOBSTER book stands in its message file.
                let names = [name.replace("_orderbook_", "_message_"), name];
                prop_assert!(names.iter().any(|name| message.contains(name)), "{}", message);
            }
            prop_assert!(started.elapsed() < Duration::from_secs(5));
        }
    }
}
