//! The numbers a cost model needs of a symbol, and what the tape said of them up to a moment.
//!
//! - volatility: root of the mean over whole earlier days of the summed squared 60 s mid returns, scaled to a day of
//!   6.5 hours. The night is left out: an order is worked inside a session. No open-to-close variant: a day gives one
//!   such return and hundreds of short ones, whose sum of squares has a tenth of its error.
//! - ADV: mean volume of whole earlier days of full length; where all were half days, theirs over the part of 6.5 hours
//!   that they lasted; without one, today so far over the share of the volume curve that has passed.
//! - last mid: of the last bar that saw a quote. Spread and depth: mean of the last bars' time-weighted means.

use super::curve::{VolumeCurve, day_scale};
use super::day::Day;
use crate::cost::working::risk::WHOLE_DAY_NANOS;
use crate::flow::BarRecord;
use crate::tape::Nanos;

/// Bars of today without which today so far says nothing of a day.
const TODAY_BARS_MIN: usize = 30;
/// Bars behind the spread and the depth.
const RECENT_BARS: usize = 30;

/// Plain numbers a model needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    /// Mid on arrival.
    pub mid_usd: f64,
    /// Quoted spread.
    pub spread_usd: f64,
    /// Volatility of a session of 6.5 hours.
    pub volatility_daily_bps: f64,
    /// Volume expected on a whole day.
    pub adv_shares: f64,
    /// Mean of the sizes at the best bid and ask.
    pub depth_shares: Option<f64>,
    /// Shares outstanding; the caller's, never guessed.
    pub shares_outstanding: Option<f64>,
}

impl Market {
    /// Half the quoted spread, basis points of the mid.
    #[must_use]
    pub fn half_spread_bps(&self) -> f64 {
        1e4 * self.spread_usd / 2.0 / self.mid_usd
    }

    /// A quantity as part of a day's volume.
    #[must_use]
    pub fn of_adv(&self, quantity: i64) -> f64 {
        quantity.max(0) as f64 / self.adv_shares
    }
}

/// Where a number is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Earlier days of the tape.
    TapeDays,
    /// Today's tape so far, scaled to a day where a day is meant.
    TapeToday,
    /// The literature, or an assumption.
    Prior,
    /// The caller.
    Caller,
}

impl Source {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TapeDays => "tape_days",
            Self::TapeToday => "tape_today",
            Self::Prior => "prior",
            Self::Caller => "caller",
        }
    }
}

/// A number with where it is from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known<T> {
    /// The number.
    pub value: T,
    /// Where it is from.
    pub source: Source,
    /// The last moment it rests on.
    pub as_of: Nanos,
    /// Observations: days of a mean over days, bars otherwise.
    pub n: u64,
}

/// What the tape said of a symbol up to a moment. What it did not say is `None`, never 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The moment; nothing of a bar that ends later is used.
    pub as_of: Nanos,
    /// End of the last bar known.
    pub last_bar_end: Option<Nanos>,
    /// Mid of the last bar that saw a quote; its `as_of` tells the age.
    pub mid_usd: Option<Known<f64>>,
    /// Quoted spread of the last half hour of bars.
    pub spread_usd: Option<Known<f64>>,
    /// Volatility of a session of 6.5 hours, the night left out.
    pub volatility_daily_bps: Option<Known<f64>>,
    /// Volume expected on a whole day.
    pub adv_shares: Option<Known<f64>>,
    /// Mean size at the best quotes over the last half hour of bars.
    pub depth_shares: Option<Known<f64>>,
    /// When the volume comes; flat without a whole day.
    pub curve: VolumeCurve,
    /// Whole days known.
    pub days: u64,
    /// Those of them that were no half days.
    pub full_days: u64,
}

impl Reference {
    /// The numbers a model needs; `None` when one of them is unknown.
    #[must_use]
    pub fn market(&self, shares_outstanding: Option<f64>) -> Option<Market> {
        Some(Market {
            mid_usd: self.mid_usd?.value,
            spread_usd: self.spread_usd?.value,
            volatility_daily_bps: self.volatility_daily_bps?.value,
            adv_shares: self.adv_shares?.value,
            depth_shares: self.depth_shares.map(|depth| depth.value),
            shares_outstanding,
        })
    }
}

/// What days of bars, ascending, said by a moment.
#[must_use]
pub fn reference(days: &[Day], as_of: Nanos) -> Reference {
    let whole = whole_days(days, as_of);
    let curve = VolumeCurve::from_days(&whole);
    let recent = days.iter().rev().find(|day| !day.known(as_of).is_empty());
    let recent_bars = recent.map_or(&[][..], |day| day.known(as_of));
    let today = today(days, as_of);
    let source = if today.is_some() { Source::TapeToday } else { Source::TapeDays };
    let last = |of: fn(&BarRecord) -> Option<f64>| {
        let bars = &recent_bars[recent_bars.len().saturating_sub(RECENT_BARS)..];
        let seen: Vec<(Nanos, f64)> = bars.iter().filter_map(|bar| Some((bar.end, of(bar)?))).collect();
        let value = seen.iter().map(|(_, value)| value).sum::<f64>() / seen.len() as f64;
        seen.last().map(|(end, _)| Known { value, source, as_of: *end, n: seen.len() as u64 })
    };
    Reference {
        as_of,
        last_bar_end: recent_bars.last().map(|bar| bar.end),
        mid_usd: last_mid(recent_bars, source),
        spread_usd: last(|bar| bar.spread_tw_usd),
        volatility_daily_bps: volatility(days, as_of),
        adv_shares: adv(&whole, today, &curve, as_of),
        depth_shares: last(|bar| bar.depth_mean_shares),
        curve,
        days: whole.len() as u64,
        full_days: whole.iter().filter(|day| is_full(day)).count() as u64,
    }
}

/// Volatility of a session of 6.5 hours, as known at a moment.
#[must_use]
pub fn volatility(days: &[Day], as_of: Nanos) -> Option<Known<f64>> {
    let whole = whole_days(days, as_of);
    let (measured, source) = match today(days, as_of) {
        Some(today) if whole.is_empty() => (vec![today], Source::TapeToday),
        _ => (whole, Source::TapeDays),
    };
    let (mut squares, mut seen, mut last) = (0.0, 0_u64, None);
    for bar in measured.iter().flat_map(|day| day.known(as_of)) {
        if let Some(change) = bar.mid_change_bp {
            squares += change * change;
            seen += 1;
            last = Some(bar.end);
        }
    }
    if squares <= 0.0 || (seen as usize) < TODAY_BARS_MIN {
        return None;
    }
    // Per minute observed, times the minutes of a day: right for half days and for today so far alike.
    let bars_a_day = WHOLE_DAY_NANOS as f64 / 6e10;
    Some(Known { value: (squares / seen as f64 * bars_a_day).sqrt(), source, as_of: last?, n: seen })
}

/// Days whose sessions had ended, ascending.
pub(in crate::cost) fn whole_days(days: &[Day], as_of: Nanos) -> Vec<&Day> {
    days.iter().filter(|day| day.is_whole(as_of)).collect()
}

/// The day under way, once a bar of it is known.
fn today(days: &[Day], as_of: Nanos) -> Option<&Day> {
    days.iter().rev().find(|day| !day.is_whole(as_of) && !day.known(as_of).is_empty())
}

fn is_full(day: &Day) -> bool {
    day.session.length() >= WHOLE_DAY_NANOS
}

fn last_mid(bars: &[BarRecord], source: Source) -> Option<Known<f64>> {
    let quoted = bars.iter().rev().find(|bar| bar.quote_count > 0 && bar.mid_close_usd.is_some())?;
    Some(Known { value: quoted.mid_close_usd?, source, as_of: quoted.end, n: 1 })
}

fn adv(whole: &[&Day], today: Option<&Day>, curve: &VolumeCurve, as_of: Nanos) -> Option<Known<f64>> {
    let volume = |bars: &[BarRecord]| bars.iter().map(BarRecord::volume_shares).sum::<i64>() as f64;
    let full: Vec<&Day> = whole.iter().copied().filter(|day| is_full(day)).collect();
    let measured = if full.is_empty() { whole } else { &full };
    let known = if let Some(last) = measured.last() {
        let of_whole = |day: &&Day| volume(&day.bars) / day_scale(&day.session);
        let value = measured.iter().map(of_whole).sum::<f64>() / measured.len() as f64;
        Known { value, source: Source::TapeDays, as_of: last.session.close, n: measured.len() as u64 }
    } else {
        let today = today?;
        let bars = today.known(as_of);
        let last = bars.last().filter(|_| bars.len() >= TODAY_BARS_MIN)?;
        let passed =
            curve.share(&today.session, today.session.open, last.end) * curve.day_scale(&today.session);
        Known {
            value: volume(bars) / passed,
            source: Source::TapeToday,
            as_of: last.end,
            n: bars.len() as u64,
        }
    };
    (known.value.is_finite() && known.value > 0.0).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{ADV, Law, days};
    use crate::cost::{calibrate, paper_scores};
    use crate::tape::NANOS_PER_SECOND;
    use proptest::prelude::*;

    const LAW: Law = Law { gamma: 5.0, eta: 0.02, beta: 0.5, noise_bps: 120.0, sigma_bps: 120.0 };

    fn at(days: &[Day], day: usize, minutes: i64) -> Nanos {
        Nanos(days[day].session.open.0 + minutes * 60 * NANOS_PER_SECOND)
    }

    #[test]
    fn what_the_days_said_is_known() {
        let days = days(4, 3, LAW);
        let known = reference(&days, at(&days, 3, 60));
        assert_eq!(known.days, 3);
        let adv = known.adv_shares.expect("three days");
        assert_eq!((adv.value, adv.source, adv.n), (ADV as f64, Source::TapeDays, 3));
        let mid = known.mid_usd.expect("an hour of today");
        assert_eq!((mid.as_of, mid.source), (at(&days, 3, 60), Source::TapeToday));
        assert_eq!(Some(mid.value), days[3].bars[59].mid_close_usd);
        let volatility = known.volatility_daily_bps.expect("three days").value;
        assert!((volatility - 120.0).abs() < 12.0, "{volatility}");
        assert!((known.spread_usd.expect("quotes").value - 0.02).abs() < 1e-12);
    }

    #[test]
    fn a_first_day_is_scaled_from_what_has_passed() {
        let days = days(1, 3, LAW);
        let adv = reference(&days, at(&days, 0, 65)).adv_shares.expect("an hour");
        assert_eq!(adv.source, Source::TapeToday);
        assert!((adv.value - ADV as f64).abs() < 1.0);
        assert_eq!(reference(&days, at(&days, 0, 29)).adv_shares, None);
    }

    #[test]
    fn half_days_alone_are_scaled_to_a_whole_day_and_counted_as_none() {
        let mut days = days(3, 3, LAW);
        for day in &mut days[..2] {
            day.bars.truncate(210);
            day.session.close = day.bars[209].end;
        }
        let known = reference(&days, at(&days, 2, 20));
        let adv = known.adv_shares.expect("two half days");
        assert!((adv.value - ADV as f64).abs() < 1e-6, "{adv:?}");
        assert_eq!((adv.source, adv.n, known.days, known.full_days), (Source::TapeDays, 2, 2, 0));
        assert!((known.curve.day_scale(&days[0].session) - 210.0 / 390.0).abs() < 1e-12);
        assert_eq!(known.curve.day_scale(&days[2].session), 1.0);
        // Beside a full day, half days say nothing of its volume.
        for bar in &mut days[0].bars {
            bar.buy_shares += 1_000;
        }
        let later = reference(&days, days[2].session.close);
        assert_eq!((later.adv_shares.expect("one").n, later.full_days), (1, 1));
        assert_eq!(later.adv_shares.expect("one").value, ADV as f64);
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        let known = reference(&[], Nanos(0));
        assert!(known.mid_usd.is_none() && known.adv_shares.is_none() && known.market(None).is_none());
        assert_eq!(known.curve, VolumeCurve::flat());
        let mut halted = days(1, 3, LAW);
        halted[0].bars.iter_mut().for_each(|bar| {
            (bar.mid_close_usd, bar.mid_change_bp, bar.spread_tw_usd) = (None, None, None);
            (bar.buy_shares, bar.sell_shares) = (0, 0);
        });
        let known = reference(&halted, at(&halted, 0, 200));
        assert!(known.mid_usd.is_none() && known.spread_usd.is_none());
        assert!(known.volatility_daily_bps.is_none() && known.adv_shares.is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn nothing_after_the_moment_is_used(
            day in 0_usize..3, minute in 0_i64..390, second in 0_i64..60, seed in 0_u64..9, shares in 1_i64..90_000,
        ) {
            let days = days(3, seed, LAW);
            let as_of = Nanos(at(&days, day, minute).0 + second * NANOS_PER_SECOND);
            let mut other = days.clone();
            for bar in other.iter_mut().flat_map(|day| &mut day.bars).filter(|bar| bar.end > as_of) {
                bar.buy_shares += shares;
                bar.mid_close_usd = bar.mid_close_usd.map(|mid| mid * 1.5);
                bar.mid_change_bp = bar.mid_change_bp.map(|change| change * -3.0 + 1.0);
                (bar.spread_tw_usd, bar.depth_mean_shares, bar.quote_count) = (None, Some(1.0), 0);
            }
            prop_assert_eq!(reference(&days, as_of), reference(&other, as_of));
            prop_assert_eq!(calibrate(&days, as_of), calibrate(&other, as_of));
            prop_assert_eq!(paper_scores(&days, as_of, 600), paper_scores(&other, as_of, 600));
        }
    }
}
