//! What many orders came to together.

use serde::Serialize;
use utoipa::ToSchema;

use super::answer::ExecutionAnswer;

/// Sums over orders, US dollars; a part that is unknown of an order is in `unattributed_usd`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct TotalAnswer {
    /// Orders.
    pub orders: usize,
    /// Orders whose shortfall is not known: they are in no sum.
    pub without_shortfall: usize,
    /// At the decision prices.
    pub decision_notional_usd: f64,
    /// Implementation shortfall.
    pub shortfall_usd: f64,
    /// Decision to arrival.
    pub delay_usd: f64,
    /// Fill prices against mids.
    pub spread_usd: f64,
    /// Expected impact.
    pub impact_usd: f64,
    /// The market's move beyond that.
    pub timing_usd: f64,
    /// Unfilled shares.
    pub opportunity_usd: f64,
    /// Fees.
    pub fees_usd: f64,
    /// The unknown parts.
    pub unattributed_usd: f64,
}

impl TotalAnswer {
    /// Adds up orders.
    #[must_use]
    pub fn of(orders: &[ExecutionAnswer]) -> Self {
        let mut total = Self { orders: orders.len(), ..Self::default() };
        for order in orders {
            let (Some(shortfall), Some(parts)) = (order.shortfall, order.parts) else {
                total.without_shortfall += 1;
                continue;
            };
            let known = |part: Option<super::AmountAnswer>| part.map_or(0.0, |amount| amount.usd);
            let decided = order.decision.price.as_deref().and_then(|price| price.parse().ok());
            total.decision_notional_usd += order.quantity as f64 * decided.unwrap_or(0.0);
            total.shortfall_usd += shortfall.usd;
            total.delay_usd += known(parts.delay);
            total.spread_usd += known(parts.spread);
            total.impact_usd += known(parts.impact);
            total.timing_usd += known(parts.timing);
            total.opportunity_usd += parts.opportunity.usd;
            total.fees_usd += parts.fees.usd;
            total.unattributed_usd += parts.unattributed.usd;
        }
        total
    }

    /// A sum as basis points of the decision notional; `None` where there is none.
    #[must_use]
    pub fn bps(&self, usd: f64) -> Option<f64> {
        (self.decision_notional_usd > 0.0).then(|| usd / self.decision_notional_usd * 1e4)
    }
}
