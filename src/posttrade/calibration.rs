//! Forecast against realised over the recorded orders: gathered here, scored by `cost`.

use chrono::NaiveDate;

use super::marks::Tapes;
use crate::cost::{
    Execution, Interval, Outcome, RefittedY, Score, SizeBucket, SquareRoot, Witness, refit_y, score,
    score_by_size,
};
use crate::limits::EXECUTIONS_REPORTED_MAX;
use crate::store::{Archive, EstimateRecord, ExecutionRecord, Executions, Place, StoreError};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// Part of an order that must be filled for its cost to stand against the forecast of the whole.
const FILLED_MIN: f64 = 0.9;

/// Age at which a forecast is no longer one for the order's arrival.
const AGE_MAX_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

/// Which orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Forecast by this model.
    pub model: String,
    /// Only of this symbol.
    pub symbol: Option<String>,
    /// Arrived on this date or later, New York.
    pub from: Option<NaiveDate>,
    /// Arrived on this date or earlier.
    pub to: Option<NaiveDate>,
}

/// How many orders were looked at, and why some are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Recorded, of the symbol and dates.
    pub recorded: usize,
    /// Scored.
    pub scored: usize,
    /// Of those, with a forecast that was made again from its request.
    pub recomputed: usize,
    /// Left out: no forecast.
    pub without_estimate: usize,
    /// Left out: forecast with numbers of the caller's own.
    pub with_caller_inputs: usize,
    /// Left out: forecast more than a day before the arrival.
    pub forecast_too_early: usize,
    /// Left out: forecast by another model.
    pub of_other_models: usize,
    /// Left out: less than nine tenths filled.
    pub partly_filled: usize,
    /// Left out: the mid on arrival is not known.
    pub without_arrival_mid: usize,
    /// Left out: their files are damaged, so that neither symbol nor forecast is known.
    pub damaged: usize,
    /// Older orders beyond the bound of a report.
    pub not_looked_at: usize,
}

/// A model's track record.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackRecord {
    /// Orders by what became of them here.
    pub counts: Counts,
    /// Over all scored orders.
    pub overall: Option<Score>,
    /// By size.
    pub by_size: Vec<(SizeBucket, Option<Score>)>,
    /// The square-root law's Y by all orders with a forecast that counts, whichever model made it.
    pub refitted_y: Option<RefittedY>,
}

/// Why there is no track record.
#[derive(Debug)]
pub enum Trouble {
    /// A recorded order cannot be read.
    Records(StoreError),
    /// The results cannot be read.
    Results(StoreError),
}

/// Scores a model on the recorded orders, the latest dates first. A damaged file is counted, handed to `skip` and left
/// out. Blocks on the disk.
///
/// # Errors
/// When a table is damaged, or the disk refuses.
pub fn track_record(
    executions: &Executions,
    tapes: &Tapes,
    archive: Option<&Archive>,
    choice: &Choice,
    mut skip: impl FnMut(&Place, &StoreError),
) -> Result<TrackRecord, Trouble> {
    let (mut gathered, mut damaged) = (Gathered::default(), 0);
    let mut pass = |place: &Place, error: &StoreError| {
        damaged += 1;
        skip(place, error);
    };
    let mut left = EXECUTIONS_REPORTED_MAX;
    for date in executions.dates().map_err(Trouble::Records)?.into_iter().rev() {
        if choice.from.is_some_and(|from| date < from) || choice.to.is_some_and(|to| date > to) {
            continue;
        }
        let hashes = executions.hashes(date).map_err(Trouble::Records)?;
        gathered.counts.not_looked_at += hashes.len().saturating_sub(left);
        for hash in hashes.into_iter().take(left) {
            left -= 1;
            let record =
                executions.read_or_skip(&Place { date, hash }, &mut pass).map_err(Trouble::Records)?;
            let wanted = |r: &ExecutionRecord| choice.symbol.as_ref().is_none_or(|s| *s == r.order.symbol);
            if let Some(record) = record.filter(wanted) {
                gathered.take(&record, tapes, archive, &choice.model).map_err(Trouble::Results)?;
            }
        }
    }
    gathered.counts.damaged = damaged;
    Ok(gathered.finish())
}

#[derive(Default)]
struct Gathered {
    counts: Counts,
    outcomes: Vec<Outcome>,
    witnesses: Vec<Witness>,
}

impl Gathered {
    fn take(
        &mut self,
        record: &ExecutionRecord,
        tapes: &Tapes,
        archive: Option<&Archive>,
        model: &str,
    ) -> Result<(), StoreError> {
        let counts = &mut self.counts;
        counts.recorded += 1;
        let Some(estimate) = &record.estimate else {
            counts.without_estimate += 1;
            return Ok(());
        };
        if !estimate.caller_inputs.is_empty() {
            counts.with_caller_inputs += 1;
            return Ok(());
        }
        if record.order.arrival_ts_nanos - estimate.as_of_nanos > AGE_MAX_NANOS {
            counts.forecast_too_early += 1;
            return Ok(());
        }
        let mut execution = Execution::from(&record.order);
        if (execution.filled() as f64) < FILLED_MIN * execution.quantity as f64 {
            counts.partly_filled += 1;
            return Ok(());
        }
        if execution.arrival_mid.is_none() {
            execution = tapes.mark(archive, execution)?.execution;
        }
        let Some(outcome) = outcome(estimate, &execution) else {
            counts.without_arrival_mid += 1;
            return Ok(());
        };
        self.witnesses.push(witness(estimate, &outcome));
        if estimate.model != model {
            counts.of_other_models += 1;
            return Ok(());
        }
        counts.scored += 1;
        counts.recomputed += usize::from(estimate.recomputed);
        self.outcomes.push(outcome);
        Ok(())
    }

    fn finish(mut self) -> TrackRecord {
        // Sums do not depend on the names of files then.
        self.outcomes.sort_by(|a, b| {
            let key = |o: &Outcome| (o.arrival, o.realised_bps.to_bits());
            key(a).cmp(&key(b))
        });
        let by_bits = |w: &Witness| (w.unit_impact_bps.to_bits(), w.impact_bps.to_bits());
        self.witnesses.sort_by_key(by_bits);
        TrackRecord {
            counts: self.counts,
            overall: score(&self.outcomes),
            by_size: score_by_size(&self.outcomes),
            refitted_y: refit_y(&self.witnesses),
        }
    }
}

/// An order's forecast beside its realised cost; `None` where the mid on arrival is not known.
fn outcome(estimate: &EstimateRecord, execution: &Execution) -> Option<Outcome> {
    Some(Outcome {
        arrival: Nanos(execution.arrival.0),
        of_adv: execution.filled() as f64 / estimate.adv_shares,
        forecast_bps: estimate.expected_bps(),
        realised_bps: execution.arrival_cost_bps()?,
        timing_risk_bps: estimate.timing_risk_bps,
        model_error_bps: estimate.model_error_bps,
        interval: Some(Interval {
            level: estimate.level,
            low_bps: estimate.low_bps,
            high_bps: estimate.high_bps,
        }),
    })
}

fn witness(estimate: &EstimateRecord, outcome: &Outcome) -> Witness {
    Witness {
        unit_impact_bps: SquareRoot::mean_bps(estimate.volatility_daily_bps, outcome.of_adv) / SquareRoot::Y,
        impact_bps: outcome.realised_bps - estimate.spread_bps - estimate.timing_drift_bps,
        timing_risk_bps: estimate.timing_risk_bps,
    }
}
