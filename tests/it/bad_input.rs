//! Bad input: one clear message, a non-zero exit code, and nothing half-written.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};

use crate::support::{OPEN, Q, T, impactd, sample, stderr, write_csv};

const QUOTES: &str = "ts,symbol,bid,bid_size,ask,ask_size";
const TRADES: &str = "ts,symbol,price,size";

/// A folder with a good tape in it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let quotes: Vec<Q> =
            (0..50).map(|i| Q(i * 1_000_000_000 + 1, 1000 + i % 3, 100, 1002 + i % 3, 100)).collect();
        let trades: Vec<T> = (0..50).map(|i| T(i * 1_000_000_000 + 500, 1002 + i % 3, 100)).collect();
        write_csv(folder.path(), "SIM", &quotes, &trades);
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("written");
    }

    /// Runs the batch on these files with these further arguments; gives exit code and message.
    fn run(&self, files: &[&str], more: &[&str]) -> (Option<i32>, String) {
        let out = self.path("out").display().to_string();
        let files: Vec<String> = files.iter().map(|f| self.path(f).display().to_string()).collect();
        let mut arguments = vec!["batch", "--out", &out];
        arguments.extend(files.iter().map(String::as_str));
        arguments.extend(more);
        let done = impactd(&arguments);
        (done.status.code(), stderr(&done))
    }

    /// The batch must fail with this code, say all of these words, and leave no result.
    fn refuses(&self, files: &[&str], code: i32, words: &[&str]) {
        let (status, message) = self.run(files, &[]);
        assert_eq!(status, Some(code), "{message}");
        assert_eq!(message.trim_end().lines().count(), 1, "one message: {message}");
        for word in words {
            assert!(message.contains(word), "'{word}' is not in: {message}");
        }
        assert_nothing_landed(&self.path("out"));
    }
}

fn assert_nothing_landed(out: &Path) {
    let Ok(entries) = fs::read_dir(out) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().into_string().expect("a name");
        assert!(name.starts_with('.'), "{name} was left behind");
    }
    let staged = fs::read_dir(out.join(".staging")).into_iter().flatten();
    assert_eq!(staged.count(), 0, "a half-written unit was left behind");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

#[test]
fn a_truncated_gz_is_named() {
    let desk = Desk::new();
    let whole = gzip(&fs::read(desk.path("quotes.csv")).expect("readable"));
    desk.write("quotes.csv.gz", &whole[..whole.len() / 2]);
    desk.refuses(&["quotes.csv.gz", "trades.csv"], 65, &["quotes.csv.gz", "ends inside", "fetch it again"]);
}

#[test]
fn a_missing_column_is_named_with_what_is_there() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("ts,symbol,bid,bid_size,ask\n{OPEN},SIM,1,1,2\n"));
    desk.refuses(
        &["bad.csv", "trades.csv"],
        65,
        &["bad.csv: line 1", "'ask_size'", "ts,symbol,bid,bid_size,ask", "--map"],
    );
}

#[test]
fn a_wrong_delimiter_is_named() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("{}\n{OPEN};SIM;1;1;2;1\n", QUOTES.replace(',', ";")));
    desk.refuses(&["bad.csv", "trades.csv"], 65, &["line 1", "';'", "','"]);
}

#[test]
fn a_cell_that_is_no_number_is_named_with_line_column_and_value() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("{TRADES}\n{OPEN},SIM,10.02,100\n{OPEN},SIM,ten,100\n"));
    desk.refuses(&["quotes.csv", "bad.csv"], 65, &["bad.csv line 3", "price", "'ten'", "--on-bad-row skip"]);
}

#[test]
fn a_negative_size_is_refused() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("{TRADES}\n{OPEN},SIM,10.02,-100\n"));
    desk.refuses(&["quotes.csv", "bad.csv"], 65, &["line 2", "size", "'-100'", "negative"]);
}

#[test]
fn time_running_backwards_is_refused() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("{TRADES}\n{},SIM,10.02,100\n{OPEN},SIM,10.02,100\n", OPEN + 1));
    desk.refuses(&["quotes.csv", "bad.csv"], 65, &["line 3", "backwards", "13:30:00.000000000Z", "sort"]);
}

#[test]
fn a_row_with_too_few_cells_is_refused() {
    let desk = Desk::new();
    desk.write("bad.csv", format!("{TRADES}\n{OPEN},SIM,10.02\n"));
    desk.refuses(&["quotes.csv", "bad.csv"], 65, &["line 2", "size", "fewer cells"]);
}

#[test]
fn a_trailer_that_counts_other_rows_is_refused() {
    let desk = Desk::new();
    let header = "Time|Exchange|Symbol|Trade Volume|Trade Price|Trade Correction Indicator|Sequence Number";
    let row = "093000000000001|N|SIM|100|10.02|00|1";
    let nbbo = "Time|Symbol|Best_Bid_Price|Best_Bid_Size|Best_Offer_Price|Best_Offer_Size|Quote_Condition";
    desk.write(
        "EQY_US_ALL_NBBO_20131007",
        format!("{nbbo}\n093000000000001|SIM|10|1|10.02|1|R\nEND|20131007|1|\n"),
    );
    let trades = "EQY_US_ALL_TRADE_20131007";
    desk.write(trades, format!("{header}\n{row}\nEND|20131007|2||||\n"));
    let files = ["EQY_US_ALL_NBBO_20131007", trades];
    desk.refuses(&files, 65, &["line 3", "2 rows stated, 1 found"]);
    desk.write(trades, format!("{header}\n{row}\n"));
    desk.refuses(&files, 65, &["trailer", "is missing"]);
    desk.write(trades, format!("{header}\n{row}\nEND|20131007|1||||\n"));
    let (code, message) = desk.run(&files, &[]);
    assert_eq!(code, Some(0), "{message}");
}

#[test]
fn an_empty_file_is_refused() {
    let desk = Desk::new();
    desk.write("empty.csv", "");
    desk.refuses(&["empty.csv", "trades.csv"], 65, &["empty.csv: is empty"]);
}

#[test]
fn a_quote_file_without_its_trade_file_is_refused() {
    let desk = Desk::new();
    desk.refuses(&["quotes.csv"], 2, &["quotes.csv", "no trade file"]);
    desk.refuses(&["trades.csv"], 2, &["trades.csv", "no quote file"]);
}

#[test]
fn a_path_that_cannot_be_read_is_refused() {
    let desk = Desk::new();
    desk.refuses(&["nowhere.csv", "trades.csv"], 65, &["nowhere.csv", "check the path"]);
    fs::create_dir(desk.path("folder")).expect("a folder");
    desk.refuses(&["folder", "trades.csv"], 65, &["is a folder"]);
}

#[test]
fn a_file_given_twice_is_refused() {
    let desk = Desk::new();
    desk.refuses(&["quotes.csv", "trades.csv", "quotes.csv"], 2, &["given twice"]);
}

#[test]
fn bytes_of_no_format_are_refused() {
    let desk = Desk::new();
    desk.write("noise.bin", [0, 159, 146, 150, 7, 1, 2, 3]);
    desk.refuses(&["noise.bin", "trades.csv"], 65, &["no known format", "--format"]);
    desk.write("broken.zip", b"PK\x03\x04 and no more");
    desk.refuses(&["broken.zip", "trades.csv"], 65, &["damaged zip"]);
    desk.write("broken.parquet", b"PAR1 and no more");
    desk.refuses(&["broken.parquet", "trades.csv"], 65, &["broken.parquet", "Parquet"]);
}

#[test]
fn skipped_rows_are_counted_and_listed() {
    let desk = Desk::new();
    let good = fs::read_to_string(desk.path("trades.csv")).expect("readable");
    desk.write("bad.csv", format!("{good}{OPEN},SIM,10.02,-5\nx,SIM,10.02,100\n"));
    let (code, message) = desk.run(&["quotes.csv", "bad.csv"], &["--on-bad-row", "skip"]);
    assert_eq!(code, Some(0), "{message}");
    assert!(message.contains("bad.csv line 52, size: '-5'"), "{message}");
    assert!(message.contains("2 rows could not be read"), "{message}");
    let manifest = fs::read_to_string(desk.path("out/manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"rows_rejected\": 2"), "{manifest}");
}

/// A small file system of its own, when the machine lets us mount one; a file size limit otherwise.
#[test]
fn a_full_disk_is_said_and_nothing_half_written_stays() {
    let desk = Desk::new();
    let disk = desk.path("out");
    fs::create_dir(&disk).expect("a folder");
    let mount = |arguments: &[&str]| {
        let done = std::process::Command::new("mount").args(arguments).arg(&disk).output();
        done.is_ok_and(|d| d.status.success())
    };
    let (code, message) = if mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs"]) {
        let ran = desk.run(&["quotes.csv", "trades.csv"], &[]);
        assert_nothing_landed(&disk);
        let _ = std::process::Command::new("umount").arg(&disk).output();
        ran
    } else {
        let program = env!("CARGO_BIN_EXE_impactd");
        let script =
            format!("trap '' XFSZ; ulimit -f 16; exec {program} batch quotes.csv trades.csv --out out");
        let mut shell = std::process::Command::new("bash");
        let done = shell.args(["-c", &script]).current_dir(desk.folder.path()).output().expect("bash");
        assert_nothing_landed(&disk);
        (done.status.code(), stderr(&done))
    };
    assert_eq!(code, Some(75), "{message}");
    assert!(message.contains("free some space"), "{message}");
}

/// Of Daily TAQ one needs the file whose quotes are asked for, and is told how to do without.
#[test]
fn the_file_of_national_or_of_venues_quotes_is_missed_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    let without = |words: &str, nbbo: &str| {
        let files = sample("nyse-taq").into_iter().map(|path| path.display().to_string());
        let files: Vec<String> = files.filter(|path| !path.contains(words)).collect();
        let mut arguments = vec!["batch", "--out", &out, "--nbbo", nbbo];
        arguments.extend(files.iter().map(String::as_str));
        let told = impactd(&arguments);
        (told.status.code(), stderr(&told))
    };
    let (code, told) = without("NBBO", "tape");
    assert!(code == Some(2) && told.contains("no NBBO file") && told.contains("--nbbo venues"), "{told}");
    let (code, told) = without("SPLITS", "venues");
    assert!(code == Some(2) && told.contains("holds the NBBO") && told.contains("name their file"), "{told}");
    assert_nothing_landed(Path::new(&out));
    assert_eq!(without("nothing", "venues").0, Some(0));
}
