//! What is known of a symbol at a minute: reference numbers, calibration, models, paper orders. Made once a minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::answer::CoverageAnswer;
use super::days::Days;
use super::models::ModelName;
use super::stamp::Stamp;
use super::today::Today;
use crate::cost::{
    Almgren2005, Blend, Calibration, CostModel, Market, Method, Propagator, Reference, SquareRoot, TapeModel,
    calibrate, paper_scores, reference,
};
use crate::limits::PRETRADE_SPREADS_KEPT;
use crate::tape::{NYSE, Nanos};

/// Horizons of paper orders, seconds; an order is judged by those nearest to its own, in the ratio of their lengths.
const PAPER_SECONDS: [i64; 6] = [300, 900, 1_800, 3_600, 7_200, 11_700];

/// Multiples that were made already, by horizon and level.
type Spreads = Mutex<BTreeMap<(i64, u64), Arc<Multiples>>>;

/// What is known of a symbol at a minute.
#[derive(Debug)]
pub struct Prepared {
    /// The minute: nothing later is used.
    pub minute: Nanos,
    /// A name of the results up to its date; `None` when there are none.
    pub state: Option<String>,
    days: Arc<Days>,
    /// Reference numbers.
    pub reference: Reference,
    /// The tape's coefficients.
    pub calibration: Calibration,
    /// How impact fades on the tape; `None` where it is too thin.
    pub propagator: Option<Propagator>,
    /// Last mid of the session before, and when.
    pub previous_close: Option<(f64, Nanos)>,
    /// Spread of the last bar.
    pub spread_now_usd: Option<f64>,
    /// Median spread of the bars of earlier days, or else of today so far.
    pub spread_usual_usd: Option<f64>,
    /// Bars at the end of today's tape without a usable quote.
    pub bars_without_quote: Option<u64>,
    /// The session under way, where there is one: its quote in force is in the reference numbers.
    pub today: Option<Today>,
    spreads: Arc<Spreads>,
}

/// How many standard deviations make an interval and its quantiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multiples {
    /// Half the interval.
    pub interval: f64,
    /// The 75 % quantile; the 25 % one is its mirror.
    pub p75: f64,
    /// The 95 % quantile; the 5 % one is its mirror.
    pub p95: f64,
    /// Where they are from.
    pub method: Method,
    /// How often they held.
    pub coverage: CoverageAnswer,
}

impl Prepared {
    /// What the days said by a minute.
    #[must_use]
    pub fn new(days: Arc<Days>, state: Option<String>, minute: Nanos) -> Self {
        let all = &days.days;
        let date = NYSE.date_of(minute);
        let today = all.iter().find(|day| day.date == date).map_or(&[][..], |day| day.known(minute));
        let earlier = all.iter().filter(|day| day.date < date);
        let closes = earlier.clone().rev().flat_map(|day| day.bars.iter().rev());
        let previous_close = closes.filter_map(|bar| Some((bar.mid_close_usd?, bar.end))).next();
        let mut spreads: Vec<f64> =
            earlier.flat_map(|day| &day.bars).filter_map(|bar| bar.spread_tw_usd).collect();
        if spreads.is_empty() {
            spreads = today.iter().filter_map(|bar| bar.spread_tw_usd).collect();
        }
        let silent = today.iter().rev().take_while(|bar| bar.spread_tw_usd.is_none()).count() as u64;
        Self {
            minute,
            state,
            reference: reference(all, minute),
            calibration: calibrate(all, minute),
            propagator: Propagator::of_tape(all, minute),
            previous_close,
            spread_now_usd: today.last().and_then(|bar| bar.spread_tw_usd),
            spread_usual_usd: median(&mut spreads),
            bars_without_quote: (!today.is_empty()).then_some(silent),
            days,
            today: None,
            spreads: Arc::default(),
        }
    }

    /// The same with the quote that is in force at a moment, in a session under way.
    #[must_use]
    pub fn with_today(&self, today: Today, moment: Nanos) -> Self {
        let mut reference = self.reference.clone();
        let spread = today.refine(&mut reference, moment);
        Self {
            minute: self.minute,
            state: Some(today.state(self.state.as_deref().unwrap_or_default())),
            days: self.days.clone(),
            reference,
            calibration: self.calibration.clone(),
            propagator: self.propagator.clone(),
            previous_close: self.previous_close,
            spread_now_usd: spread.or(self.spread_now_usd),
            spread_usual_usd: self.spread_usual_usd,
            bars_without_quote: self.bars_without_quote,
            today: Some(today),
            spreads: self.spreads.clone(),
        }
    }

    /// Width of the results' bars that stand behind it.
    #[must_use]
    pub fn bar_width(&self) -> Option<i64> {
        self.days.width
    }

    /// Whether the results hold a part of each session only.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.days.narrowed
    }

    /// A cost model for a market.
    ///
    /// # Errors
    /// Why there is none.
    pub fn model(&self, name: ModelName, market: &Market) -> Result<CostModel, String> {
        let tape = || {
            let coefficients = self.calibration.coefficients.clone();
            coefficients.map(|coefficients| TapeModel { coefficients })
        };
        match name {
            ModelName::Blend => Ok(CostModel::Blend(Blend::new(tape().ok()))),
            ModelName::SquareRoot => Ok(CostModel::SquareRoot(SquareRoot)),
            ModelName::Tape => {
                tape().map(CostModel::Tape).map_err(|thin| format!("the tape gives no model: {thin}"))
            }
            ModelName::Almgren2005 => Almgren2005::new(market)
                .map(CostModel::Almgren2005)
                .ok_or_else(|| "needs overrides.shares_outstanding, which no tape tells".to_owned()),
        }
    }

    /// Whether orders of about such a length are among the paper orders: not shorter than the shortest, nor longer
    /// than the longest.
    #[must_use]
    pub fn backtests(seconds: f64) -> bool {
        let [shortest, .., longest] = PAPER_SECONDS;
        (shortest as f64..=longest as f64).contains(&seconds)
    }

    /// The multiples for an order of a length, at a level.
    #[must_use]
    pub fn multiples(&self, seconds: f64, level: f64) -> Arc<Multiples> {
        let far = |own: &i64| (seconds.max(1.0) / *own as f64).ln().abs();
        let nearest = PAPER_SECONDS.into_iter().min_by(|a, b| far(a).total_cmp(&far(b)));
        let horizon = nearest.unwrap_or(PAPER_SECONDS[0]);
        let mut held = self.spreads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held.get(&(horizon, level.to_bits())) {
            return known.clone();
        }
        let made = Arc::new(self.make(horizon, level));
        if held.len() >= PRETRADE_SPREADS_KEPT {
            held.clear();
        }
        held.insert((horizon, level.to_bits()), made.clone());
        made
    }

    fn make(&self, horizon: i64, level: f64) -> Multiples {
        let scores = paper_scores(&self.days.days, self.minute, horizon);
        let (multiplier, backtest) = (scores.multiplier(level), scores.backtest(level));
        Multiples {
            interval: multiplier.q,
            p75: scores.quantile(0.75),
            p95: scores.quantile(0.95),
            method: multiplier.method,
            coverage: CoverageAnswer {
                claimed: backtest.claimed,
                realised: backtest.realised,
                n: backtest.n,
                horizon_seconds: horizon,
                from: backtest.from.map(Stamp),
                to: backtest.to.map(Stamp),
            },
        }
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
