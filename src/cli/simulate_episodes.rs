//! `impactd simulate --episodes`: episodes that resemble manipulation, injected into simulated or recorded tapes.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::batch::Request;
use crate::fraud::watching::Pattern;
use crate::ingest::Format;
use crate::simulate::episodes::{Disguise, EpisodeFile, Injection, STRENGTH, onto};

/// What to inject, and into what.
#[derive(Debug, Args)]
pub struct Episodes {
    /// Inject so many episodes into every symbol's day, and write episodes.json
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=60))]
    episodes: Option<u16>,
    /// Which patterns take turns [default: all]
    #[arg(long, value_name = "P,..", value_enum, value_delimiter = ',', requires = "episodes")]
    patterns: Vec<Pattern>,
    /// Strengths, drawn evenly in their logarithm [default: 0.1:10]
    #[arg(long, value_name = "LOW:HIGH", value_parser = range, requires = "episodes")]
    strength: Option<(f64, f64)>,
    /// Hide them: everything takes so many times as long
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, requires = "episodes")]
    stretch: f64,
    /// Hide them: each trade and size in so many parts
    #[arg(long, value_name = "N", default_value_t = 1, requires = "episodes")]
    split: i64,
    /// Inject into these recorded tapes, written to DIR/csv, instead of drawing one
    #[arg(long, value_name = "INPUT", num_args = 1.., requires = "episodes")]
    onto: Vec<PathBuf>,
    /// Format of the recorded tapes, where it cannot be told
    #[arg(long, value_name = "FORMAT", value_enum, requires = "onto")]
    onto_format: Option<Format>,
}

impl Episodes {
    /// What to inject, if anything.
    pub fn injection(&self, seed: u64) -> Option<Injection> {
        let per_day = usize::from(self.episodes?);
        let patterns = if self.patterns.is_empty() { Pattern::ALL.to_vec() } else { self.patterns.clone() };
        let disguise = Disguise { stretch: self.stretch, split: self.split };
        Some(Injection { seed, per_day, patterns, strength: self.strength.unwrap_or(STRENGTH), disguise })
    }

    /// Whether recorded tapes are named.
    pub fn is_onto(&self) -> bool {
        !self.onto.is_empty()
    }

    /// Injects into the recorded tapes.
    pub fn onto(
        &self,
        injection: &Injection,
        symbols: &[String],
        out: &Path,
        wants_json: bool,
    ) -> Result<(), Failure> {
        let mut request =
            Request::new(self.onto.clone(), out.to_owned()).map_err(|e| Failure::usage(e.to_string()))?;
        request.format = self.onto_format;
        request.symbols = symbols.iter().cloned().collect();
        let done = onto(&request, injection, out)?;
        told(&done.episodes);
        done.files.iter().for_each(|file| eprintln!("wrote {}", file.display()));
        if wants_json {
            println!("{:#}", serde_json::json!(done.episodes));
        }
        Ok(())
    }
}

/// Says what was injected.
pub fn told(file: &EpisodeFile) {
    let (bins, inside) =
        file.days.iter().fold((0, 0), |(bins, inside), day| (bins + day.bins, inside + day.bins_in_episodes));
    let share = 100.0 * inside as f64 / (bins.max(1)) as f64;
    eprintln!("{} episodes on {} symbol-days, {share:.2} % of bins", file.episodes.len(), file.days.len());
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let bad = || format!("'{text}' is no range such as 0.1:10");
    let (low, high) = text.split_once(':').ok_or_else(bad)?;
    Ok((low.parse().map_err(|_| bad())?, high.parse().map_err(|_| bad())?))
}
