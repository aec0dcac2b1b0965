//! Rows to learn from: what was known at a bar's start, and what the price did in the bar.
//!
//! In: a symbol's [`BarRecord`]s of one width, day by day. Out: a [`Sample`] of [`Row`]s.
//!
//! A row belongs to bar k, which starts at t. Its response is the bar's change of the mid in basis points. Its
//! features come from bars of the same day that ended at or before t, with one exception: under
//! [`Purpose::Conditional`] the signed flow q of bar k itself is given, since the question is what the price would
//! do if that flow came (the response to aggregate flow of Bugaenko 2020 and of Patzelt and Bouchaud 2018). That
//! explains; [`Purpose::Ahead`] forecasts, and has no q. The two are never compared.
//!
//! "Trailing" runs over the last [`TRAILING_BARS`] bars, or as many as the day has. A day's first bars, with fewer
//! than [`WARM_UP_BARS`] price changes behind them, give no rows.

use serde::{Deserialize, Serialize};

use crate::flow::BarRecord;
use crate::impact::Design;
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, local_midnight};

/// Changes whenever a feature's meaning does; a model of another version is not asked.
pub const FEATURES_VERSION: u32 = 1;
/// Bars that a trailing feature looks back on.
pub const TRAILING_BARS: usize = 30;
/// Price changes of the day that must be known before a row is made.
pub const WARM_UP_BARS: usize = 5;

/// What is asked of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What would the price do if this signed flow came? Explains.
    Conditional,
    /// What will the price do? Forecasts.
    Ahead,
}

impl Purpose {
    /// Its name in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conditional => "conditional",
            Self::Ahead => "ahead",
        }
    }
}

/// A column of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
}

const fn feature(name: &'static str, unit: &'static str) -> Feature {
    Feature { name, unit }
}

const FEATURES: [Feature; 10] = [
    feature("flow_shares", "shares"),
    feature("last_trade_imbalance_shares", "shares"),
    feature("trailing_trade_imbalance_shares", "shares_per_bar"),
    feature("last_ofi_shares", "shares"),
    feature("trailing_ofi_shares", "shares_per_bar"),
    feature("trailing_volatility_bp", "bp_per_bar"),
    feature("trailing_volume_shares", "shares_per_bar"),
    feature("last_depth_shares", "shares"),
    feature("last_spread_bp", "bp"),
    feature("time_of_day_hours", "hours"),
];
/// Features that are known at a bar's start: all but the flow.
const KNOWN: usize = FEATURES.len() - 1;
/// Where among those the trailing volatility stands.
const VOLATILITY: usize = 4;

/// The columns of a purpose's rows, in order: the flow (shares traded by buying less those by selling aggressors,
/// conditional only); trade and order-flow imbalance of the last bar and their trailing means; root mean square of
/// the trailing price changes; trailing mean volume; the last bar's mean depth and spread (the latest that has
/// them), and New York time of day at the start.
#[must_use]
pub fn features(purpose: Purpose) -> &'static [Feature] {
    match purpose {
        Purpose::Conditional => &FEATURES,
        Purpose::Ahead => &FEATURES[1..],
    }
}

/// What is known before a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// When: the bar's start.
    pub start: Nanos,
    /// The mid in force, dollars.
    pub mid_usd: f64,
    values: [f64; KNOWN],
}

impl Known {
    /// What a day's bars tell at `start`. Only those that ended by then are looked at; `None` while there are too
    /// few of them, or no depth, spread or mid yet.
    #[must_use]
    pub fn at(start: Nanos, day: &[BarRecord]) -> Option<Self> {
        let midnight = local_midnight(NYSE.date_of(start));
        Self::since(midnight, start, &day[..day.partition_point(|bar| bar.end <= start)])
    }

    fn since(midnight: Nanos, start: Nanos, ended: &[BarRecord]) -> Option<Self> {
        let window = &ended[ended.len().saturating_sub(TRAILING_BARS)..];
        let last = window.last()?;
        let changes: Vec<f64> = window.iter().filter_map(|bar| bar.mid_change_bp).collect();
        if changes.len() < WARM_UP_BARS {
            return None;
        }
        let latest = |of: fn(&BarRecord) -> Option<f64>| window.iter().rev().find_map(of);
        let mid_usd = latest(|bar| bar.mid_close_usd)?;
        let mean =
            |of: fn(&BarRecord) -> i64| window.iter().map(of).sum::<i64>() as f64 / window.len() as f64;
        let square = changes.iter().map(|change| change * change).sum::<f64>() / changes.len() as f64;
        let values = [
            last.trade_imbalance_shares() as f64,
            mean(BarRecord::trade_imbalance_shares),
            last.ofi_shares as f64,
            mean(|bar| bar.ofi_shares),
            square.sqrt(),
            mean(BarRecord::volume_shares),
            latest(|bar| bar.depth_mean_shares)?,
            1e4 * latest(|bar| bar.spread_tw_usd)? / mid_usd,
            (start.0 - midnight.0) as f64 / (3_600.0 * NANOS_PER_SECOND as f64),
        ];
        Some(Self { start, mid_usd, values })
    }

    /// The features of a purpose's row; `flow_shares` counts under [`Purpose::Conditional`] only.
    #[must_use]
    pub fn features(&self, purpose: Purpose, flow_shares: f64) -> Vec<f64> {
        let flow = (purpose == Purpose::Conditional).then_some(flow_shares);
        flow.into_iter().chain(self.values).collect()
    }

    /// Root mean square of the trailing price changes, basis points: the scale of what may come.
    #[must_use]
    pub fn volatility_bp(&self) -> f64 {
        self.values[VOLATILITY]
    }
}

/// An observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The bar's place among all bars of the sample.
    pub bar: usize,
    /// The bar's first nanosecond: what stands in `x` was known by then.
    pub start: Nanos,
    /// The bar's first nanosecond after: `y` is known from then on.
    pub end: Nanos,
    /// The mid at the start, dollars.
    pub mid_usd: f64,
    /// The trailing volatility, basis points.
    pub volatility_bp: f64,
    /// The features, in the order of [`features`].
    pub x: Vec<f64>,
    /// The bar's change of the mid, basis points.
    pub y_bp: f64,
}

/// The rows of a symbol's bars, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What is asked.
    pub purpose: Purpose,
    /// The rows.
    pub rows: Vec<Row>,
    /// Bars of each day, those without a row included.
    pub bars_by_day: Vec<usize>,
}

impl Sample {
    /// Makes the rows of days, each day's bars in order of time and the days ascending.
    #[must_use]
    pub fn new(purpose: Purpose, days: &[Vec<BarRecord>]) -> Self {
        let (mut rows, mut before) = (Vec::new(), 0);
        for day in days {
            let midnight = day.first().map_or(Nanos(0), |bar| local_midnight(NYSE.date_of(bar.start)));
            for (index, bar) in day.iter().enumerate() {
                let known = Known::since(midnight, bar.start, &day[..index]);
                rows.extend(known.zip(bar.mid_change_bp).map(|(known, y_bp)| Row {
                    bar: before + index,
                    start: bar.start,
                    end: bar.end,
                    mid_usd: known.mid_usd,
                    volatility_bp: known.volatility_bp(),
                    x: known.features(purpose, bar.trade_imbalance_shares() as f64),
                    y_bp,
                }));
            }
            before += day.len();
        }
        Self { purpose, rows, bars_by_day: days.iter().map(Vec::len).collect() }
    }
}

/// Rows as columns.
#[must_use]
pub fn design(rows: &[&Row]) -> Design {
    let columns = rows.first().map_or(0, |row| row.x.len());
    Design {
        y: rows.iter().map(|row| row.y_bp).collect(),
        x: (0..columns).map(|column| rows.iter().map(|row| row.x[column]).collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2013-10-07 09:30:00 New York.
    const OPEN: i64 = 1_381_152_600_000_000_000;

    fn bar(index: i64) -> BarRecord {
        let minute = 60 * NANOS_PER_SECOND;
        BarRecord {
            start: Nanos(OPEN + index * minute),
            end: Nanos(OPEN + (index + 1) * minute),
            ofi_shares: 10 * index,
            buy_shares: 300 + index,
            sell_shares: 100,
            unsigned_shares: 7,
            mid_close_usd: Some(100.0),
            mid_change_bp: (index > 0).then_some(if index % 2 == 0 { 3.0 } else { -4.0 }),
            depth_mean_shares: Some(500.0 + index as f64),
            spread_tw_usd: Some(0.02),
            ..BarRecord::default()
        }
    }

    #[test]
    fn a_row_holds_what_was_known() {
        let day: Vec<BarRecord> = (0..8).map(bar).collect();
        let sample = Sample::new(Purpose::Conditional, std::slice::from_ref(&day));
        // Bars 1 to 5 have the five price changes that are needed: bar 6 is the first with a row.
        assert_eq!(sample.rows.iter().map(|row| row.bar).collect::<Vec<_>>(), [6, 7]);
        let row = &sample.rows[0];
        // Flow of bar 6; of bar 5 and the mean of bars 0 to 5; changes -4, 3, -4, 3, -4 have mean square 66/5.
        let expected = [206.0, 205.0, 202.5, 50.0, 25.0, (66.0_f64 / 5.0).sqrt(), 409.5, 505.0, 2.0, 9.6];
        assert_eq!(row.x, expected);
        assert_eq!((row.y_bp, row.mid_usd), (3.0, 100.0));
        let ahead = Sample::new(Purpose::Ahead, std::slice::from_ref(&day));
        assert_eq!(ahead.rows[0].x, expected[1..]);
        let served = Known::at(row.start, &day).expect("known");
        assert_eq!(served.features(Purpose::Conditional, 206.0), row.x);
    }

    #[test]
    fn a_day_begins_afresh() {
        let day: Vec<BarRecord> = (0..8).map(bar).collect();
        let sample = Sample::new(Purpose::Ahead, &[day.clone(), day]);
        assert_eq!(sample.rows.iter().map(|row| row.bar).collect::<Vec<_>>(), [6, 7, 14, 15]);
        assert_eq!(sample.rows[0].x, sample.rows[2].x);
        assert_eq!(sample.bars_by_day, [8, 8]);
    }

    #[test]
    fn every_feature_has_its_column() {
        assert_eq!(features(Purpose::Ahead).len(), KNOWN);
        assert_eq!(features(Purpose::Ahead)[VOLATILITY].name, "trailing_volatility_bp");
    }
}
