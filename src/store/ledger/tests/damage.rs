//! Files that were cut, or whose bits turned over: told, or without effect; never believed.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever bit of the file turns over: it is told, or lies where nothing is read.
    #[test]
    fn a_flipped_bit_is_told_or_changes_nothing(place in any::<prop::sample::Index>(), bit in 0..8) {
        let (bytes, whole) = &*SMALL;
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(FOLDER)).expect("made");
        let mut bytes = bytes.clone();
        let place = place.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        fs::write(folder.path().join("live/journal.sqlite"), bytes).expect("written");
        if check(folder.path()).is_ok() {
            let left = replayed(&Reader::open(folder.path()).expect("opens"));
            prop_assert_eq!(&left, whole, "a bit of byte {}", place);
        }
    }
}

/// A small journal's bytes, and what is in it.
static SMALL: std::sync::LazyLock<(Vec<u8>, Vec<Fresh>)> = std::sync::LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(folder.path(), AMPLE).expect("opens");
    for turn in 0..6 {
        let events = quotes(turn % 2, 1 + 40 * u64::from(turn), 40);
        append_one(&mut journal, batch("nyse", Some(&format!("b{turn}")), 1, events)).expect("durable");
    }
    let whole = replayed(&journal.reader().expect("opens"));
    drop(journal);
    (fs::read(folder.path().join("live/journal.sqlite")).expect("readable"), whole)
});

/// Copies the journal as a power cut would leave it, its log cut off at `length`.
fn cut_off(from: &Path, length: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(FOLDER)).expect("made");
    for name in ["live/journal.sqlite", "live/journal.sqlite-wal"] {
        fs::copy(from.join(name), folder.path().join(name)).expect("copied");
    }
    let log = fs::File::options().write(true).open(folder.path().join("live/journal.sqlite-wal"));
    log.expect("opens").set_len(length).expect("cut");
    folder
}

#[test]
fn a_torn_log_leaves_a_prefix_and_all_that_was_durable_before_the_tear() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(folder.path(), AMPLE).expect("opens");
    let log = folder.path().join("live/journal.sqlite-wal");
    let length = || fs::metadata(&log).expect("a log").len();
    append_one(&mut journal, batch("nyse", Some("first"), 9, quotes(0, 1, 40))).expect("durable");
    // What lies in the file itself is not in danger; the rest is behind it in the log.
    journal.checkpoint().expect("moved");
    let mut lengths = Vec::new();
    for turn in 1..6 {
        let events = quotes(0, 1 + 40 * turn, 40);
        append_one(&mut journal, batch("nyse", Some(&format!("b{turn}")), 0, events)).expect("durable");
        lengths.push(length());
    }
    let whole = replayed(&journal.reader().expect("opens"));
    let cuts = (0..=length()).step_by(2_731).chain(lengths.iter().flat_map(|at| [at - 1, *at]));
    for cut in cuts {
        let torn = cut_off(folder.path(), cut);
        let reopened = Journal::open(torn.path(), AMPLE).expect("opens");
        let reader = reopened.reader().expect("opens");
        let left = replayed(&reader);
        assert_eq!(left, whole[..left.len()], "cut at {cut}");
        // A log that was started over may hold older frames behind the newest: no less than what was synced.
        let durable = 1 + lengths.iter().filter(|at| **at <= cut).count();
        assert!(left.len() >= durable.min(whole.len()), "cut at {cut}: {} of {durable}", left.len());
        let seen = reader.sequences("nyse", date(0)).expect("read");
        assert_eq!(seen, [(1, 40 * left.len() as u64)], "cut at {cut}");
        drop(reopened);
        check(torn.path()).expect("sound");
    }
}
