//! `POST /v1/pretrade/estimate`: what an order will cost, how sure that is, and whether it may be sent.
//!
//! What is known of a symbol at a minute is made once and held; an order whose symbol is at hand is answered without
//! leaving the thread, since that takes less than handing it over. The first order of a symbol and minute goes through
//! the gate, and those that come meanwhile wait for it rather than do the same work.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use tokio::sync::Mutex;

use super::App;
use super::body;
use super::format::Format;
use super::parameters::Given;
use super::pretrade_schema::OrderBody;
use super::problem::{Code, Fault, Problem};
use super::responses::AnswerTo;
use super::shelf::Snapshot;
use crate::clock::now;
use crate::cost::{Earlier, Order};
use crate::limits::{HTTP_ORDER_MAX_BYTES, PRETRADE_STRIPES};
use crate::pretrade::{Estimate, Prepared, Refused, read_order};

/// Who makes what is not at hand: one at a time for symbols that share a stripe.
#[derive(Debug)]
pub struct Stripes([Mutex<()>; PRETRADE_STRIPES]);

impl Default for Stripes {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Stripes {
    fn of(&self, symbol: &str) -> &Mutex<()> {
        let sum =
            symbol.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        &self.0[sum % PRETRADE_STRIPES]
    }
}

/// What an order will cost, and may it be sent
///
/// Joins the order with the results up to its `as_of` and with the limits: expected cost in five units with its parts,
/// an interval with its realised coverage, a schedule, cost curve and frontier, every check, and one verdict. A
/// refused order is an answer: `verdict` says so and the status is 200. Advisory: not the firm's market-access
/// control.
#[utoipa::path(post, path = "/v1/pretrade/estimate", tag = "pretrade", operation_id = "estimate_order",
    request_body(content = OrderBody, content_type = "application/json"), responses(AnswerTo<Estimate>))]
pub async fn estimate(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    body::kind(&headers, &["application/json"])?;
    let value = body::json(&body::within(body, HTTP_ORDER_MAX_BYTES)?)?;
    let order = read_order(&value, "", now()).map_err(unfit)?;
    let prepared = prepared(&app, &order).await?;
    let limits = app.limits.state();
    let estimate = app.desk.estimate(&limits, &order, &Earlier::default(), &prepared).map_err(refused)?;
    let bytes = serde_json::to_vec(&*estimate).map_err(Problem::internal)?;
    Ok(answer(bytes, HeaderValue::from_static("application/json"), started))
}

/// A fresh answer with the time it took.
pub fn answer(bytes: Vec<u8>, kind: HeaderValue, started: Instant) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let took = format!("total;dur={:.3}", started.elapsed().as_secs_f64() * 1e3);
    if let Ok(took) = HeaderValue::from_str(&took) {
        headers.insert(HeaderName::from_static("server-timing"), took);
    }
    response
}

/// What is known of an order's symbol.
async fn prepared(app: &App, order: &Order) -> Result<Arc<Prepared>, Problem> {
    if app.is_under_way(order) {
        let (app, order) = (app.clone(), order.clone());
        let prepare = move |app: &App| {
            let today = app.today(&order);
            let prepare =
                |snapshot: &Snapshot| app.desk.prepare_with(&snapshot.archive, &order, today.clone());
            app.shelf.read(|snapshot| Ok(prepare(snapshot)?.map_err(refused)))
        };
        return app.gate.clone().run(move || prepare(&app)).await;
    }
    let at_hand = || app.desk.at_hand(&app.shelf.unchanged()?.archive, order);
    if let Some(prepared) = at_hand() {
        return Ok(prepared);
    }
    let _turn = app.stripes.of(&order.symbol).lock().await;
    if let Some(prepared) = at_hand() {
        return Ok(prepared);
    }
    let (desk, shelf, order) = (app.desk.clone(), app.shelf.clone(), order.clone());
    app.gate
        .run(move || shelf.read(|snapshot| Ok(desk.prepare(&snapshot.archive, &order)?.map_err(refused))))
        .await
}

/// A refusal by the desk as a problem.
pub fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Faults(faults) => unfit(faults),
        Refused::UnknownSymbol => {
            let detail = "there are no results for this symbol; /v1/symbols lists those that there are";
            Problem::new(Code::UnknownSymbol, detail).at("/symbol".into(), "is not known", Vec::new())
        }
    }
}

/// Faults of an order as a problem.
pub fn unfit(faults: Vec<crate::cost::Fault>) -> Problem {
    let told: Vec<String> =
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.message)).collect();
    let mut problem = Problem::new(Code::InvalidOrder, told.join("; ").trim().to_owned());
    problem.faults = faults
        .into_iter()
        .map(|crate::cost::Fault { pointer, message, allowed }| Fault { pointer, message, allowed })
        .collect();
    problem
}
