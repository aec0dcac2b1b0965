//! `GET /v1/impact/{symbol}`: how far the price moves with the flow. The table `fits`, or in its stead the online
//! slopes of a session under way.

use axum::extract::State;
use axum::http::request::Parts;
use axum::routing::get;
use utoipa::openapi::path::Parameter;
use utoipa::{IntoResponses, PartialSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::App;
use super::between::Between;
use super::choices::{self, flag, parameter};
use super::parameters::SymbolName;
use super::responses::FitsOrSlopes;
use super::schema::{FitRow, SlopeRow};
use super::slopes;
use super::tables::{Resource, rows_schema};
use crate::store::Table;

const FITS: Resource = Resource {
    table: Table::Fits,
    path: "/v1/impact/{symbol}",
    tag: "results",
    summary: "How far the price moves with the flow",
    about: "Rows of `fits`: a row a term of each regression, by date, bar width and window. Each estimate stands\n\
            with its unit, its errors and its sample; `r2` is in sample, `r2_oos` out of sample. Of a session under\n\
            way, the windows that have closed. With `live=true` the online slopes of that session, equal to the\n\
            joint fit of its closed bars.",
    choices: &[choices::MODEL, choices::BAR, choices::WINDOW],
    between: Between::Dates,
    made_by: None,
};

/// The route.
pub fn route() -> UtoipaMethodRouter<App> {
    let list = |State(app): State<App>, SymbolName(symbol): SymbolName, parts: Parts| async move {
        let asked = FITS.asked(&parts, &[live()])?;
        match asked.given.one("live", &["true", "false"], flag)? {
            Some(true) => slopes::list(app, symbol, asked).await,
            _ => FITS.list(app, symbol, asked).await,
        }
    };
    let schemas = vec![rows_schema::<FitRow>(), rows_schema::<SlopeRow>()];
    (schemas, FITS.described(&[live()], FitsOrSlopes::responses()), get(list))
}

fn live() -> Parameter {
    let about = "The online slopes of the session under way instead: every closed bar of the day so far, a row a term.";
    parameter("live", about, bool::schema(), false.into())
}
