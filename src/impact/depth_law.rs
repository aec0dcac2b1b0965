//! The depth law of Cont, Kukanov and Stoikov (2014), section 3.2: the price moves less where the book is deeper,
//! beta_h = c / depth_h^lambda over the half hours h of a day, with lambda near one and c below one half.

use super::{Design, Fit, FitError, Model, Regression, Window, fit, windows::half_hours};
use crate::flow::Bar;
use crate::tape::Session;

/// Its name in tables. Terms: `intercept` (ln c) and `log_depth` (-lambda).
pub const DEPTH_LAW: &str = "depth_law";

/// Regresses ln beta_h (beta in cents per share, the `ofi` slope of half hour h) on ln depth_h (mean over the
/// bars of h of their time-weighted mean of (bid size + ask size) / 2, shares). Half hours without a positive
/// slope or a depth are left out, since they have no logarithm.
///
/// # Errors
/// [`FitError`] when too few half hours are left, or the depth never varies.
pub fn depth_law(session: Session, bars: &[Bar], fits: &[Fit]) -> Result<Regression, FitError> {
    let slopes = fits.iter().filter(|fit| fit.model == Model::Ofi && fit.window == Window::HalfHour);
    let half_hours = half_hours(session, bars);
    let mut design = Design { y: Vec::new(), x: vec![Vec::new()] };
    for fit in slopes {
        let slope = fit.regression.terms[1].coefficient;
        let bars = half_hours.iter().find(|(start, _)| *start == fit.start);
        let depth = bars.and_then(|(_, bars)| mean_depth(bars));
        if let Some(depth) = depth.filter(|depth| *depth > 0.0 && slope > 0.0) {
            design.y.push(slope.ln());
            design.x[0].push(depth.ln());
        }
    }
    fit(&design)
}

fn mean_depth(bars: &[Bar]) -> Option<f64> {
    let depths: Vec<f64> = bars.iter().filter_map(Bar::depth_mean_shares).collect();
    (!depths.is_empty()).then(|| depths.iter().sum::<f64>() / depths.len() as f64)
}
