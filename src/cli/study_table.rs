//! A study for a person at a terminal.

use super::study::{Told, reasons};
use crate::study::{Aggregate, Bout, Contest, Lambda, Response};

/// The whole study, a screen or two.
pub fn render(told: &Told) -> String {
    let (fills, study) = (&told.fills, &told.study);
    let orders: usize = study.days.iter().map(|day| day.market_orders).sum();
    let left_out = if fills.dropped.is_empty() { String::new() } else { format!(" ({})", reasons(fills)) };
    let mut out = format!(
        "{}, {} {}, {}: {orders} market orders of {} fills; {} of {} fills left out{left_out}\n\
         {}\n\n",
        told.symbol,
        study.days.len(),
        if study.days.len() == 1 { "day" } else { "days" },
        told.hours,
        fills.kept,
        fills.seen - fills.kept,
        fills.seen,
        told.purpose,
    );
    out.push_str(&lag_one(&study.response));
    out.push_str(&aggregates(&study.aggregates));
    out.push_str(&contests(&study.aggregates));
    let p = &told.published;
    out.push_str(&format!(
        "\npublished, another stock and other years: {} ({}), T {}, {} windows: correlation {}, MSE {} (line) and {} \
         (tree)\n\"dollar cents\", lambda {} (unit not stated)\n",
        p.tape, p.source, p.orders_per_window, p.windows, p.correlation, p.mse_ols, p.mse_tree, p.lambda
    ));
    out
}

fn lag_one(response: &Response) -> String {
    let mut out = format!(
        "R(1) {} ± {} cents (n {}), mean spread {} cents\n\n{:>22} {:>12} {:>10} {:>8}\n",
        number(response.r1_cents, 4),
        number(response.r1_se_hac_cents, 4),
        response.r1_n,
        number(response.spread_mean_cents, 3),
        "order / best quote",
        "R(v,1) cents",
        "se",
        "n"
    );
    for bin in &response.by_volume {
        let range = format!("{:.4} to {:.4}", bin.volume_over_best_low, bin.volume_over_best_high);
        out.push_str(&format!(
            "{range:>22} {:>12.4} {:>10} {:>8}\n",
            bin.response_cents,
            number(bin.se_cents, 4),
            bin.n
        ));
    }
    out
}

fn aggregates(all: &[Aggregate]) -> String {
    let mut out = format!(
        "\n{:>5} {:>8} {:>9} {:>8} {:>9} {:>28} {:>12} {:>7} {:>38}\n",
        "T",
        "windows",
        "corr raw",
        "R2 raw",
        "R2 binned",
        "line, all: cents/share ± se",
        "linear |dV|",
        "windows",
        "lambda there: cents/share [95 %]"
    );
    for a in all {
        let slope = |l: &Lambda| format!("{:.3e} ± {:.1e}", l.cents_per_share, l.se_hac_cents_per_share);
        let region = a.linear_region.as_ref();
        let lambda = |l: &Lambda| {
            let (low, high) = (l.ci95_low_cents_per_share, l.ci95_high_cents_per_share);
            format!("{:.3e} [{low:.3e}, {high:.3e}]", l.cents_per_share)
        };
        out.push_str(&format!(
            "{:>5} {:>8} {:>9} {:>8} {:>9} {:>28} {:>12} {:>7} {:>38}\n",
            a.orders_per_window,
            a.windows,
            number(a.agreement.correlation_raw, 4),
            number(a.agreement.r2_raw, 4),
            number(a.agreement.r2_binned, 4),
            a.full_range.as_ref().map_or_else(dash, slope),
            region.map_or_else(dash, |r| format!("<= {}", r.radius_shares)),
            region.map_or_else(dash, |r| r.lambda.n.to_string()),
            region.map_or_else(dash, |r| lambda(&r.lambda)),
        ));
    }
    out
}

fn contests(all: &[Aggregate]) -> String {
    let mut out = format!(
        "\n{:>5} {:<7} {:<9} {:>7} {:>11} {:>11} {:>9} {:>9} {:>23}  better\n",
        "T", "range", "folds", "windows", "MSE line", "MSE tree", "R2 line", "R2 tree", "line - tree ± se"
    );
    for a in all {
        let is_whole = a.linear_region.is_some_and(|region| region.is_full_range);
        for (range, contest) in [("full", &a.contest_full_range), ("linear", &a.contest_linear_region)] {
            match contest {
                Some(_) if range == "linear" && is_whole => {
                    out.push_str(&format!("{:>5} {range:<7} is the full range\n", a.orders_per_window));
                }
                Some(contest) => out.push_str(&bouts(a.orders_per_window, range, contest)),
                None => out.push_str(&format!(
                    "{:>5} {range:<7} too few windows, or flow of one size\n",
                    a.orders_per_window
                )),
            }
        }
    }
    out.push_str("MSE in cents^2, out of fold; better by more than two standard errors, else a tie\n");
    out.push_str(
        "[95 %] is nominal: the region is chosen on the same windows, and simulated ones held 86 to 94 %\n",
    );
    out
}

fn bouts(orders_per_window: usize, range: &str, contest: &Contest) -> String {
    let row = |folds: &str, bout: &Bout| {
        let (gap, error) = (bout.mse_difference_cents2, bout.mse_difference_se_hac_cents2);
        let gap = format!("{} ± {}", significant(gap), significant(error));
        format!(
            "{orders_per_window:>5} {range:<7} {folds:<9} {:>7} {:>11} {:>11} {:>9} {:>9} {gap:>23}  {}\n",
            bout.n,
            significant(bout.mse_ols_cents2),
            significant(bout.mse_tree_cents2),
            number(bout.r2_ols, 4),
            number(bout.r2_tree, 4),
            bout.better.name(),
        )
    };
    row("shuffled", &contest.shuffled) + &row("purged", &contest.purged)
}

/// Four decimals, or four digits where those would show nothing.
fn significant(value: f64) -> String {
    if value.abs() >= 0.1 || value == 0.0 { format!("{value:.4}") } else { format!("{value:.3e}") }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(dash, |value| format!("{value:.digits$}"))
}

fn dash() -> String {
    "-".to_owned()
}
