//! Files in, result tables out: plan, units, finalize.
//!
//! A unit of work is a date's files (or all files whose rows carry their dates); within it symbols are analysed on
//! a process-wide worker pool and written to the parts of their buckets. A unit is deterministic and idempotent:
//! it writes into a staging folder, is marked done there, and lands by renaming. A killed batch leaves only that
//! folder, and running it again goes on from the units that were done.

mod analyse;
mod analyse_flow;
mod desk;
mod gather;
mod land;
mod levels;
mod parameters;
mod plan;
mod progress;
mod session;
mod sorter;
mod stream;
mod summary;
mod tape;
mod ticks;
mod unit;
mod up_to_date;
mod walk;
mod watch;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::clean::{Kinds, Nbbo, Profile, Rules};
use crate::estimators::Measures;
use crate::flow::{Bucketings, WidthError, Widths};
use crate::fraud::watching::FEATURES_VERSION;
use crate::ingest::{Clock, ColumnMap, Format, IngestError, OnBadRow, Origin, ReadOptions};
use crate::limits::MEMORY_DEFAULT_BYTES;
use crate::liquidity::Horizons;
use crate::pipeline::Settings;
use crate::sign::{Layers, Match};
use crate::simulate::episodes::Labels;
use crate::store::{Manifest, StoreError};
use crate::surveillance::Surveillance;
use crate::tape::{Calendar, Market, NYSE, Scale};

use analyse::Wanted;
pub use gather::{Gathered, each_day, gather};
pub use land::discard;
pub use plan::{Plan, Unit, plan};
pub use session::{JOURNAL, SessionTape};
pub use tape::{Tape, each_tape};
pub use up_to_date::sha256 as file_sha256;
pub use watch::{Progress, Watch};
pub use workers::start_workers;

/// Horizon of price impact unless others are asked for.
pub const DEFAULT_HORIZONS: &str = "300s";
/// Bar widths unless others are asked for.
pub const DEFAULT_WIDTHS: &str = "1s,10s,60s,300s";

/// What a batch is asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files.
    pub inputs: Vec<PathBuf>,
    /// Where results go.
    pub out: PathBuf,
    /// The files' format; sniffed when `None`.
    pub format: Option<Format>,
    /// Column names of `csv` and `parquet` files.
    pub map: ColumnMap,
    /// Shares in one unit of a quoted size; the format's own when `None`.
    pub quote_lot: Option<i64>,
    /// Decimals of the sizes in `csv` and `parquet` files; what the file says, or none, when `None`.
    pub size_decimals: Option<u8>,
    /// By which clock captures are read; the exchange's where all its rows have that, when `None`.
    pub clock: Option<Clock>,
    /// Only these symbols; all when empty.
    pub symbols: BTreeSet<String>,
    /// Only these dates.
    pub dates: RangeInclusive<NaiveDate>,
    /// Bar widths.
    pub widths: Widths,
    /// How long after a trade its price impact is read.
    pub horizons: Horizons,
    /// Buckets of trading.
    pub buckets: Bucketings,
    /// Levels of the book whose flow is told; 1 for the best quotes alone.
    pub levels: usize,
    /// The trading days, and the hours of each that count.
    pub calendar: Calendar,
    /// Cleaning rules; the formats' own when `None`.
    pub profile: Option<Profile>,
    /// Only this venue.
    pub venue: Option<char>,
    /// Whose quotes are the national best bid and offer.
    pub nbbo: Nbbo,
    /// Sale-condition letters left out.
    pub excluded_conditions: String,
    /// Kinds of prints left out.
    pub excluded: Kinds,
    /// Seed the book with the last state before the open.
    pub carry_open: bool,
    /// Which sign counts; the formats' own when `None`: the feed's where it tells the aggressor, else Lee and Ready's.
    pub sign: Option<Layers>,
    /// Which quote is in force at equal stamps.
    pub matching: Match,
    /// Nanoseconds until a quote takes effect.
    pub quote_lag: i64,
    /// Bad rows: stop or skip.
    pub on_bad_row: OnBadRow,
    /// Which liquidity measures are made.
    pub measures: Measures,
    /// Write the `signed_trades` table.
    pub signed_trades: bool,
    /// Write summary documents.
    pub summary: bool,
    /// Write the features of manipulation, with what is known of the tapes, instead of all other tables.
    pub features: Option<Labels>,
    /// Write the raw ticks as they are read, instead of all other tables.
    pub ticks: bool,
    /// The model that scores bins into `fraud_scores` and `fraud_alerts`.
    pub surveillance: Option<Surveillance>,
    /// Worker threads.
    pub jobs: usize,
    /// Bound of the ticks held while sorting, bytes.
    pub memory_bytes: usize,
    /// Draw progress bars.
    pub progress: bool,
}

/// Why a batch failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// An input.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The results folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request itself.
    #[error("{0}")]
    Plan(String),
    /// The inputs hold nothing of what was asked.
    #[error("{0}")]
    Nothing(String),
    /// Somebody called it off.
    #[error("the batch was called off; what it had finished is kept for the next run")]
    CalledOff,
}

/// Who can help when a batch failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Who asked: what was asked does not fit.
    Request,
    /// Who made the inputs.
    Data,
    /// Who runs the machine; or nobody, and it may pass.
    System,
}

impl BatchError {
    /// Who can help.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Ingest(error) if error.may_pass() => Blame::System,
            Self::Ingest(_) | Self::Nothing(_) => Blame::Data,
            Self::Store(_) => Blame::System,
            Self::Plan(_) | Self::CalledOff => Blame::Request,
        }
    }
}

/// What the units of a batch share.
pub(crate) struct Job<'a> {
    pub request: &'a Request,
    pub settings: Arc<Settings>,
    pub options: ReadOptions,
    pub wanted: Arc<Wanted>,
    /// Bytes of rows that a unit may hold while sorting: `--memory` is shared by the units that run at a time.
    pub memory_per_unit: usize,
    /// Where the batch stands, and whether it was called off.
    pub watch: Watch,
}

impl<'a> Job<'a> {
    /// How the rows of a unit came to be.
    fn origin(&self, unit: &Unit) -> Origin {
        Origin { format: unit.origin(), scale: self.settings.scale, market: self.request.calendar.market() }
    }

    fn new(request: &'a Request, plan: &Plan, watch: &Watch) -> Self {
        Self {
            request,
            watch: watch.clone(),
            settings: Arc::new(request.settings(plan)),
            wanted: Arc::new(Wanted {
                summary: request.summary,
                features: request.features.clone(),
                surveillance: request.surveillance.clone(),
            }),
            memory_per_unit: request.memory_bytes / request.jobs.clamp(1, plan.units.len()),
            options: watch.join(ReadOptions {
                on_bad_row: request.on_bad_row,
                symbols: request.symbols.clone(),
                levels: request.deep_levels(),
                ..ReadOptions::default()
            }),
        }
    }
}

/// How a batch ended.
#[derive(Debug)]
pub enum Outcome {
    /// Results for exactly these inputs and parameters were there already; nothing was touched.
    UpToDate(Manifest),
    /// Results were made; the second part is what a user should know before believing them.
    Made(Manifest, Vec<String>),
}

/// Runs a batch.
///
/// # Errors
/// The first thing that went wrong; no table is half-written then, and what units finished is staged for the
/// next run.
pub fn run(request: &Request) -> Result<Outcome, BatchError> {
    run_watched(request, &Watch::default())
}

/// The same, with a hand on it.
///
/// # Errors
/// As [`run`]; [`BatchError::CalledOff`] when it was called off in time.
pub fn run_watched(request: &Request, watch: &Watch) -> Result<Outcome, BatchError> {
    let plan = plan(request)?;
    request.check_watch(&plan)?;
    request.check_levels(&plan)?;
    let parameters = request.parameters(&plan);
    let job = Job::new(request, &plan, watch);
    land::run(&plan, &job, parameters)
}

impl Request {
    /// A request with every option at its default: all of the files, bars of 1, 10, 60 and 300 seconds,
    /// the formats' own signs, the quote strictly before, one worker a core.
    ///
    /// # Errors
    /// Never for the built-in widths.
    pub fn new(inputs: Vec<PathBuf>, out: PathBuf) -> Result<Self, WidthError> {
        Ok(Self {
            inputs,
            out,
            format: None,
            map: ColumnMap::default(),
            quote_lot: None,
            size_decimals: None,
            clock: None,
            symbols: BTreeSet::new(),
            dates: NaiveDate::MIN..=NaiveDate::MAX,
            widths: Widths::parse(DEFAULT_WIDTHS)?,
            horizons: Horizons::default(),
            buckets: Bucketings::default(),
            levels: 1,
            calendar: NYSE,
            profile: None,
            venue: None,
            nbbo: Nbbo::Tape,
            excluded_conditions: String::new(),
            excluded: Kinds::default(),
            carry_open: false,
            sign: None,
            matching: Match::default(),
            quote_lag: 0,
            on_bad_row: OnBadRow::default(),
            measures: Measures::default(),
            signed_trades: false,
            summary: false,
            features: None,
            ticks: false,
            surveillance: None,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: MEMORY_DEFAULT_BYTES,
            progress: false,
        })
    }

    /// What the stages are told of a session under way; where nothing is named, rows are kept as the feed sends them
    /// and signed by Lee and Ready. Its trades are not kept and no buckets filled: both are for a session that is over.
    #[must_use]
    pub fn live_settings(&self) -> Settings {
        Settings {
            measures: Measures::Spot,
            buckets: Bucketings::default(),
            levels: 1,
            ..self.settings(&self.live_plan())
        }
    }

    /// The plan under which a session's tables are written from a journal.
    fn live_plan(&self) -> Plan {
        let (profile, sign) = (self.profile.unwrap_or_default(), self.sign.unwrap_or_default());
        Plan { units: vec![Unit { date: None, inputs: Vec::new() }], profile, sign, scale: Scale::WHOLE }
    }

    /// Whether a symbol-day is asked for.
    #[must_use]
    pub fn wants(&self, symbol: &str, date: NaiveDate) -> bool {
        (self.symbols.is_empty() || self.symbols.contains(symbol)) && self.dates.contains(&date)
    }

    fn is_watching(&self) -> bool {
        self.features.is_some() || self.surveillance.is_some()
    }

    /// What judges a day as a whole, or waits for what comes, would let features look ahead.
    fn check_watch(&self, plan: &Plan) -> Result<(), BatchError> {
        if self.is_watching() && plan.profile == Profile::Bnhls {
            let what = "bnhls judges quotes and trades by the whole day, so that features would look ahead; \
                        choose --clean none or holden-jacobsen";
            return Err(BatchError::Plan(what.into()));
        }
        if self.is_watching() {
            plan.check_whole("features of manipulation, and scores, are")?;
        }
        if self.is_watching() && plan.sign.looks_ahead() {
            let what = format!(
                "the rules {} wait for the next price, so that features would look ahead; choose a --sign without rev-",
                plan.sign
            );
            return Err(BatchError::Plan(what));
        }
        Ok(())
    }

    fn settings(&self, plan: &Plan) -> Settings {
        Settings {
            rules: Rules {
                profile: plan.profile,
                calendar: self.calendar,
                venue: self.venue,
                nbbo: self.nbbo,
                excluded_conditions: self.excluded_conditions.clone(),
                excluded: self.excluded,
                carry_open: self.carry_open,
            },
            sign: plan.sign,
            matching: self.matching,
            quote_lag: self.quote_lag,
            widths: self.widths.clone(),
            buckets: if self.features.is_some() { Bucketings::default() } else { self.buckets.clone() },
            levels: self.deep_levels(),
            scale: plan.scale,
            horizons: self.horizons.clone(),
            measures: if self.features.is_some() { Measures::Spot } else { self.measures },
            keep_signed: self.signed_trades,
            keep_quotes: false,
            watch: self.is_watching(),
        }
    }

    /// All that results depend on beside the inputs' bytes, for the manifest.
    fn parameters(&self, plan: &Plan) -> BTreeMap<String, Value> {
        // Where file names tell the date, a selection only leaves files out; where rows do, it shapes the result.
        let by_row = plan.units.iter().any(|unit| unit.date.is_none());
        let all = self.dates == (NaiveDate::MIN..=NaiveDate::MAX);
        let dates = (by_row && !all).then(|| format!("{} to {}", self.dates.start(), self.dates.end()));
        let bad_rows = if self.on_bad_row == OnBadRow::Skip { "skip" } else { "fail" };
        if self.ticks {
            // Ticks are kept as they are read: nothing else shapes them.
            let mut said =
                object(json!({"ticks": true, "dates": dates, "map": self.map, "on_bad_row": bad_rows,
                "quote_lot": self.quote_lot, "symbols": self.symbols}));
            self.add_unusual(plan, &mut said);
            return said;
        }
        let value = json!({
            "bar_nanoseconds": self.widths.iter().collect::<Vec<_>>(),
            "carry_open": self.carry_open,
            "clean": plan.profile,
            "dates": dates,
            "excluded_conditions": self.excluded_conditions,
            "horizon_nanoseconds": self.horizons.iter().map(|horizon| horizon.0).collect::<Vec<_>>(),
            "map": self.map,
            "match": self.matching,
            "on_bad_row": bad_rows,
            "quote_lag_nanoseconds": self.quote_lag,
            "quote_lot": self.quote_lot,
            "session": self.calendar.to_string(),
            "sign": plan.sign,
            "signed_trades": self.signed_trades,
            "summary": self.summary,
            "symbols": self.symbols,
            "venue": self.venue,
        });
        let mut all = object(value);
        // Results from before there was a choice are spot measures, and say nothing.
        if self.measures == Measures::All && self.features.is_none() {
            all.insert("measures".into(), json!(self.measures));
        }
        if !self.nbbo.is_usual() {
            all.insert("nbbo".into(), json!(self.nbbo));
        }
        if !self.excluded.is_empty() {
            all.insert("excluded_prints".into(), json!(self.excluded));
        }
        if self.deep_levels() > 1 {
            all.insert("levels".into(), json!(self.levels));
        }
        if !self.buckets.is_empty() && self.features.is_none() {
            all.insert("buckets".into(), json!(self.buckets));
        }
        self.add_unusual(plan, &mut all);
        if let Some(labels) = &self.features {
            all.insert("features".into(), json!({"version": FEATURES_VERSION, "episodes": labels.sha256}));
        }
        if let Some(surveillance) = &self.surveillance {
            let (model, manifest) = (surveillance.model(), surveillance.model().manifest());
            let said = json!({
                "features": FEATURES_VERSION,
                "name": manifest.name,
                "provider": model.provider().name,
                "sha256": manifest.model.sha256,
                "threshold": surveillance.threshold(),
                "version": manifest.version,
            });
            all.insert("fraud_model".into(), said);
        }
        all
    }

    /// What is as it always was is not said, so that earlier results stay up to date.
    fn add_unusual(&self, plan: &Plan, said: &mut BTreeMap<String, Value>) {
        if self.calendar.market() != Market::default() {
            said.insert("calendar".into(), json!(self.calendar.market()));
        }
        if let Some(clock) = self.clock {
            said.insert("clock".into(), json!(clock));
        }
        if !plan.scale.is_whole() {
            said.insert("size_decimals".into(), json!(plan.scale.decimals()));
        }
    }
}

fn object(value: Value) -> BTreeMap<String, Value> {
    match value {
        Value::Object(map) => map.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}
