//! `POST /v1/pretrade/estimate:batch`: a basket of orders, each with its own answer or problem.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;

use super::App;
use super::basket::{self, BasketKind};
use super::basket_answer::{BasketAnswer, Outcome, encode};
use super::body;
use super::format::Format;
use super::parameters::Given;
use super::pretrade::{answer, refused, unfit};
use super::pretrade_schema::{FileBytes, OrderBody};
use super::problem::Problem;
use super::responses::BasketAnswers;
use super::shelf::Snapshot;
use crate::clock::now;
use crate::limits::HTTP_BODY_MAX_BYTES;
use crate::pretrade::{LimitsState, Line, Priced, Running, read_order};
use crate::tape::Nanos;

/// What a basket of orders will cost, and may each be sent
///
/// Takes a JSON list, a JSON object a line, CSV or Parquet, by `Content-Type`; in the flat formats the fields of
/// `window`, `overrides` and `account` are columns `window_start`, `window_end`, `adv_shares`, `volatility_daily_bps`,
/// `spread_bps`, `arrival_price`, `shares_outstanding`, `account`, `credit_used_usd`, `orders_last_minute`. Answers
/// in the order of the request, in the format of `Accept`. One bad line never fails the basket: it has a problem in
/// its place. Earlier lines that may be sent count in the account state of later ones. At most 1000 lines.
#[utoipa::path(post, path = "/v1/pretrade/estimate:batch", tag = "pretrade", operation_id = "estimate_basket",
    params(super::pretrade_schema::FormatQuery),
    request_body(content(
        (Vec<OrderBody> = "application/json"),
        (String = "application/x-ndjson"),
        (String = "text/csv"),
        (inline(FileBytes) = "application/vnd.apache.parquet")
    )), responses(BasketAnswers))]
pub async fn batch(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let given = Given::parse(&uri, &["format".to_owned()])?;
    let format = match given.one("format", &Format::ALL.map(Format::name), Format::parse)? {
        Some(format) => format,
        None => Format::negotiate(&headers)?,
    };
    let kind = body::kind(&headers, &BasketKind::ALL.map(BasketKind::media_type))?;
    let kind = BasketKind::of_media(kind).ok_or_else(|| Problem::internal("a kind that is not listed"))?;
    let bytes = body::within(body, HTTP_BODY_MAX_BYTES)?;
    let now = now();
    let (gate, limits) = (app.gate.clone(), app.limits.state());
    let written = gate
        .run(move || {
            let lines = basket::read(&bytes, kind).map_err(unfit_basket)?;
            let priced = app.shelf.read(|snapshot| Ok(Ok(price(&app, snapshot, &limits, &lines, now))))?;
            encode(&BasketAnswer::new(priced), format).map_err(Problem::internal)
        })
        .await?;
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        other => other.media_type(),
    };
    Ok(answer(written, HeaderValue::from_static(kind), started))
}

fn unfit_basket(faults: Vec<crate::cost::Fault>) -> Problem {
    Problem { code: super::problem::Code::InvalidBody, ..unfit(faults) }
}

fn price(
    app: &App,
    snapshot: &Snapshot,
    limits: &LimitsState,
    lines: &[Line],
    now: Nanos,
) -> Vec<Priced<Problem>> {
    let mut running = Running::default();
    let one = |line: &Line| {
        let fields = line.fields.as_ref();
        let client_ref = fields.ok().and_then(|f| f.get("client_ref")?.as_str()).map(str::to_owned);
        let outcome: Outcome = (|| {
            let fields = fields.map_err(|what| unfit(vec![crate::cost::Fault::new("", what.as_str())]))?;
            let order = read_order(fields, "", now).map_err(unfit)?;
            // A table that cannot be read is this line's trouble, not the basket's.
            let prepared = app.desk.prepare_with(&snapshot.archive, &order, app.today(&order));
            let prepared = prepared.map_err(|e| Problem::not_ready(&e))?.map_err(refused)?;
            let earlier = running.before(&order);
            let estimate = app.desk.estimate(limits, &order, &earlier, &prepared).map_err(refused)?;
            running.count(&order, &estimate);
            Ok(estimate)
        })();
        Priced { row: line.row, client_ref, outcome }
    };
    lines.iter().map(one).collect()
}
