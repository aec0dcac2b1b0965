//! Live tape beside the batch: the same tables byte for byte, however events are cut, in whatever order they arrive
//! within the lateness, and across restarts; and messages that keep their places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use impactd::batch::Request;
use impactd::flow::Widths;
use impactd::live::{Event, Live, MessageId, Settings};
use impactd::sign::Layers;
use impactd::store::{Archive, Manifest, Table};
use impactd::tape::Symbol;
use polars::prelude::DataFrame;
use serde_json::Value;

use crate::live_support::{feed, heard, json_rows, land, open, plain, send, settle, wait};
use crate::support::{batch, contents, real_data, sample};

/// The files of the tables and their catalogues.
fn tables(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_aside = |path: &Path| path.starts_with("live") || path.ends_with("manifest.json");
    contents(folder).into_iter().filter(|(path, _)| !is_aside(path)).collect()
}

fn assert_same_tables(live: &Path, batch: &Path) {
    let (found, expected) = (tables(live), tables(batch));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    assert!(expected.keys().any(|path| path.starts_with("bars")));
    for (path, bytes) in &expected {
        assert!(found[path] == *bytes, "{} differs", path.display());
    }
}

/// Two rows of the same place may only be swapped where the batch would not mind.
fn shuffled(events: &[Event], within: usize) -> Vec<Event> {
    let mut events = events.to_vec();
    let mut state = 88_172_645_463_325_252_u64;
    for chunk in events.chunks_mut(within) {
        for at in (1..chunk.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.swap(at, (state % (at as u64 + 1)) as usize);
        }
    }
    events
}

#[test]
fn tables_of_live_tape_are_the_batch_s_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from_files, live) = (folder.path().join("batch"), folder.path().join("live"));
    let request = plain(sample("csv"), &from_files);
    let manifest = batch(&request);
    let feed = feed(&request);
    assert!(feed.events.len() > 5_000, "{} events", feed.events.len());

    // In three sittings, cut in three ways, the middle one out of order; some of it sent twice.
    let third = feed.events.len() / 3;
    let lateness = 3_600_000_000_000;
    for (sitting, cut) in [(0, 997), (1, 4_001), (2, 61)] {
        let daemon = open(&live, lateness, &request);
        let from = (sitting * third).saturating_sub(100);
        let until = if sitting == 2 { feed.events.len() } else { (sitting + 1) * third };
        let mine = &feed.events[from..until];
        let mine = if sitting == 1 { shuffled(mine, 50) } else { mine.to_vec() };
        mine.chunks(cut).for_each(|events| send(&daemon, feed.batch("tape", events)));
        if sitting == 2 {
            send(&daemon, feed.batch("tape", &feed.ends()));
            land(&daemon);
            let feeds = daemon.feeds().feeds;
            let counted: u64 = feeds.iter().map(|feed| feed.events).sum();
            assert_eq!(counted, (feed.events.len() + feed.dates().len()) as u64);
            assert_eq!(feeds.iter().map(|feed| feed.duplicates).sum::<u64>(), 200);
            assert!(feeds.iter().any(|feed| feed.out_of_order > 0), "{feeds:?}");
        }
        daemon.stop();
    }
    assert_same_tables(&live, &from_files);
    let landed = Manifest::load(&live).expect("readable").expect("a manifest");
    assert_eq!(landed.parameters, manifest.parameters);
    let inputs = landed.units.iter().flat_map(|unit| &unit.inputs);
    assert!(inputs.clone().all(|input| input.name == "journal"));
    assert_eq!(inputs.map(|input| input.rows).sum::<u64>(), feed.events.len() as u64);

    // Opened again, everything has landed and nothing is written anew.
    let before = contents(&live);
    let daemon = open(&live, lateness, &request);
    land(&daemon);
    daemon.stop();
    drop(daemon);
    let text = |files: Vec<(PathBuf, Vec<u8>)>| files.into_iter().filter(|(p, _)| !p.starts_with("live"));
    assert!(text(contents(&live)).eq(text(before)));
}

#[test]
fn messages_keep_their_places_across_restarts_and_cuts_change_no_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = plain(sample("csv"), &folder.path().join("unused"));
    let feed = feed(&request);
    let some = &feed.events[..feed.events.len() * 2 / 5];
    let kinds = |heard: &[(MessageId, String)]| -> BTreeMap<String, Vec<String>> {
        let mut by_symbol: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, text) in heard {
            let symbol = text.split("Symbol(\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
            by_symbol.entry(symbol.to_owned()).or_default().push(text.clone());
        }
        by_symbol
    };

    let whole = folder.path().join("whole");
    let daemon = open(&whole, 2_000_000_000, &request);
    some.chunks(1_000).for_each(|events| send(&daemon, feed.batch("tape", events)));
    settle(&daemon);
    let told = heard(&daemon);
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "places ascend");
    for kind in ["Bar", "Slope", "Fit"] {
        assert!(told.iter().any(|(_, text)| text.contains(kind)), "no {kind} among {} messages", told.len());
    }
    daemon.stop();
    drop(daemon);

    // Started again, it has said the same.
    let daemon = open(&whole, 2_000_000_000, &request);
    settle(&daemon);
    assert!(heard(&daemon) == told, "a restart changed what was told");
    daemon.stop();

    // Cut otherwise, with a restart in between, every symbol's rows are the same.
    let cut = folder.path().join("cut");
    for part in [&some[..some.len() / 2], &some[some.len() / 2..]] {
        let daemon = open(&cut, 2_000_000_000, &request);
        part.chunks(333).for_each(|events| send(&daemon, feed.batch("tape", events)));
        settle(&daemon);
        if part.last() == some.last() {
            assert!(kinds(&heard(&daemon)) == kinds(&told), "cutting changed a row");
        }
        daemon.stop();
    }
}

#[test]
fn late_ticks_are_counted_and_written_into_the_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from_files, live) = (folder.path().join("batch"), folder.path().join("live"));
    let request = plain(sample("csv"), &from_files);
    batch(&request);
    let feed = feed(&request);
    let daemon = open(&live, 2_000_000_000, &request);
    // Every hundredth event of the first half is kept back until the session is over, and some behind its landing.
    let half = feed.events.len() / 2;
    let is_late = |at: usize| at < half && at.is_multiple_of(100);
    let at = |late: bool| {
        let chosen = feed.events.iter().enumerate().filter(move |(at, _)| is_late(*at) == late);
        chosen.map(|(_, event)| *event).collect::<Vec<_>>()
    };
    at(false).chunks(2_000).for_each(|events| send(&daemon, feed.batch("tape", events)));
    let late = at(true);
    send(&daemon, feed.batch("tape", &late[..late.len() / 2]));
    send(&daemon, feed.batch("tape", &feed.ends()));
    land(&daemon);
    send(&daemon, feed.batch("tape", &late[late.len() / 2..]));
    send(&daemon, feed.batch("more", &feed.ends()));
    settle(&daemon);
    assert_eq!(daemon.feeds().feeds.iter().map(|feed| feed.late).sum::<u64>(), late.len() as u64);
    let rows = |folder: &Path| -> u64 {
        let manifest = Manifest::load(folder).expect("readable").expect("a manifest");
        manifest.units.iter().flat_map(|unit| &unit.inputs).map(|input| input.rows).sum()
    };
    wait("writing anew", &daemon, |_| rows(&live) == feed.events.len() as u64);
    land(&daemon);
    daemon.stop();
    assert_same_tables(&live, &from_files);
}

#[test]
fn bnhls_and_other_settings_than_the_folder_s_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("out");
    let request = plain(sample("csv"), &data);
    let open = |request: &Request| {
        let settings = Settings {
            data: data.clone(),
            request: request.clone(),
            lateness: 0,
            keep_sessions: 1,
            journal_max_bytes: 1 << 30,
        };
        Live::open(settings).map(|live| live.settings().request.clone())
    };
    let judged = Request { profile: Some(impactd::clean::Profile::Bnhls), ..request.clone() };
    let refused = open(&judged).expect_err("refused").to_string();
    assert!(refused.contains("bnhls judges quotes and trades by the whole day"), "{refused}");
    let ahead = Request { sign: Layers::parse("quote,rev-tick").ok(), ..request.clone() };
    let refused = open(&ahead).expect_err("refused").to_string();
    assert!(refused.contains("the rules quote,rev-tick wait for the next price"), "{refused}");
    batch(&request);
    let other = Request { quote_lag: 5, ..request };
    let refused = open(&other).expect_err("refused").to_string();
    assert!(refused.contains("quote_lag_nanoseconds"), "{refused}");
    // What is not stated is taken over.
    let usual = Request::new(Vec::new(), data.clone()).expect("built-in widths");
    let taken = open(&usual).expect("it opens");
    assert_eq!(taken.widths, Widths::parse("10s,60s,300s").expect("widths"));
}

#[test]
fn real_data_a_day_of_ibm_sent_live_gives_the_batch_s_tables() {
    let Some(folder) = real_data("equity-nbbo") else { return };
    let day = |name: &str| folder.join("ibm").join(name);
    let inputs = vec![day("20131007_quote.zip"), day("20131007_trade.zip")];
    let out = tempfile::tempdir().expect("a folder");
    let (from_files, live) = (out.path().join("batch"), out.path().join("live"));
    let mut request = plain(inputs, &from_files);
    request.widths = Widths::parse(impactd::batch::DEFAULT_WIDTHS).expect("widths");
    batch(&request);
    let feed = feed(&request);
    let begun = Instant::now();
    for (part, cut) in [(0, 5_000), (1, 777), (2, 20_000)] {
        let daemon = open(&live, 2_000_000_000, &request);
        let third = feed.events.len() / 3;
        let until = if part == 2 { feed.events.len() } else { (part + 1) * third };
        let mine = &feed.events[part * third..until];
        mine.chunks(cut).for_each(|events| send(&daemon, feed.batch("tape", events)));
        if part == 2 {
            send(&daemon, feed.batch("tape", &feed.ends()));
            land(&daemon);
        }
        daemon.stop();
    }
    eprintln!("{} events in {:.1} s, landing included", feed.events.len(), begun.elapsed().as_secs_f64());
    assert_same_tables(&live, &from_files);
}

/// What is told of a symbol under way, as the rows of its tables when they have landed.
#[test]
fn bars_and_fits_under_way_are_those_that_land() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from_files, live) = (folder.path().join("batch"), folder.path().join("live"));
    let request = plain(sample("csv"), &from_files);
    batch(&request);
    let feed = feed(&request);
    let daemon = open(&live, 2_000_000_000, &request);
    feed.events.chunks(1_500).for_each(|events| send(&daemon, feed.batch("tape", events)));
    settle(&daemon);
    for symbol in daemon.symbols() {
        // Both before the tables may land, which ends what is under way.
        let seen = (daemon.day(symbol.as_str()), daemon.slopes(symbol.as_str()));
        let (Some(day), Some(slopes)) = seen else { panic!("{symbol} has no day") };
        let date = day.session.date.to_string();
        let bars = impactd::live::rows::bars(&day).expect("bars");
        let all = crate::support::rows(&from_files, Table::Bars, &date, symbol.as_str());
        assert_eq!(bars.get_column_names(), all.get_column_names());
        let archive = Archive::open(&from_files).expect("results");
        for (width, closed) in &day.bars {
            let stored = archive.bars(&date, symbol.as_str(), *width).expect("bars");
            let live: Vec<impactd::flow::BarRecord> = closed.iter().map(Into::into).collect();
            assert!(!live.is_empty() && live.len() <= stored.len());
            assert_eq!(live, stored[..live.len()]);
        }
        under_way_is_landed(&impactd::live::rows::fits(&day).expect("fits"), &from_files, &date, &symbol);
        for slope in slopes {
            let bars = day.bars[&slope.width].as_slice();
            let Ok(joint) = impactd::impact::fit(&slope.model.design(bars)) else { continue };
            for (term, online) in joint.terms.iter().zip(&slope.fit.coefficients) {
                let scale = term.errors.ols.abs().max(term.coefficient.abs());
                let apart = (term.coefficient - online).abs();
                assert!(apart <= 1e-9 * scale, "{symbol} {:?}: {} {online}", slope.model, term.coefficient);
            }
        }
    }
    daemon.stop();
}

/// Every fit that is told of a session under way is a row of the table that lands; its last windows may lack `r2_oos`.
fn under_way_is_landed(fits: &DataFrame, out: &Path, date: &str, symbol: &Symbol) {
    let landed = json_rows(&crate::support::rows(out, Table::Fits, date, symbol.as_str()));
    let mut found = 0;
    for row in json_rows(fits) {
        let same = |other: &&Value| {
            let mut other = (*other).clone();
            if row["r2_oos"].is_null() {
                other["r2_oos"] = Value::Null;
            }
            other == row
        };
        assert!(landed.iter().any(|other| same(&other)), "{row} is no row of the table");
        found += 1;
    }
    assert!(found > 100, "{found} rows");
}
