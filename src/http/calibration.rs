//! `GET /v1/models/{id}/calibration`: forecast against realised over the recorded orders, by size.

use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::App;
use super::executions_list::ExecutionsQuery;
use super::format::Format;
use super::parameters::{Given, Parameters};
use super::pretrade::answer;
use super::problem::{Code, Problem};
use super::responses::FoundOr404;
use crate::posttrade::{CalibrationAnswer, Choice, Trouble, track_record};
use crate::pretrade::ModelName;
use crate::store::{Place, StoreError};

/// How a cost model's forecasts did
///
/// Orders with a forecast by this model, filled by nine tenths or more: mean forecast and realised arrival cost, z,
/// coverage of the stated intervals and slope, by size and over all; and Y of the square-root law refitted on all
/// orders with a forecast.
#[utoipa::path(get, path = "/v1/models/{id}/calibration", tag = "posttrade", operation_id = "get_calibration",
    params(("id" = super::pretrade_schema::ModelText, Path, description = "Which model", example = "blend"),
        ExecutionsQuery),
    responses(FoundOr404<CalibrationAnswer>))]
pub async fn get(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let known = ExecutionsQuery::into_params(|| Some(ParameterIn::Query));
    let given = Given::parse(&uri, &known.into_iter().map(|parameter| parameter.name).collect::<Vec<_>>())?;
    let ExecutionsQuery { symbol, from, to } = ExecutionsQuery::read(&given)?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let id = id.map(|Path(id)| id).unwrap_or_default();
    let model = ModelName::parse(&id).ok_or_else(|| unknown_model(&id))?.name().to_owned();
    let choice = Choice { model, symbol, from, to };
    let gate = app.gate.clone();
    let made = gate.run(move || {
        let record = app.with_results(|archive| {
            let skip = |place: &Place, error: &StoreError| app.damaged.note(place, error);
            match track_record(&app.executions, &app.tapes, archive, &choice, skip) {
                Ok(record) => Ok(Ok(record)),
                Err(Trouble::Records(error)) => Ok(Err(Problem::damaged_record(&error))),
                Err(Trouble::Results(error)) => Err(error),
            }
        })?;
        serde_json::to_vec(&CalibrationAnswer::new(&choice, &record)).map_err(Problem::internal)
    });
    Ok(answer(made.await?, HeaderValue::from_static("application/json"), started))
}

fn unknown_model(id: &str) -> Problem {
    let short: String = id.chars().take(64).collect();
    let names = ModelName::NAMED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let detail = format!("'{short}' is not a cost model");
    Problem::new(Code::UnknownModel, detail).at("path/id".into(), "is not known", names)
}
