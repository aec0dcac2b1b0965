//! `GET /v1/fraud/alerts`: what on the tapes resembles manipulation.

use std::ops::RangeInclusive;

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Type};
use utoipa::{IntoParams, PartialSchema};

use super::App;
use super::between::Between;
use super::choices::{self, parameter};
use super::filter::Condition;
use super::fraud_schema::AlertRow;
use super::parameters::{Asked, Given, Parameters};
use super::problem::Problem;
use super::responses::TableOf;
use super::rows::{self, Selection};
use super::{answer, page::PageQuery};
use crate::fraud::watching::Pattern;
use crate::store::Table;
use crate::surveillance::typology;

/// Which alerts.
#[derive(Clone, Debug)]
pub struct AlertsQuery {
    symbol: Option<String>,
    days: RangeInclusive<NaiveDate>,
    conditions: Vec<Condition>,
}

impl IntoParams for AlertsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let names =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Pattern::ALL.map(Pattern::name)));
        let about = "Only alerts that resemble this pattern.";
        let mut all = vec![parameter("symbol", "Only this symbol's.", String::schema(), "IBM".into())];
        all.extend(Between::Moments.parameters());
        all.push(parameter("typology", about, names.into(), "pump_and_dump".into()));
        all.push(choices::MIN_SCORE.parameter());
        all
    }
}

impl Parameters for AlertsQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let (days, mut conditions) = Between::Moments.read(given)?;
        conditions.extend(given.one("typology", &Pattern::ALL.map(Pattern::name), |text| {
            let found = Pattern::ALL.into_iter().find(|pattern| pattern.name() == text);
            let condition = found.map(|pattern| Condition::Is("typology", typology(Some(pattern)).into()));
            condition.ok_or_else(|| format!("'{text}' is not a pattern"))
        })?);
        conditions.extend(choices::MIN_SCORE.read(given)?);
        let symbol = given.one("symbol", &[], |text| Ok(text.to_owned()))?;
        Ok(Self { symbol, days, conditions })
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
        days: asked.query.days.clone(),
        conditions: asked.query.conditions.clone(),
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
