//! What `POST /v1/fraud/evaluations` takes and gives, as `api.yaml` describes it.
#![allow(
    dead_code,
    reason = "these stand for their documentation; the report itself is of the judging stage"
)]

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The query's parameters.
pub const PARAMETERS: [&str; 13] = [
    "threshold",
    "cost_fp",
    "cost_fn",
    "cost_tp",
    "per_day",
    "at",
    "time_unit",
    "draws",
    "seed",
    "resample",
    "alpha",
    "beta",
    "zero_division",
];

/// What is wanted of the report.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EvaluationQuery {
    /// Judge at this threshold; flagged is a score of at least it
    threshold: Option<f64>,
    /// What a false alarm costs
    #[param(minimum = 0)]
    cost_fp: Option<f64>,
    /// What a miss costs; with amounts, for each unit of them
    #[param(minimum = 0)]
    cost_fn: Option<f64>,
    /// What looking at a hit costs
    #[param(minimum = 0)]
    cost_tp: Option<f64>,
    /// Also find the threshold that gives so many alerts a day; needs times
    #[param(minimum = 0)]
    per_day: Option<f64>,
    /// Numbers of alerts whose precision and recall are told, comma-separated
    #[param(example = "10,100")]
    at: Option<String>,
    /// In what numeric times count from 1970 UTC: `ns` (default), `us`, `ms` or `s`
    time_unit: Option<String>,
    /// Resamples for the intervals; 0 for none
    #[param(minimum = 0, maximum = 2000)]
    draws: Option<u32>,
    /// Seed of the resamples
    seed: Option<u64>,
    /// What is resampled: `rows` (default, by class) or whole `groups`
    resample: Option<String>,
    /// Supposed share of positives that are labelled 0
    #[param(minimum = 0)]
    alpha: Option<f64>,
    /// Supposed share of negatives that are labelled 1
    #[param(minimum = 0)]
    beta: Option<f64>,
    /// What stands in for 0/0: `null` (default) or a number
    zero_division: Option<String>,
}

/// Rows to judge: either `rows` or `columns`.
#[derive(Debug, ToSchema)]
pub struct EvaluationBody {
    /// A row each
    #[schema(required = false)]
    rows: Vec<JudgedRow>,
    /// A list each, all of one length
    #[schema(required = false)]
    columns: Option<JudgedColumns>,
    /// Rows to tune the threshold on, in either form
    #[schema(required = false, value_type = Object)]
    tune_on: Option<Value>,
}

/// A row to judge; all rows have the same fields.
#[derive(Debug, ToSchema)]
pub struct JudgedRow {
    /// 1 is a positive; truth values are taken too
    #[schema(minimum = 0, maximum = 1)]
    label: u8,
    /// Any finite number
    score: f64,
    /// How many rows it stands for
    #[schema(minimum = 0)]
    weight: Option<f64>,
    /// What it belongs to: a symbol, a day, an episode
    group: Option<String>,
    /// RFC 3339, or a number in `time_unit`
    #[schema(value_type = String)]
    time: Option<Value>,
    /// The money at stake
    #[schema(minimum = 0)]
    amount: Option<f64>,
}

/// The same as columns.
#[derive(Debug, ToSchema)]
pub struct JudgedColumns {
    /// 1 is a positive; truth values are taken too
    label: Vec<u8>,
    /// Any finite numbers
    score: Vec<f64>,
    /// How many rows each stands for
    weight: Option<Vec<f64>>,
    /// What each belongs to
    group: Option<Vec<String>>,
    /// RFC 3339, or numbers in `time_unit`
    #[schema(value_type = Vec<String>)]
    time: Option<Vec<Value>>,
    /// The money at stake
    amount: Option<Vec<f64>>,
}

/// All that is said of a score. Beside these fields the document holds every metric by name, a number or null: `tp`,
/// `fp`, `fn`, `tn`, `f1`, `g_mean`, `mcc`, `precision`, `recall`, `auroc`, `average_precision`, `brier` and so on.
#[derive(Debug, ToSchema)]
pub struct EvaluationReport {
    /// The outcome in a sentence
    verdict: String,
    /// Flagged is a score of at least this
    threshold: Option<f64>,
    /// `given`, `other_rows` or `same_rows`
    threshold_from: String,
    /// Rows
    n: usize,
    /// Rows that are positive
    positives: usize,
    /// The share of the positives, weighted
    prevalence: f64,
    /// F1 at the threshold
    f1: Option<f64>,
    /// G-mean at the threshold
    g_mean: Option<f64>,
    /// Why what is null is so
    undefined: BTreeMap<String, String>,
    /// What other aims would choose
    #[schema(value_type = Vec<Object>)]
    thresholds: Vec<Value>,
    /// How sure the figures are
    #[schema(value_type = Option<Object>)]
    intervals: Option<Value>,
    /// What the figures would be if annotators erred
    #[schema(value_type = Option<Object>)]
    noise: Option<Value>,
    /// The score at other prevalences and under other labels
    #[schema(value_type = Object)]
    sweeps: Value,
    /// How the rows move
    #[schema(value_type = Object)]
    drift: Value,
    /// Scores against rates
    #[schema(value_type = Object)]
    calibration: Value,
    /// The groups of most weight
    #[schema(value_type = Vec<Object>)]
    groups: Vec<Value>,
    /// What to know before believing
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<Value>,
    /// ROC and precision-recall curve, as columns
    #[schema(value_type = Object)]
    curves: Value,
}
