//! Online slopes of one width: bars in as they close, every model's coefficients out after each.

use serde_json::{Value, json};

use super::seen::SlopeRow;
use crate::flow::Bar;
use crate::impact::{Memory, Model, Observation, Online};
use crate::tape::{NANOS_PER_SECOND, Nanos, Symbol};

/// Models whose slopes can be kept up to date.
const MODELS: [Model; 3] = [Model::Ofi, Model::Kyle, Model::OfiKyle];

/// The slopes since the open.
#[derive(Clone, Debug)]
pub struct Slopes {
    width: i64,
    online: [Online; 3],
    end: Nanos,
}

impl Slopes {
    /// No bar yet.
    pub fn new(width: i64) -> Self {
        let online = MODELS.map(|model| Online::new(model, Memory::All, 0.0));
        Self { width, online, end: Nanos(0) }
    }

    /// A bar closes; says whether the slopes have moved.
    pub fn bar(&mut self, bar: &Bar) -> bool {
        let Some(observation) = Observation::of(bar) else { return false };
        self.online.iter_mut().for_each(|online| online.observe(observation));
        self.end = bar.end;
        true
    }

    /// The slopes as they stand, of models that have any.
    pub fn rows(&self) -> impl Iterator<Item = SlopeRow> {
        MODELS.iter().zip(&self.online).filter_map(|(model, online)| {
            let fit = online.fit().ok()?;
            Some(SlopeRow { width: self.width, end: self.end, model: *model, fit })
        })
    }
}

impl SlopeRow {
    /// The rows of [`super::rows::slopes`] as JSON, one a term.
    pub(super) fn values(&self, symbol: &Symbol) -> impl Iterator<Item = Value> {
        let units = self.model.units();
        self.model.terms().iter().zip(&self.fit.coefficients).enumerate().map(
            move |(index, (term, coefficient))| {
                json!({
                    "symbol": symbol.as_str(),
                    "bar_seconds": self.width as f64 / NANOS_PER_SECOND as f64,
                    "ts_end": self.end.to_string(),
                    "model": self.model.name(),
                    "term": term,
                    "coefficient": coefficient,
                    "unit": if index == 0 { units.0 } else { units.1 },
                    "n": self.fit.n,
                })
            },
        )
    }
}
