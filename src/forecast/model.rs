//! A model: what was learned, from what, and how well it did. Its JSON is its identity.
//!
//! In: rows. Out: forecasts in basis points. The bytes of [`Model::bytes`] follow from rows, kind, weighting and
//! seed; read back they forecast the same bits, and their SHA-256 names the model.

use serde::{Deserialize, Serialize};

use super::conformal::{Calibration, Coverage, Range, SCALE_MIN_BP};
use super::density::Weighting;
use super::features::{FEATURES_VERSION, Purpose, Row, features};
use super::kind::{Kind, Learned, teach};
use crate::impact::FitError;

/// How forecasts did on rows that their models had not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackRecord {
    /// Forecasts.
    pub n: usize,
    /// Mean square error, basis points squared.
    pub mse_bp2: f64,
    /// 1 - sum (y - yhat)² / sum (y - ybar)² over them, ybar their own mean; `None` when y never varies.
    pub r2_oos: Option<f64>,
    /// Of the intervals that were given before.
    pub coverage: Option<Coverage>,
}

/// A taught model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Model {
    /// What kind.
    pub kind: Kind,
    /// What it answers.
    pub purpose: Purpose,
    /// Meaning of its features.
    pub features_version: u32,
    /// Width of its bars.
    pub bar_nanoseconds: i64,
    /// How observations weighed.
    pub weighting: Weighting,
    /// What chance was seeded with.
    pub seed: u64,
    /// Start of the first bar that taught, nanoseconds since 1970 UTC.
    pub calibrated_from_ns: i64,
    /// End of the last: everything in the model was known by then.
    pub calibrated_to_ns: i64,
    /// Rows there were.
    pub rows: usize,
    /// Rows that taught.
    pub rows_taught: usize,
    /// Each feature's range over all rows.
    pub ranges: Vec<Range>,
    /// Least scale of an interval.
    pub volatility_floor_bp: f64,
    /// How the champions of earlier blocks did, each chosen before its block; `None` of a first model.
    pub record: Option<TrackRecord>,
    /// Residuals behind the intervals.
    pub calibration: Calibration,
    learned: Learned,
}

/// A stored model that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Not the JSON of a model.
    #[error("is no model ({0})")]
    NoModel(#[from] serde_json::Error),
    /// Features have changed their meaning since.
    #[error("is made for features of version {0}, this program has {FEATURES_VERSION}; train again")]
    OtherFeatures(u32),
}

impl Model {
    /// Teaches a kind on rows in order of time.
    ///
    /// # Errors
    /// [`FitError`] when there are too few rows, or they do not determine the kind's parameters.
    pub fn learn(
        kind: Kind,
        purpose: Purpose,
        rows: &[Row],
        weighting: Weighting,
        seed: u64,
    ) -> Result<Self, FitError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Err(FitError::TooFew);
        };
        let (learned, rows_taught) = teach(kind, rows, weighting, seed)?;
        let range = |column: usize| {
            let values = rows.iter().map(|row| row.x[column]);
            let wider = |r: Range, v: f64| Range { low: r.low.min(v), high: r.high.max(v) };
            values.fold(Range { low: f64::INFINITY, high: f64::NEG_INFINITY }, wider)
        };
        let square: f64 = rows.iter().map(|row| row.volatility_bp * row.volatility_bp).sum();
        Ok(Self {
            kind,
            purpose,
            features_version: FEATURES_VERSION,
            bar_nanoseconds: first.end.0 - first.start.0,
            weighting,
            seed,
            calibrated_from_ns: first.start.0,
            calibrated_to_ns: last.end.0,
            rows: rows.len(),
            rows_taught,
            ranges: (0..features(purpose).len()).map(range).collect(),
            volatility_floor_bp: ((square / rows.len() as f64).sqrt() / 4.0).max(SCALE_MIN_BP),
            record: None,
            calibration: Calibration::default(),
            learned,
        })
    }

    /// Expected changes of the mid, basis points, of rows' features.
    ///
    /// # Errors
    /// [`FitError`] when a row has other features than the model.
    pub fn forecast<'a>(&self, rows: impl IntoIterator<Item = &'a [f64]>) -> Result<Vec<f64>, FitError> {
        let mut columns = vec![Vec::new(); features(self.purpose).len()];
        for row in rows {
            if row.len() != columns.len() {
                return Err(FitError::Singular);
            }
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
        }
        if columns.first().is_none_or(Vec::is_empty) {
            return Ok(Vec::new());
        }
        self.learned.predict(&columns)
    }

    /// The scale of an interval when the trailing volatility is this, basis points.
    #[must_use]
    pub fn scale_bp(&self, volatility_bp: f64) -> f64 {
        volatility_bp.max(self.volatility_floor_bp)
    }

    /// Names of the features outside their training range, and the largest excess.
    #[must_use]
    pub fn outside(&self, x: &[f64]) -> (Vec<&'static str>, f64) {
        let (mut names, mut most) = (Vec::new(), 0.0_f64);
        for ((value, range), feature) in x.iter().zip(&self.ranges).zip(features(self.purpose)) {
            let excess = range.excess(*value);
            if excess > 0.0 {
                names.push(feature.name);
                most = most.max(excess);
            }
        }
        (names, most)
    }

    /// Half the width of an interval that claims `level`, basis points; `None` where residuals do not support it.
    #[must_use]
    pub fn half_width_bp(&self, level: f64, volatility_bp: f64, excess: f64) -> Option<f64> {
        Some(self.calibration.quantile(level)? * self.scale_bp(volatility_bp) * (1.0 + excess))
    }

    /// The model as JSON: the same model, the same bytes.
    ///
    /// # Errors
    /// Never for a model that [`Model::learn`] made.
    pub fn bytes(&self) -> Result<Vec<u8>, ModelError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads what [`Model::bytes`] wrote.
    ///
    /// # Errors
    /// [`ModelError`] when the bytes are no model, or one of other features.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let model: Self = serde_json::from_slice(bytes)?;
        if model.features_version != FEATURES_VERSION || model.ranges.len() != features(model.purpose).len() {
            return Err(ModelError::OtherFeatures(model.features_version));
        }
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Nanos;
    use crate::tape::sha256;

    fn rows() -> Vec<Row> {
        let row = |i: usize| {
            let t = i as f64;
            let x: Vec<f64> = (1..=10).map(|k| (t * f64::from(k) * 0.37).sin() * f64::from(k)).collect();
            let (start, end) = (Nanos(60 * i as i64), Nanos(60 * i as i64 + 60));
            let y_bp = x[0].signum() * x[0].abs().sqrt() + 0.1 * x[4];
            Row { bar: i, start, end, mid_usd: 100.0, volatility_bp: 1.0, x, y_bp }
        };
        (0..300).map(row).collect()
    }

    #[test]
    fn every_kind_comes_back_the_same_and_names_itself() {
        let rows = rows();
        let mut names = std::collections::BTreeSet::new();
        for kind in Kind::ALL {
            let learn =
                || Model::learn(kind, Purpose::Conditional, &rows, Weighting::Lds, 5).expect("a model");
            let (model, bytes) = (learn(), learn().bytes().expect("bytes"));
            assert_eq!(model.bytes().expect("bytes"), bytes, "{kind:?}");
            let back = Model::read(&bytes).expect("a model");
            let said = |model: &Model| model.forecast(rows.iter().map(|row| row.x.as_slice())).expect("said");
            assert_eq!(said(&back), said(&model), "{kind:?}");
            assert_eq!(back.bytes().expect("bytes"), bytes, "{kind:?}");
            assert!(names.insert(sha256(&bytes)));
        }
    }

    #[test]
    fn a_model_of_other_features_is_not_asked() {
        let model =
            Model::learn(Kind::Linear, Purpose::Conditional, &rows(), Weighting::None, 5).expect("a model");
        let text = String::from_utf8(model.bytes().expect("bytes")).expect("text");
        let other = text.replace("\"features_version\":1", "\"features_version\":99");
        assert!(matches!(Model::read(other.as_bytes()), Err(ModelError::OtherFeatures(99))));
        assert!(matches!(Model::read(b"{}"), Err(ModelError::NoModel(_))));
        assert!(model.forecast([[0.0; 3].as_slice()]).is_err());
        let (names, excess) = model.outside(&[100.0; 10]);
        assert!(names.len() == 10 && excess > 1.0);
    }
}
