//! The stretch of a session in which an order is worked, cut into slices, and the volume expected in each.

use super::curve::VolumeCurve;
use crate::cost::working::schedule::Slice;
use crate::limits::SCHEDULE_SLICES_MAX;
use crate::tape::{NANOS_PER_SECOND, Nanos, Session};

/// Widths a slice may have, seconds; the finest that keeps within the bound is taken.
const WIDTHS_SECONDS: [i64; 6] = [60, 120, 300, 600, 900, 1_800];

/// A window inside a session and the volume expected there.
#[derive(Clone, Copy, Debug)]
pub struct Horizon<'a> {
    /// The session it lies in.
    pub session: Session,
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond outside again.
    pub end: Nanos,
    /// Width of a slice, nanoseconds; the last may be shorter.
    pub slice_nanos: i64,
    /// When the volume comes and the price moves.
    pub curve: &'a VolumeCurve,
    /// Volume expected on a whole day, shares.
    pub adv_shares: f64,
}

impl<'a> Horizon<'a> {
    /// The window, cut to the session; `None` when nothing of it is left. At most
    /// [`SCHEDULE_SLICES_MAX`] slices of a minute or more.
    #[must_use]
    pub fn new(
        session: Session,
        start: Nanos,
        end: Nanos,
        curve: &'a VolumeCurve,
        adv_shares: f64,
    ) -> Option<Self> {
        let (start, end) = (start.max(session.open), end.min(session.close));
        let length = (start < end).then_some(end.0 - start.0)?;
        let fits = |seconds: &i64| length <= seconds * NANOS_PER_SECOND * SCHEDULE_SLICES_MAX;
        let seconds = WIDTHS_SECONDS.into_iter().find(fits).unwrap_or(WIDTHS_SECONDS[5]);
        Some(Self { session, start, end, slice_nanos: seconds * NANOS_PER_SECOND, curve, adv_shares })
    }

    /// The same window, ended at another moment; `None` when nothing is left.
    #[must_use]
    pub fn until(&self, end: Nanos) -> Option<Self> {
        Self::new(self.session, self.start, end, self.curve, self.adv_shares)
    }

    /// Length, nanoseconds.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.end.0 - self.start.0
    }

    /// Bounds of the slices.
    #[must_use]
    pub fn slices(&self) -> Vec<(Nanos, Nanos)> {
        let starts = (self.start.0..self.end.0).step_by(self.slice_nanos.max(1) as usize);
        starts.map(|s| (Nanos(s), Nanos((s + self.slice_nanos).min(self.end.0)))).collect()
    }

    /// Market volume expected between two moments, shares.
    #[must_use]
    pub fn market_shares(&self, from: Nanos, to: Nanos) -> f64 {
        self.adv_shares * self.curve.day_scale(&self.session) * self.curve.share(&self.session, from, to)
    }

    /// A slice of the window with the volume and the variance expected in it.
    #[must_use]
    pub fn slice(&self, start: Nanos, end: Nanos, shares: i64) -> Slice {
        let market_shares = self.market_shares(start, end);
        let variance_days = self.curve.variance_days(&self.session, start, end);
        Slice { start, end, shares, market_shares, variance_days }
    }
}
