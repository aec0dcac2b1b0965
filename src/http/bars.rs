//! `GET /v1/bars/{symbol}`: order flow and prices bar by bar.

use axum::extract::State;
use axum::response::Response;
use utoipa::IntoParams;

use super::App;
use super::choices::{self, BarText};
use super::filter::Condition;
use super::impact::days;
use super::live_rows::LiveRows;
use super::moment::{self, Bound, BoundText};
use super::parameters::{Asked, Given, Parameters, SymbolName};
use super::problem::Problem;
use super::responses::{SymbolPath, TableOf};
use super::rows::{self, Selection};
use super::schema::BarRow;
use super::{answer, page::PageQuery};
use crate::store::Table;
use crate::tape::Symbol;

/// Which bars.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BarsQuery {
    /// Only bars of this width: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.
    #[param(inline, value_type = BarText, required = false, example = "10s")]
    pub bar: Option<i64>,
    /// Bars from here on: a session date (New York), or a moment at or before `ts_start`, in RFC 3339 or
    /// nanoseconds since 1970 UTC.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-07")]
    pub from: Option<Bound>,
    /// Bars up to here: a session date, itself included, or a moment after `ts_start`.
    #[param(inline, value_type = BoundText, required = false, example = "2013-10-07T14:00:00Z")]
    pub to: Option<Bound>,
}

impl Parameters for BarsQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let query = Self {
            bar: choices::bar(given)?,
            from: given.one("from", &[], Bound::parse)?,
            to: given.one("to", &[], Bound::parse)?,
        };
        if let (Some(Bound::Moment(from)), Some(Bound::Moment(to))) = (query.from, query.to) {
            moment::ordered(from, to)?;
        }
        Ok(query)
    }
}

impl BarsQuery {
    fn conditions(&self) -> Vec<Condition> {
        let from = self.from.and_then(Bound::moment).map(|m| Condition::NotBefore("ts_start", m));
        let to = self.to.and_then(Bound::moment).map(|m| Condition::Before("ts_start", m));
        [self.bar.map(|width| Condition::Seconds("bar_seconds", width)), from, to]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Order flow and prices bar by bar
///
/// Rows of `bars`, by date, bar width and time. Of a session under way, the bars that have closed.
#[utoipa::path(get, path = "/v1/bars/{symbol}", tag = "results", operation_id = "list_bars",
    params(SymbolPath, BarsQuery, PageQuery), responses(TableOf<BarRow>))]
pub async fn list(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    asked: Asked<BarsQuery>,
) -> Result<Response, Problem> {
    let selection = Selection {
        table: Table::Bars,
        days: days(asked.query.from.map(Bound::first_date), asked.query.to.map(Bound::last_date))?,
        conditions: asked.query.conditions(),
        fingerprint: asked.fingerprint(),
        symbol,
    };
    let name = format!("{}_bars", Symbol::new(&selection.symbol).file_stem());
    let of = selection.symbol.clone();
    let live = move |app: &App| LiveRows::beside(app, Table::Bars, &of);
    answer::table_with(app, asked, name, live, move |snapshot, asked, live| {
        if let Err(problem) = choices::known_bar(snapshot, asked.query.bar, live) {
            return Ok(Err(problem));
        }
        rows::page_with(snapshot, &selection, asked.page, live)
    })
    .await
}
