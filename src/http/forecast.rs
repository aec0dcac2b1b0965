//! `POST /v1/impact/{symbol}/forecast`: signed flow in, expected price change with its interval out.
//!
//! The model is the latest that was calibrated by `as_of`, and the bars are those that ended by then. Where the data
//! do not allow a forecast (no recent bar, a closed session, a model of data that was made anew since), there is none.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use serde_json::Value;

use super::App;
use super::body;
use super::forecast_schema::{FORECAST_FIELDS, ForecastAnswer, ForecastBody};
use super::format::Format;
use super::parameters::{Given, SymbolName, unknown_symbol};
use super::pretrade::{answer, unfit};
use super::problem::{Code, Problem};
use super::responses::{AnswerTo, SymbolPath};
use crate::clock::now;
use crate::cost::Fault;
use crate::flow::BarRecord;
use crate::forecast::{NoAnswer, Purpose, Question};
use crate::limits::HTTP_ORDER_MAX_BYTES;
use crate::live::LiveDay;
use crate::pretrade::Fields;
use crate::store::{Archive, ModelIndex, StoreError};
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Symbol};

const PURPOSES: [(&str, Purpose); 2] = [("conditional", Purpose::Conditional), ("ahead", Purpose::Ahead)];
/// Absurd beyond this.
const FLOW_SHARES_MAX: f64 = 1e9;

/// What is asked, checked.
#[derive(Clone, Debug)]
struct Asked {
    symbol: String,
    purpose: Purpose,
    flow_shares: Option<f64>,
    width: i64,
    as_of: Nanos,
    level: f64,
}

/// What the price would do, or will do
///
/// With `flow_shares`, the expected change of the mid over the next bar if that signed flow came: it explains, as the
/// flow is given. Without, a forecast proper. The answer bears a split-conformal interval beside its realised coverage,
/// and the model that gave it. Models are made by `impactd train`.
#[utoipa::path(post, path = "/v1/impact/{symbol}/forecast", tag = "results", operation_id = "forecast_impact",
    params(SymbolPath), request_body(content = ForecastBody, content_type = "application/json"),
    responses(AnswerTo<ForecastAnswer>))]
pub async fn forecast(
    State(app): State<App>,
    SymbolName(symbol): SymbolName,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    body::kind(&headers, &["application/json"])?;
    let value = body::json(&body::within(body, HTTP_ORDER_MAX_BYTES)?)?;
    let asked = Asked::read(symbol, &value, now()).map_err(unfit)?;
    let gate = app.gate.clone();
    let made = gate.run(move || {
        let live = app.live_day(&asked.symbol, asked.as_of);
        app.shelf.read(|snapshot| asked.answer(&snapshot.archive, live.as_ref()))
    });
    let made = made.await?;
    let bytes = serde_json::to_vec(&made).map_err(Problem::internal)?;
    Ok(answer(bytes, HeaderValue::from_static("application/json"), started))
}

impl Asked {
    fn read(symbol: String, value: &Value, now: Nanos) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let Some(fields) = Fields::open(value, "", &FORECAST_FIELDS, &mut faults) else {
            return Err(faults);
        };
        let flow_shares = fields.number("flow_shares", &mut faults);
        let purpose = fields.choice("purpose", &PURPOSES, &mut faults);
        let seconds = fields.number("horizon_seconds", &mut faults).unwrap_or(60.0);
        let level = fields.number("confidence", &mut faults).unwrap_or(0.9);
        let as_of = fields.moment("as_of", &mut faults).unwrap_or(now);
        let usual = if flow_shares.is_some() { Purpose::Conditional } else { Purpose::Ahead };
        let purpose = purpose.unwrap_or(usual);
        let mut fault = |pointer: &str, message: &str| faults.push(Fault::new(pointer, message));
        if flow_shares.is_some_and(|flow| flow.abs() > FLOW_SHARES_MAX) {
            fault("/flow_shares", "is not between -1000000000 and 1000000000");
        }
        if purpose == Purpose::Conditional && flow_shares.is_none() {
            fault("/flow_shares", "is missing: a conditional forecast needs the signed flow");
        }
        if purpose == Purpose::Ahead && flow_shares.is_some() {
            fault("/flow_shares", "is of no use to an 'ahead' forecast, which knows no flow to come");
        }
        if !(0.5..=0.99).contains(&level) {
            fault("/confidence", "is not between 0.5 and 0.99");
        }
        if !(seconds > 0.0 && seconds <= 86_400.0) {
            fault("/horizon_seconds", "is not between 0 and 86400");
        }
        let width = (seconds * NANOS_PER_SECOND as f64).round() as i64;
        let asked = Self { symbol, purpose, flow_shares, width, as_of, level };
        if faults.is_empty() { Ok(asked) } else { Err(faults) }
    }

    /// Blocks on the disk. The outer error is the disk's, the inner one the question's.
    fn answer(
        &self,
        archive: &Archive,
        live: Option<&LiveDay>,
    ) -> Result<Result<ForecastAnswer, Problem>, StoreError> {
        if live.is_none() && archive.dates_of(&self.symbol).next().is_none() {
            return Ok(Err(unknown_symbol(&self.symbol)));
        }
        archive.check_is_of_new_york()?;
        let symbol = Symbol::new(&self.symbol);
        let index = ModelIndex::load(archive.root(), &symbol, self.width)?;
        let entry = index.as_ref().and_then(|index| Some((index, index.at(self.purpose, self.as_of)?)));
        let Some((index, entry)) = entry else {
            return Ok(Err(self.untrained(index.as_ref())));
        };
        if archive.state_up_to(&entry.calibrated_to) != Some(entry.data_snapshot.as_str()) {
            let detail =
                "the results that the model learned from were made anew since; run impactd train again";
            return Ok(Err(Problem::new(Code::NoForecast, detail)));
        }
        let forecaster = index.read(archive.root(), entry)?;
        let mut day = archive.bars(&NYSE.date_of(self.as_of).to_string(), &self.symbol, self.width)?;
        if day.is_empty() {
            // A session under way: its closed bars.
            let closed = live.and_then(|live| live.bars.get(&self.width));
            day = closed.into_iter().flatten().map(BarRecord::from).collect();
        }
        let question =
            Question { day: &day, as_of: self.as_of, flow_shares: self.flow_shares, level: self.level };
        Ok(forecaster.answer(&question).map_err(|none| no_forecast(&none)).map(|answer| {
            let (symbol, flow) = (self.symbol.clone(), self.flow_shares);
            ForecastAnswer::new(symbol, self.as_of, flow, &forecaster, entry, answer)
        }))
    }

    fn untrained(&self, index: Option<&ModelIndex>) -> Problem {
        let seconds = self.width as f64 / NANOS_PER_SECOND as f64;
        let (pointer, detail) = if index.is_some() {
            ("/as_of", format!("no {} model was calibrated by then", self.purpose.name()))
        } else {
            let bars =
                format!("no model is trained on its bars of {seconds} s; run impactd train --bar {seconds}s");
            ("/horizon_seconds", bars)
        };
        Problem::new(Code::NoForecast, detail.clone()).at(pointer.into(), detail, Vec::new())
    }
}

fn no_forecast(none: &NoAnswer) -> Problem {
    let pointer = match none {
        NoAnswer::NoFlow | NoAnswer::NotFinite(_) => "/flow_shares",
        NoAnswer::Level => "/confidence",
        _ => "/as_of",
    };
    Problem::new(Code::NoForecast, none.to_string()).at(pointer.into(), none.to_string(), Vec::new())
}
