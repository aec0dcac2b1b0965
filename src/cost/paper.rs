//! Paper orders: how far even orders would have strayed from their arrival mid, had they been sent on this tape.
//!
//! Each day is cut into windows of the horizon that do not overlap. An order's shortfall is the mean of the closing
//! mids of its bars over the mid at its start, basis points; its score is that over the timing risk known at its
//! start, sigma sqrt(T/3). Scores of moments before an order give its interval by conformal quantiles of their
//! absolute values (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005): cost ± q sqrt(timing
//! risk² + model error²). The realised coverage is counted prequentially: each score against the q of those before.
//!
//! A paper order moves nothing, so that scores show what chance does and say nothing of impact. A buyer's bad luck is
//! a seller's good luck, and scores count for both sides: quantiles are symmetric about the expected cost.

use super::day::Day;
use super::market::volatility;
use super::risk::{WHOLE_DAY_NANOS, normal_quantile};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// One paper order's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperScore {
    /// When it was sent.
    pub start: Nanos,
    /// When it was done.
    pub end: Nanos,
    /// A buyer's shortfall over the timing risk known at the start.
    pub score: f64,
}

/// Scores of one horizon, ascending in time.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperScores {
    /// How long each order takes.
    pub horizon_seconds: i64,
    /// One an order.
    pub scores: Vec<PaperScore>,
}

/// Where an interval's width is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Conformal quantile of paper orders.
    Conformal,
    /// Normal quantile: too few paper orders for the level.
    Normal,
}

impl Method {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conformal => "conformal",
            Self::Normal => "normal",
        }
    }
}

/// What the standard deviation is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multiplier {
    /// The multiplier q.
    pub q: f64,
    /// Where it is from.
    pub method: Method,
    /// Paper orders behind it.
    pub n: u64,
}

/// Claimed and realised coverage of the conformal intervals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The level.
    pub claimed: f64,
    /// The part of orders that fell inside; `None` when none could be judged.
    pub realised: Option<f64>,
    /// Orders judged.
    pub n: u64,
    /// Start of the first of them.
    pub from: Option<Nanos>,
    /// End of the last.
    pub to: Option<Nanos>,
}

/// Scores of paper orders that were done by a moment.
#[must_use]
pub fn paper_scores(days: &[Day], as_of: Nanos, horizon_seconds: i64) -> PaperScores {
    let horizon = horizon_seconds.max(1).saturating_mul(NANOS_PER_SECOND);
    let mut scores = Vec::new();
    for (index, day) in days.iter().enumerate() {
        let bars = day.known(as_of);
        let width = bars.first().map_or(horizon, |bar| (bar.end.0 - bar.start.0).max(1));
        let count = (horizon / width).max(1) as usize;
        // The first bar has no mid before it.
        for window in bars.windows(count + 1).step_by(count) {
            let start = window[0].end;
            let known = volatility(&days[..=index], start);
            let Some((arrival, volatility)) = window[0].mid_close_usd.zip(known) else { continue };
            let mids: Vec<f64> = window[1..].iter().filter_map(|bar| bar.mid_close_usd).collect();
            let shortfall = 1e4 * (mids.iter().sum::<f64>() / mids.len() as f64 / arrival - 1.0);
            let lasted = (window[count].end.0 - start.0) as f64 / WHOLE_DAY_NANOS as f64;
            let score = shortfall / (volatility.value * (lasted / 3.0).sqrt());
            if score.is_finite() {
                scores.push(PaperScore { start, end: window[count].end, score });
            }
        }
    }
    PaperScores { horizon_seconds, scores }
}

impl PaperScores {
    /// q of the interval at a level of 0.5 to 0.99: the ceil((n + 1) level)-th smallest |score|, or the normal
    /// quantile while n is too small to hold it.
    #[must_use]
    pub fn multiplier(&self, level: f64) -> Multiplier {
        let mut sizes: Vec<f64> = self.scores.iter().map(|s| s.score.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let n = sizes.len() as u64;
        conformal(&sizes, level)
            .map_or(Multiplier { q: normal_quantile(0.5 + level / 2.0), method: Method::Normal, n }, |q| {
                Multiplier { q, method: Method::Conformal, n }
            })
    }

    /// The signed multiplier of a quantile p of cost, 0.05 to 0.95: -q below the middle, q above, for the level
    /// |2p - 1|.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let level = (2.0 * p - 1.0).abs();
        if level == 0.0 { 0.0 } else { (p - 0.5).signum() * self.multiplier(level).q }
    }

    /// Coverage of the conformal intervals, each order judged by the orders before it alone.
    #[must_use]
    pub fn backtest(&self, level: f64) -> Coverage {
        let (mut before, mut judged): (Vec<f64>, Vec<(&PaperScore, bool)>) = (Vec::new(), Vec::new());
        for score in &self.scores {
            let size = score.score.abs();
            if let Some(q) = conformal(&before, level) {
                judged.push((score, size <= q));
            }
            before.insert(before.partition_point(|other| *other < size), size);
        }
        let inside = judged.iter().filter(|(_, inside)| *inside).count();
        Coverage {
            claimed: level,
            realised: (!judged.is_empty()).then(|| inside as f64 / judged.len() as f64),
            n: judged.len() as u64,
            from: judged.first().map(|(score, _)| score.start),
            to: judged.last().map(|(score, _)| score.end),
        }
    }
}

/// The ceil((n + 1) level)-th of sorted sizes; `None` when there are not so many.
fn conformal(sorted: &[f64], level: f64) -> Option<f64> {
    let rank = ((sorted.len() + 1) as f64 * level - 1e-9).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}
