//! Executed orders as a table for a person: a line an order, and a total.

use crate::posttrade::{AmountAnswer, BenchmarkAnswer, ExecutionAnswer, TotalAnswer};

/// Columns of basis points of the decision value.
const PARTS: [&str; 8] = ["shortfall", "delay", "spread", "impact", "timing", "opport.", "fees", "unattrib."];

/// The table; basis points of the value at the decision price, positive hurts, a dash is unknown.
#[must_use]
pub fn table(orders: &[ExecutionAnswer], total: &TotalAnswer) -> String {
    let width = orders.iter().map(|order| order.order_id.chars().count()).max().unwrap_or(0).clamp(8, 24);
    let mut out = String::from(
        "Implementation shortfall against the decision price, basis points of it; positive hurts.\n\
         The parts add up; unattrib. is what unknown parts (-) make up together.\n\n",
    );
    out.push_str(&format!(
        "{:<width$} {:<8} {:<10} {:>10} {:>10}",
        "order", "symbol", "side", "quantity", "filled"
    ));
    for name in PARTS.iter().chain(&["vs vwap"]) {
        out.push_str(&format!(" {name:>9}"));
    }
    out.push_str(&format!(" {:>14}\n", "shortfall USD"));
    for order in orders {
        let id: String = order.order_id.chars().take(width).collect();
        out.push_str(&format!(
            "{id:<width$} {:<8} {:<10} {:>10} {:>10}",
            order.symbol, order.side, order.quantity, order.filled_quantity
        ));
        for value in parts(order).into_iter().chain([slippage(order.benchmarks.interval_vwap)]) {
            out.push_str(&format!(" {:>9}", number(value)));
        }
        out.push_str(&format!(
            " {:>14}\n",
            order.shortfall.map_or("-".to_owned(), |s| format!("{:.2}", s.usd))
        ));
    }
    out.push_str(&format!("{:<width$} {:<8} {:<10} {:>10} {:>10}", "total", "", "", "", ""));
    let sums = [
        total.shortfall_usd,
        total.delay_usd,
        total.spread_usd,
        total.impact_usd,
        total.timing_usd,
        total.opportunity_usd,
        total.fees_usd,
        total.unattributed_usd,
    ];
    for sum in sums.map(|usd| total.bps(usd)).into_iter().chain([None]) {
        out.push_str(&format!(" {:>9}", number(sum)));
    }
    out + &format!(" {:>14.2}\n", total.shortfall_usd)
}

fn parts(order: &ExecutionAnswer) -> [Option<f64>; 8] {
    let bps = |amount: Option<AmountAnswer>| amount.map(|amount| amount.bps);
    let Some(parts) = order.parts else { return [None; 8] };
    [
        bps(order.shortfall),
        bps(parts.delay),
        bps(parts.spread),
        bps(parts.impact),
        bps(parts.timing),
        Some(parts.opportunity.bps),
        Some(parts.fees.bps),
        Some(parts.unattributed.bps),
    ]
}

fn slippage(benchmark: Option<BenchmarkAnswer>) -> Option<f64> {
    benchmark?.slippage_bps
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}
