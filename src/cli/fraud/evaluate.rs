//! `impactd fraud evaluate`: how good a score is, from a file of labels and scores.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{evaluate_table, not_over_inputs};
use crate::cli::{Failure, exit, print};
use crate::fraud::judging::bootstrap::{Resample, Settings};
use crate::fraud::judging::noise::AnnotationError;
use crate::fraud::judging::page::html;
use crate::fraud::judging::{Aims, Costs, Report, Sample, TimeUnit, Wanted, ZeroDivision};
use crate::http::{csv_sample, parquet_sample};
use crate::limits::{JUDGED_AT_MAX, JUDGED_DRAWS_MAX, JUDGED_FILE_MAX_BYTES, JUDGED_GROUPS_MAX};
use crate::store::write_atomically;

/// Say how good a score is: F1, then G-mean, every other metric, thresholds, calibration, and what to distrust
///
/// FILE is CSV or Parquet with the columns label (0/1 or false/true) and score, and where there are any weight, group,
/// time and amount; other columns are left alone. A row is flagged when its score is at least the threshold. Without
/// --threshold and --tune-on the threshold is tuned on FILE itself, which flatters, and the report says so.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Labels and scores: .csv or .parquet
    file: PathBuf,
    /// Judge at this threshold
    #[arg(long, value_name = "SCORE", conflicts_with = "tune_on", allow_hyphen_values = true, value_parser = number)]
    threshold: Option<f64>,
    /// Tune the threshold on these rows: the highest F1, then G-mean, then the higher threshold
    #[arg(long, value_name = "FILE")]
    tune_on: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also write the report as one self-contained page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// What a false alarm costs
    #[arg(long, value_name = "COST", requires = "cost_fn", value_parser = cost)]
    cost_fp: Option<f64>,
    /// What a miss costs; with a column amount, for each unit of it
    #[arg(long, value_name = "COST", requires = "cost_fp", value_parser = cost)]
    cost_fn: Option<f64>,
    /// What looking at a hit costs
    #[arg(long, value_name = "COST", default_value = "0", requires = "cost_fn", value_parser = cost)]
    cost_tp: f64,
    /// Also find the threshold that gives so many alerts a day; needs a column time
    #[arg(long, value_name = "ALERTS", value_parser = cost)]
    per_day: Option<f64>,
    /// Numbers of alerts whose precision and recall are told
    #[arg(long, value_name = "K,..", value_delimiter = ',', default_value = "1,5,10,100,1000", value_parser = alerts)]
    at: Vec<usize>,
    /// In what numbers in the column time count, from 1970 UTC
    #[arg(long, value_enum, default_value_t = Unit::Ns)]
    time_unit: Unit,
    /// Resamples for the intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2_000,
        value_parser = clap::value_parser!(u32).range(0..=JUDGED_DRAWS_MAX))]
    draws: u32,
    /// Seed of the resamples
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// What is resampled: rows by class, or whole groups (events, days, symbols), whose rows depend on each other
    #[arg(long, value_enum, default_value_t = Resampled::Rows)]
    resample: Resampled,
    /// Supposed share of positives that are labelled 0: figures are also told as they would be without
    #[arg(long, value_name = "SHARE", value_parser = share)]
    alpha: Option<f64>,
    /// Supposed share of negatives that are labelled 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    beta: Option<f64>,
    /// What stands in for 0/0: null, or a number as scikit-learn's option of that name
    #[arg(long, value_name = "null|NUMBER", default_value = "null", value_parser = zero_division)]
    zero_division: ZeroDivision,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    S,
    Ms,
    Us,
    Ns,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Resampled {
    Rows,
    Groups,
}

impl From<Unit> for TimeUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::S => Self::Seconds,
            Unit::Ms => Self::Milliseconds,
            Unit::Us => Self::Microseconds,
            Unit::Ns => Self::Nanoseconds,
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() { Ok(number) } else { Err("not finite".to_owned()) }
}

fn alerts(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("not a whole number of at least 1".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if (0.0..1.0).contains(&number) { Ok(number) } else { Err("not in 0 to 1".to_owned()) }
}

fn cost(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number >= 0.0 { Ok(number) } else { Err("below 0".to_owned()) }
}

fn zero_division(text: &str) -> Result<ZeroDivision, String> {
    if text == "null" {
        return Ok(ZeroDivision::Null);
    }
    number(text).map(ZeroDivision::Value)
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.at.len() > JUDGED_AT_MAX {
        return Err(Failure::usage(format!("--at takes {JUDGED_AT_MAX} numbers at most")));
    }
    if let Some(html) = &arguments.html {
        let inputs: Vec<PathBuf> =
            [Some(&arguments.file), arguments.tune_on.as_ref()].into_iter().flatten().cloned().collect();
        not_over_inputs(html, &inputs)?;
    }
    if arguments.alpha.unwrap_or(0.0) + arguments.beta.unwrap_or(0.0) >= 1.0 {
        return Err(Failure::usage(
            "--alpha and --beta add up to less than 1, else labels say nothing".to_owned(),
        ));
    }
    let unit = arguments.time_unit.into();
    let sample = read(&arguments.file, unit)?;
    let tuning = arguments.tune_on.as_deref().map(|path| read(path, unit)).transpose()?;
    let file = arguments.file.display();
    let report = Report::of(&sample, tuning.as_ref(), &arguments.wanted(&sample)?)
        .map_err(|e| bad_data(format!("{file}: {e}")))?;
    let mut json = serde_json::to_string(&report).map_err(|e| bad_data(e.to_string()))?;
    if let Some(path) = &arguments.html {
        write_atomically(path, html(&json, &file.to_string()).as_bytes())?;
    }
    if arguments.json {
        json.push('\n');
        return print(json.as_bytes());
    }
    print(evaluate_table::table(&report).as_bytes())
}

impl Arguments {
    fn wanted(&self, sample: &Sample) -> Result<Wanted, Failure> {
        if self.per_day.is_some() && sample.times().is_none() {
            let file = self.file.display();
            return Err(bad_data(format!("{file}: --per-day needs a column 'time', and there is none")));
        }
        let by_amount = sample.amounts().is_some();
        let costs = self.cost_fp.zip(self.cost_fn);
        let costs = costs.map(|(fp, fn_)| Costs { fp, fn_, tp: self.cost_tp, by_amount });
        Ok(Wanted {
            threshold: self.threshold,
            aims: Aims { costs, alerts_a_day: self.per_day },
            zero_division: self.zero_division,
            at: BTreeSet::from_iter(self.at.iter().copied()).into_iter().collect(),
            groups_max: JUDGED_GROUPS_MAX,
            intervals: (self.draws > 0).then(|| Settings {
                draws: self.draws,
                seed: self.seed,
                resample: match self.resample {
                    Resampled::Rows => Resample::StratifiedRows,
                    Resampled::Groups => Resample::Groups,
                },
                ..Settings::default()
            }),
            annotation: (self.alpha.is_some() || self.beta.is_some()).then(|| AnnotationError {
                alpha: self.alpha.unwrap_or(0.0),
                beta: self.beta.unwrap_or(0.0),
            }),
        })
    }
}

/// Reads a file of labels and scores.
///
/// # Errors
/// When it cannot be read, or a row is not sound: with file, row, column and value.
fn read(path: &Path, unit: TimeUnit) -> Result<Sample, Failure> {
    let named = |what: String| bad_data(format!("{}: {what}", path.display()));
    let system = |e: std::io::Error| Failure {
        message: format!("{}: reading: {e}", path.display()),
        code: if e.kind() == std::io::ErrorKind::NotFound { exit::BAD_DATA } else { exit::TRY_AGAIN },
    };
    let length = std::fs::metadata(path).map_err(system)?.len();
    if length > JUDGED_FILE_MAX_BYTES {
        return Err(named(format!(
            "has {length} bytes, more than {JUDGED_FILE_MAX_BYTES}; judge a sample of the rows, with weights"
        )));
    }
    let bytes = std::fs::read(path).map_err(system)?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let sample = match ending.as_str() {
        "csv" => csv_sample(&bytes, unit),
        "parquet" => parquet_sample(&bytes, unit),
        _ => return Err(named("is neither .csv nor .parquet by its name".to_owned())),
    };
    sample.map_err(|fault| named(fault.to_string()))
}

fn bad_data(message: String) -> Failure {
    Failure { message, code: exit::BAD_DATA }
}
