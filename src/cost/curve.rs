//! When in the day the volume comes: the share of a day's volume in each thirteenth of its session.
//!
//! A thirteenth is a half hour of a whole session. A half day is the same shape pressed into its hours, and its
//! volume is taken to be that of a whole day times the ratio of their lengths ([`VolumeCurve::day_scale`]).

use super::day::Day;
use super::risk::WHOLE_DAY_NANOS;
use crate::flow::BarRecord;
use crate::tape::{Nanos, Session};

/// Stretches of the session that the curve tells apart.
pub const CURVE_BUCKETS: usize = 13;

/// A stretch is never believed emptier than this part of an even share.
const FLOOR_OF_EVEN: f64 = 0.1;

/// Shares of a day's volume, summing to one.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeCurve {
    shares: [f64; CURVE_BUCKETS],
    days: u64,
    whole_nanos: i64,
}

impl VolumeCurve {
    /// The same volume at all times: what is assumed when nothing is known.
    #[must_use]
    pub fn flat() -> Self {
        Self { shares: [1.0 / CURVE_BUCKETS as f64; CURVE_BUCKETS], days: 0, whole_nanos: WHOLE_DAY_NANOS }
    }

    /// The mean share of each stretch over whole days, each day counting the same; flat without a day that traded.
    #[must_use]
    pub fn from_days(days: &[&Day]) -> Self {
        let traded: Vec<[f64; CURVE_BUCKETS]> = days.iter().filter_map(|day| shares_of(day)).collect();
        if traded.is_empty() {
            return Self::flat();
        }
        let floor = FLOOR_OF_EVEN / CURVE_BUCKETS as f64;
        let mean = |bucket: usize| traded.iter().map(|d| d[bucket]).sum::<f64>() / traded.len() as f64;
        let raised: [f64; CURVE_BUCKETS] = std::array::from_fn(|bucket| mean(bucket).max(floor));
        let total: f64 = raised.iter().sum();
        let whole_nanos = days.iter().map(|day| day.session.length()).max().unwrap_or(WHOLE_DAY_NANOS);
        Self { shares: raised.map(|share| share / total), days: traded.len() as u64, whole_nanos }
    }

    /// The shares by stretch of the session.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Days it was measured on; 0 of the flat curve.
    #[must_use]
    pub fn days(&self) -> u64 {
        self.days
    }

    /// The share of the session's volume between two moments; moments outside count as its bounds.
    #[must_use]
    pub fn share(&self, session: &Session, from: Nanos, to: Nanos) -> f64 {
        (self.cumulative(position(session, to.0)) - self.cumulative(position(session, from.0))).max(0.0)
    }

    /// The length of a session against that of a whole day, at most 1: what to scale a day's volume by.
    #[must_use]
    pub fn day_scale(&self, session: &Session) -> f64 {
        (session.length() as f64 / self.whole_nanos as f64).clamp(0.0, 1.0)
    }

    /// The share before a place in the session, 0 to 1; volume is even within a stretch.
    fn cumulative(&self, place: f64) -> f64 {
        let buckets = place * CURVE_BUCKETS as f64;
        let parts = self.shares.iter().enumerate();
        parts.map(|(index, share)| share * (buckets - index as f64).clamp(0.0, 1.0)).sum()
    }
}

/// Where in the session a moment lies, from 0 at the open to 1 at the close.
fn position(session: &Session, moment: i64) -> f64 {
    let length = session.length().max(1) as f64;
    ((moment - session.open.0) as f64 / length).clamp(0.0, 1.0)
}

/// One day's shares; a bar across a bound is divided by time. `None` when nothing traded.
fn shares_of(day: &Day) -> Option<[f64; CURVE_BUCKETS]> {
    let mut volumes = [0.0; CURVE_BUCKETS];
    for bar in &day.bars {
        add(&mut volumes, bar, &day.session);
    }
    let total: f64 = volumes.iter().sum();
    (total > 0.0).then(|| volumes.map(|volume| volume / total))
}

fn add(volumes: &mut [f64; CURVE_BUCKETS], bar: &BarRecord, session: &Session) {
    let scale = CURVE_BUCKETS as f64;
    let (from, to) = (position(session, bar.start.0) * scale, position(session, bar.end.0) * scale);
    for (index, volume) in volumes.iter_mut().enumerate() {
        let overlap = to.min(index as f64 + 1.0) - from.max(index as f64);
        if overlap > 0.0 && to > from {
            *volume += bar.volume_shares() as f64 * overlap / (to - from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{Law, days};
    use crate::tape::{NANOS_PER_SECOND, SessionHours};

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
    fn a_half_day_has_the_shape_and_part_of_the_volume() {
        let half = Session::nyse("2013-07-03".parse().expect("a date"), SessionHours::default());
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
