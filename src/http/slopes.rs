//! `GET /v1/impact/{symbol}?live=true`: the online slopes of a session under way, as they stand.

use axum::response::Response;
use polars::prelude::*;

use super::App;
use super::answer;
use super::filter::Condition;
use super::parameters::Asked;
use super::problem::{Code, Problem};
use super::rows::{self, Page};
use super::tables::Wanted;
use crate::live::rows as live_rows;
use crate::tape::Symbol;

/// Answers with the slopes.
///
/// # Errors
/// A refusal: no live tape, no session of the symbol under way, or a parameter that slopes do not have.
pub async fn list(app: App, symbol: String, asked: Asked<Wanted>) -> Result<Response, Problem> {
    let live = app.live()?.clone();
    if let Some(name) = ["window", "from", "to"].into_iter().find(|name| asked.given.has(name)) {
        return Err(Problem::invalid(
            name,
            "is of no use with live=true: slopes are those of now",
            Vec::new(),
        ));
    }
    app.gate
        .run(move || {
            let slopes = live.slopes(&symbol).ok_or_else(|| not_under_way(&symbol))?;
            let frame = live_rows::slopes(&Symbol::new(&symbol), &slopes).map_err(Problem::internal)?;
            let page = page(&frame, &asked)?;
            answer::listed(&asked, &format!("{}_slopes", Symbol::new(&symbol).file_stem()), page)
        })
        .await
}

fn page(frame: &DataFrame, asked: &Asked<Wanted>) -> Result<Page, Problem> {
    let mask = Condition::mask(&asked.query.conditions, frame).map_err(Problem::internal)?;
    rows::page_of_frame(&frame.filter(&mask).map_err(Problem::internal)?, asked, 0)
}

fn not_under_way(symbol: &str) -> Problem {
    let short: String = symbol.chars().take(64).collect();
    let detail = format!("no session of '{short}' is under way; /v1/feeds lists the sessions that are");
    Problem::new(Code::UnknownSymbol, detail).at("path/symbol".into(), "has no session under way", Vec::new())
}
