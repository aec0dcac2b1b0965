//! A batch as a whole: any order and cutting of the input, any number of workers, any death on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use impactd::batch::{self, Outcome, Request};
use impactd::store::Table;

use crate::support::{batch, contents, impactd, request, rows, stderr, wandering_tape, write_lines};

/// The tables alone: inputs differ between the runs compared here, and with them the manifest.
fn tables(out: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = contents(out);
    found.retain(|(path, _)| !path.ends_with("manifest.json"));
    found
}

fn lines(side: &[(i64, String)]) -> Vec<&str> {
    side.iter().map(|(_, line)| line.as_str()).collect()
}

#[test]
fn time_ordered_symbol_sorted_and_cut_files_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    // Enough rows that the smallest memory bound must spill several times.
    let tape = wandering_tape(&["BB", "AA", "CC", "A"], 20_000);
    let mut by_symbol: Vec<_> = tape.iter().collect();
    by_symbol.sort();
    let quotes: Vec<&str> = by_symbol.iter().flat_map(|t| lines(&t.1)).collect();
    let trades: Vec<&str> = by_symbol.iter().flat_map(|t| lines(&t.2)).collect();
    let sorted = write_lines(folder.path(), "sorted_", &quotes, &trades);

    let mut quotes: Vec<&(i64, String)> = tape.iter().flat_map(|t| &t.1).collect();
    let mut trades: Vec<&(i64, String)> = tape.iter().flat_map(|t| &t.2).collect();
    quotes.sort();
    trades.sort();
    let all_q: Vec<&str> = quotes.iter().map(|line| line.1.as_str()).collect();
    let all_t: Vec<&str> = trades.iter().map(|line| line.1.as_str()).collect();
    let mixed = write_lines(folder.path(), "mixed_", &all_q, &all_t);
    let (cut_q, cut_t) = (all_q.len() / 3, all_t.len() / 2);
    let mut cut = write_lines(folder.path(), "early_", &all_q[..cut_q], &all_t[..cut_t]);
    cut.extend(write_lines(folder.path(), "late_", &all_q[cut_q..], &all_t[cut_t..]));

    let run = |name: &str, inputs: Vec<PathBuf>, memory: usize, jobs: usize| {
        let out = folder.path().join(name);
        let mut request = request(inputs, &out);
        request.memory_bytes = memory;
        request.jobs = jobs;
        request.signed_trades = true;
        let manifest = batch(&request);
        assert_eq!(manifest.units[0].symbol_days, 4);
        assert_eq!(manifest.units[0].quotes.seen, 80_000);
        tables(&out)
    };
    let expected = run("a", sorted, 1 << 30, 2);
    assert_eq!(expected, run("b", mixed.clone(), 1 << 30, 1), "sorted in memory");
    assert_eq!(expected, run("c", mixed, 1 << 20, 2), "sorted through run files");
    assert_eq!(expected, run("d", cut, 1 << 20, 2), "cut in pieces");
}

#[test]
fn a_second_run_changes_nothing_and_other_parameters_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = wandering_tape(&["AA"], 2_000);
    let inputs = write_lines(folder.path(), "", &lines(&tape[0].1), &lines(&tape[0].2));
    let out = folder.path().join("out");
    let mut request = request(inputs, &out);
    batch(&request);
    let stamps = |out: &Path| {
        let meta =
            |(path, bytes)| (fs::metadata(out.join(&path)).expect("there").modified().ok(), path, bytes);
        contents(out).into_iter().map(meta).collect::<Vec<_>>()
    };
    let before = stamps(&out);
    assert!(matches!(batch::run(&request), Ok(Outcome::UpToDate(_))));
    assert_eq!(before, stamps(&out));
    request.carry_open = true;
    let refused = batch::run(&request).expect_err("other parameters").to_string();
    assert!(refused.contains("carry_open") && refused.contains("--out"), "{refused}");
    assert_eq!(before, stamps(&out));
}

#[test]
fn a_killed_batch_leaves_no_half_written_table_and_is_finished_by_running_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = wandering_tape(&["AA", "BB", "CC"], 23_000);
    let quotes: Vec<&str> = tape.iter().flat_map(|t| lines(&t.1)).collect();
    let trades: Vec<&str> = tape.iter().flat_map(|t| lines(&t.2)).collect();
    let inputs = write_lines(folder.path(), "", &quotes, &trades);
    let arguments = |out: &Path| {
        let mut all = vec!["batch".to_owned(), "--out".into(), out.display().to_string()];
        all.extend(inputs.iter().map(|p| p.display().to_string()));
        all
    };
    let run = |out: &Path| {
        let all = arguments(out);
        let done = impactd(&all.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(done.status.success(), "{}", stderr(&done));
    };
    let clean = folder.path().join("clean");
    let started = std::time::Instant::now();
    run(&clean);
    let whole = started.elapsed();
    let expected = contents(&clean);

    let mut killed = 0;
    for cycle in 0..8_u32 {
        let out = folder.path().join(format!("out{cycle}"));
        fs::create_dir(&out).expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_impactd"))
            .args(arguments(&out))
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(whole * cycle / 7 + Duration::from_millis(u64::from(cycle)));
        killed += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("killed");
        child.wait().expect("reaped");
        for (path, bytes) in contents(&out) {
            let landed = !path.starts_with(".staging") && path.extension().is_some_and(|e| e == "parquet");
            let whole = expected.iter().find(|(other, _)| *other == path);
            assert!(!landed || whole.is_some_and(|(_, b)| *b == bytes), "{} is half-written", path.display());
        }
        run(&out);
        assert_eq!(contents(&out), expected, "after a kill in cycle {cycle}");
    }
    assert!(killed >= 3, "only {killed} of 8 were killed in time");
}

#[test]
fn dates_accumulate_in_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let tape = wandering_tape(&["AA"], 2_000);
    let a_day = 86_400_000_000_000_i64;
    let shift = |side: &[(i64, String)], days: i64| -> Vec<String> {
        let moved =
            |(at, line): &(i64, String)| line.replacen(&at.to_string(), &(at + days * a_day).to_string(), 1);
        side.iter().map(moved).collect()
    };
    for days in 0..3 {
        let (q, t) = (shift(&tape[0].1, days), shift(&tape[0].2, days));
        let q: Vec<&str> = q.iter().map(String::as_str).collect();
        let t: Vec<&str> = t.iter().map(String::as_str).collect();
        let inputs = write_lines(folder.path(), &format!("day{days}_"), &q, &t);
        batch(&request(inputs, &out));
    }
    for date in ["2013-10-07", "2013-10-08", "2013-10-09"] {
        assert_eq!(rows(&out, Table::Bars, date, "AA").height(), 2_340);
    }
}

/// Dates that only the rows tell are selected like those that file names tell.
#[test]
fn only_the_dates_asked_for_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let quote = |day: u32| format!("2013-10-{day:02}T14:00:00Z,AA,10,100,10.02,100\n");
    let trade = |day: u32| format!("2013-10-{day:02}T14:00:01Z,AA,10.02,100\n");
    let (quotes, trades): (Vec<String>, Vec<String>) = (7..12).map(|day| (quote(day), trade(day))).unzip();
    let borrow = |lines: &[String]| lines.concat();
    let inputs = write_lines(folder.path(), "", &[&borrow(&quotes)], &[&borrow(&trades)]);
    let out = folder.path().join("out");
    let mut request = request(inputs, &out);
    request.dates = "2013-10-08".parse().expect("a date")..="2013-10-09".parse().expect("a date");
    let manifest = batch(&request);
    assert_eq!(manifest.dates(), ["2013-10-08", "2013-10-09"]);
    assert_eq!(manifest.units[0].quotes.seen, 2);
}

/// A tape of one quote and one trade at 14:00 UTC of each date.
fn short_tape(folder: &Path, name: &str, symbol: &str, dates: &[&str]) -> Vec<PathBuf> {
    let quotes: String = dates.iter().map(|d| format!("{d}T15:00:00Z,{symbol},10,100,10.02,100\n")).collect();
    let trades: String = dates.iter().map(|d| format!("{d}T15:00:01Z,{symbol},10.02,100\n")).collect();
    write_lines(folder, name, &[&quotes], &[&trades])
}

fn refusal(request: &Request) -> String {
    batch::run(request).expect_err("refused").to_string()
}

#[test]
fn results_of_other_symbols_and_dates_are_never_lost_silently() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let (both, one) = (["2018-01-02", "2018-01-03"], ["2018-01-03"]);
    let first = short_tape(folder.path(), "first_", "AAA", &both);
    batch(&request(first.clone(), &out));
    let before = contents(&out);
    let other_symbol = refusal(&request(short_tape(folder.path(), "b_", "BBB", &both), &out));
    assert!(other_symbol.contains("lose AAA of 2018-01-02"), "{other_symbol}");
    let fewer_dates = refusal(&request(short_tape(folder.path(), "c_", "AAA", &one), &out));
    assert!(fewer_dates.contains("lose 2018-01-02"), "{fewer_dates}");
    let tables = |found: &[(PathBuf, Vec<u8>)]| {
        found.iter().filter(|(path, _)| !path.starts_with(".staging")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(tables(&before), tables(&contents(&out)));
    // The same files with one more symbol among them may replace what they made.
    let all = [first, short_tape(folder.path(), "d_", "BBB", &both)].concat();
    assert_eq!(batch(&request(all, &out)).units.len(), 1);
}

#[test]
fn a_selection_of_dates_is_part_of_what_was_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let inputs = short_tape(folder.path(), "", "AAA", &["2018-01-02", "2018-01-03"]);
    let mut narrow = request(inputs.clone(), &out);
    narrow.dates = "2018-01-02".parse().expect("a date")..="2018-01-02".parse().expect("a date");
    batch(&narrow);
    assert!(refusal(&request(inputs, &out)).contains("(dates)"));
}

#[test]
fn deleted_tables_are_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let request = request(short_tape(folder.path(), "", "AAA", &["2018-01-02"]), &out);
    batch(&request);
    let before = contents(&out);
    fs::remove_dir_all(out.join("bars")).expect("deleted");
    assert!(matches!(batch::run(&request), Ok(Outcome::Made(..))));
    assert_eq!(before, contents(&out));
}

#[test]
fn nothing_of_what_was_asked_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let mut request = request(short_tape(folder.path(), "", "AAA", &["2018-01-02"]), &out);
    request.symbols.insert("aaa".into());
    assert!(refusal(&request).contains("check their spelling"));
    assert!(!out.join("manifest.json").exists());
}

#[test]
fn holidays_and_clock_changes_are_days_like_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    // New Year, and the nights before and after New York's clocks change.
    let stamps = ["2018-01-01T13:00", "2018-03-11T04:30", "2018-11-04T04:30", "2018-11-05T15:00"];
    let quotes: String = stamps.iter().map(|s| format!("{s}:00Z,AAA,10,100,10.02,100\n")).collect();
    let trades: String = stamps.iter().map(|s| format!("{s}:01Z,AAA,10.02,100\n")).collect();
    let mut request = request(write_lines(folder.path(), "", &[&quotes], &[&trades]), &out);
    request.carry_open = true;
    let manifest = batch(&request);
    assert_eq!(manifest.dates(), ["2018-01-01", "2018-03-10", "2018-11-04", "2018-11-05"]);
    assert_eq!((manifest.units[0].quotes.seen, manifest.units[0].quotes.kept), (4, 1));
}
