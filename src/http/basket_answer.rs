//! The answer to a basket: a document, an object a line, or a flat table.

use std::sync::Arc;

use polars::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::encode::encode as encode_table;
use super::format::Format;
use super::problem::{Code, Fault, Problem};
use crate::pretrade::{Estimate, Priced, Totals, totals};

/// An estimate or a problem.
pub type Outcome = Result<Arc<Estimate>, Problem>;

/// The answer to a basket.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasketAnswer {
    /// A result a line, in the order of the request.
    pub results: Vec<BasketResult>,
    /// What they come to.
    pub totals: Totals,
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasketResult {
    /// Row of the request, from 1; a header is not counted.
    pub row: usize,
    /// `ok` with an estimate, `error` with a problem.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The caller's own name for the order.
    #[schema(required)]
    pub client_ref: Option<String>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Estimate>, required = false)]
    pub estimate: Option<Shared>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub problem: Option<LineProblem>,
}

/// An estimate that the desk holds too.
#[derive(Clone, Debug)]
pub struct Shared(pub Arc<Estimate>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(out)
    }
}

/// Why a line has no estimate.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineProblem {
    /// What went wrong, for programs.
    pub code: Code,
    /// The HTTP status that this order alone would have had.
    #[schema(example = 422)]
    pub status: u16,
    /// A sentence for a person; it names the row.
    pub detail: String,
    /// The refused values.
    pub errors: Vec<Fault>,
}

impl BasketAnswer {
    /// The answer made of lines.
    #[must_use]
    pub fn new(lines: Vec<Priced<Problem>>) -> Self {
        let totals = totals(&lines);
        Self { results: lines.into_iter().map(result).collect(), totals }
    }
}

fn result(line: Priced<Problem>) -> BasketResult {
    let Priced { row, client_ref, outcome } = line;
    match outcome {
        Ok(estimate) => {
            BasketResult { row, status: "ok", client_ref, estimate: Some(Shared(estimate)), problem: None }
        }
        Err(problem) => {
            if let Some(cause) = &problem.cause {
                tracing::warn!(row, cause, "a line of a basket");
            }
            let told = LineProblem {
                code: problem.code,
                status: problem.status().as_u16(),
                detail: format!("row {row}: {}", problem.detail),
                errors: problem.faults,
            };
            BasketResult { row, status: "error", client_ref, estimate: None, problem: Some(told) }
        }
    }
}

/// Writes an answer.
///
/// # Errors
/// When a writer refuses.
pub fn encode(answer: &BasketAnswer, format: Format) -> Result<Vec<u8>, String> {
    match format {
        Format::Json => serde_json::to_vec(answer).map_err(|e| e.to_string()),
        Format::Ndjson => {
            let mut bytes = Vec::new();
            for result in &answer.results {
                serde_json::to_writer(&mut bytes, result).map_err(|e| e.to_string())?;
                bytes.push(b'\n');
            }
            Ok(bytes)
        }
        flat => {
            let frame = table(&answer.results).map_err(|e| e.to_string())?;
            encode_table(frame, flat, None).map_err(|e| e.to_string())
        }
    }
}

/// A row a line: the numbers most asked for.
fn table(results: &[BasketResult]) -> PolarsResult<DataFrame> {
    let estimates: Vec<Option<&Estimate>> =
        results.iter().map(|result| result.estimate.as_ref().map(|shared| &*shared.0)).collect();
    let text = |name: &str, of: &dyn Fn(&Estimate) -> Option<String>| {
        let values: Vec<Option<String>> = estimates.iter().map(|e| e.and_then(of)).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: &dyn Fn(&Estimate) -> Option<f64>| {
        let values: Vec<Option<f64>> = estimates.iter().map(|e| e.and_then(of)).collect();
        Column::new(name.into(), values)
    };
    let problem = |name: &str, of: &dyn Fn(&LineProblem) -> Option<String>| {
        let values: Vec<Option<String>> = results.iter().map(|r| r.problem.as_ref().and_then(of)).collect();
        Column::new(name.into(), values)
    };
    let quantity: Vec<Option<i64>> = estimates.iter().map(|e| e.and_then(|e| e.resolved.quantity)).collect();
    let refs: Vec<Option<&str>> = results.iter().map(|r| r.client_ref.as_deref()).collect();
    let code = |problem: &LineProblem| serde_json::to_value(problem.code).ok()?.as_str().map(str::to_owned);
    let pointer = |problem: &LineProblem| problem.errors.first().map(|fault| fault.pointer.clone());
    let columns = vec![
        Column::new("row".into(), results.iter().map(|r| r.row as i64).collect::<Vec<i64>>()),
        Column::new("status".into(), results.iter().map(|r| r.status).collect::<Vec<&str>>()),
        Column::new("client_ref".into(), refs),
        text("symbol", &|e| Some(e.resolved.symbol.clone())),
        text("side", &|e| Some(e.resolved.side.to_owned())),
        Column::new("quantity".into(), quantity),
        text("verdict", &|e| Some(e.verdict.name().to_owned())),
        text("why", &|e| Some(e.why.clone())),
        real("expected_cost_bps", &|e| e.expected_cost.map(|cost| cost.bps)),
        real("expected_cost_usd", &|e| e.expected_cost.map(|cost| cost.usd)),
        real("low_bps", &|e| e.interval.map(|interval| interval.low_bps)),
        real("high_bps", &|e| e.interval.map(|interval| interval.high_bps)),
        real("spread_bps", &|e| e.components.map(|parts| parts.spread_bps)),
        real("temporary_impact_bps", &|e| e.components.map(|parts| parts.temporary_impact_bps)),
        real("permanent_impact_bps", &|e| e.components.map(|parts| parts.permanent_impact_bps)),
        real("timing_drift_bps", &|e| e.components.map(|parts| parts.timing_drift_bps)),
        real("timing_risk_bps", &|e| e.timing_risk_bps),
        real("notional_usd", &|e| e.resolved.notional_usd),
        real("participation_rate", &|e| e.resolved.participation_rate),
        real("pct_adv", &|e| e.resolved.pct_adv),
        text("confidence", &|e| Some(e.confidence.level.to_owned())),
        text("estimate_id", &|e| Some(e.estimate_id.clone())),
        problem("error_code", &code),
        problem("error_pointer", &pointer),
        problem("error_detail", &|problem| Some(problem.detail.clone())),
    ];
    DataFrame::new(results.len(), columns)
}
