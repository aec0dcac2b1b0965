//! `GET /v1/fraud/alerts`: what on the tapes resembles manipulation.

use axum::extract::State;
use axum::response::Response;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::App;
use super::between::days;
use super::choices;
use super::filter::Condition;
use super::fraud_schema::AlertRow;
use super::moment::{self, Bound, BoundText};
use super::parameters::{Asked, Given, Parameters};
use super::problem::Problem;
use super::responses::TableOf;
use super::rows::{self, Selection};
use super::{answer, page::PageQuery};
use crate::fraud::watching::Pattern;
use crate::store::Table;
use crate::surveillance::typology;

/// Which alerts.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertsQuery {
    /// Only this symbol's.
    #[param(inline, required = false, example = "IBM")]
    pub symbol: Option<String>,
    /// Alerts from here on: a session date (New York), or a moment at or before `ts_start`, in RFC 3339 or
    /// nanoseconds since 1970 UTC.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-07")]
    pub from: Option<Bound>,
    /// Alerts up to here: a session date, itself included, or a moment after `ts_start`.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-11")]
    pub to: Option<Bound>,
    /// Only alerts that resemble this pattern.
    #[param(inline, value_type = PatternText, required = false, example = "pump_and_dump")]
    pub typology: Option<Condition>,
    /// Only alerts with at least this score.
    #[param(inline, value_type = f64, required = false, example = 0.9)]
    pub min_score: Option<Condition>,
}

impl Parameters for AlertsQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let names = Pattern::ALL.map(Pattern::name);
        let query = Self {
            symbol: given.one("symbol", &[], |text| Ok(text.to_owned()))?,
            from: given.one("from", &[], Bound::parse)?,
            to: given.one("to", &[], Bound::parse)?,
            typology: given.one("typology", &names, |text| {
                let found = Pattern::ALL.into_iter().find(|pattern| pattern.name() == text);
                let condition =
                    found.map(|pattern| Condition::Is("typology", typology(Some(pattern)).into()));
                condition.ok_or_else(|| format!("'{text}' is not a pattern"))
            })?,
            min_score: choices::MIN_SCORE.read(given)?,
        };
        if let (Some(Bound::Moment(from)), Some(Bound::Moment(to))) = (query.from, query.to) {
            moment::ordered(from, to)?;
        }
        Ok(query)
    }
}

impl AlertsQuery {
    fn conditions(&self) -> Vec<Condition> {
        let from = self.from.and_then(Bound::moment).map(|m| Condition::NotBefore("ts_start", m));
        let to = self.to.and_then(Bound::moment).map(|m| Condition::Before("ts_start", m));
        [self.typology.clone(), self.min_score.clone(), from, to].into_iter().flatten().collect()
    }
}

/// What on the tapes resembles manipulation
///
/// Rows of `fraud_alerts`, by date, symbol and time: stretches whose scores reach the model's threshold, with what they
/// resemble and why. `impactd batch --fraud-model` makes them. A tape shows neither accounts nor intent: an alert is a
/// place to look at, and no accusation.
#[utoipa::path(get, path = "/v1/fraud/alerts", tag = "fraud", operation_id = "list_fraud_alerts",
    params(AlertsQuery, PageQuery), responses(TableOf<AlertRow>))]
pub async fn list(State(app): State<App>, asked: Asked<AlertsQuery>) -> Result<Response, Problem> {
    let selection = Selection {
        table: Table::FraudAlerts,
        days: days(asked.query.from.map(Bound::first_date), asked.query.to.map(Bound::last_date))?,
        conditions: asked.query.conditions(),
        fingerprint: asked.fingerprint(),
        symbol: asked.query.symbol.clone().unwrap_or_default(),
    };
    let is_of_one = asked.query.symbol.is_some();
    answer::table(app, asked, "fraud_alerts".to_owned(), move |snapshot, asked| {
        let page = if is_of_one { rows::page } else { rows::page_of_all };
        page(snapshot, &selection, asked.page)
    })
    .await
}

/// How `?typology=` is documented.
#[derive(Debug)]
pub struct PatternText;

impl PartialSchema for PatternText {
    fn schema() -> RefOr<Schema> {
        let names = Pattern::ALL.map(Pattern::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for PatternText {}
