//! `impactd train`: forecasters from a batch's bars, and how well they did out of sample.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Failure, exit, print};
use crate::forecast::{Coverage, Options, Purpose, Weighting};
use crate::store::{Archive, Manifest, lock};
use crate::tape::{NYSE, Nanos, Symbol, parse_duration};
use crate::train::{Report, ScoreLine, TrainError, train};

/// Teach forecasters of the price on a batch's bars, walking forward, and store them with their track record.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Only these symbols [default: all]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// Width of the bars
    #[arg(long, value_name = "WIDTH", value_parser = parse_duration, default_value = "60s")]
    bar: i64,
    /// What is asked: the price given a flow, or the price ahead
    #[arg(long, value_enum, value_delimiter = ',', default_value = "conditional,ahead")]
    purpose: Vec<Purpose>,
    /// Whether rare large moves weigh more (label-density smoothing)
    #[arg(long, value_enum, default_value = "none")]
    weighting: Weighting,
    /// What intervals claim
    #[arg(long, value_name = "SHARE", value_parser = level, default_value = "0.9")]
    level: f64,
    /// The same seed gives the same models
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Worker threads [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the reports to stdout as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command. A symbol with too few bars is named and passed over; when that leaves none, it fails.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.map_or(cores, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
    pool.map_err(|e| Failure::usage(e.to_string()))?;
    let root = &arguments.data;
    let archive = Archive::open(root)?;
    let _lock = lock(root)?;
    let archived = Manifest::load(root)?;
    let manifest =
        archived.ok_or_else(|| Failure { message: "the manifest is gone".into(), code: exit::TRY_AGAIN })?;
    let options = Options {
        weighting: arguments.weighting,
        level: arguments.level,
        seed: arguments.seed,
        ..Options::default()
    };
    let (mut reports, mut problems) = (Vec::new(), BTreeSet::new());
    for symbol in arguments.wanted(&archive) {
        for purpose in arguments.purpose.iter().copied().collect::<BTreeSet<_>>() {
            match train(root, (&archive, &manifest), &symbol, arguments.bar, purpose, &options) {
                Ok(report) if arguments.json => reports.push(json!(report)),
                Ok(report) => {
                    print(text(&report).as_bytes())?;
                    reports.push(json!(report.purpose));
                }
                Err(TrainError::Store(error)) => return Err(error.into()),
                Err(error) => drop(problems.insert(error.to_string())),
            }
        }
    }
    let problem = problems.first().filter(|_| reports.is_empty());
    if let Some(message) = problem.cloned() {
        return Err(Failure { message, code: exit::BAD_DATA });
    }
    problems.iter().for_each(|problem| eprintln!("passed over: {problem}"));
    if arguments.json { print(format!("{:#}\n", json!({ "data": reports })).as_bytes()) } else { Ok(()) }
}

impl Arguments {
    fn wanted(&self, archive: &Archive) -> Vec<Symbol> {
        let known = archive.catalogues().values().flat_map(|c| &c.symbols).map(|s| s.symbol.clone());
        let known: BTreeSet<String> = known.collect();
        let asked: BTreeSet<String> = self.symbols.iter().cloned().collect();
        let names = if asked.is_empty() { known } else { asked };
        names.iter().map(|name| Symbol::new(name)).collect()
    }
}

fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    if (0.5..=0.99).contains(&level) { Ok(level) } else { Err(format!("'{text}' lies outside 0.5 to 0.99")) }
}

/// A report for a person.
fn text(report: &Report) -> String {
    let Report { symbol, bar_seconds, purpose, from, to, rows, models, .. } = report;
    let mut out = format!(
        "{symbol}  bars of {bar_seconds} s  {}  {from} to {to}  {rows} rows, {} blocks\n",
        purpose.name(),
        models.len().saturating_sub(1)
    );
    out += &table(&report.scores);
    if let Some(scores) = &report.scores_unweighted {
        out += &format!("the same without weights\n{}", table(scores));
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for model in models.iter().rev().skip(1).rev() {
        match kinds.last_mut() {
            Some((kind, count)) if *kind == model.kind.name() => *count += 1,
            _ => kinds.push((model.kind.name(), 1)),
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} x{count}")).collect();
    out += &format!("champions  {}\n", kinds.join(", "));
    if let Some(now) = models.last() {
        out += &format!(
            "now        {} {}, calibrated {} to {}\n",
            now.kind.name(),
            &now.sha256[..12],
            now.calibrated_from,
            now.calibrated_to
        );
    }
    match &report.coverage {
        Some(c) => {
            let [from, to] = [c.from_ns, c.to_ns - 1].map(|ns| NYSE.date_of(Nanos(ns)));
            let Coverage { level, realised, n, .. } = c;
            out += &format!("intervals  claimed {level}, held {realised:.4} of {n}, {from} to {to}\n\n");
        }
        None => out += "intervals  none yet: too few forecasts to calibrate them\n\n",
    }
    out
}

/// A line a kind; columns of errors by size of move.
fn table(scores: &[ScoreLine]) -> String {
    let Some(first) = scores.first() else { return String::new() };
    let bounds = first.bands.map(|band| format!("{} <={:.3}", band.shots, band.to_bp));
    let [many, medium, few] = &bounds;
    let mut out = format!(
        "{:<17} {:>12} {:>8}   mae bp by size of move, bp: {many:>16} {medium:>16} {few:>16}\n",
        "kind", "mse bp2", "r2 oos"
    );
    for score in scores {
        let [many, medium, few] =
            score.bands.map(|band| band.mae_bp.map_or("-".to_owned(), |e| format!("{e:.4}")));
        let r2 = score.r2_oos.map_or("-".to_owned(), |r2| format!("{r2:.4}"));
        out += &format!(
            "{:<17} {:>12.5} {r2:>8}   {:>27} {many:>16} {medium:>16} {few:>16}\n",
            score.kind, score.mse_bp2, ""
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read() {
        assert_eq!(level("0.95"), Ok(0.95));
        for bad in ["", "90", "1", "0.2", "NaN"] {
            assert!(level(bad).is_err(), "{bad}");
        }
    }
}
