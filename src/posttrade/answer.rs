//! What became of an order, as it is answered: its shortfall by parts, beside the estimate that was given.
//!
//! Positive hurts. Null is unknown, never 0.

use serde::Serialize;
use utoipa::ToSchema;

use super::marks::{Marked, MidSource};
use crate::cost::{Shortfall, Side, implementation_shortfall, slippage_bps};
use crate::pretrade::Stamp;
use crate::store::{EstimateRecord, ExecutionRecord};
use crate::tape::{Nanos, Price};

/// An executed order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExecutionAnswer {
    /// The client's name for it; posting it again under this name changes nothing.
    #[schema(example = "desk7-000123")]
    pub order_id: String,
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// `buy`, `sell` or `sell_short`.
    #[schema(example = "buy")]
    pub side: &'static str,
    /// Shares wanted.
    pub quantity: i64,
    /// Shares filled.
    pub filled_quantity: i64,
    /// Mean fill price, US dollars; null without fills.
    #[schema(required)]
    pub mean_fill_price: Option<f64>,
    /// When and at which price it was decided.
    pub decision: MomentAnswer,
    /// When it reached the market, and the mid then.
    pub arrival: MomentAnswer,
    /// When it was done or given up, and the mid then.
    pub end: MomentAnswer,
    /// Implementation shortfall (Perold 1988) against the decision price; null where shares were left unfilled and
    /// the mid at the end is not known.
    #[schema(required)]
    pub shortfall: Option<AmountAnswer>,
    /// Its parts; they add up to it.
    #[schema(required)]
    pub parts: Option<PartsAnswer>,
    /// Mean fill price against the arrival mid, basis points of it: what estimates forecast.
    #[schema(required)]
    pub arrival_cost_bps: Option<f64>,
    /// What was forecast; null when nothing was.
    #[schema(required)]
    pub estimate: Option<EstimateGiven>,
    /// What could not be kept of what was posted, in words.
    pub warnings: Vec<String>,
    /// Mean fill price against what the market did.
    pub benchmarks: BenchmarksAnswer,
    /// What was filled, as posted.
    pub fills: Vec<FillAnswer>,
    /// That and when it was recorded.
    #[schema(required)]
    pub receipt: Option<Receipt>,
}

/// A moment and the price then.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MomentAnswer {
    /// UTC.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Stamp,
    /// US dollars, exact decimals; null is unknown.
    #[schema(required, example = "100.105")]
    pub price: Option<String>,
    /// `caller`; `tape`: close of the last bar that had ended, at most one bar's width ago; null is unknown.
    #[schema(required, example = "tape")]
    pub source: Option<&'static str>,
}

/// The same amount in three units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct AmountAnswer {
    /// Basis points of the order's value at the decision price.
    pub bps: f64,
    /// US dollars.
    pub usd: f64,
    /// US dollars by share of the whole order.
    pub usd_per_share: f64,
}

/// Parts of a shortfall. Null is unknown; `unattributed` is what the unknown ones make up together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartsAnswer {
    /// Decision to arrival, on the filled shares.
    #[schema(required)]
    pub delay: Option<AmountAnswer>,
    /// Fill prices against the mids of their moments.
    #[schema(required)]
    pub spread: Option<AmountAnswer>,
    /// The estimate's temporary and permanent impact, on the filled shares; null without an estimate.
    #[schema(required)]
    pub impact: Option<AmountAnswer>,
    /// The market's move while trading beyond that impact; null when a mid or the estimate is unknown.
    #[schema(required)]
    pub timing: Option<AmountAnswer>,
    /// The unfilled shares' move from decision to end.
    pub opportunity: AmountAnswer,
    /// Commissions and fees.
    pub fees: AmountAnswer,
    /// What the unknown parts make up together; 0 when all are known.
    pub unattributed: AmountAnswer,
}

/// The forecast that stands beside the order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EstimateGiven {
    /// Names the answer.
    pub estimate_id: String,
    /// Made again from its request, as of the arrival, rather than found as it was given.
    pub recomputed: bool,
    /// The moment it was for, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Stamp,
    /// Which model.
    #[schema(example = "blend")]
    pub model: String,
    /// Of the model's coefficients.
    pub model_sha256: String,
    /// Expected arrival cost.
    pub expected_bps: f64,
    /// What of it was the caller's own number, by name; with any of these it is left out of track records.
    pub caller_inputs: Vec<String>,
    /// Half spread in it.
    pub spread_bps: f64,
    /// Temporary and permanent impact in it.
    pub impact_bps: f64,
    /// Claimed level of the interval.
    pub level: f64,
    /// Lower end of the interval.
    pub low_bps: f64,
    /// Upper end of the interval.
    pub high_bps: f64,
    /// Realised minus expected arrival cost over sqrt(timing risk² + model error²); null where either is unknown.
    #[schema(required)]
    pub z: Option<f64>,
}

/// The market while the order was worked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct BenchmarksAnswer {
    /// Bar mids weighted by traded volume, from arrival to end; without the half spreads that trades paid.
    #[schema(required)]
    pub interval_vwap: Option<BenchmarkAnswer>,
    /// Bar mids weighted by time, from arrival to end.
    #[schema(required)]
    pub interval_twap: Option<BenchmarkAnswer>,
    /// The mid on arrival.
    #[schema(required)]
    pub arrival: Option<BenchmarkAnswer>,
    /// The last mid of the session in which the order ended.
    #[schema(required)]
    pub close: Option<BenchmarkAnswer>,
    /// Bars wholly between arrival and end.
    pub bars: usize,
    /// Their width; null where the tape has none.
    #[schema(required)]
    pub bar_seconds: Option<f64>,
}

/// A benchmark and the slippage against it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct BenchmarkAnswer {
    /// US dollars.
    pub price: f64,
    /// Mean fill price against it, basis points of it; null without fills.
    #[schema(required)]
    pub slippage_bps: Option<f64>,
}

/// A fill.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FillAnswer {
    /// UTC.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Stamp,
    /// How many.
    pub shares: i64,
    /// US dollars, exact decimals.
    #[schema(example = "100.12")]
    pub price: String,
    /// The mid just before, US dollars; null is unknown.
    #[schema(required, example = "100.115")]
    pub mid: Option<String>,
    /// `caller` or `tape`; null is unknown.
    #[schema(required, example = "caller")]
    pub mid_source: Option<&'static str>,
    /// US dollars.
    #[schema(example = "0.35")]
    pub fee: String,
}

/// That an order was recorded; the same for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receipt {
    /// When, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Stamp,
    /// Of what was posted.
    pub sha256: String,
}

/// The answer to a recorded order.
#[must_use]
pub fn recorded(record: &ExecutionRecord, marked: &Marked) -> ExecutionAnswer {
    let estimate = record.estimate.as_ref();
    let mut answer = answer(marked, estimate.map(EstimateRecord::impact_bps));
    answer.estimate = estimate.map(|estimate| given(estimate, answer.arrival_cost_bps));
    answer.warnings.clone_from(&record.warnings);
    answer.receipt =
        Some(Receipt { recorded_at: Stamp(Nanos(record.recorded_at_nanos)), sha256: record.sha256.clone() });
    answer
}

/// The answer to an order that is not recorded. `impact_bps` is what was expected of it.
#[must_use]
pub fn answer(marked: &Marked, impact_bps: Option<f64>) -> ExecutionAnswer {
    let execution = &marked.execution;
    let whole = implementation_shortfall(execution, impact_bps);
    let at = |ts, price: Option<Price>, source: Option<MidSource>| MomentAnswer {
        ts: Stamp(ts),
        price: price.map(|price| price.to_string()),
        source: source.map(MidSource::name),
    };
    let decided = at(execution.decision, Some(execution.decision_price), Some(MidSource::Caller));
    ExecutionAnswer {
        order_id: execution.order_id.clone(),
        symbol: execution.symbol.clone(),
        side: side(execution.side),
        quantity: execution.quantity,
        filled_quantity: execution.filled(),
        mean_fill_price: execution.mean_price_usd(),
        decision: decided,
        arrival: at(execution.arrival, execution.arrival_mid, marked.arrival),
        end: at(execution.end, execution.end_mid, marked.end),
        shortfall: whole.map(|whole| amount(&whole, whole.total_usd)),
        parts: whole.map(|whole| parts(&whole)),
        arrival_cost_bps: execution.arrival_cost_bps(),
        estimate: None,
        warnings: Vec::new(),
        benchmarks: benchmarks(marked),
        fills: fills(marked),
        receipt: None,
    }
}

fn amount(whole: &Shortfall, usd: f64) -> AmountAnswer {
    AmountAnswer { bps: whole.bps(usd), usd, usd_per_share: whole.per_share(usd) }
}

fn parts(whole: &Shortfall) -> PartsAnswer {
    let (parts, of) = (&whole.parts_usd, |usd| amount(whole, usd));
    PartsAnswer {
        delay: parts.delay.map(of),
        spread: parts.spread.map(of),
        impact: parts.impact.map(of),
        timing: parts.timing.map(of),
        opportunity: of(parts.opportunity),
        fees: of(parts.fees),
        unattributed: of(parts.unattributed),
    }
}

fn given(estimate: &EstimateRecord, arrival_cost_bps: Option<f64>) -> EstimateGiven {
    let risk = estimate.timing_risk_bps.hypot(estimate.model_error_bps);
    let expected_bps = estimate.expected_bps();
    EstimateGiven {
        estimate_id: estimate.estimate_id.clone(),
        recomputed: estimate.recomputed,
        as_of: Stamp(Nanos(estimate.as_of_nanos)),
        model: estimate.model.clone(),
        model_sha256: estimate.model_sha256.clone(),
        expected_bps,
        caller_inputs: estimate.caller_inputs.clone(),
        spread_bps: estimate.spread_bps,
        impact_bps: estimate.impact_bps(),
        level: estimate.level,
        low_bps: estimate.low_bps,
        high_bps: estimate.high_bps,
        z: arrival_cost_bps.filter(|_| risk > 0.0).map(|cost| (cost - expected_bps) / risk),
    }
}

fn benchmarks(marked: &Marked) -> BenchmarksAnswer {
    let (execution, marks) = (&marked.execution, &marked.benchmarks);
    let paid = execution.mean_price_usd();
    let against = |price: f64| BenchmarkAnswer {
        price,
        slippage_bps: paid.map(|paid| slippage_bps(execution.sign(), paid, price)),
    };
    BenchmarksAnswer {
        interval_vwap: marks.vwap_usd.map(against),
        interval_twap: marks.twap_usd.map(against),
        arrival: execution.arrival_mid.map(|mid| against(mid.usd())),
        close: marks.close_usd.map(against),
        bars: marks.bars,
        bar_seconds: marked.bar_seconds,
    }
}

fn fills(marked: &Marked) -> Vec<FillAnswer> {
    let fills = marked.execution.fills.iter().zip(&marked.fills);
    fills
        .map(|(fill, source)| FillAnswer {
            ts: Stamp(fill.ts),
            shares: fill.shares,
            price: fill.price.to_string(),
            mid: fill.mid.map(|mid| mid.to_string()),
            mid_source: source.map(MidSource::name),
            fee: fill.fee.to_string(),
        })
        .collect()
}

/// A side by name.
#[must_use]
pub fn side(side: Side) -> &'static str {
    Side::NAMED.iter().find(|(_, own)| *own == side).map_or("", |(name, _)| name)
}
