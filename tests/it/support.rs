//! What tests share: small tapes in default CSV, batches run on them, tables read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use impactd::batch::{self, Request};
use impactd::store::{Archive, Table};
use polars::prelude::*;

/// 2013-10-07 09:30:00 New York, nanoseconds UTC.
pub const OPEN: i64 = 1_381_152_600_000_000_000;
pub const SECOND: i64 = 1_000_000_000;

/// A folder of the real tapes; `None`, with a word on stderr, where they are absent and not required.
pub fn real_data(folder: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let root = std::env::var_os("IMPACTD_REAL_DATA").map_or(beside, PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    let required = std::env::var("IMPACTD_REQUIRE_REAL_DATA").is_ok_and(|v| v == "1");
    assert!(!required, "{} is absent, and IMPACTD_REQUIRE_REAL_DATA=1", path.display());
    eprintln!("skipped: {} is absent", path.display());
    None
}

/// The formats of the small simulated tape in `data/tape`.
pub const FORMATS: [&str; 8] = ["csv", "dbn", "itch", "lean", "lobster", "nyse-taq", "parquet", "wrds-taq"];

/// The files of that tape in one format.
pub fn sample(format: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tape").join(format)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a tape").flatten() {
            let into = if entry.path().is_dir() { &mut folders } else { &mut files };
            into.push(entry.path());
        }
    }
    files.sort();
    files
}

/// The program, ready for arguments.
pub fn impactd(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impactd"));
    command.args(arguments).output().expect("the program starts")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A quote row: nanoseconds after the open, prices in cents.
#[derive(Clone, Copy, Debug)]
pub struct Q(pub i64, pub i64, pub i64, pub i64, pub i64);

/// A trade row: nanoseconds after the open, price in cents, shares.
#[derive(Clone, Copy, Debug)]
pub struct T(pub i64, pub i64, pub i64);

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Writes `quotes.csv` and `trades.csv` in the default layout; gives their paths.
pub fn write_csv(folder: &Path, symbol: &str, quotes: &[Q], trades: &[T]) -> Vec<PathBuf> {
    let mut text = String::from("ts,symbol,bid,bid_size,ask,ask_size\n");
    for Q(at, bid, bid_size, ask, ask_size) in quotes {
        let (ts, bid, ask) = (OPEN + at, dollars(*bid), dollars(*ask));
        text += &format!("{ts},{symbol},{bid},{bid_size},{ask},{ask_size}\n");
    }
    let paths = vec![folder.join("quotes.csv"), folder.join("trades.csv")];
    fs::write(&paths[0], text).expect("written");
    let mut text = String::from("ts,symbol,price,size\n");
    for T(at, price, size) in trades {
        text += &format!("{},{symbol},{},{size}\n", OPEN + at, dollars(*price));
    }
    fs::write(&paths[1], text).expect("written");
    paths
}

/// A request with one width of ten seconds.
pub fn request(inputs: Vec<PathBuf>, out: &Path) -> Request {
    let mut request = Request::new(inputs, out.to_owned()).expect("built-in widths");
    request.widths = impactd::flow::Widths::parse("10s").expect("a width");
    request.jobs = 2;
    request
}

/// Runs a batch that must succeed.
pub fn batch(request: &Request) -> impactd::store::Manifest {
    match batch::run(request).expect("the batch succeeds") {
        batch::Outcome::Made(manifest, _) | batch::Outcome::UpToDate(manifest) => manifest,
    }
}

/// A symbol's rows of a table on a date.
pub fn rows(out: &Path, table: Table, date: &str, symbol: &str) -> DataFrame {
    let archive = Archive::open(out).expect("a results folder");
    archive.rows(table, date, symbol).expect("readable").expect("there are rows")
}

/// Every file under a folder but `run.json` and the lock, with its bytes.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("run.json") && !path.ends_with(".lock") {
                let bytes = fs::read(&path).expect("readable");
                let inside = path.strip_prefix(folder).expect("inside").to_owned();
                found.push((inside, bytes));
            }
        }
    }
    found.sort();
    found
}

/// A file's place in its folder, and its bytes.
pub type File = (PathBuf, Vec<u8>);

/// What a batch makes, signed trades too, but for its manifest, which names the inputs.
pub fn results(mut request: Request) -> Vec<File> {
    request.signed_trades = true;
    batch(&request);
    contents(&request.out).into_iter().filter(|(inside, _)| !inside.ends_with("manifest.json")).collect()
}

/// Results are the same, file by file and byte by byte.
pub fn assert_same(ours: &[File], theirs: &[File]) {
    let names = |all: &[File]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(ours), names(theirs));
    for ((name, ours), (_, theirs)) in ours.iter().zip(theirs) {
        assert!(ours == theirs, "{}: differs", name.display());
    }
}

/// A symbol with its quote and its trade lines, each with its stamp, in time order.
pub type SymbolLines = (String, Vec<(i64, String)>, Vec<(i64, String)>);

/// A deterministic tape of several symbols.
pub fn wandering_tape(symbols: &[&str], seconds: i64) -> Vec<SymbolLines> {
    let one = |(index, symbol): (usize, &&str)| {
        let mut state = 88_172_645_463_325_252_u64 + index as u64;
        let mut dice = move |sides: i64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % sides.unsigned_abs()) as i64
        };
        let (mut bid, mut quotes, mut trades) = (5_000, Vec::new(), Vec::new());
        for second in 0..seconds {
            let at = OPEN + second * SECOND + 1_000 * index as i64;
            bid += dice(3) - 1;
            let (b, a) = (100 * (1 + dice(9)), 100 * (1 + dice(9)));
            quotes.push((
                at,
                format!("{at},{symbol},{},{b},{},{a}\n", dollars(bid), dollars(bid + 1 + dice(2))),
            ));
            if dice(3) == 0 {
                let at = at + 1 + dice(SECOND / 2);
                trades.push((
                    at,
                    format!("{at},{symbol},{},{}\n", dollars(bid + dice(2)), 100 * (1 + dice(5))),
                ));
            }
        }
        ((*symbol).to_owned(), quotes, trades)
    };
    symbols.iter().enumerate().map(one).collect()
}

/// Writes the lines in the order given as two files `NAMEquotes.csv` and `NAMEtrades.csv`.
pub fn write_lines(folder: &Path, name: &str, quotes: &[&str], trades: &[&str]) -> Vec<PathBuf> {
    let file = |kind: &str, header: &str, lines: &[&str]| {
        let path = folder.join(format!("{name}{kind}.csv"));
        fs::write(&path, format!("{header}\n{}", lines.concat())).expect("written");
        path
    };
    vec![
        file("quotes", "ts,symbol,bid,bid_size,ask,ask_size", quotes),
        file("trades", "ts,symbol,price,size", trades),
    ]
}
