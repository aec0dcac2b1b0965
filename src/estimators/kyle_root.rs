//! Kyle's lambda on signed root dollar volume, over five minutes.
//!
//! ```text
//! r_n = a + lambda S_n + e_n,   S_n = sum over trades of sign_k sqrt(dollars_k)
//! ```
//!
//! with the log change of the mid r_n, basis points, over the n-th stretch of five minutes. Hasbrouck, "Trading
//! costs and returns for U.S. equities: estimating effective costs from daily data", Journal of Finance 64 (2009);
//! Goyenko, Holden and Trzcinka, "Do liquidity measures measure liquidity?", Journal of Financial Economics 92
//! (2009). Root and sign are taken trade by trade; code that is much copied takes the absolute value of the signed
//! term, and so regresses on activity instead of flow. Two things differ from the papers: an intercept takes up the
//! day's drift, and the error is Newey and West's.

use super::Trades;
use crate::flow::Bar;
use crate::impact::{Design, FitError, Regression, fit};

/// The regression over bars with a mid change; its slope is in basis points per root dollar.
///
/// # Errors
/// When there are fewer than ten bars, or no signed trade in them.
pub fn kyle_root(bars: &[Bar], trades: &Trades, shares_per_unit: f64) -> Result<Regression, FitError> {
    let mut design = Design { y: Vec::with_capacity(bars.len()), x: vec![Vec::with_capacity(bars.len())] };
    let mut prints = trades.iter().peekable();
    for bar in bars {
        let mut root_flow = 0.0;
        while let Some(print) = prints.next_if(|print| print.ts < bar.end.0) {
            let usd = print.price as f64 / 1e9 * (print.size as f64 * shares_per_unit);
            root_flow += f64::from(print.sign) * usd.sqrt();
        }
        if let Some((close, change)) = bar.mid_close_doubled.zip(bar.mid_change_doubled) {
            design.y.push(1e4 * (close as f64 / (close - change) as f64).ln());
            design.x[0].push(root_flow);
        }
    }
    fit(&design)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;
    use crate::tape::Nanos;

    #[test]
    fn a_simulated_lambda_comes_back_and_signs_are_kept() {
        // 78 bars, ten trades each; mid moves by 0.02 bp a root dollar and noise of 5 bp.
        let (mut dice, mut trades, mut bars) = (Dice::new(3), Trades::default(), Vec::new());
        let mut mid = 100.0_f64;
        for index in 0..78 {
            let (start, mut flow) = (index * 300, 0.0);
            for k in 0..10 {
                let (sign, shares) = (dice.sign(), 1 + (dice.uniform() * 900.0) as i64);
                trades.push(start + k, 100_000_000_000, shares, sign as i8, 0);
                flow += sign * (100.0 * shares as f64).sqrt();
            }
            let before = (mid * 2e9).round() as i64;
            mid *= ((0.02 * flow + 5.0 * dice.normal()) / 1e4).exp();
            let close = (mid * 2e9).round() as i64;
            bars.push(Bar {
                start: Nanos(start),
                end: Nanos(start + 300),
                mid_close_doubled: Some(close),
                mid_change_doubled: Some(close - before),
                ..Bar::default()
            });
        }
        let fitted = kyle_root(&bars, &trades, 1.0).expect("a fit");
        let slope = fitted.terms[1];
        assert_eq!(fitted.n, 78);
        assert!((slope.coefficient - 0.02).abs() < 4.0 * slope.errors.hac, "{slope:?}");
        assert!(slope.errors.hac < 0.003, "{slope:?}");
    }
}
