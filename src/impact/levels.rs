//! The price against the flow at many levels of the book: each with a slope of its own, or all as one.
//!
//! `ofi-levels` is least squares of the mid's change on the scaled flows of all levels; `ofi-integrated` on their first
//! principal component, w · ofi with w over the sum of its absolute parts (Cont, Cucuringu and Zhang, Quantitative
//! Finance 23, 2023). Weights and slopes are those of a window; the next window is scored with both,
//! so that nothing in `r2_oos` was seen before.

use super::windows::{cut, end_of, reason};
use super::{Design, FitError, PriceUnits, Principal, Regression, Skipped, Window, fit, principal};
use crate::flow::{Bar, LevelFlow, scaled_flows};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::tape::{Nanos, Session};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelModel {
    /// A slope a level.
    Levels,
    /// One slope of the first principal component.
    Integrated,
}

const LEVEL_TERMS: [&str; DEPTH_LEVELS_MAX + 1] =
    ["intercept", "ofi_1", "ofi_2", "ofi_3", "ofi_4", "ofi_5", "ofi_6", "ofi_7", "ofi_8", "ofi_9", "ofi_10"];

impl LevelModel {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Levels => "ofi-levels",
            Self::Integrated => "ofi-integrated",
        }
    }

    /// Names of its terms, the intercept's first; of as many levels as can be read.
    #[must_use]
    pub fn terms(self) -> &'static [&'static str] {
        match self {
            Self::Levels => &LEVEL_TERMS,
            Self::Integrated => &["intercept", "ofi_integrated"],
        }
    }
}

/// What these fits look at in a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelBar {
    /// When it begins.
    pub start: Nanos,
    /// Change of the mid, cents.
    pub change_cents: Option<f64>,
    /// Mid at the end, dollars.
    pub mid_close_usd: Option<f64>,
    /// The levels' scaled flows.
    pub flows: Option<Vec<f64>>,
}

impl LevelBar {
    /// The bars of the best quotes beside those of the same width of each deeper level.
    #[must_use]
    pub fn side_by_side(best: &[Bar], deeper: &[Vec<Bar>]) -> Vec<Self> {
        let bar = |(index, first): (usize, &Bar)| {
            let behind = deeper.iter().filter_map(|level| level.get(index));
            let levels: Vec<LevelFlow> = std::iter::once(first).chain(behind).map(LevelFlow::from).collect();
            Self {
                start: first.start,
                change_cents: first.mid_change_cents(),
                mid_close_usd: first.mid_close_usd(),
                flows: scaled_flows(&levels),
            }
        };
        best.iter().enumerate().map(bar).collect()
    }
}

/// One model fitted on one window.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelFit {
    /// Kind of window.
    pub window: Window,
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond outside again.
    pub end: Nanos,
    /// The model.
    pub model: LevelModel,
    /// The fitted line.
    pub regression: Regression,
    /// What its cents are in other units.
    pub price_units: PriceUnits,
    /// Share of the next window's variance that weights and line of this one explain.
    pub r2_oos: Option<f64>,
    /// The weights, where levels are made one.
    pub principal: Option<Principal>,
}

/// Fits both models on the day and on each half hour.
#[must_use]
pub fn fit_levels(session: Session, bars: &[LevelBar]) -> (Vec<LevelFit>, Skipped) {
    let (mut fits, mut skipped) = (Vec::new(), Skipped::new());
    let half_hours = cut(session, bars, |bar| bar.start);
    for model in [LevelModel::Levels, LevelModel::Integrated] {
        let mut keep =
            |window, start, end, bars: &[LevelBar], next: Option<&[LevelBar]>| match one(model, bars) {
                Ok((regression, principal)) => {
                    let r2_oos = next.and_then(|next| regression.r2_on(&design(next, principal.as_ref())));
                    let price_units = PriceUnits::of_mids(bars.iter().filter_map(|bar| bar.mid_close_usd));
                    fits.push(LevelFit {
                        window,
                        start,
                        end,
                        model,
                        regression,
                        price_units,
                        r2_oos,
                        principal,
                    });
                }
                Err(error) => *skipped.entry(reason(error)).or_default() += 1,
            };
        keep(Window::Day, session.open, session.close, bars, None);
        for (index, (start, bars)) in half_hours.iter().enumerate() {
            let next = half_hours.get(index + 1).map(|(_, bars)| *bars);
            keep(Window::HalfHour, *start, end_of(session, *start), bars, next);
        }
    }
    (fits, skipped)
}

fn one(model: LevelModel, bars: &[LevelBar]) -> Result<(Regression, Option<Principal>), FitError> {
    if model == LevelModel::Levels {
        return Ok((fit(&design(bars, None))?, None));
    }
    let rows: Vec<&[f64]> = observed(bars).map(|(_, flows)| flows).collect();
    let principal = principal(&rows).ok_or(FitError::Singular)?;
    Ok((fit(&design(bars, Some(&principal)))?, Some(principal)))
}

/// Bars with a change of the mid and flows.
fn observed(bars: &[LevelBar]) -> impl Iterator<Item = (f64, &[f64])> {
    bars.iter().filter_map(|bar| bar.change_cents.zip(bar.flows.as_deref()))
}

fn design(bars: &[LevelBar], principal: Option<&Principal>) -> Design {
    let levels = observed(bars).next().map_or(0, |(_, flows)| flows.len());
    let mut design =
        Design { y: Vec::new(), x: vec![Vec::new(); if principal.is_some() { 1 } else { levels }] };
    for (change, flows) in observed(bars) {
        design.y.push(change);
        match principal {
            Some(principal) => design.x[0].push(principal.of(flows)),
            None => design.x.iter_mut().zip(flows).for_each(|(column, flow)| column.push(*flow)),
        }
    }
    design
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{NANOS_PER_SECOND, NYSE};

    /// An hour of bars of ten seconds whose mid moves by `law` of three flows.
    fn bars(law: fn(&[f64]) -> f64) -> (Session, Vec<LevelBar>) {
        let hours = NYSE.narrowed("15:00-16:00").expect("hours");
        let session = hours.session("2013-10-07".parse().expect("a date"));
        let bar = |i: i64| {
            let t = i as f64;
            let common = (1.3 * t).sin() + (0.41 * t * t).cos();
            let flows = vec![common, common + 0.2 * (2.7 * t).sin(), common + 0.2 * (0.9 * t * t).sin()];
            let start = Nanos(session.open.0 + 10 * i * NANOS_PER_SECOND);
            LevelBar {
                start,
                change_cents: Some(law(&flows)),
                mid_close_usd: Some(100.0),
                flows: Some(flows),
            }
        };
        (session, (0..360).map(bar).collect())
    }

    #[test]
    fn slopes_of_every_level_come_back_and_hold_in_the_next_window() {
        let (session, bars) = bars(|x| 1.0 + 2.0 * x[0] - 0.5 * x[1] + 0.25 * x[2]);
        let (fits, skipped) = fit_levels(session, &bars);
        assert!(skipped.is_empty() && fits.len() == 6, "{skipped:?}");
        let windows: Vec<_> = fits[..3].iter().map(|fit| (fit.window.name(), fit.regression.n)).collect();
        assert_eq!(windows, [("day", 360), ("30m", 180), ("30m", 180)]);
        for (term, expected) in fits[1].regression.terms.iter().zip([1.0, 2.0, -0.5, 0.25]) {
            assert!((term.coefficient - expected).abs() < 1e-9);
        }
        assert!(fits[1].r2_oos.is_some_and(|r2| (r2 - 1.0).abs() < 1e-9) && fits[2].r2_oos.is_none());
    }

    #[test]
    fn the_integrated_flow_has_weights_that_add_up_to_one_and_carries_the_common_part() {
        let (session, bars) = bars(|x| x.iter().sum());
        let (fits, _) = fit_levels(session, &bars);
        let fit =
            fits.iter().find(|fit| fit.model == LevelModel::Integrated && fit.window == Window::HalfHour);
        let fit = fit.expect("a fit");
        let principal = fit.principal.as_ref().expect("weights");
        assert!((principal.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{principal:?}");
        assert!(principal.explained_share > 0.95 && fit.r2_oos.is_some_and(|r2| r2 > 0.95), "{fit:?}");
        // Weights of a third each would make it 3 exactly.
        assert!((fit.regression.terms[1].coefficient - 3.0).abs() < 0.1, "{fit:?}");
    }

    #[test]
    fn bars_without_a_change_or_without_depth_are_no_observations() {
        let (session, mut bars) = bars(|x| x[0]);
        bars[0].change_cents = None;
        bars[1].flows = None;
        let (fits, _) = fit_levels(session, &bars);
        assert_eq!(fits[0].regression.n, 358);
        assert!(fit_levels(session, &bars[..5]).0.is_empty());
    }
}
