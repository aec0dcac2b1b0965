//! `GET /v1/panels/NAME`: days and symbols side by side, computed when asked for. In: one declaration a panel. Out: its
//! route, its answers and its refusals. What is asked is bounded in days times symbols, and the work ends soon after
//! its asker is gone.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use chrono::NaiveDate;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::{ObjectBuilder, Type};
use utoipa::{IntoResponses, PartialSchema, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::App;
use super::answer;
use super::between::Between;
use super::choices::{self, BarText, parameter};
use super::panels_schema::{CommonRow, CrossRow, PairRow, PooledRow, SummaryRow, VenuePanelRow};
use super::parameters::{Asked, Given, unknown_symbol};
use super::problem::{Code, Problem};
use super::responses::{TableOf, refusals};
use super::rows::{self, Page};
use super::shelf::{Reading, Snapshot};
use super::tables::{described, rows_schema};
use crate::limits::{HTTP_PANEL_CROSS_CUBES_MAX, HTTP_PANEL_SYMBOL_DAYS_MAX};
use crate::panel::{Panel, PanelError, Selection};
use crate::store::StoreError;

/// A panel over HTTP.
#[derive(Debug)]
struct Resource {
    panel: Panel,
    path: &'static str,
    summary: &'static str,
    about: &'static str,
}

const POOLED: Resource = Resource {
    panel: Panel::Pooled,
    path: "/v1/panels/pooled",
    summary: "A slope common to all days",
    about: "A row a symbol, model and term: least squares over the bars of all days, an intercept for each day,\n\
            errors clustered by day. Needs two days.",
};
const SYMBOLS: Resource = Resource {
    panel: Panel::Symbols,
    path: "/v1/panels/symbols",
    summary: "Half hours at a glance",
    about: "A row a symbol, model, term and unit: quartiles of the half hours' slopes, how many are more than noise,\n\
            r2 in and out of sample.",
};
const PAIRS: Resource = Resource {
    panel: Panel::Pairs,
    path: "/v1/panels/pairs",
    summary: "Correlations of liquidity and of slopes between symbols",
    about: "A row a quantity and pair of symbols: Pearson's correlation over the half hours that both have, four at\n\
            least, with its interval by Fisher's z.",
};
const COMMONALITY: Resource = Resource {
    panel: Panel::Commonality,
    path: "/v1/panels/commonality",
    summary: "How far each symbol's liquidity moves with the others'",
    about: "A row a quantity and symbol: the half hours' relative changes on the mean change of the other symbols\n\
            (Chordia, Roll and Subrahmanyam 2000). Needs three symbols and ten half hours.",
};
const CROSS_IMPACT: Resource = Resource {
    panel: Panel::CrossImpact,
    path: "/v1/panels/cross-impact",
    summary: "How far prices move with the flow of other symbols",
    about: "Rows a symbol, flow and model: returns on the own flow (`pi`) and on all symbols' flows by LASSO (`ci`),\n\
            half hour by half hour, scored on the next one (Cont, Cucuringu and Zhang 2023). At most ten\n\
            symbols over 21 days, or 27 on one.",
};
const VENUES: Resource = Resource {
    panel: Panel::Venues,
    path: "/v1/panels/venues",
    summary: "Where each symbol trades, over the days",
    about: "A row a symbol and venue: volume, odd lots and effective spread, the days' rows of `venues` added up.",
};

/// Every panel's route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(route::<PooledRow>(&POOLED))
        .routes(route::<SummaryRow>(&SYMBOLS))
        .routes(route::<PairRow>(&PAIRS))
        .routes(route::<CommonRow>(&COMMONALITY))
        .routes(route::<CrossRow>(&CROSS_IMPACT))
        .routes(route::<VenuePanelRow>(&VENUES))
}

/// A panel's route, whose rows are described by `T`.
fn route<T: ToSchema>(resource: &'static Resource) -> UtoipaMethodRouter<App> {
    let panel = resource.panel;
    let list = move |State(app): State<App>, parts: Parts| async move {
        let asked = Asked::read(&parts, &parameters(panel), |given| Wanted::read(panel, given))?;
        list(panel, app, asked).await
    };
    let Resource { path, summary, about, .. } = *resource;
    let mut answers = TableOf::<T>::responses();
    answers.extend(refusals(&["422"]));
    let id = format!("panel_{}", panel.name().replace('-', "_"));
    let paths = described(path, ["results", summary, about], id, parameters(panel), answers);
    (vec![rows_schema::<T>()], paths, get(list))
}

fn parameters(panel: Panel) -> Vec<Parameter> {
    let about =
        "Only these symbols, with commas between them; all when left out. Days times symbols are bounded.";
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let mut all = vec![parameter("symbols", about, text.into(), "AAPL,AMZN,GOOG".into())];
    if has_width(panel) {
        let usual = if panel == Panel::CrossImpact { "60s" } else { "10s" };
        let about = format!(
            "Bars of this width: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`; else {usual}."
        );
        all.push(parameter("bar", &about, BarText::schema(), usual.into()));
    }
    all.extend(Between::Dates.parameters());
    all
}

/// Whether a panel is made of bars or of their fits.
fn has_width(panel: Panel) -> bool {
    panel != Panel::Venues
}

/// What is asked of a panel.
#[derive(Debug)]
struct Wanted {
    symbols: BTreeSet<String>,
    width: i64,
    dates: RangeInclusive<NaiveDate>,
}

impl Wanted {
    fn read(panel: Panel, given: &Given) -> Result<Self, Problem> {
        let symbols = given.one("symbols", &[], |text| {
            let all: BTreeSet<String> = text.split(',').map(str::to_owned).collect();
            if all.contains("") { Err("is not a list of symbols".to_owned()) } else { Ok(all) }
        })?;
        Ok(Self {
            symbols: symbols.unwrap_or_default(),
            width: choices::bar(given)?.unwrap_or(panel.default_width()),
            dates: Between::Dates.read(given)?.0,
        })
    }
}

/// Calls the work off when the request is dropped: answered, timed out, or its client gone.
#[derive(Debug, Default)]
struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn list(panel: Panel, app: App, asked: Asked<Wanted>) -> Result<Response, Problem> {
    let asker = Asker::default();
    let Wanted { symbols, width, dates } = &asked.query;
    let (symbols, dates, called_off) = (symbols.clone(), dates.clone(), asker.0.clone());
    let selection = Selection { symbols, dates, width: *width, called_off };
    let name = format!("panel_{}", panel.name());
    let answered = answer::table(app, asked, name, move |snapshot, asked| {
        if let Err(problem) = check(panel, snapshot, &selection) {
            return Ok(Err(problem));
        }
        page(panel, snapshot, &selection, asked)
    });
    answered.await
}

/// Refuses what is not there, and what is too much.
fn check(panel: Panel, snapshot: &Snapshot, selection: &Selection) -> Result<(), Problem> {
    let archive = &snapshot.archive;
    let unknown = |symbol: &&String| archive.dates_of(symbol).next().is_none();
    if let Some(symbol) = selection.symbols.iter().find(unknown) {
        let Problem { code, detail, .. } = unknown_symbol(symbol);
        return Err(Problem::new(code, detail).at(
            "query/symbols".into(),
            "names one that is not known",
            Vec::new(),
        ));
    }
    if has_width(panel) {
        choices::known_bar(snapshot, Some(selection.width), None)?;
    }
    within_bounds(panel, &selection.symbols_a_day(archive))
}

/// Refuses more than is computed for one answer.
fn within_bounds(panel: Panel, symbols_a_day: &[usize]) -> Result<(), Problem> {
    let days: usize = symbols_a_day.iter().sum();
    let cubes = symbols_a_day.iter().fold(0_usize, |sum, count| sum.saturating_add(count.saturating_pow(3)));
    let what = if days > HTTP_PANEL_SYMBOL_DAYS_MAX {
        format!(
            "{days} days of symbols are asked for, and {HTTP_PANEL_SYMBOL_DAYS_MAX} are laid side by side at most"
        )
    } else if panel == Panel::CrossImpact && cubes > HTTP_PANEL_CROSS_CUBES_MAX {
        format!(
            "the third powers of each day's symbols add up to {cubes}, and cross-impact is fitted up to \
             {HTTP_PANEL_CROSS_CUBES_MAX}: ten symbols over 21 days, 27 on one day"
        )
    } else {
        return Ok(());
    };
    let what = format!("{what}; name fewer symbols, or dates by from and to; impactd panel has no bound");
    Err(Problem::invalid("symbols", what, Vec::new()))
}

fn page(
    panel: Panel,
    snapshot: &Snapshot,
    selection: &Selection,
    asked: &Asked<Wanted>,
) -> Result<Reading<Page>, StoreError> {
    let frame = match panel.frame(&snapshot.archive, selection) {
        Ok(frame) => frame,
        Err(PanelError::Store(error)) => return Err(error),
        Err(error @ PanelError::CalledOff) => {
            return Ok(Err(Problem::new(Code::TimedOut, error.to_string())));
        }
    };
    if frame.height() == 0 {
        let detail = format!("there are no rows of the panel {}: it needs {}", panel.name(), panel.needs());
        return Ok(Err(Problem::new(Code::NoTable, detail)));
    }
    Ok(rows::page_of_frame(&frame, asked, snapshot.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_request_may_ask_for_is_refused_with_what_to_do() {
        for (panel, most, more) in [
            (Panel::Pairs, &[1_260, 1_260][..], &[2_521][..]),
            (Panel::CrossImpact, &[10; 21][..], &[10; 22][..]),
            (Panel::CrossImpact, &[27], &[28]),
        ] {
            assert!(within_bounds(panel, most).is_ok(), "{panel:?}");
            let refused = within_bounds(panel, more).expect_err("too much");
            let pointer = refused.faults[0].pointer.as_str();
            assert_eq!((refused.code, pointer), (Code::InvalidParameter, "query/symbols"), "{panel:?}");
            assert!(refused.detail.contains("name fewer symbols"), "{}", refused.detail);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_dropped_calls_its_work_off() {
        let asker = Asker::default();
        let called_off = asker.0.clone();
        let request = async move {
            let _asker = asker;
            std::future::pending::<()>().await;
        };
        let waited = tokio::time::timeout(std::time::Duration::from_millis(1), request).await;
        assert!(waited.is_err() && called_off.load(Ordering::Relaxed));
    }
}
