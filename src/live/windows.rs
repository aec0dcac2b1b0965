//! Fits of one width as their windows close: the batch's own fits over the window's bars, and once more with how well
//! they did on the next window when that closes; the day's at the session's end.

use std::collections::BTreeMap;

use crate::flow::Bar;
use crate::impact::{Fit, Model, Regression, depth_law, fit_day, fit_half_hour, half_hours};
use crate::tape::{Nanos, Session};

/// Place of a fit in the `fits` table: by model, the day before its half hours, then by time.
type Place = (usize, bool, Nanos);

/// The windows of one width.
#[derive(Clone, Debug)]
pub struct Windows {
    session: Session,
    fits: BTreeMap<Place, Fit>,
    /// Windows that have closed.
    closed: usize,
    /// When the next one closes.
    next_end: Nanos,
}

impl Windows {
    /// No window has closed.
    pub fn new(session: Session) -> Self {
        let mut windows = Self { session, fits: BTreeMap::new(), closed: 0, next_end: Nanos(0) };
        windows.look_ahead(&half_hours(session, &[]));
        windows
    }

    fn look_ahead(&mut self, all: &[(Nanos, &[Bar])]) {
        let end = all.get(self.closed + 1).map_or(self.session.close, |(start, _)| *start);
        self.next_end = if self.closed < all.len() { end } else { Nanos(i64::MAX) };
    }

    /// The session.
    pub fn session(&self) -> Session {
        self.session
    }

    /// Whether a window has closed, now that all bars that begin before `begun` have.
    pub fn are_due(&self, begun: Nanos) -> bool {
        begun >= self.next_end
    }

    /// Fits the windows that have closed; `bars` are all that have, from the open on. Gives new fits.
    pub fn close(&mut self, bars: &[Bar], begun: Nanos) -> Vec<Fit> {
        let all = half_hours(self.session, bars);
        let mut made = Vec::new();
        while self.are_due(begun) {
            let (start, inside) = all[self.closed];
            for (place, model) in Model::ALL.into_iter().enumerate() {
                if let Some((before, earlier)) = self.closed.checked_sub(1).map(|k| all[k]) {
                    let scored = fit_half_hour(self.session, before, earlier, Some(inside), model);
                    made.extend(scored.ok().filter(|fit| fit.r2_oos.is_some()).map(|fit| (place, fit)));
                }
                let fitted = fit_half_hour(self.session, start, inside, None, model);
                made.extend(fitted.ok().map(|fit| (place, fit)));
            }
            self.closed += 1;
            self.look_ahead(&all);
        }
        self.keep(true, made)
    }

    /// The session is over, and all its windows have closed: fits of the day, and its depth law.
    pub fn finish(&mut self, bars: &[Bar]) -> (Vec<Fit>, Option<Regression>) {
        let day = |(place, model)| Some((place, fit_day(self.session, bars, model).ok()?));
        let days: Vec<_> = Model::ALL.into_iter().enumerate().filter_map(day).collect();
        let made = self.keep(false, days);
        (made, depth_law(self.session, bars, &self.rows()).ok())
    }

    fn keep(&mut self, is_half_hour: bool, made: Vec<(usize, Fit)>) -> Vec<Fit> {
        let keep = |(place, fit): (usize, Fit)| {
            self.fits.insert((place, is_half_hour, fit.start), fit.clone());
            fit
        };
        made.into_iter().map(keep).collect()
    }

    /// All fits so far, in the order of the table.
    pub fn rows(&self) -> Vec<Fit> {
        self.fits.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impact::fit_windows;
    use crate::tape::{NANOS_PER_SECOND, NYSE};
    use proptest::prelude::*;

    fn bars(session: Session, width: i64, moves: &[(i64, i64, i64)]) -> Vec<Bar> {
        let starts = (session.open.0..session.close.0).step_by(width as usize);
        let bar = |(index, start): (usize, i64)| {
            let (change, ofi, buy) = moves[index % moves.len()];
            let seen = (change + ofi) % 5 != 0;
            Bar {
                start: Nanos(start),
                end: Nanos(start + width),
                ofi: ofi.into(),
                buy: buy.into(),
                mid_change_doubled: seen.then_some(change * 10_000_000),
                mid_close_doubled: Some(200_000_000_000),
                signed_value: i128::from(buy) * 100,
                depth_time: i128::from(1_000 + buy),
                usable_time: 1,
                ..Bar::default()
            }
        };
        starts.enumerate().map(bar).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        /// Closed one after the other, the windows' fits are those of the whole day, bit for bit.
        #[test]
        fn fits_as_windows_close_are_the_batch_s(
            seconds in prop::sample::select(vec![7_i64, 60, 300, 4_000]),
            moves in prop::collection::vec((-9_i64..9, -900_i64..900, 0_i64..500), 1..97),
        ) {
            let session = NYSE.session("2013-10-07".parse().expect("a date"));
            let width = seconds * NANOS_PER_SECOND;
            let bars = bars(session, width, &moves);
            let mut windows = Windows::new(session);
            for closed in 1..=bars.len() {
                let begun = bars[closed - 1].end;
                if windows.are_due(begun) {
                    windows.close(&bars[..closed], begun);
                }
            }
            windows.finish(&bars);
            prop_assert_eq!(windows.rows(), fit_windows(session, &bars).0);
        }
    }
}
