//! Jobs as `api.yaml` describes them. Tests hold these fields against what is read and told.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::openapi::{
    Content, ContentBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
    SchemaFormat, Type,
};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::choices::BarText;
use super::moment::DateText;
use super::problem::Problem;
use super::responses::{header, refusals, request_id};
use crate::jobs::{JobState, Target};

/// What a job is asked: `inputs`, and the options of `impactd batch` by their names. Unknown fields are refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobBody {
    /// Files, or folders for all files below them, by their names under the daemon's roots. No `..`, no address, no
    /// pattern, no link that leads out of its root.
    #[schema(example = json!(["ibm/20131007"]), min_items = 1, max_items = 10000)]
    inputs: Vec<String>,
    /// Format of all inputs, where it cannot be told.
    #[schema(inline)]
    format: Option<FormatName>,
    /// Column names of csv and parquet files: ours to the file's own.
    #[schema(example = json!({"ts": "TIME"}))]
    map: Option<BTreeMap<String, String>>,
    /// Shares in one unit of a quoted size; the format's own when left out.
    #[schema(minimum = 1, maximum = 1000000)]
    quote_lot: Option<i64>,
    /// Decimals of the sizes in csv and parquet files; what the file says, or 0, when left out.
    #[schema(minimum = 0, maximum = 9)]
    size_decimals: Option<u8>,
    /// By which clock captures are read; the exchange's where best quotes tell it, when left out.
    #[schema(inline)]
    clock: Option<ClockName>,
    /// Bar widths; 1s, 10s, 60s and 300s when left out.
    #[schema(value_type = Option<Vec<BarText>>, example = json!(["10s", "60s"]))]
    bar: Option<()>,
    /// How long after a trade its realized spread and price impact are read; 300s when left out.
    #[schema(value_type = Option<Vec<BarText>>, example = json!(["1s", "300s"]), min_items = 1, max_items = 16)]
    horizon: Option<()>,
    /// Only these symbols.
    symbols: Option<Vec<String>>,
    /// First date.
    #[schema(value_type = Option<DateText>, inline, example = "2013-10-07")]
    from: Option<()>,
    /// Last date.
    #[schema(value_type = Option<DateText>, inline, example = "2013-10-07")]
    to: Option<()>,
    /// Whose trading days; `nyse` when left out.
    #[schema(inline)]
    calendar: Option<CalendarName>,
    /// Only these hours of each session, by the clock of the calendar.
    #[schema(example = "09:30-16:00")]
    session: Option<String>,
    /// Cleaning rules; the format's own when left out.
    #[schema(inline)]
    clean: Option<CleanName>,
    /// Only this venue's quotes and trades.
    #[schema(min_length = 1, max_length = 1)]
    venue: Option<String>,
    /// Whose quotes are the national best bid and offer: what the tape says is, or all venues'; `tape` when left out.
    #[schema(inline)]
    nbbo: Option<NbboName>,
    /// Leave out trades under any of these sale-condition letters.
    exclude_conditions: Option<String>,
    /// Leave out these kinds of prints: `opening_auction`, `closing_auction`, `reopening_auction`, `auction`, `late`,
    /// `odd_lot`, `off_exchange`, `extended_hours`, `special_price`, `hidden`, `corrected`, `halted`, which takes the
    /// quotes of a halt too.
    #[schema(example = json!(["late", "odd_lot"]))]
    exclude: Option<Vec<String>>,
    /// Which rule signs the trades; the format's own when left out. Several, parted by commas, are layers: the first
    /// that can tell counts.
    #[schema(inline)]
    sign: Option<LayersText>,
    /// Which quote is in force at equal stamps; `before` when left out.
    #[schema(inline)]
    r#match: Option<MatchName>,
    /// How long a quote takes to be in force.
    #[schema(example = "0s")]
    quote_lag: Option<String>,
    /// Seed the book with the last quote before the open.
    carry_open: Option<bool>,
    /// Stop at a row that cannot be read, or leave it out and count it; `fail` when left out.
    #[schema(inline)]
    on_bad_row: Option<BadRowName>,
    /// Buckets of trading too: `volume:` with shares, `trades:` with a number, `dollars:` with dollars.
    #[schema(example = json!(["volume:10000", "dollars:1000000"]), max_items = 16)]
    bucket: Option<Vec<String>>,
    /// Order flow at so many levels of the book, where files tell of them; 1 when left out.
    #[schema(minimum = 1, maximum = 10)]
    levels: Option<i64>,
    /// Spreads that trades met alone, or every estimator too; `all` when left out.
    #[schema(inline)]
    measures: Option<MeasuresName>,
    /// Also write every signed trade.
    signed_trades: Option<bool>,
    /// Also write summaries.
    summary: Option<bool>,
    /// Where results go; `own` when left out.
    into: Option<Target>,
}

/// The values that an option of the command line takes, as a schema.
macro_rules! names_of {
    ($($(#[$doc:meta])* $name:ident = $of:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let names = <$of as clap::ValueEnum>::value_variants().iter();
                let names = names.filter_map(|of| Some(clap::ValueEnum::to_possible_value(of)?.get_name().to_owned()));
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.collect::<Vec<_>>())).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

names_of! {
    /// Whose quotes are the national best bid and offer.
    NbboName = crate::clean::Nbbo;
    /// Formats of tapes.
    FormatName = crate::ingest::Format;
    /// Clocks of captures.
    ClockName = crate::ingest::Clock;
    /// Calendars.
    CalendarName = crate::tape::Market;
    /// Cleaning rules.
    CleanName = crate::clean::Profile;
    /// Quotes in force.
    MatchName = crate::sign::Match;
    /// Liquidity measures.
    MeasuresName = crate::estimators::Measures;
    /// What becomes of bad rows.
    BadRowName = crate::ingest::OnBadRow;
}

/// How signing rules are documented.
#[derive(Debug, Serialize)]
pub struct LayersText;

impl PartialSchema for LayersText {
    fn schema() -> RefOr<Schema> {
        let one = crate::sign::Rule::ALL.map(crate::sign::Rule::name).join("|");
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^({one})(,({one}))*$")))
            .examples([serde_json::Value::from("quote,depth,tick")])
            .into()
    }
}

impl ToSchema for LayersText {}

/// How `?state=` is documented.
#[derive(Debug)]
pub struct JobStateText;

impl PartialSchema for JobStateText {
    fn schema() -> RefOr<Schema> {
        let names = JobState::ALL.map(JobState::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for JobStateText {}

/// A job in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobRow {
    /// Its name.
    #[schema(example = "5f0c8d1e9a7b4c3d2e1f0a9b8c7d6e5f")]
    pub id: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled`.
    #[schema(example = "running")]
    pub state: String,
    /// `own` or `served`.
    #[schema(example = "own")]
    pub into: String,
    /// Names it was given as inputs.
    pub inputs: i64,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last begun.
    #[schema(format = DateTime)]
    pub started_at: Option<String>,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// How many times it was begun.
    pub attempts: i64,
    /// Units of work finished.
    pub units_done: i64,
    /// Units of work.
    pub units_total: i64,
    /// Rows read.
    pub rows: i64,
    /// Bytes read.
    pub bytes_read: i64,
    /// Bytes of all inputs.
    pub bytes_total: i64,
    /// Why it failed.
    pub error: Option<String>,
}

/// A file of a job's results.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobFileRow {
    /// Its name among the job's files.
    #[schema(example = "bars.date=2013-10-07.part-05.parquet")]
    pub name: String,
    /// Where it lies in the results folder.
    #[schema(example = "bars/date=2013-10-07/part-05.parquet")]
    pub path: String,
    /// Its length.
    pub bytes: i64,
    /// Rows, of a table.
    pub rows: Option<i64>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Where it is handed over.
    pub url: String,
}

/// The `{id}` of a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct JobPath {
    /// The job's name.
    #[param(example = "5f0c8d1e9a7b4c3d2e1f0a9b8c7d6e5f")]
    #[allow(dead_code, reason = "stands for its documentation; JobId reads it")]
    id: String,
}

/// The `{id}` and `{file}` of a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "stands for its documentation; the handler reads the path")]
pub struct JobFilePath {
    /// The job's name.
    #[param(example = "5f0c8d1e9a7b4c3d2e1f0a9b8c7d6e5f")]
    id: String,
    /// The file's name, as the list of results has it.
    #[param(example = "manifest.json")]
    file: String,
}

/// A job's name out of a path.
#[derive(Debug)]
pub struct JobId(pub String);

impl<S: Sync + Send> FromRequestParts<S> for JobId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Bytes that are no text name no job.
        Ok(Self(
            Path::<String>::from_request_parts(parts, state).await.map(|Path(id)| id).unwrap_or_default(),
        ))
    }
}

fn a_job(meaning: &str) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(meaning)
        .header("X-Request-Id", request_id())
        .header("Retry-After", header("Seconds until the next look; absent once the job has ended"))
        .content("application/json", Content::new(Some(Ref::from_schema_name("Job"))))
}

/// Every answer to a question for a job.
#[derive(Debug)]
pub struct JobAnswers;

impl IntoResponses for JobAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "415", "422", "500", "503"]);
        let taken = a_job("It is on record, and runs when its turn comes")
            .header("Location", header("Where the job is found"));
        all.insert("202".into(), taken.build().into());
        all
    }
}

/// Every answer to the wish that a job be gone.
#[derive(Debug)]
pub struct CancelAnswers;

impl IntoResponses for CancelAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "500", "503"]);
        let gone = ResponseBuilder::new().description("It is forgotten").header("X-Request-Id", request_id());
        all.insert("200".into(), a_job("It waited, and will not run").build().into());
        all.insert("202".into(), a_job("It will stop within a moment").build().into());
        all.insert("204".into(), gone.build().into());
        all
    }
}

fn text(description: &str) -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    ContentBuilder::new().schema(Some(text)).build()
}

/// Every answer to one who follows a job.
#[derive(Debug)]
pub struct EventAnswers;

impl IntoResponses for EventAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "500", "503"]);
        let events = ResponseBuilder::new()
            .description("The job, whenever it has changed")
            .header("X-Request-Id", request_id())
            .content("text/event-stream", text("Events `progress` and `end`, each with a job in JSON"));
        all.insert("200".into(), events.build().into());
        all
    }
}

/// Every answer to one who wants a file.
#[derive(Debug)]
pub struct FileAnswers;

impl IntoResponses for FileAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "409", "413", "500", "503"]);
        let tag = || header("The file's SHA-256; send it back as `If-None-Match`");
        let binary = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        let unchanged = ResponseBuilder::new().description("Unchanged").header("ETag", tag());
        let found = ResponseBuilder::new()
            .description("The file")
            .header("ETag", tag())
            .header("X-Request-Id", request_id())
            .content("application/vnd.apache.parquet", ContentBuilder::new().schema(Some(binary)).build())
            .content("application/json", ContentBuilder::new().schema(Some(ObjectBuilder::new())).build());
        all.insert("304".into(), unchanged.header("X-Request-Id", request_id()).build().into());
        all.insert("200".into(), found.build().into());
        all
    }
}
