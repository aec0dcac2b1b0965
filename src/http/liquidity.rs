//! `GET /v1/liquidity/{symbol}`: what trading costs, session by session.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use utoipa::IntoParams;

use super::App;
use super::choices::{self, BarText, MeasureText, WeightingText};
use super::filter::Condition;
use super::impact::days;
use super::moment::{self, DateText};
use super::parameters::{Asked, Given, Parameters, SymbolName};
use super::problem::Problem;
use super::responses::{SymbolPath, TableOf};
use super::rows::{self, Selection};
use super::schema::LiquidityRow;
use super::{answer, page::PageQuery};
use crate::store::Table;
use crate::tape::Symbol;

/// Which measures.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiquidityQuery {
    /// Only measures of this name, or whose name begins with it and an underscore: `realized_spread` is all its horizons
    /// and weightings.
    #[param(inline, value_type = MeasureText, required = false, example = "effective_spread")]
    pub measure: Option<Condition>,
    /// Only measures at this horizon: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.
    #[param(inline, value_type = BarText, required = false, example = "300s")]
    pub horizon: Option<Condition>,
    /// Only means that weigh so.
    #[param(inline, value_type = WeightingText, required = false, example = "share")]
    pub weighting: Option<Condition>,
    /// First session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-07")]
    pub from: Option<NaiveDate>,
    /// Last session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-11")]
    pub to: Option<NaiveDate>,
}

impl Parameters for LiquidityQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        Ok(Self {
            measure: choices::measure(given)?,
            horizon: choices::horizon(given)?,
            weighting: choices::weighting(given)?,
            from: given.one("from", &[], moment::date)?,
            to: given.one("to", &[], moment::date)?,
        })
    }
}

impl LiquidityQuery {
    fn conditions(&self) -> Vec<Condition> {
        [&self.measure, &self.horizon, &self.weighting].into_iter().flatten().cloned().collect()
    }
}

/// What trading costs, session by session
///
/// Rows of `liquidity` with their date, by date and measure. Each tells its unit, its weighting, its horizon and how many
/// trades or quotes are behind it.
#[utoipa::path(get, path = "/v1/liquidity/{symbol}", tag = "results", operation_id = "list_liquidity",
    params(SymbolPath, LiquidityQuery, PageQuery), responses(TableOf<LiquidityRow>))]
pub async fn list(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    asked: Asked<LiquidityQuery>,
) -> Result<Response, Problem> {
    let selection = Selection {
        table: Table::Liquidity,
        days: days(asked.query.from, asked.query.to)?,
        conditions: asked.query.conditions(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_liquidity", Symbol::new(&selection.symbol).file_stem());
    answer::table(app, asked, name, move |snapshot, asked| rows::page(snapshot, &selection, asked.page)).await
}
