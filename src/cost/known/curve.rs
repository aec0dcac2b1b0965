//! When in the day the volume comes and the price moves: the shares of a day's volume and of its variance (summed
//! squared 60 s mid returns) in each thirteenth of its session.
//!
//! A thirteenth is a half hour of a whole session. A half day is the same shape pressed into its hours, and its
//! volume and variance are taken to be those of a whole day of 6.5 hours times the ratio of their lengths
//! ([`VolumeCurve::day_scale`]), also where the tape holds half days alone.

use super::day::Day;
use crate::cost::working::risk::WHOLE_DAY_NANOS;
use crate::flow::BarRecord;
use crate::tape::{Nanos, Session};

/// Stretches of the session that the curve tells apart.
pub const CURVE_BUCKETS: usize = 13;

/// A stretch is never believed emptier than this part of an even share.
const FLOOR_OF_EVEN: f64 = 0.1;

type Shares = [f64; CURVE_BUCKETS];

const EVEN: Shares = [1.0 / CURVE_BUCKETS as f64; CURVE_BUCKETS];

/// Shares of a day's volume and of its variance, each summing to one.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeCurve {
    volume: Shares,
    variance: Shares,
    days: u64,
}

impl VolumeCurve {
    /// The same volume at all times: what is assumed when nothing is known.
    #[must_use]
    pub fn flat() -> Self {
        Self { volume: EVEN, variance: EVEN, days: 0 }
    }

    /// The mean share of each stretch over whole days, each day counting the same; flat without a day that traded.
    #[must_use]
    pub fn from_days(days: &[&Day]) -> Self {
        let volume = |bar: &BarRecord| bar.volume_shares() as f64;
        let variance = |bar: &BarRecord| bar.mid_change_bp.map_or(0.0, |change| change * change);
        let traded: Vec<Shares> = days.iter().filter_map(|day| shares_of(day, volume)).collect();
        if traded.is_empty() {
            return Self::flat();
        }
        let moved: Vec<Shares> = days.iter().filter_map(|day| shares_of(day, variance)).collect();
        Self { volume: mean(&traded), variance: mean(&moved), days: traded.len() as u64 }
    }

    /// The shares of volume by stretch of the session.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.volume
    }

    /// Days it was measured on; 0 of the flat curve.
    #[must_use]
    pub fn days(&self) -> u64 {
        self.days
    }

    /// The share of the session's volume between two moments; moments outside count as its bounds.
    #[must_use]
    pub fn share(&self, session: &Session, from: Nanos, to: Nanos) -> f64 {
        between(&self.volume, session, from, to)
    }

    /// The part of a whole day's variance that comes between two moments of a session.
    #[must_use]
    pub fn variance_days(&self, session: &Session, from: Nanos, to: Nanos) -> f64 {
        between(&self.variance, session, from, to) * self.day_scale(session)
    }

    /// The length of a session against that of a whole day, at most 1: what to scale a day's volume by.
    #[must_use]
    pub fn day_scale(&self, session: &Session) -> f64 {
        day_scale(session)
    }
}

/// The length of a session against that of a whole day, at most 1.
pub(in crate::cost) fn day_scale(session: &Session) -> f64 {
    (session.length() as f64 / WHOLE_DAY_NANOS as f64).clamp(0.0, 1.0)
}

/// The share between two moments; it comes evenly within a stretch.
fn between(shares: &Shares, session: &Session, from: Nanos, to: Nanos) -> f64 {
    let before = |moment: Nanos| -> f64 {
        let stretches = position(session, moment.0) * CURVE_BUCKETS as f64;
        shares
            .iter()
            .enumerate()
            .map(|(index, share)| share * (stretches - index as f64).clamp(0.0, 1.0))
            .sum()
    };
    (before(to) - before(from)).max(0.0)
}

/// The mean of days' shares, none below the floor; even without a day.
fn mean(days: &[Shares]) -> Shares {
    if days.is_empty() {
        return EVEN;
    }
    let mean = |bucket: usize| days.iter().map(|day| day[bucket]).sum::<f64>() / days.len() as f64;
    let raised: Shares = std::array::from_fn(|bucket| mean(bucket).max(FLOOR_OF_EVEN * EVEN[bucket]));
    let total: f64 = raised.iter().sum();
    raised.map(|share| share / total)
}

/// Where in the session a moment lies, from 0 at the open to 1 at the close.
fn position(session: &Session, moment: i64) -> f64 {
    let length = session.length().max(1) as f64;
    ((moment - session.open.0) as f64 / length).clamp(0.0, 1.0)
}

/// One day's shares of what its bars hold; a bar across a bound is divided by time. `None` when all hold nothing.
fn shares_of(day: &Day, of: impl Fn(&BarRecord) -> f64) -> Option<Shares> {
    let mut sums = [0.0; CURVE_BUCKETS];
    let place = |moment: Nanos| position(&day.session, moment.0) * CURVE_BUCKETS as f64;
    for bar in &day.bars {
        let (from, to, held) = (place(bar.start), place(bar.end), of(bar));
        for (index, sum) in sums.iter_mut().enumerate() {
            let overlap = to.min(index as f64 + 1.0) - from.max(index as f64);
            if overlap > 0.0 {
                *sum += held * overlap / (to - from);
            }
        }
    }
    let total: f64 = sums.iter().sum();
    (total > 0.0).then(|| sums.map(|sum| sum / total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{Law, days};
    use crate::tape::{NANOS_PER_SECOND, NYSE};

    fn busy_first_half_hour() -> Vec<Day> {
        let quiet = Law { gamma: 0.0, eta: 0.0, beta: 0.5, noise_bps: 100.0, sigma_bps: 100.0 };
        let mut days = days(2, 1, quiet);
        for day in &mut days {
            day.bars[..30].iter_mut().for_each(|bar| bar.unsigned_shares += 20_000);
        }
        days
    }

    #[test]
    fn a_busy_half_hour_has_its_share() {
        let days = busy_first_half_hour();
        let curve = VolumeCurve::from_days(&days.iter().collect::<Vec<_>>());
        // 10,000 a bar, and 20,000 more in 30 of 390 bars.
        assert!((curve.shares()[0] - 900.0 / 4_500.0).abs() < 1e-12);
        assert!((curve.shares()[12] - 300.0 / 4_500.0).abs() < 1e-12);
        assert!((curve.shares().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let session = days[0].session;
        let quarter = Nanos(session.open.0 + 900 * NANOS_PER_SECOND);
        assert!((curve.share(&session, session.open, quarter) - 0.1).abs() < 1e-12);
        assert!((curve.share(&session, Nanos(0), Nanos(i64::MAX)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_wild_half_hour_has_its_variance() {
        let mut days = busy_first_half_hour();
        for bar in days.iter_mut().flat_map(|day| &mut day.bars) {
            bar.mid_change_bp = Some(1.0);
        }
        let session = days[0].session;
        let half_hour = Nanos(session.open.0 + 1_800 * NANOS_PER_SECOND);
        for day in &mut days {
            day.bars[..30].iter_mut().for_each(|bar| bar.mid_change_bp = Some(2.0));
        }
        let curve = VolumeCurve::from_days(&days.iter().collect::<Vec<_>>());
        // 120 of 480 squared basis points.
        assert!((curve.variance_days(&session, session.open, half_hour) - 0.25).abs() < 1e-12);
        assert!((curve.variance_days(&session, session.open, session.close) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_half_day_has_the_shape_and_part_of_the_volume() {
        let half = NYSE.session("2013-07-03".parse().expect("a date"));
        let curve = VolumeCurve::flat();
        assert!((curve.day_scale(&half) - 210.0 / 390.0).abs() < 1e-12);
        assert!((curve.share(&half, half.open, half.close) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_empty_stretch_is_not_believed_empty() {
        let mut days = busy_first_half_hour();
        for bar in days.iter_mut().flat_map(|day| &mut day.bars[60..90]) {
            (bar.buy_shares, bar.sell_shares) = (0, 0);
        }
        let curve = VolumeCurve::from_days(&days.iter().collect::<Vec<_>>());
        assert!(curve.shares()[2] > 0.007);
        assert!((curve.shares().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
