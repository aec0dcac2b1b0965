//! What stored models expect of the coming bar: closed bars in, a row of `forecasts` out, as
//! `POST /v1/impact/{symbol}/forecast` would answer at the bar's end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::flow::{Bar, BarRecord};
use crate::forecast::{Answer, Forecaster, Purpose, Question};
use crate::store::{Manifest, ModelEntry, ModelIndex, StoreError};
use crate::tape::{NANOS_PER_SECOND, Nanos, Symbol};

/// What intervals claim.
const LEVEL: f64 = 0.9;

/// The results folder's models, and the states of the results that they learned from.
#[derive(Clone, Debug)]
pub struct Trained {
    data: PathBuf,
    states: Arc<BTreeMap<String, String>>,
}

impl Trained {
    /// Looks at a results folder; one without results has no models either.
    ///
    /// # Errors
    /// When its manifest is damaged.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let states = Manifest::load(data)?.map(|manifest| manifest.states()).unwrap_or_default();
        Ok(Self { data: data.to_owned(), states: Arc::new(states) })
    }

    /// The models of a symbol's bars of one width, where some were trained.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn of(&self, symbol: &Symbol, width: i64) -> Result<Option<Expecting>, StoreError> {
        let index = ModelIndex::load(&self.data, symbol, width)?;
        Ok(index.map(|index| Expecting { trained: self.clone(), index, day: Vec::new(), last: None }))
    }

    /// Whether the results that a model learned from are still those in the folder.
    fn has(&self, entry: &ModelEntry) -> bool {
        let up_to = self.states.range(..=entry.calibrated_to.clone()).next_back();
        up_to.map(|(_, state)| state) == Some(&entry.data_snapshot)
    }
}

/// One symbol's models of one width, and the day's bars so far.
#[derive(Debug)]
pub struct Expecting {
    trained: Trained,
    index: ModelIndex,
    day: Vec<BarRecord>,
    /// The model that answered last.
    last: Option<Forecaster>,
}

impl Expecting {
    /// A bar closes: what the model in force expects of the next one, where it can tell.
    ///
    /// # Errors
    /// When the model is missing or damaged.
    pub fn bar(&mut self, symbol: &Symbol, width: i64, bar: &Bar) -> Result<Option<Value>, StoreError> {
        self.day.push(BarRecord::from(bar));
        let as_of = bar.end;
        let Some(entry) = self.index.at(Purpose::Ahead, as_of).filter(|entry| self.trained.has(entry)) else {
            return Ok(None);
        };
        let model = match self.last.take() {
            Some(last) if last.sha256() == entry.sha256 => last,
            _ => self.index.read(&self.trained.data, entry)?,
        };
        let asked = model.answer(&Question { day: &self.day, as_of, flow_shares: None, level: LEVEL });
        let row = asked.ok().map(|answer| row(symbol, width, &model, &answer));
        self.last = Some(model);
        Ok(row)
    }
}

/// The columns of `forecasts`; what came of it is not known.
fn row(symbol: &Symbol, width: i64, model: &Forecaster, answer: &Answer) -> Value {
    let stamp = |ts: Nanos| ts.to_string();
    json!({
        "symbol": symbol.as_str(),
        "bar_seconds": width as f64 / NANOS_PER_SECOND as f64,
        "ts_start": stamp(answer.start),
        "ts_end": stamp(answer.end),
        "purpose": Purpose::Ahead.name(),
        "model": model.model().kind.name(),
        "model_sha256": model.sha256(),
        "mid_usd": answer.mid_usd,
        "flow_shares": null,
        "y_bp": null,
        "forecast_bp": answer.expected_bp,
        "low_bp": answer.interval.map(|interval| interval.low_bp),
        "high_bp": answer.interval.map(|interval| interval.high_bp),
        "level": LEVEL,
        "outside_training_range": answer.outside_training_range.join(","),
    })
}
