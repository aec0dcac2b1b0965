//! What a person at a terminal is told of a batch.

use std::collections::BTreeMap;

use crate::batch::Plan;
use crate::store::{Manifest, PrintCount, SignScore, UnitRecord};

/// Prints what a batch would do, a line a file.
pub fn plan(plan: &Plan, json: bool) {
    for unit in &plan.units {
        let date = unit.date.map_or_else(|| "by row".to_owned(), |d| d.to_string());
        for input in &unit.inputs {
            let (format, kind) = (input.reading.format, input.kind);
            let path = input.path.display();
            if json {
                let line = serde_json::json!({
                    "date": unit.date.map(|d| d.to_string()), "format": format, "kind": kind,
                    "bytes": input.bytes, "path": input.path,
                });
                println!("{line}");
            } else {
                eprintln!("{date}  {format:?} {kind:?}  {} bytes  {path}", input.bytes);
            }
        }
    }
}

/// Tells what was made: every tick accounted for.
pub fn made(manifest: &Manifest) {
    let mut total = UnitRecord::default();
    for unit in &manifest.units {
        total.symbol_days += unit.symbol_days;
        for (sum, ticks) in [(&mut total.quotes, &unit.quotes), (&mut total.trades, &unit.trades)] {
            sum.seen += ticks.seen;
            sum.kept += ticks.kept;
            add(&mut sum.dropped, &ticks.dropped);
        }
        add(&mut total.windows_without_fit, &unit.windows_without_fit);
        for (rule, score) in &unit.sign_accuracy {
            let sum = total.sign_accuracy.entry(rule.clone()).or_default();
            sum.trades += score.trades;
            sum.classified += score.classified;
            sum.right += score.right;
        }
        for (kind, count) in &unit.prints {
            total.prints.entry(kind.clone()).or_default().add(count);
        }
        total.halts += unit.halts;
        for input in &unit.inputs {
            for reject in &input.rejects {
                let (line, column, value) = (reject.line, &reject.column, &reject.value);
                eprintln!("skipped {} line {line}, {column}: '{value}' {}", input.name, reject.why);
            }
        }
    }
    eprintln!("{} symbol-days", total.symbol_days);
    for (name, ticks) in [("quotes", &total.quotes), ("trades", &total.trades)] {
        eprintln!("{name:<8}{:>12} seen {:>12} kept{}", ticks.seen, ticks.kept, listed(&ticks.dropped));
    }
    if !total.windows_without_fit.is_empty() {
        eprintln!("windows without a fit{}", listed(&total.windows_without_fit));
    }
    prints(&total.prints, total.halts);
    signs(&total.sign_accuracy);
    let rejected: u64 = manifest.units.iter().flat_map(|u| &u.inputs).map(|i| i.rows_rejected).sum();
    if rejected > 0 {
        eprintln!("{rejected} rows could not be read and were skipped");
    }
}

/// How much of the tape is not ordinary trading, kept or left out; a print is in each of its kinds.
fn prints(kinds: &BTreeMap<String, PrintCount>, halts: u64) {
    if let Some(all) = kinds.get("all") {
        eprintln!("prints that are not ordinary, of {} on symbol-days that have any", all.prints);
        let share = |part: f64, of: f64| if of > 0.0 { 100.0 * part / of } else { 0.0 };
        for (kind, count) in kinds.iter().filter(|(kind, _)| *kind != "all") {
            let (of_prints, of_shares) =
                (share(count.prints as f64, all.prints as f64), share(count.shares, all.shares));
            eprintln!("  {kind:<18}{:>12} {of_prints:>7.2} %, {of_shares:>6.2} % of shares", count.prints);
        }
    }
    if halts > 0 {
        eprintln!("{halts} trading halts");
    }
}

/// How each rule does where the feed itself knows the sides.
fn signs(scores: &BTreeMap<String, SignScore>) {
    if let Some(first) = scores.values().next() {
        eprintln!("signs of {} trades whose side the feed knows", first.trades);
    }
    for (rule, score) in scores {
        let share = |part: u64, of: u64| 100.0 * part as f64 / of as f64;
        let right = match score.classified {
            0 => "none to judge".to_owned(),
            classified => format!("{:.2} % of those right", share(score.right, classified)),
        };
        eprintln!("  {rule:<16}{:>7.2} % classified, {right}", share(score.classified, score.trades));
    }
}

fn add(sum: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (reason, count) in more {
        *sum.entry(reason.clone()).or_default() += count;
    }
}

fn listed(counts: &BTreeMap<String, u64>) -> String {
    counts.iter().map(|(reason, count)| format!("  {reason} {count}")).collect()
}
