//! Many orders in one call: each with its own answer or problem, in the order of the request.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{Estimate, VerdictAnswer};
use crate::cost::{Earlier, Order, RecentOrder};

/// A line of a basket: the row it came from, counted from 1, and what it asks.
#[derive(Clone, Debug)]
pub struct Line {
    /// Row of the request: an item of the list, or a line of data; the header is not counted.
    pub row: usize,
    /// The fields, as JSON; or why there are none.
    pub fields: Result<serde_json::Value, String>,
}

/// What became of a line, with the order it was, where it was one.
#[derive(Clone, Debug)]
pub struct Priced<P> {
    /// Row of the request.
    pub row: usize,
    /// The caller's own name for it, when it could be read.
    pub client_ref: Option<String>,
    /// The answer, or the problem.
    pub outcome: Result<Arc<Estimate>, P>,
}

/// What a basket comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Totals {
    /// Lines.
    pub lines: usize,
    /// Lines with an estimate.
    pub priced: usize,
    /// Lines with a problem.
    pub failed: usize,
    /// Dollars of all priced lines, whatever their side.
    pub gross_notional_usd: f64,
    /// Dollars bought less dollars sold.
    pub net_notional_usd: f64,
    /// Expected cost of the lines that have one; null without any.
    #[schema(required)]
    pub expected_cost_usd: Option<f64>,
    /// The same in basis points of the gross of those lines.
    #[schema(required)]
    pub expected_cost_bps: Option<f64>,
    /// Lines with an estimate but no expected cost: what the cost above leaves out.
    pub without_cost: usize,
    /// The worst verdict; a line with a problem counts as `indeterminate`.
    pub worst_verdict: Option<VerdictAnswer>,
    /// Lines by verdict.
    pub verdicts: BTreeMap<&'static str, usize>,
}

/// Adds up a basket.
#[must_use]
pub fn totals<P>(lines: &[Priced<P>]) -> Totals {
    let mut totals = Totals { lines: lines.len(), ..Totals::default() };
    let (mut cost_usd, mut costed_usd) = (0.0, 0.0);
    for line in lines {
        let verdict = match &line.outcome {
            Ok(estimate) => {
                totals.priced += 1;
                let usd = estimate.resolved.notional_usd.unwrap_or(0.0);
                totals.gross_notional_usd += usd;
                totals.net_notional_usd += if estimate.resolved.side == "buy" { usd } else { -usd };
                match &estimate.expected_cost {
                    Some(cost) => (cost_usd, costed_usd) = (cost_usd + cost.usd, costed_usd + usd),
                    None => totals.without_cost += 1,
                }
                *totals.verdicts.entry(estimate.verdict.name()).or_default() += 1;
                estimate.verdict
            }
            Err(_) => {
                totals.failed += 1;
                VerdictAnswer::Indeterminate
            }
        };
        totals.worst_verdict = totals.worst_verdict.max(Some(verdict));
    }
    if totals.priced > totals.without_cost {
        totals.expected_cost_usd = Some(cost_usd);
        totals.expected_cost_bps = (costed_usd > 0.0).then(|| 1e4 * cost_usd / costed_usd);
    }
    totals
}

/// What earlier lines add, by account: lines that may be sent count, others do not.
#[derive(Debug, Default)]
pub struct Running(BTreeMap<Option<String>, Earlier>);

impl Running {
    /// What earlier lines of an order's account add to it.
    #[must_use]
    pub fn before(&self, order: &Order) -> Earlier {
        self.0.get(&order.account.id).cloned().unwrap_or_default()
    }

    /// Counts a line that has its answer.
    pub fn count(&mut self, order: &Order, estimate: &Estimate) {
        let resolved = &estimate.resolved;
        let (VerdictAnswer::Allow | VerdictAnswer::Warn, Some(quantity)) =
            (estimate.verdict, resolved.quantity)
        else {
            return;
        };
        let earlier = self.0.entry(order.account.id.clone()).or_default();
        earlier.notional_usd += resolved.notional_usd.unwrap_or(0.0);
        earlier.orders.push(RecentOrder {
            symbol: order.symbol.clone(),
            side: order.side,
            quantity,
            limit_price: order.limit_price,
            at: order.as_of,
        });
    }
}
