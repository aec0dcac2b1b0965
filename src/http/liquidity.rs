//! `GET /v1/liquidity/{symbol}`: what trading costs, session by session.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use utoipa::IntoParams;

use super::App;
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
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiquidityQuery {
    /// First session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-07")]
    pub from: Option<NaiveDate>,
    /// Last session date, New York.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-11")]
    pub to: Option<NaiveDate>,
}

impl Parameters for LiquidityQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        Ok(Self { from: given.one("from", &[], moment::date)?, to: given.one("to", &[], moment::date)? })
    }
}

/// What trading costs, session by session
///
/// Rows of `liquidity` with their date, by date and measure.
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
        conditions: Vec::new(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_liquidity", Symbol::new(&selection.symbol).file_stem());
    answer::table(app, asked, name, move |snapshot, asked| rows::page(snapshot, &selection, asked.page)).await
}
