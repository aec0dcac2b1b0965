//! `impactd impact --live`: slopes kept up to date bar by bar, as the daemon keeps them.

use clap::Args;
use polars::prelude::*;

use super::Failure;
use crate::flow::BarRecord;
use crate::impact::{Memory, Model, Observation, Online, OnlineFit};
use crate::limits::ONLINE_BARS_MAX;
use crate::store::tables::{SlopeStep, slopes};
use crate::tape::{NANOS_PER_SECOND, Nanos, Symbol, parse_duration};

/// How the slopes remember.
#[derive(Debug, Args)]
pub struct LiveArguments {
    /// The slopes as they stood after every bar, updated bar by bar, instead of the fits
    #[arg(long)]
    pub live: bool,
    /// Only the bars of the last so long count [default: the day so far]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "live", conflicts_with = "half_life")]
    last: Option<i64>,
    /// Bars fade, and count half after so long
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "live")]
    half_life: Option<i64>,
    /// Ridge penalty, in bars for the intercept and shares squared for slopes
    #[arg(long, value_name = "GAMMA", requires = "live", default_value_t = 0.0)]
    ridge: f64,
}

/// The slopes after one bar.
pub struct Step {
    end: Nanos,
    fit: OnlineFit,
}

impl LiveArguments {
    /// The model asked for; both flows when none was.
    ///
    /// # Errors
    /// When it has no slopes that can be kept up to date, or the penalty is negative.
    pub fn model(&self, name: Option<&str>) -> Result<Model, Failure> {
        if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            return Err(Failure::usage(format!("--ridge {}: not a penalty; give 0 or more", self.ridge)));
        }
        let kept = [Model::OfiKyle, Model::Ofi, Model::Kyle];
        let asked = kept.into_iter().find(|model| name.is_none_or(|name| model.name() == name));
        asked.ok_or_else(|| Failure::usage("--live keeps the slopes of --model ofi, kyle or ofi+kyle"))
    }

    /// The path of a session's slopes: one step a bar, from the first that gives a fit.
    pub fn path(&self, bars: &[BarRecord], model: Model, width: i64) -> Result<Vec<Step>, Failure> {
        let memory = match (self.last, self.half_life) {
            (Some(last), _) if last < width || last / width > ONLINE_BARS_MAX as i64 => {
                let message = format!("--last: not between one bar and {ONLINE_BARS_MAX}");
                return Err(Failure::usage(message));
            }
            (Some(last), _) => Memory::Last((last / width) as usize),
            (None, Some(time)) if time < width => {
                return Err(Failure::usage("--half-life: shorter than a bar"));
            }
            (None, Some(time)) => Memory::Fading { half_life_bars: time as f64 / width as f64 },
            (None, None) => Memory::All,
        };
        let mut online = Online::new(model, memory, self.ridge);
        let step = |bar: &BarRecord| {
            online.observe(Observation::of_record(bar)?);
            Some(Step { end: bar.end, fit: online.fit().ok()? })
        };
        Ok(bars.iter().filter_map(step).collect())
    }
}

/// Steps as rows, one a term.
///
/// # Errors
/// When polars refuses the columns.
pub fn frame(symbol: &str, width: i64, model: Model, path: &[Step]) -> PolarsResult<DataFrame> {
    let steps: Vec<SlopeStep<'_>> =
        path.iter().map(|step| SlopeStep { width, end: step.end, model, fit: &step.fit }).collect();
    slopes(&Symbol::new(symbol), &steps)
}

/// Columns for a person: the last step of each half hour, a line a step.
#[must_use]
pub fn table(model: Model, path: &[Step]) -> String {
    let mut out = format!("{:<17} {:>8}", "bar end (UTC)", "bars");
    model.terms().iter().for_each(|term| out.push_str(&format!(" {term:>16}")));
    out.push_str(&format!("  {}\n", model.units().1));
    let half_hour = |step: &Step| (step.end.0 - 1) / (1_800 * NANOS_PER_SECOND);
    for (index, step) in path.iter().enumerate() {
        let is_last = path.get(index + 1).is_none_or(|next| half_hour(next) != half_hour(step));
        if is_last {
            let end = chrono::DateTime::from_timestamp_nanos(step.end.0);
            out.push_str(&format!("{:<17} {:>8.1}", end.format("%Y-%m-%d %H:%M"), step.fit.n));
            step.fit.coefficients.iter().for_each(|b| out.push_str(&format!(" {b:>16.4e}")));
            out.push('\n');
        }
    }
    out
}
