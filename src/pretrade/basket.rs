//! Many orders in one call: each with its own answer or problem, in the order of the request.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{Estimate, VerdictAnswer};
use super::price::Price;
use crate::cost::{Beside, Earlier, Facts, Order, RecentOrder, Side};
use crate::tape::NYSE;

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

/// A symbol, whether it is bought, and the day.
type Market = (String, bool, NaiveDate);

/// What earlier lines add: to the account they name, and to the market whatever they name. Lines that may be sent
/// count, others do not.
#[derive(Debug, Default)]
pub struct Running {
    by_account: BTreeMap<Option<String>, Earlier>,
    by_market: BTreeMap<Market, Vec<Beside>>,
}

impl Running {
    /// What earlier lines add to an order.
    #[must_use]
    pub fn before(&self, order: &Order) -> Earlier {
        let mut earlier = self.by_account.get(&account(order)).cloned().unwrap_or_default();
        earlier.beside = self.by_market.get(&market(order)).cloned().unwrap_or_default();
        earlier
    }

    /// Counts a line that has its answer.
    pub fn count(&mut self, order: &Order, estimate: &Estimate) {
        let resolved = &estimate.resolved;
        let (VerdictAnswer::Allow | VerdictAnswer::Warn, Some(quantity)) =
            (estimate.verdict, resolved.quantity)
        else {
            return;
        };
        let earlier = self.by_account.entry(account(order)).or_default();
        earlier.notional_usd += resolved.notional_usd.unwrap_or(0.0);
        earlier.orders.push(RecentOrder {
            symbol: order.symbol.clone(),
            side: order.side,
            quantity,
            limit_price: order.limit_price,
            at: order.as_of,
        });
        if let Some((start, end)) = resolved.window_start.zip(resolved.window_end) {
            let beside = Beside { shares: quantity, start: start.0, end: end.0 };
            self.by_market.entry(market(order)).or_default().push(beside);
        }
    }
}

fn account(order: &Order) -> Option<String> {
    order.account.id.as_ref().map(|id| id.trim().to_ascii_uppercase())
}

fn market(order: &Order) -> Market {
    (order.symbol.clone(), order.side == Side::Buy, NYSE.date_of(order.as_of))
}

/// The facts with earlier lines of the same symbol and side in them: their shares in the part of the day's volume,
/// and in the participation those of their shares that fall, evenly, into the time both are worked in.
#[must_use]
pub fn with_earlier(mut facts: Facts, earlier: &Earlier, price: Option<&Price<'_>>) -> Facts {
    let Some(quantity) = facts.quantity.filter(|_| !earlier.beside.is_empty()) else { return facts };
    let shares = earlier.beside.iter().map(|line| line.shares as f64).sum::<f64>();
    let own_adv = facts.pct_adv;
    facts.pct_adv = own_adv.map(|percent| percent * (1.0 + shares / quantity as f64));
    let Some(((price, percent), own_adv)) = price.zip(facts.participation_percent).zip(own_adv) else {
        return facts;
    };
    // The daily volume of the checks may be less than that of the price.
    let flattered = own_adv * price.horizon.adv_shares / (100.0 * quantity as f64);
    let added = |line: &Beside| {
        let (start, end) = (line.start.max(price.horizon.start), line.end.min(price.horizon.end));
        let market = price.horizon.market_shares(start, end);
        let part = (end.0 - start.0) as f64 / (line.end.0 - line.start.0).max(1) as f64;
        if start < end && market > 0.0 { line.shares as f64 * part / market } else { 0.0 }
    };
    let beside: f64 = earlier.beside.iter().map(added).sum();
    facts.participation_percent = Some(percent + 100.0 * flattered * beside);
    facts
}
