//! Result tables as resources: `GET /v1/NAME/{symbol}`. In: one declaration a table. Out: its route, its description,
//! its answers and its refusals.
//!
//! One more table is a [`Resource`], the columns of its rows, a line in [`routes`], and one in the table of scopes.

mod bars;
mod buckets;
mod columns;
mod levels;
mod liquidity;
mod prints;
mod scores;
mod sign_accuracy;
mod venues;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use chrono::NaiveDate;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterIn, Paths};
use utoipa::openapi::{HttpMethod, RefOr, Response as Answer, ResponsesBuilder, Schema};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::App;
use super::answer;
use super::between::Between;
use super::choices::{self, Choice};
use super::filter::Condition;
use super::live_rows::LiveRows;
use super::page::PageQuery;
use super::parameters::{Asked, Given, SymbolName};
use super::problem::Problem;
use super::responses::{SymbolPath, TableOf};
use super::rows::{self, Selection};
use super::schema::Rows;
use crate::store::Table;
use crate::tape::Symbol;

pub use bars::BarRow;

/// A result table over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// Which table.
    pub table: Table,
    /// Its path, with `{symbol}` in it.
    pub path: &'static str,
    /// Under which heading it is described.
    pub tag: &'static str,
    /// What it answers, in a line.
    pub summary: &'static str,
    /// The same at length: what a row is, and in which order rows come.
    pub about: &'static str,
    /// What rows may be chosen by.
    pub choices: &'static [Choice],
    /// Of which kind its bounds in time are.
    pub between: Between,
    /// Which batches make it, where not all do.
    pub made_by: Option<&'static str>,
}

/// Every table's route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(route::<BarRow>(&bars::BARS))
        .routes(route::<buckets::BucketRow>(&buckets::BUCKETS))
        .routes(route::<buckets::BucketFitRow>(&buckets::BUCKET_FITS))
        .routes(route::<levels::LevelRow>(&levels::BARS_LEVELS))
        .routes(route::<levels::WeightRow>(&levels::OFI_WEIGHTS))
        .routes(route::<liquidity::LiquidityRow>(&liquidity::LIQUIDITY))
        .routes(route::<sign_accuracy::AccuracyRow>(&sign_accuracy::SIGN_ACCURACY))
        .routes(route::<prints::PrintRow>(&prints::PRINTS))
        .routes(route::<venues::VenueRow>(&venues::VENUES))
        .routes(route::<scores::ScoreRow>(&scores::FRAUD_SCORES))
}

/// A table's route, whose rows are described by `T`.
fn route<T: ToSchema>(resource: &'static Resource) -> UtoipaMethodRouter<App> {
    let list = move |State(app): State<App>, SymbolName(symbol): SymbolName, parts: Parts| async move {
        resource.list(app, symbol, resource.asked(&parts, &[])?).await
    };
    (vec![rows_schema::<T>()], resource.described(&[], TableOf::<T>::responses()), get(list))
}

/// The description of a route that answers with pages of rows; `words` are its heading, its summary and the summary at
/// length.
pub fn described(
    path: &str,
    words: [&str; 3],
    id: String,
    parameters: impl IntoIterator<Item = Parameter>,
    answers: BTreeMap<String, RefOr<Answer>>,
) -> Paths {
    let [tag, summary, about] = words;
    let of_page = PageQuery::into_params(|| Some(ParameterIn::Query));
    let operation = OperationBuilder::new()
        .tag(tag)
        .summary(Some(summary))
        .description(Some(about))
        .operation_id(Some(id))
        .parameters(Some(parameters.into_iter().chain(of_page)))
        .responses(ResponsesBuilder::new().responses_from_iter(answers));
    let mut paths = Paths::new();
    paths.add_path_operation(path, vec![HttpMethod::Get], operation);
    paths
}

/// A page of rows as a named schema, with the columns in it.
pub fn rows_schema<T: ToSchema>() -> (String, RefOr<Schema>) {
    let mut page = Rows::<T>::schema();
    if let RefOr::T(Schema::Object(page)) = &mut page
        && let Some(RefOr::T(Schema::Array(data))) = page.properties.get_mut("data")
    {
        data.items = T::schema().into();
    }
    (format!("Rows_{}", T::name()), page)
}

/// Which of its rows are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// All of these hold.
    pub conditions: Vec<Condition>,
    /// Of these days.
    pub days: RangeInclusive<NaiveDate>,
}

impl Wanted {
    fn read(resource: &Resource, given: &Given) -> Result<Self, Problem> {
        let chosen = resource.choices.iter().map(|choice| choice.read(given));
        let mut conditions: Vec<Condition> =
            chosen.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let (days, bounds) = resource.between.read(given)?;
        conditions.extend(bounds);
        Ok(Self { conditions, days })
    }

    /// The width of the bars that are wanted.
    fn width(&self) -> Option<i64> {
        self.conditions.iter().find_map(|condition| match condition {
            Condition::Seconds(column, width) if *column == choices::BAR.column => Some(*width),
            _ => None,
        })
    }
}

impl Resource {
    /// Reads what is asked of it, where it takes `more` parameters beside its own.
    ///
    /// # Errors
    /// A refusal that names the parameter.
    pub fn asked(&self, parts: &Parts, more: &[Parameter]) -> Result<Asked<Wanted>, Problem> {
        Asked::read(parts, &self.parameters(more), |given| Wanted::read(self, given))
    }

    fn parameters(&self, more: &[Parameter]) -> Vec<Parameter> {
        let own = self.choices.iter().map(Choice::parameter).chain(self.between.parameters());
        own.chain(more.iter().cloned()).collect()
    }

    /// Its description.
    #[must_use]
    pub fn described(&self, more: &[Parameter], answers: BTreeMap<String, RefOr<Answer>>) -> Paths {
        let of_path = SymbolPath::into_params(|| Some(ParameterIn::Path));
        let parameters = of_path.into_iter().chain(self.parameters(more));
        let id = format!("list_{}", self.table.name());
        described(self.path, [self.tag, self.summary, self.about], id, parameters, answers)
    }

    /// Answers.
    ///
    /// # Errors
    /// A refusal.
    pub async fn list(
        &'static self,
        app: App,
        symbol: String,
        asked: Asked<Wanted>,
    ) -> Result<Response, Problem> {
        let name = format!("{}_{}", Symbol::new(&symbol).file_stem(), self.table.name());
        let selection = Selection {
            table: self.table,
            days: asked.query.days.clone(),
            conditions: asked.query.conditions.clone(),
            fingerprint: asked.fingerprint(),
            symbol,
        };
        let of = selection.symbol.clone();
        let live = move |app: &App| LiveRows::beside(app, self.table, &of);
        answer::table_with(app, asked, name, live, move |snapshot, asked, live| {
            let is_made = self.made_by.map_or(Ok(()), |made_by| rows::made(snapshot, &selection, made_by));
            let is_known = is_made.and_then(|()| choices::known_bar(snapshot, asked.query.width(), live));
            match is_known {
                Ok(()) => rows::page_with(snapshot, &selection, asked.page, live),
                Err(problem) => Ok(Err(problem)),
            }
        })
        .await
    }
}
