//! What an order costs in a market: its schedule, the model's components, and the caller's drift.

use super::answer::ComponentsAnswer;
use super::resolve::done_by;
use crate::cost::{
    CostModel, Horizon, Market, Order, Pace, Piece, Schedule, Slice, Strategy, custom, shortfall,
    timing_risk_bps, twap, vwap,
};

/// An order with the model and market it is priced in.
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'a> {
    /// The order.
    pub order: &'a Order,
    /// Whole shares.
    pub quantity: i64,
    /// The numbers a model needs.
    pub market: Market,
    /// The model.
    pub model: &'a CostModel,
}

/// A price.
#[derive(Clone, Debug)]
pub struct Price<'a> {
    /// The window it is worked in.
    pub horizon: Horizon<'a>,
    /// What is traded when.
    pub schedule: Schedule,
    /// Parts of the expected cost.
    pub components: ComponentsAnswer,
    /// Standard deviation of chance.
    pub risk_bps: f64,
}

impl<'a> Pricing<'a> {
    /// The price of the order within a window; `None` when nothing can be traded in it.
    #[must_use]
    pub fn price(&self, open: Horizon<'a>) -> Option<Price<'a>> {
        match self.order.pace {
            Pace::Participation(rate) => {
                let (horizon, fits) = self.at_rate(rate, open)?;
                self.within(self.order.strategy, fits, horizon)
            }
            _ => self.within(self.order.strategy, self.quantity, open),
        }
    }

    /// The price at another participation rate, or the shares that fit where they are fewer.
    ///
    /// # Errors
    /// The shares that fit.
    pub fn price_at(&self, rate: f64, open: Horizon<'a>) -> Result<Price<'a>, i64> {
        let (horizon, fits) = self.at_rate(rate, open).ok_or(0)?;
        if fits < self.quantity {
            return Err(fits);
        }
        self.within(Strategy::Pov, fits, horizon).ok_or(fits)
    }

    /// The window that a participation rate needs, and the shares that fit into it.
    fn at_rate(&self, rate: f64, open: Horizon<'a>) -> Option<(Horizon<'a>, i64)> {
        let horizon = open.until(done_by(self.quantity, rate, &open))?;
        let fits = rate * horizon.market_shares(horizon.start, horizon.end);
        Some((horizon, self.quantity.min(fits.floor() as i64)))
    }

    fn within(&self, strategy: Strategy, quantity: i64, horizon: Horizon<'a>) -> Option<Price<'a>> {
        let schedule = self.shape(strategy, quantity, &horizon)?;
        if schedule.quantity() == 0 {
            return None;
        }
        let parts = self.model.components(&self.market, &schedule);
        let components = ComponentsAnswer {
            spread_bps: parts.spread_bps,
            temporary_impact_bps: parts.temporary_bps,
            permanent_impact_bps: parts.permanent_bps,
            timing_drift_bps: self.drift_bps(&horizon, &schedule),
            fees_bps: None,
        };
        let risk_bps = timing_risk_bps(&self.market, &schedule);
        components.total().is_finite().then_some(Price { horizon, schedule, components, risk_bps })
    }

    fn shape(&self, strategy: Strategy, quantity: i64, horizon: &Horizon<'_>) -> Option<Schedule> {
        Some(match strategy {
            Strategy::Twap => twap(quantity, horizon),
            // A window that a participation rate needs is worked at that rate throughout: even in volume.
            Strategy::Vwap | Strategy::Close | Strategy::Pov => vwap(quantity, horizon),
            Strategy::Is => shortfall(quantity, self.order.risk_aversion, &self.market, self.model, horizon),
            Strategy::Custom => {
                let piece = |piece: &Piece| (piece.start, piece.end, piece.quantity as f64);
                let pieces: Vec<_> = self.order.schedule.iter().map(piece).collect();
                custom(quantity, &pieces, horizon).ok()?
            }
        })
    }

    /// The caller's drift over the window, reached in proportion to time: each share pays what has passed by the
    /// middle of its slice.
    fn drift_bps(&self, horizon: &Horizon<'_>, schedule: &Schedule) -> f64 {
        self.order.side.sign() * self.order.alpha_bps.unwrap_or(0.0) * waited(horizon, schedule)
    }
}

/// The part of the window that has passed when the mean share is traded.
fn waited(horizon: &Horizon<'_>, schedule: &Schedule) -> f64 {
    let (length, quantity) = (horizon.length() as f64, schedule.quantity() as f64);
    let part = |slice: &Slice| {
        let middle =
            (slice.start.0 - horizon.start.0) as f64 / 2.0 + (slice.end.0 - horizon.start.0) as f64 / 2.0;
        slice.shares as f64 / quantity * middle / length
    };
    schedule.slices.iter().map(part).sum()
}
