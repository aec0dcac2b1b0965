//! Paper orders: how far even orders would have strayed from their arrival mid, had they been sent on this tape.
//!
//! Each day is cut into windows of the horizon that do not overlap. An order's shortfall is the mean mid over its bars
//! (in each the mean of the mids at its two ends) over the mid at its start, basis points; its score is that over the
//! timing risk known at its start, sigma sqrt(v/3), v the part of a day's variance due in the window. Scores of moments
//! before an order give its interval by conformal quantiles of their absolute values (Vovk, Gammerman and Shafer,
//! "Algorithmic learning in a random world", 2005): cost ± q sqrt(timing risk² + model error²). The realised coverage
//! is counted prequentially: each score against the q of those before.
//!
//! Below [`RESIDUALS_MIN`] scores there is no conformal quantile in use, and below as many judged orders no realised
//! coverage: a share of two says nothing.
//!
//! A paper order moves nothing, so that scores show what chance does and say nothing of impact. A buyer's bad luck is
//! a seller's good luck, and scores count for both sides: quantiles are symmetric about the expected cost.

use super::risk::normal_quantile;
use crate::cost::known::curve::VolumeCurve;
use crate::cost::known::day::Day;
use crate::cost::known::market::{Source, volatility, whole_days};
use crate::forecast::RESIDUALS_MIN;
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

impl Multiplier {
    /// Half the width of the interval about the expected cost: q sqrt(timing risk² + model error²).
    #[must_use]
    pub fn half_width_bps(&self, timing_risk_bps: f64, model_error_bps: f64) -> f64 {
        self.q * timing_risk_bps.hypot(model_error_bps)
    }
}

/// Claimed and realised coverage of the conformal intervals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The level.
    pub claimed: f64,
    /// The part of orders that fell inside; `None` when fewer than [`RESIDUALS_MIN`] could be judged.
    pub realised: Option<f64>,
    /// Orders judged.
    pub n: u64,
    /// Start of the first of them.
    pub from: Option<Nanos>,
    /// End of the last.
    pub to: Option<Nanos>,
}

/// Scores of paper orders that were done by a moment. Once there are orders whose timing risk rests on whole earlier
/// days, as that of estimates then does, the orders of the first day no longer count: their yardstick was another.
#[must_use]
pub fn paper_scores(days: &[Day], as_of: Nanos, horizon_seconds: i64) -> PaperScores {
    let horizon = horizon_seconds.max(1).saturating_mul(NANOS_PER_SECOND);
    let (mut by_days, mut by_today) = (Vec::new(), Vec::new());
    for (index, day) in days.iter().enumerate() {
        let bars = day.known(as_of);
        let open = day.session.open;
        let earlier = volatility(&days[..index], open);
        let curve = VolumeCurve::from_days(&whole_days(&days[..index], open));
        let width = bars.first().map_or(horizon, |bar| (bar.end.0 - bar.start.0).max(1));
        let count = (horizon / width).max(1) as usize;
        // The first bar has no mid before it.
        for window in bars.windows(count + 1).step_by(count) {
            let (start, end) = (window[0].end, window[count].end);
            let mids: Option<Vec<f64>> = window.iter().map(|bar| bar.mid_close_usd).collect();
            let known = earlier.or_else(|| volatility(&days[index..=index], start));
            let Some((mids, known)) = mids.zip(known) else { continue };
            let between = mids.windows(2).map(|ends| (ends[0] + ends[1]) / 2.0);
            let shortfall = 1e4 * (between.sum::<f64>() / count as f64 / mids[0] - 1.0);
            let variance_days = curve.variance_days(&day.session, start, end);
            let score = shortfall / (known.value * (variance_days / 3.0).sqrt());
            let scores = if known.source == Source::TapeDays { &mut by_days } else { &mut by_today };
            if score.is_finite() {
                scores.push(PaperScore { start, end, score });
            }
        }
    }
    PaperScores { horizon_seconds, scores: if by_days.is_empty() { by_today } else { by_days } }
}

impl PaperScores {
    /// q of the interval at a level, meant for 0.5 to 0.99: the ceil((n + 1) level)-th smallest |score|, or the normal
    /// quantile while n is below [`RESIDUALS_MIN`] or too small to hold it. Of enough scores the largest counts where
    /// the normal quantile is less: a higher level is never narrower than a lower one.
    #[must_use]
    pub fn multiplier(&self, level: f64) -> Multiplier {
        let mut sizes: Vec<f64> = self.scores.iter().map(|s| s.score.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let n = sizes.len() as u64;
        let enough = sizes.len() >= RESIDUALS_MIN;
        let largest = sizes.last().copied().filter(|_| enough).unwrap_or(0.0);
        let normal = || (normal_quantile(0.5 + level / 2.0).max(largest), Method::Normal);
        let conformal = enough.then(|| conformal(&sizes, level)).flatten();
        let (q, method) = conformal.map_or_else(normal, |q| (q, Method::Conformal));
        Multiplier { q, method, n }
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
            realised: (judged.len() >= RESIDUALS_MIN).then(|| inside as f64 / judged.len() as f64),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{Law, days};

    const CHANCE: Law = Law { gamma: 0.0, eta: 0.0, beta: 0.5, noise_bps: 120.0, sigma_bps: 120.0 };

    #[test]
    fn intervals_cover_what_they_claim_on_chance_alone() {
        let days = days(20, 11, CHANCE);
        let end = days[19].session.close;
        let scores = paper_scores(&days, end, 300);
        assert!(scores.scores.len() > 1_400);
        let square =
            scores.scores.iter().map(|s| s.score * s.score).sum::<f64>() / scores.scores.len() as f64;
        assert!((square - 1.0).abs() < 0.1, "{square}");
        for level in [0.5, 0.8, 0.9] {
            let coverage = scores.backtest(level);
            let realised = coverage.realised.expect("judged");
            assert!((realised - level).abs() < 0.02, "{level}: {realised} of {}", coverage.n);
        }
    }

    #[test]
    fn quantiles_are_the_ends_of_intervals() {
        let days = days(5, 12, CHANCE);
        let scores = paper_scores(&days, days[4].session.close, 1_800);
        assert_eq!(scores.quantile(0.5), 0.0);
        assert_eq!(scores.quantile(0.95), scores.multiplier(0.9).q);
        assert_eq!(scores.quantile(0.05), -scores.multiplier(0.9).q);
        assert!(scores.quantile(0.25) < 0.0 && scores.quantile(0.75) < scores.quantile(0.95));
        assert_eq!(scores.multiplier(0.9).method, Method::Conformal);
    }

    #[test]
    fn few_orders_leave_the_normal_law() {
        let days = days(1, 13, CHANCE);
        let scores = paper_scores(&days, days[0].session.close, 3_600);
        let multiplier = scores.multiplier(0.95);
        assert_eq!(multiplier.method, Method::Normal);
        assert!((multiplier.q - 1.959_964).abs() < 1e-6);
        assert_eq!(scores.backtest(0.99).realised, None);
        // Half an hour each: twelve orders would hold a 50 % quantile, and prove nothing.
        let few = paper_scores(&days, days[0].session.close, 1_800);
        let backtest = few.backtest(0.5);
        assert!((1..RESIDUALS_MIN as u64).contains(&backtest.n), "{backtest:?}");
        assert_eq!((backtest.realised, few.multiplier(0.5).method), (None, Method::Normal));
    }

    #[test]
    fn a_higher_level_is_never_narrower() {
        // Scores wider than chance: where the normal law takes over, it alone would narrow the interval.
        let days = days(5, 15, CHANCE);
        let mut scores = paper_scores(&days, days[4].session.close, 1_800);
        scores.scores.iter_mut().for_each(|score| score.score *= 3.0);
        let levels = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99];
        let made = levels.map(|level| scores.multiplier(level));
        assert_eq!((made[0].method, made[7].method), (Method::Conformal, Method::Normal));
        assert!(made.map(|made| made.q).is_sorted(), "{made:?}");
    }

    #[test]
    fn orders_do_not_overlap_and_stay_within_days() {
        let days = days(3, 14, CHANCE);
        let scores = paper_scores(&days, days[2].session.close, 1_800).scores;
        scores.windows(2).for_each(|pair| assert!(pair[0].end <= pair[1].start));
        let within =
            |s: &PaperScore| days.iter().any(|d| d.session.open < s.start && s.end <= d.session.close);
        assert!(scores.iter().all(within));
    }
}
