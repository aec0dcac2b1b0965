//! `GET /v1/executions`: recorded orders, a row each, by date of arrival.

use axum::extract::State;
use axum::response::Response;
use chrono::{Datelike, NaiveDate};
use polars::prelude::*;
use utoipa::IntoParams;

use super::App;
use super::answer;
use super::cursor::Cursor;
use super::moment::{self, DateText};
use super::page::PageQuery;
use super::parameters::{Asked, Given, Parameters};
use super::problem::Problem;
use super::responses::TableOf;
use super::rows::Page;
use super::schema::ExecutionRow;
use crate::limits::EXECUTIONS_SCANNED_MAX;
use crate::posttrade::ExecutionAnswer;
use crate::pretrade::Stamp;
use crate::store::{ExecutionRecord, Place, StoreError};

/// Which orders.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExecutionsQuery {
    /// Only orders of this symbol.
    #[param(inline, required = false, example = "IBM")]
    pub symbol: Option<String>,
    /// Orders that arrived on this date (New York) or later.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-07")]
    pub from: Option<NaiveDate>,
    /// Orders that arrived on this date or earlier.
    #[param(inline, value_type = DateText, required = false, example = "2013-10-11")]
    pub to: Option<NaiveDate>,
}

impl Parameters for ExecutionsQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let query = Self {
            symbol: given.one("symbol", &[], |text| Ok(text.to_owned()))?,
            from: given.one("from", &[], moment::date)?,
            to: given.one("to", &[], moment::date)?,
        };
        if let (Some(from), Some(to)) = (query.from, query.to) {
            moment::ordered(from, to)?;
        }
        Ok(query)
    }
}

/// Recorded orders
///
/// By date of arrival; within a date in a fixed order that is none of time. `GET /v1/executions/{order_id}` has an
/// order's fills and benchmarks. An order whose file is damaged is left out: `damaged` counts those of the page
/// (formats other than JSON have it in the header `Damaged-Orders` alone), and `/health/ready` is `degraded`.
#[utoipa::path(get, path = "/v1/executions", tag = "posttrade", operation_id = "list_executions",
    params(ExecutionsQuery, PageQuery), responses(TableOf<ExecutionRow>))]
pub async fn list(State(app): State<App>, asked: Asked<ExecutionsQuery>) -> Result<Response, Problem> {
    app.gate
        .clone()
        .run(move || {
            let page = page(&app, &asked)?;
            answer::listed(&asked, "executions", page)
        })
        .await
}

fn page(app: &App, asked: &Asked<ExecutionsQuery>) -> Result<Page, Problem> {
    let query = &asked.query;
    let trouble = |e| Problem::damaged_record(&e);
    // The lower half is enough to tell queries apart.
    let of_query = asked.fingerprint().value() as u32;
    if asked.page.cursor.is_some_and(|cursor| cursor.offset != of_query) {
        return Err(Cursor::stale());
    }
    let behind = asked.page.cursor.map(|cursor| (cursor.day, cursor.fingerprint));
    let (mut rows, mut scanned, mut next, mut damaged) = (Vec::new(), 0, None, 0);
    let mut skip = |place: &Place, error: &StoreError| {
        damaged += 1;
        app.damaged.note(place, error);
    };
    for date in app.executions.dates().map_err(trouble)? {
        let (early, late) =
            (query.from.is_some_and(|from| date < from), query.to.is_some_and(|to| date > to));
        if early || late || behind.is_some_and(|(day, _)| number(date) < day) {
            continue;
        }
        for hash in app.executions.hashes(date).map_err(trouble)? {
            let here = (number(date), prefix(&hash));
            if behind.is_some_and(|behind| here <= behind) {
                continue;
            }
            if rows.len() == asked.page.limit || scanned == EXECUTIONS_SCANNED_MAX {
                let (day, fingerprint) = next.unwrap_or(here);
                return Ok(Page {
                    frame: frame(&rows)?,
                    next: Some(Cursor { day, offset: of_query, fingerprint }),
                    damaged: Some(damaged),
                });
            }
            (scanned, next) = (scanned + 1, Some(here));
            let record = app.executions.read_or_skip(&Place { date, hash }, &mut skip).map_err(trouble)?;
            let wanted = |r: &ExecutionRecord| query.symbol.as_ref().is_none_or(|s| *s == r.order.symbol);
            if let Some(record) = record.filter(wanted) {
                rows.push(app.answer_to(&record)?);
            }
        }
    }
    Ok(Page { frame: frame(&rows)?, next: None, damaged: Some(damaged) })
}

fn number(date: NaiveDate) -> u32 {
    date.num_days_from_ce().unsigned_abs()
}

/// The first half of a hash's first half: hashes in order are in order by it.
fn prefix(hash: &str) -> u64 {
    hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

fn frame(rows: &[ExecutionAnswer]) -> Result<DataFrame, Problem> {
    table(rows).map_err(Problem::internal)
}

/// Orders as rows.
///
/// # Errors
/// When polars refuses.
pub fn table(rows: &[ExecutionAnswer]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: fn(&ExecutionAnswer) -> &str| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let whole = |name: &str, of: fn(&ExecutionAnswer) -> i64| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let real = |name: &str, of: fn(&ExecutionAnswer) -> Option<f64>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let stamp = |name: &str, of: fn(&ExecutionAnswer) -> Option<Stamp>| {
        let nanos: Vec<Option<i64>> = rows.iter().map(|row| of(row).map(|Stamp(nanos)| nanos.0)).collect();
        Column::new(name.into(), nanos).cast(&DataType::Datetime(TimeUnit::Nanoseconds, None))
    };
    DataFrame::new(
        rows.len(),
        vec![
            text("order_id", |r| &r.order_id),
            text("symbol", |r| &r.symbol),
            text("side", |r| r.side),
            whole("quantity_shares", |r| r.quantity),
            whole("filled_shares", |r| r.filled_quantity),
            stamp("decision_ts", |r| Some(r.decision.ts))?,
            stamp("arrival_ts", |r| Some(r.arrival.ts))?,
            stamp("end_ts", |r| Some(r.end.ts))?,
            real("mean_fill_price_usd", |r| r.mean_fill_price),
            real("shortfall_usd", |r| Some(r.shortfall?.usd)),
            real("shortfall_bps", |r| Some(r.shortfall?.bps)),
            real("delay_bps", |r| Some(r.parts?.delay?.bps)),
            real("spread_bps", |r| Some(r.parts?.spread?.bps)),
            real("impact_bps", |r| Some(r.parts?.impact?.bps)),
            real("timing_bps", |r| Some(r.parts?.timing?.bps)),
            real("opportunity_bps", |r| Some(r.parts?.opportunity.bps)),
            real("fees_bps", |r| Some(r.parts?.fees.bps)),
            real("unattributed_bps", |r| Some(r.parts?.unattributed.bps)),
            real("arrival_cost_bps", |r| r.arrival_cost_bps),
            real("forecast_bps", |r| Some(r.estimate.as_ref()?.expected_bps)),
            real("z", |r| r.estimate.as_ref()?.z),
            stamp("recorded_at", |r| Some(r.receipt.as_ref()?.recorded_at))?,
        ],
    )
}
