//! `impactd convert`: ticks of every format as canonical Parquet, and the same results from those as from the files.

use std::fs;
use std::path::{Path, PathBuf};

use impactd::batch::Request;
use impactd::store::Manifest;

use crate::support::{
    FORMATS, assert_same, batch, contents, impactd, real_data, request, results, sample, stderr,
};

/// Every file of converted ticks.
fn ticks(folder: &Path) -> Vec<PathBuf> {
    let all = contents(folder).into_iter().map(|(inside, _)| folder.join(inside));
    all.filter(|path| path.extension().is_some_and(|end| end == "parquet")).collect()
}

fn convert(inputs: Vec<PathBuf>, out: &Path) -> Manifest {
    let mut asked = Request::new(inputs, out.to_owned()).expect("built-in widths");
    asked.ticks = true;
    batch(&asked)
}

fn assert_same_results(inputs: &[PathBuf]) {
    let folder = tempfile::tempdir().expect("a folder");
    let [converted, from_ticks, from_files] = ["ticks", "a", "b"].map(|name| folder.path().join(name));
    let made = |inputs: Vec<PathBuf>, out: &Path| results(Request { summary: true, ..request(inputs, out) });
    convert(inputs.to_vec(), &converted);
    assert_same(&made(ticks(&converted), &from_ticks), &made(inputs.to_vec(), &from_files));
}

#[test]
fn a_batch_over_converted_ticks_gives_what_it_gives_over_the_files() {
    for format in FORMATS {
        eprintln!("{format}");
        assert_same_results(&sample(format));
    }
}

#[test]
fn real_data_converted_days_give_the_same_results() {
    let (Some(nbbo), Some(lobster)) = (real_data("equity-nbbo"), real_data("lobster")) else { return };
    let named = |folder: PathBuf, ending: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
        entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
    };
    assert_same_results(&named(nbbo.join("bac"), ".zip"));
    assert_same_results(&named(lobster, ".csv"));
}

#[test]
fn ticks_are_written_once_and_no_results_are_mixed_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("ticks");
    let manifest = convert(sample("csv"), &out);
    let unit = &manifest.units[0];
    let rows: u64 = unit.inputs.iter().map(|input| input.rows).sum();
    assert_eq!(
        unit.quotes.kept + unit.trades.kept,
        rows,
        "no row is left out, those outside the session neither"
    );
    let before = contents(&out);
    convert(sample("csv"), &out);
    assert!(contents(&out) == before, "converted again: the same bytes");
    let (out, file) = (out.to_str().expect("text"), sample("csv")[0].to_str().expect("text").to_owned());
    let refused = impactd(&["batch", &file, "--out", out]);
    assert!(!refused.status.success(), "{}", stderr(&refused));
    assert!(contents(Path::new(out)) == before, "nothing has changed");
}
