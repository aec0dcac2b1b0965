//! `GET /v1/fraud/scores/{symbol}`: what the model says of every bin.

use axum::extract::State;
use axum::response::Response;
use utoipa::IntoParams;

use super::App;
use super::choices;
use super::filter::Condition;
use super::fraud_schema::ScoreRow;
use super::impact::days;
use super::moment::{self, Bound, BoundText};
use super::parameters::{Asked, Given, Parameters, SymbolName};
use super::problem::Problem;
use super::responses::{SymbolPath, TableOf};
use super::rows::{self, Selection};
use super::{answer, page::PageQuery};
use crate::store::Table;
use crate::tape::Symbol;

/// Which scores.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScoresQuery {
    /// Bins from here on: a session date (New York), or a moment at or before `ts_start`, in RFC 3339 or
    /// nanoseconds since 1970 UTC.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-07")]
    pub from: Option<Bound>,
    /// Bins up to here: a session date, itself included, or a moment after `ts_start`.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-07T14:00:00Z")]
    pub to: Option<Bound>,
    /// Only bins with at least this score.
    #[param(inline, value_type = f64, required = false, example = 0.9)]
    pub min_score: Option<Condition>,
}

impl Parameters for ScoresQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let query = Self {
            from: given.one("from", &[], Bound::parse)?,
            to: given.one("to", &[], Bound::parse)?,
            min_score: choices::min_score(given)?,
        };
        if let (Some(Bound::Moment(from)), Some(Bound::Moment(to))) = (query.from, query.to) {
            moment::ordered(from, to)?;
        }
        Ok(query)
    }
}

impl ScoresQuery {
    fn conditions(&self) -> Vec<Condition> {
        let from = self.from.and_then(Bound::moment).map(|m| Condition::NotBefore("ts_start", m));
        let to = self.to.and_then(Bound::moment).map(|m| Condition::Before("ts_start", m));
        [self.min_score.clone(), from, to].into_iter().flatten().collect()
    }
}

/// What the model says of every bin
///
/// Rows of `fraud_scores`, by time, ten seconds each. A score rests on ticks before the bin's end alone.
#[utoipa::path(get, path = "/v1/fraud/scores/{symbol}", tag = "fraud", operation_id = "list_fraud_scores",
    params(SymbolPath, ScoresQuery, PageQuery), responses(TableOf<ScoreRow>))]
pub async fn list(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    asked: Asked<ScoresQuery>,
) -> Result<Response, Problem> {
    let selection = Selection {
        table: Table::FraudScores,
        days: days(asked.query.from.map(Bound::first_date), asked.query.to.map(Bound::last_date))?,
        conditions: asked.query.conditions(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_fraud_scores", Symbol::new(&selection.symbol).file_stem());
    answer::table(app, asked, name, move |snapshot, asked| rows::page(snapshot, &selection, asked.page)).await
}
