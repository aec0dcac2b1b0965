//! The walk forward: every kind is taught on what came before a block and forecasts the block, block after block,
//! so that every error reported is of a forecast that could have been made (prequential; Dawid 1984).
//!
//! The champion of a block is chosen on the blocks before it alone: the kind with the least mean square error, or
//! the simplest of those whose paired difference of squared errors from it is within one standard error of zero
//! (sd / sqrt(n), as if they were independent). The first block's champion is the elastic
//! net, which shrinks what little data do not support. Teaching rows end before
//! the block starts, and no row reaches over a day's bounds, so nothing leaks. Its intervals rest on the residuals of
//! the champion's kind in those earlier blocks; a block keeps them from its first bar to its last, which is how a
//! stored model answers too.

use rayon::prelude::*;

use super::blocks::blocks;
use super::conformal::{Calibration, Coverage};
use super::density::{Band, Weighting, by_size};
use super::features::{Row, Sample};
use super::kind::Kind;
use super::model::{Model, TrackRecord};

/// Rows that a first model needs; blocks before there are so many go unforecast.
pub const ROWS_MIN: usize = 60;

/// How to walk.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The kinds that compete; those that do not suit the purpose stay out.
    pub kinds: Vec<Kind>,
    /// How observations weigh.
    pub weighting: Weighting,
    /// What intervals claim.
    pub level: f64,
    /// What chance is seeded with.
    pub seed: u64,
}

impl Default for Options {
    /// Every kind, even weights, 90 %.
    fn default() -> Self {
        Self { kinds: Kind::ALL.to_vec(), weighting: Weighting::None, level: 0.9, seed: 0 }
    }
}

/// A forecast that was made before its bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Its row in the sample.
    pub row: usize,
    /// The model in [`Walk::models`].
    pub model: usize,
    /// What came, basis points.
    pub y_bp: f64,
    /// What was expected.
    pub forecast_bp: f64,
    /// The interval, when there were residuals enough.
    pub interval_bp: Option<(f64, f64)>,
    /// Features outside the training range.
    pub outside: Vec<&'static str>,
}

/// How a kind did.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Whose; `None` is the champion of each block.
    pub kind: Option<Kind>,
    /// Its record.
    pub record: TrackRecord,
    /// Its errors by size of move.
    pub bands: [Band; 3],
}

/// What a walk tells.
#[derive(Debug)]
pub struct Walk {
    /// Each kind's score, simplest first, then the champion's own.
    pub scores: Vec<Score>,
    /// The champion of each block, and last the one to use from now on, taught on all rows.
    pub models: Vec<Model>,
    /// Every forecast of the champions, in order of time.
    pub forecasts: Vec<Forecast>,
    /// Share of the intervals that held.
    pub coverage: Option<Coverage>,
}

/// Why there is no walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// Too little to learn from.
    #[error(
        "{rows} bars have a price change and enough bars before them; a walk forward needs {ROWS_MIN} to learn \
         from and one to forecast"
    )]
    TooFew {
        /// How many there are.
        rows: usize,
    },
    /// No kind could be taught.
    #[error("no kind of model could be taught: the bars' features or price never vary")]
    NothingLearned,
}

/// Responses and their forecasts.
type Pairs = Vec<(f64, f64)>;

/// One block: a kind's model and its forecasts of the block's rows.
type Attempt = Option<(Model, Vec<f64>)>;

/// Walks a sample.
///
/// # Errors
/// [`WalkError`] when there are too few rows or nothing can be learned from them.
pub fn walk_forward(sample: &Sample, options: &Options) -> Result<Walk, WalkError> {
    let rows = &sample.rows;
    let row_of = |bar: usize| rows.partition_point(|row| row.bar < bar);
    let blocks = blocks(&sample.bars_by_day).into_iter().map(|block| row_of(block.start)..row_of(block.end));
    let blocks: Vec<_> = blocks.filter(|block| block.start >= ROWS_MIN && !block.is_empty()).collect();
    if blocks.is_empty() {
        return Err(WalkError::TooFew { rows: rows.len() });
    }
    let mut kinds: Vec<Kind> = options.kinds.iter().copied().filter(|k| k.suits(sample.purpose)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let learn = |kind: Kind, until: usize| {
        Model::learn(kind, sample.purpose, &rows[..until], options.weighting, options.seed).ok()
    };
    let tasks: Vec<(usize, Kind)> =
        (0..blocks.len()).flat_map(|b| kinds.iter().map(move |k| (b, *k))).collect();
    let attempt = |(block, kind): &(usize, Kind)| -> Attempt {
        let block = blocks[*block].clone();
        let model = learn(*kind, block.start)?;
        let forecasts = model.forecast(rows[block].iter().map(|row| row.x.as_slice())).ok()?;
        forecasts.iter().all(|f| f.is_finite()).then_some((model, forecasts))
    };
    let mut attempts: Vec<Attempt> = tasks.par_iter().map(attempt).collect();

    let mut race = Race {
        rows,
        level: options.level,
        ledgers: kinds.iter().map(|k| Ledger::new(*k)).collect(),
        walk: Walk::empty(),
    };
    for block in &blocks {
        let later = attempts.split_off(kinds.len());
        race.run(block.start, std::mem::replace(&mut attempts, later))?;
    }
    race.finish(learn)
}

/// What is known of a kind so far: its forecasts of every row since the first block, until it first fails.
struct Ledger {
    kind: Kind,
    has_failed: bool,
    /// (response, forecast, residual over scale).
    past: Vec<(f64, f64, f64)>,
}

impl Ledger {
    fn new(kind: Kind) -> Self {
        Self { kind, has_failed: false, past: Vec::new() }
    }

    fn losses(&self) -> impl Iterator<Item = f64> {
        self.past.iter().map(|(y, f, _)| (y - f) * (y - f))
    }

    fn record(&self, coverage: Option<Coverage>) -> Option<TrackRecord> {
        let pairs: Pairs = self.past.iter().map(|(y, f, _)| (*y, *f)).collect();
        record(&pairs, coverage)
    }

    fn calibration(&self) -> Calibration {
        Calibration::new(&self.past.iter().map(|(.., residual)| *residual).collect::<Vec<f64>>())
    }
}

struct Race<'a> {
    rows: &'a [Row],
    level: f64,
    ledgers: Vec<Ledger>,
    walk: Walk,
}

impl Race<'_> {
    /// One block: the champion is named, gives its forecasts, and then everybody's are entered.
    fn run(&mut self, from: usize, attempts: Vec<Attempt>) -> Result<(), WalkError> {
        for (ledger, attempt) in self.ledgers.iter_mut().zip(&attempts) {
            ledger.has_failed |= attempt.is_none();
        }
        let champion = self.champion().ok_or(WalkError::NothingLearned)?;
        for (index, attempt) in attempts.into_iter().enumerate() {
            let Some((mut model, forecasts)) = attempt else { continue };
            let rows = &self.rows[from..from + forecasts.len()];
            if index == champion {
                self.crown(&mut model, champion);
                self.give(&model, from, &forecasts);
            }
            let scale = |row: &Row| model.scale_bp(row.volatility_bp);
            let entries = rows.iter().zip(&forecasts);
            let entries = entries.map(|(row, f)| (row.y_bp, *f, (row.y_bp - f).abs() / scale(row)));
            self.ledgers[index].past.extend(entries);
            if index == champion {
                self.walk.models.push(model);
            }
        }
        Ok(())
    }

    /// The simplest kind within one standard error of the best, among those that never failed.
    fn champion(&self) -> Option<usize> {
        let fit: Vec<usize> = (0..self.ledgers.len()).filter(|i| !self.ledgers[*i].has_failed).collect();
        let is_first = self.ledgers.iter().all(|ledger| ledger.past.is_empty());
        if let Some(cautious) = fit.iter().find(|i| is_first && self.ledgers[**i].kind == Kind::ElasticNet) {
            return Some(*cautious);
        }
        let total = |i: usize| self.ledgers[i].losses().sum::<f64>();
        let best = fit.iter().copied().min_by(|a, b| total(*a).total_cmp(&total(*b)))?;
        let ties = |i: usize| {
            let pairs = self.ledgers[i].losses().zip(self.ledgers[best].losses());
            let differences: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
            let n = differences.len() as f64;
            let mean = differences.iter().sum::<f64>() / n.max(1.0);
            let variance =
                differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0).max(1.0);
            mean <= (variance / n.max(1.0)).sqrt()
        };
        fit.into_iter().find(|i| ties(*i))
    }

    /// Gives a champion its record and what its intervals rest on.
    fn crown(&self, model: &mut Model, champion: usize) {
        model.record = self.ledgers[champion].record(self.coverage());
        model.calibration = self.ledgers[champion].calibration();
    }

    fn give(&mut self, model: &Model, from: usize, forecasts: &[f64]) {
        for (row, forecast_bp) in (from..).zip(forecasts.iter().copied()) {
            let Row { x, y_bp, volatility_bp, .. } = &self.rows[row];
            let (outside, excess) = model.outside(x);
            let half = model.half_width_bp(self.level, *volatility_bp, excess);
            let interval_bp = half.map(|half| (forecast_bp - half, forecast_bp + half));
            let model = self.walk.models.len();
            self.walk.forecasts.push(Forecast { row, model, y_bp: *y_bp, forecast_bp, interval_bp, outside });
        }
    }

    fn coverage(&self) -> Option<Coverage> {
        let given = self.walk.forecasts.iter().filter_map(|f| Some((f, f.interval_bp?)));
        let held: Vec<(usize, bool)> =
            given.map(|(f, (low, high))| (f.row, low <= f.y_bp && f.y_bp <= high)).collect();
        let (first, last) = (held.first()?.0, held.last()?.0);
        Some(Coverage {
            level: self.level,
            realised: held.iter().filter(|(_, held)| *held).count() as f64 / held.len() as f64,
            n: held.len(),
            from_ns: self.rows[first].start.0,
            to_ns: self.rows[last].end.0,
        })
    }

    fn finish(mut self, learn: impl Fn(Kind, usize) -> Option<Model>) -> Result<Walk, WalkError> {
        let champion = self.champion().ok_or(WalkError::NothingLearned)?;
        let mut model =
            learn(self.ledgers[champion].kind, self.rows.len()).ok_or(WalkError::NothingLearned)?;
        self.crown(&mut model, champion);
        self.walk.models.push(model);
        self.walk.coverage = self.coverage();
        let champions: Pairs = self.walk.forecasts.iter().map(|f| (f.y_bp, f.forecast_bp)).collect();
        let of_kinds = self.ledgers.iter().map(|ledger| {
            let pairs = ledger.past.iter().map(|(y, f, _)| (*y, *f)).collect();
            (Some(ledger.kind), pairs)
        });
        let all: Vec<(Option<Kind>, Pairs)> = of_kinds.chain([(None, champions)]).collect();
        for (kind, pairs) in all {
            let coverage = self.walk.coverage.filter(|_| kind.is_none());
            let score = record(&pairs, coverage).map(|record| Score { kind, record, bands: by_size(&pairs) });
            self.walk.scores.extend(score);
        }
        Ok(self.walk)
    }
}

impl Walk {
    fn empty() -> Self {
        Self { scores: Vec::new(), models: Vec::new(), forecasts: Vec::new(), coverage: None }
    }
}

/// The record of pairs (response, forecast); `None` without any.
fn record(pairs: &[(f64, f64)], coverage: Option<Coverage>) -> Option<TrackRecord> {
    let n = (!pairs.is_empty()).then_some(pairs.len())?;
    let mean = pairs.iter().map(|(y, _)| y).sum::<f64>() / n as f64;
    let left: f64 = pairs.iter().map(|(y, f)| (y - f) * (y - f)).sum();
    let total: f64 = pairs.iter().map(|(y, _)| (y - mean) * (y - mean)).sum();
    let r2_oos = (total > 0.0).then(|| 1.0 - left / total);
    Some(TrackRecord { n, mse_bp2: left / n as f64, r2_oos, coverage })
}

#[cfg(test)]
mod tests {
    use super::super::features::Purpose;
    use super::*;

    fn race(losses: [&[f64]; 3]) -> Option<usize> {
        let kinds = [Kind::Linear, Kind::PowerLaw, Kind::Forest];
        let ledger = |(kind, losses): (Kind, &[f64])| Ledger {
            kind,
            has_failed: losses.is_empty(),
            past: losses.iter().map(|loss| (loss.sqrt(), 0.0, 0.0)).collect(),
        };
        let ledgers = kinds.into_iter().zip(losses).map(ledger).collect();
        Race { rows: &[], level: 0.9, ledgers, walk: Walk::empty() }.champion()
    }

    #[test]
    fn the_champion_is_the_simplest_within_one_standard_error_of_the_best() {
        // Differences from the forest 1, -1, 1, -1, 1: mean 1/5, standard deviation 1.095, error 0.49.
        assert_eq!(race([&[2.0, 1.0, 2.0, 1.0, 2.0], &[9.0; 5], &[1.0, 2.0, 1.0, 2.0, 1.0]]), Some(0));
        // A small difference that is always there counts.
        assert_eq!(race([&[1.1, 5.1, 2.1, 7.1], &[1.0, 5.0, 2.0, 7.0], &[1.0, 5.0, 2.0, 7.0]]), Some(1));
        // A kind that could not be taught is out, and before the first block all are equal.
        assert_eq!(race([&[], &[3.0, 3.1], &[1.0, 1.2]]), Some(2));
        assert_eq!(race([&[], &[], &[]]), None);
    }

    #[test]
    fn too_few_rows_are_refused() {
        let sample = Sample { purpose: Purpose::Ahead, rows: Vec::new(), bars_by_day: vec![390] };
        assert_eq!(walk_forward(&sample, &Options::default()).err(), Some(WalkError::TooFew { rows: 0 }));
    }
}
