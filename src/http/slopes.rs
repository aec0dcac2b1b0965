//! `GET /v1/impact/{symbol}?live=true`: the online slopes of a session under way, as they stand.

use axum::response::Response;
use polars::prelude::*;

use super::App;
use super::answer;
use super::cursor::Cursor;
use super::filter::Condition;
use super::parameters::Asked;
use super::problem::{Code, Problem};
use super::rows::Page;
use super::tables::Wanted;
use crate::live::rows;
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
            let frame = rows::slopes(&Symbol::new(&symbol), &slopes).map_err(Problem::internal)?;
            let page = page(&frame, &asked)?;
            answer::listed(&asked, &format!("{}_slopes", Symbol::new(&symbol).file_stem()), page)
        })
        .await
}

fn page(frame: &DataFrame, asked: &Asked<Wanted>) -> Result<Page, Problem> {
    let mask = Condition::mask(&asked.query.conditions, frame).map_err(Problem::internal)?;
    let kept = frame.filter(&mask).map_err(Problem::internal)?;
    let fingerprint = asked.fingerprint().value();
    let at = |offset: usize| Cursor { day: 0, offset: offset as u32, fingerprint };
    let behind = asked.page.cursor.map_or(0, |cursor| cursor.offset as usize);
    if asked.page.cursor.is_some_and(|cursor| cursor != at(behind)) || behind > kept.height() {
        return Err(Cursor::stale());
    }
    let until = kept.height().min(behind + asked.page.limit);
    let next = (until < kept.height()).then(|| at(until));
    Ok(Page { frame: kept.slice(behind as i64, until - behind), next, damaged: None })
}

fn not_under_way(symbol: &str) -> Problem {
    let short: String = symbol.chars().take(64).collect();
    let detail = format!("no session of '{short}' is under way; /v1/feeds lists the sessions that are");
    Problem::new(Code::UnknownSymbol, detail).at("path/symbol".into(), "has no session under way", Vec::new())
}
