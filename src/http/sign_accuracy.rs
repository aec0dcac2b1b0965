//! `GET /v1/sign-accuracy/{symbol}`: how often each signing rule names the side that the feed itself knows.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::impact::days;
use super::moment::{self, DateText};
use super::parameters::{Asked, Given, Parameters, SymbolName};
use super::problem::Problem;
use super::responses::{SymbolPath, TableOf};
use super::rows::{self, Selection};
use super::{answer, page::PageQuery};
use crate::store::Table;
use crate::tape::Symbol;

/// Which days.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccuracyQuery {
    /// First session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-07")]
    pub from: Option<NaiveDate>,
    /// Last session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-11")]
    pub to: Option<NaiveDate>,
}

impl Parameters for AccuracyQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let date = |name| given.one(name, &[], moment::date);
        Ok(Self { from: date("from")?, to: date("to")? })
    }
}

/// A signing rule against the known side, by where trades stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyRow {
    /// As its tape spells it.
    #[schema(example = "AMZN")]
    pub symbol: String,
    /// Session date, New York.
    #[schema(format = Date, example = "2012-06-21")]
    pub date: String,
    /// The rule, or the layers that counted.
    #[schema(example = "lee-ready")]
    pub rule: String,
    /// `all`, `at_ask`, `at_bid`, `at_mid`, `inside`, `outside` or `no_quote`.
    #[schema(example = "at_ask")]
    pub place: String,
    /// Trades whose side the feed knows.
    pub n: i64,
    /// Those that the rule gave a side.
    pub classified: i64,
    /// Those that it gave the known side.
    pub right: i64,
    /// `classified / n`; null without trades.
    #[schema(required)]
    pub share_classified: Option<f64>,
    /// `right / classified`; null where it gave none a side.
    #[schema(required)]
    pub share_right: Option<f64>,
}

/// How often each signing rule is right
///
/// Rows of `sign_accuracy` with their date, by date, rule and place. 404 `no_table` where the tape's feed knows no
/// aggressor.
#[utoipa::path(get, path = "/v1/sign-accuracy/{symbol}", tag = "results", operation_id = "list_sign_accuracy",
    params(SymbolPath, AccuracyQuery, PageQuery), responses(TableOf<AccuracyRow>))]
pub async fn list(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    asked: Asked<AccuracyQuery>,
) -> Result<Response, Problem> {
    let selection = Selection {
        table: Table::SignAccuracy,
        days: days(asked.query.from, asked.query.to)?,
        conditions: Vec::new(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_sign_accuracy", Symbol::new(&selection.symbol).file_stem());
    let made_by = "it is made where the feed itself tells the aggressor";
    answer::table(app, asked, name, move |snapshot, asked| {
        rows::page_if_made(snapshot, &selection, asked.page, made_by)
    })
    .await
}
