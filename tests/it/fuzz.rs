//! Bytes from outside: valid files of every format, broken at random. A reader may refuse; it may not panic,
//! hang, or hand on a tick that breaks its promises.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use impactd::ingest::OnBadRow;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{FORMATS, sample};

#[path = "../fuzz/readers.rs"]
mod readers;

use readers::read;

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
            if let Err(error) = read(&broken, on_bad_row, 1) {
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

/// What libFuzzer kept of each reader (`tests/fuzz/run.sh`): every input that reached something new.
#[test]
fn what_the_fuzzer_kept_is_refused_or_read() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for reader in readers::READERS {
        let path = corpora.join(format!("{reader}.zip"));
        let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut corpus = zip::ZipArchive::new(file).expect("an archive");
        assert!(!corpus.is_empty(), "{reader} has no corpus");
        let folder = tempfile::tempdir().expect("a folder");
        for index in 0..corpus.len() {
            let mut bytes = Vec::new();
            corpus.by_index(index).expect("an entry").read_to_end(&mut bytes).expect("readable");
            readers::exercise(reader, &bytes, folder.path());
        }
    }
}
