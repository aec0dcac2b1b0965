//! An estimate for a person: the verdict first, then the cost, where it comes from, and every check.

use std::fmt::Write;

use crate::pretrade::{CheckAnswer, Estimate, Input, Priced, Totals};

/// What is unknown.
const UNKNOWN: &str = "-";

fn shown(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| format!("{value:.decimals$}"))
}

/// With thousands apart.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    fraction.map_or_else(|| format!("{sign}{out}"), |fraction| format!("{sign}{out}.{fraction}"))
}

/// One order.
#[must_use]
pub fn report(estimate: &Estimate) -> String {
    let mut out = String::new();
    let resolved = &estimate.resolved;
    let quantity = resolved.quantity.map_or_else(|| UNKNOWN.to_owned(), |q| grouped(q as f64, 0));
    line(&mut out, &format!("{}  {}", estimate.verdict.name().to_uppercase(), estimate.why));
    line(&mut out, "");
    let window = resolved.window_start.zip(resolved.window_end);
    let window = window.map_or_else(|| "no window".to_owned(), |(start, end)| format!("{start} to {end}"));
    line(
        &mut out,
        &format!("{} {quantity} {}, {}, {window}", resolved.side, resolved.symbol, resolved.strategy),
    );
    line(&mut out, &format!("as of {}, estimate {}", estimate.meta.as_of, estimate.estimate_id));
    for adjustment in &resolved.adjustments {
        line(&mut out, &format!("  {adjustment}"));
    }
    line(&mut out, "");
    cost(&mut out, estimate);
    inputs(&mut out, estimate);
    line(&mut out, "");
    line(
        &mut out,
        &format!(
            "{:<22} {:<14} {:>14} {:>14} {:>14}  unit",
            "check", "status", "observed", "limit", "headroom"
        ),
    );
    for check in &estimate.checks {
        line(&mut out, &check_line(check));
    }
    line(&mut out, "");
    let reasons = estimate.confidence.reasons.join(", ");
    line(
        &mut out,
        &format!(
            "confidence {}{}{reasons}",
            estimate.confidence.level,
            if reasons.is_empty() { "" } else { ": " }
        ),
    );
    let limits = &estimate.limits;
    let digest: String = limits.sha256.chars().take(12).collect();
    line(
        &mut out,
        &format!("limits {} sha256 {digest}; {}", limits.source.replace('_', "-"), estimate.meta.notice),
    );
    out
}

fn line(out: &mut String, text: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn cost(out: &mut String, estimate: &Estimate) {
    let Some((cost, interval)) = estimate.expected_cost.zip(estimate.interval) else {
        line(out, "expected cost  -");
        return;
    };
    line(
        out,
        &format!(
            "expected cost  {:.2} bps = {} USD = {:.4} USD/share = {:.2} ticks = {} % of spread",
            cost.bps,
            grouped(cost.usd, 2),
            cost.usd_per_share,
            cost.ticks,
            shown(cost.pct_of_spread, 0)
        ),
    );
    let coverage = interval.coverage_backtest;
    let held = coverage.realised.map_or_else(
        || "not yet tested on the tape".to_owned(),
        |held| format!("held {:.1} % of {} paper orders", 100.0 * held, coverage.n),
    );
    line(
        out,
        &format!(
            "  {:.0} % interval  {:.2} to {:.2} bps ({}; {held})",
            100.0 * interval.level,
            interval.low_bps,
            interval.high_bps,
            interval.method
        ),
    );
    if let Some(parts) = estimate.components {
        line(
            out,
            &format!(
                "  spread {:.2} + temporary {:.2} + permanent {:.2} + drift {:.2} bps; timing risk {} bps (1 s.d.)",
                parts.spread_bps,
                parts.temporary_impact_bps,
                parts.permanent_impact_bps,
                parts.timing_drift_bps,
                shown(estimate.timing_risk_bps, 2)
            ),
        );
    }
    if let Some(best) = estimate.optimal {
        let minutes = best.horizon_seconds / 60.0;
        line(
            out,
            &format!(
                "  best horizon {minutes:.0} min: {:.2} bps, timing risk {:.2} bps",
                best.cost_bps, best.timing_risk_bps
            ),
        );
    }
}

fn inputs(out: &mut String, estimate: &Estimate) {
    let used = &estimate.inputs_used;
    let one = |name: &str, input: &Input, decimals: usize| {
        let source = input.source.unwrap_or("unknown");
        let stale = if input.stale == Some(true) { ", stale" } else { "" };
        format!("{name} {} {} ({source}{stale})", shown(input.value, decimals), input.unit)
    };
    line(
        out,
        &format!(
            "  {}, {}, {}, {}",
            one("arrival", &used.arrival_price, 4),
            one("spread", &used.spread, 4),
            one("volatility", &used.volatility_daily, 1),
            one("daily volume", &used.adv, 0)
        ),
    );
    if let Some(model) = &estimate.model {
        let share = |rate: Option<f64>| shown(rate.map(|rate| 100.0 * rate), 1);
        line(
            out,
            &format!(
                "  model {} (n {}), {} % of the window's volume, {} % of daily volume",
                model.id,
                model.n_observations,
                share(estimate.resolved.participation_rate),
                shown(estimate.resolved.pct_adv, 2)
            ),
        );
    }
}

fn check_line(check: &CheckAnswer) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| UNKNOWN.to_owned(), |value| grouped(value, 2));
    let aside = if check.status == "pass" { String::new() } else { format!("  {}", check.message) };
    format!(
        "{:<22} {:<14} {:>14} {:>14} {:>14}  {}{aside}",
        check.code,
        check.status,
        number(check.observed),
        number(check.limit),
        number(check.headroom),
        check.unit
    )
}

/// A basket: a line an order, and what they come to.
#[must_use]
pub fn basket_report(lines: &[Priced<String>], totals: &Totals) -> String {
    let mut out = String::new();
    let worst = totals.worst_verdict.map_or("indeterminate", |verdict| verdict.name());
    line(&mut out, &format!("{}  worst of {} orders", worst.to_uppercase(), totals.lines));
    line(&mut out, "");
    line(
        &mut out,
        &format!(
            "{:>5} {:<10} {:<10} {:>12} {:<14} {:>10} {:>14}  why",
            "row", "symbol", "side", "quantity", "verdict", "bps", "usd"
        ),
    );
    for priced in lines {
        match &priced.outcome {
            Ok(estimate) => {
                let quantity =
                    estimate.resolved.quantity.map_or_else(|| UNKNOWN.to_owned(), |q| grouped(q as f64, 0));
                let usd =
                    estimate.expected_cost.map_or_else(|| UNKNOWN.to_owned(), |cost| grouped(cost.usd, 2));
                line(
                    &mut out,
                    &format!(
                        "{:>5} {:<10} {:<10} {quantity:>12} {:<14} {:>10} {usd:>14}  {}",
                        priced.row,
                        estimate.resolved.symbol,
                        estimate.resolved.side,
                        estimate.verdict.name(),
                        shown(estimate.expected_cost.map(|cost| cost.bps), 2),
                        estimate.why
                    ),
                );
            }
            Err(what) => line(&mut out, &format!("{:>5} {:<10} {what}", priced.row, "error")),
        }
    }
    line(&mut out, "");
    let cost = totals.expected_cost_usd.map_or_else(|| UNKNOWN.to_owned(), |usd| grouped(usd, 2));
    line(
        &mut out,
        &format!(
            "gross {} USD, net {} USD, expected cost {cost} USD ({} bps), {} without a cost, {} in error",
            grouped(totals.gross_notional_usd, 2),
            grouped(totals.net_notional_usd, 2),
            shown(totals.expected_cost_bps, 2),
            totals.without_cost,
            totals.failed
        ),
    );
    out
}
