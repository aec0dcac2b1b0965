//! The second founding study, repeated and examined: which metric to judge a fraud classifier by when frauds are rare
//! and labels err (Kulatilleke and Samarakoon 2022, arXiv 2208.11904).
//!
//! In, settings; out, every number and series of the study. Hypothetical classifiers stand over a synthetic score
//! distribution (`scorers`: two normals, prevalence 492 in 284,807); annotators miss frauds and accuse genuine rows.
//! `tables` holds what follows in closed form, `ranking` what chance does to the order of classifiers, `conclusion`
//! the words. Only the study's abstract was to be had: what cannot be repeated is said in `NOT_REPRODUCED`.

mod conclusion;
mod metrics;
mod ranking;
mod rules;
mod scorers;
mod tables;

use serde::Serialize;

pub use conclusion::Claim;
pub use metrics::Metrics;
pub use ranking::{Against, Agreement, Decisions, Ranking};
pub use rules::{CRITERIA, RULES};
pub use scorers::Scorer;
pub use tables::{ClosedForm, Series, SeriesPoint};

/// Version of the study's JSON.
pub const FORMAT: u32 = 1;

/// What of the paper could not be repeated, since only its abstract was at hand.
pub const NOT_REPRODUCED: [&str; 5] = [
    "its list of metrics: those of the field are compared",
    "its score distribution and parameters: two normals stand in",
    "the exact form of its error model: errors that depend on the truth alone stand in",
    "its sample sizes, tables and figures: none is compared with ours",
    "its tie-break rule, if it has one: `strict` and `within one standard error` are our readings of \"in that order\"",
];

/// What the study is run with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Rows of the whole data set.
    pub rows: u64,
    /// Frauds among them.
    pub frauds: u64,
    /// Rows of the sample that ranks classifiers, and of the one that sets their thresholds.
    pub ranking_rows: u64,
    /// Samples drawn.
    pub draws: u32,
    /// Seed of all chance.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rows: 284_807, frauds: 492, ranking_rows: 42_721, draws: 100, seed: 20_220_825 }
    }
}

impl Settings {
    /// Share of rows that are frauds.
    #[must_use]
    pub fn prevalence(&self) -> f64 {
        self.frauds as f64 / self.rows as f64
    }
}

/// The whole study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Study {
    /// Version of this shape.
    pub format: u32,
    /// What is repeated.
    pub source: &'static str,
    /// What it was run with.
    pub settings: Settings,
    /// What could not be repeated.
    pub not_reproduced: [&'static str; 5],
    /// Metrics of stated classifiers under stated errors, in expectation.
    pub closed_form: Vec<ClosedForm>,
    /// Every metric against a classifier's rates, annotation error and prevalence, in expectation.
    pub series: Vec<Series>,
    /// The classifiers that are ranked.
    pub scorers: Vec<Scorer>,
    /// How often each metric puts two classifiers in their true order.
    pub ranking: Ranking,
    /// What follows.
    pub conclusion: Vec<Claim>,
}

/// Runs the study.
#[must_use]
pub fn run(settings: &Settings) -> Study {
    let closed_form = tables::closed_form(settings);
    let series = tables::series(settings);
    let ranking = ranking::ranking(settings);
    let conclusion = conclusion::conclusion(settings, &series, &ranking);
    Study {
        format: FORMAT,
        source: "Kulatilleke and Samarakoon 2022, arXiv 2208.11904",
        settings: settings.clone(),
        not_reproduced: NOT_REPRODUCED,
        closed_form,
        series,
        scorers: scorers::pool(),
        ranking,
        conclusion,
    }
}

#[cfg(test)]
mod tests;
