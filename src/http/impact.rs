//! `GET /v1/impact/{symbol}`: how far the price moves with the flow.

use std::ops::RangeInclusive;

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use utoipa::IntoParams;

use super::App;
use super::choices::{self, BarText, ModelText, WindowText};
use super::filter::Condition;
use super::live_rows::LiveRows;
use super::moment::{self, DateText};
use super::parameters::{Asked, Given, Parameters, SymbolName};
use super::problem::Problem;
use super::responses::{FitsOrSlopes, SymbolPath};
use super::rows::{self, Selection};
use super::slopes;
use super::{answer, page::PageQuery};
use crate::store::Table;
use crate::tape::Symbol;

/// Which fits.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImpactQuery {
    /// Only this model. A `+` is spelled `%2B` in a URL.
    #[param(inline, value_type = ModelText, required = false, example = "ofi")]
    pub model: Option<Condition>,
    /// Only bars of this width: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.
    #[param(inline, value_type = BarText, required = false, example = "10s")]
    pub bar: Option<i64>,
    /// Only this kind of window.
    #[param(inline, value_type = WindowText, required = false, example = "day")]
    pub window: Option<Condition>,
    /// First session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-07")]
    pub from: Option<NaiveDate>,
    /// Last session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-11")]
    pub to: Option<NaiveDate>,
    /// The online slopes of the session under way instead: every closed bar of the day so far, a row a term.
    #[param(required = false)]
    pub live: bool,
}

impl Parameters for ImpactQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        Ok(Self {
            model: choices::model(given)?,
            bar: choices::bar(given)?,
            window: choices::window(given)?,
            from: given.one("from", &[], moment::date)?,
            to: given.one("to", &[], moment::date)?,
            live: given.one("live", &["true", "false"], flag)?.unwrap_or(false),
        })
    }
}

impl ImpactQuery {
    fn conditions(&self) -> Vec<Condition> {
        let width = self.bar.map(|width| Condition::Seconds("bar_seconds", width));
        [width, self.model.clone(), self.window.clone()].into_iter().flatten().collect()
    }
}

fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("'{text}' is neither true nor false"))
}

/// Dates between two bounds, both inside.
///
/// # Errors
/// When they are the wrong way round.
pub fn days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<RangeInclusive<NaiveDate>, Problem> {
    let (from, to) = (from.unwrap_or(NaiveDate::MIN), to.unwrap_or(NaiveDate::MAX));
    moment::ordered(from, to)?;
    Ok(from..=to)
}

/// How far the price moves with the flow
///
/// Rows of `fits`: a row a term of each regression, by date, bar width and window. Each estimate stands with its
/// unit, its errors and its sample; `r2` is in sample, `r2_oos` out of sample. Of a session under way, the windows that
/// have closed. With `live=true` the online slopes of that session, equal to the joint fit of its closed bars.
#[utoipa::path(
    get,
    path = "/v1/impact/{symbol}",
    tag = "results",
    operation_id = "list_fits",
    params(SymbolPath, ImpactQuery, PageQuery),
    responses(FitsOrSlopes)
)]
pub async fn list(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    asked: Asked<ImpactQuery>,
) -> Result<Response, Problem> {
    if asked.query.live {
        return slopes::list(app, symbol, asked).await;
    }
    let selection = Selection {
        table: Table::Fits,
        days: days(asked.query.from, asked.query.to)?,
        conditions: asked.query.conditions(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_fits", Symbol::new(&selection.symbol).file_stem());
    let of = selection.symbol.clone();
    let live = move |app: &App| LiveRows::beside(app, Table::Fits, &of);
    answer::table_with(app, asked, name, live, move |snapshot, asked, live| {
        if let Err(problem) = choices::known_bar(snapshot, asked.query.bar, live) {
            return Ok(Err(problem));
        }
        rows::page_with(snapshot, &selection, asked.page, live)
    })
    .await
}
