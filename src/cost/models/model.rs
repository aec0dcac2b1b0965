//! The cost models under one roof: a schedule in, expected cost by parts and its error out.

use super::blend::Blend;
use super::priors::{Almgren2005, SquareRoot, VALID_TO_ADV};
use super::tape_model::TapeModel;
use crate::cost::known::market::Market;
use crate::cost::working::schedule::Schedule;

/// Expected cost by parts, basis points of the arrival mid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Components {
    /// Half the quoted spread.
    pub spread_bps: f64,
    /// What trading moves and what comes back afterwards.
    pub temporary_bps: f64,
    /// What trading moves and what stays.
    pub permanent_bps: f64,
}

impl Components {
    /// The whole cost.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.spread_bps + self.temporary_bps + self.permanent_bps
    }
}

/// A way to say what a schedule costs.
#[derive(Clone, Debug, PartialEq)]
pub enum CostModel {
    /// Almgren, Thum, Hauptmann and Li 2005.
    Almgren2005(Almgren2005),
    /// The square-root law.
    SquareRoot(SquareRoot),
    /// Coefficients of the user's own tape.
    Tape(TapeModel),
    /// Tape and square root, weighted by how sure each is: the default.
    Blend(Blend),
}

impl CostModel {
    /// Its name in requests and answers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Almgren2005(_) => "almgren2005",
            Self::SquareRoot(_) => "square_root",
            Self::Tape(_) => "tape",
            Self::Blend(_) => "blend",
        }
    }

    /// Part of a day's volume up to which it is taken as valid; beyond, it extrapolates.
    #[must_use]
    pub fn valid_to_adv(&self) -> f64 {
        VALID_TO_ADV
    }

    /// Expected cost by parts.
    #[must_use]
    pub fn components(&self, market: &Market, schedule: &Schedule) -> Components {
        let impact = match self {
            Self::Almgren2005(model) => model.impact(market, schedule),
            Self::SquareRoot(model) => model.impact(market, schedule),
            Self::Tape(model) => model.impact(market, schedule),
            Self::Blend(model) => model.impact(market, schedule),
        };
        Components { spread_bps: market.half_spread_bps(), ..impact }
    }

    /// One standard deviation of the model's own error, by part, basis points; none of the spread, which is seen.
    #[must_use]
    pub fn errors(&self, market: &Market, schedule: &Schedule) -> Components {
        match self {
            Self::Almgren2005(model) => model.errors(market, schedule),
            Self::SquareRoot(model) => model.errors(market, schedule),
            Self::Tape(model) => model.errors(market, schedule),
            Self::Blend(model) => model.errors(market, schedule),
        }
    }

    /// One standard deviation of the model's own error, basis points. Parts err independently, but for the square
    /// root and the blend, both parts of which hold one and the same Y: their errors add.
    #[must_use]
    pub fn error_bps(&self, market: &Market, schedule: &Schedule) -> f64 {
        let errors = self.errors(market, schedule);
        if let Self::SquareRoot(_) | Self::Blend(_) = self {
            return errors.total();
        }
        errors.temporary_bps.hypot(errors.permanent_bps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{ADV, Law, days, market, session};
    use crate::cost::{Horizon, VolumeCurve, calibrate, timing_risk_bps, twap};
    use crate::tape::{NANOS_PER_SECOND, Nanos};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static TAPE: LazyLock<TapeModel> = LazyLock::new(|| {
        let law = Law { gamma: 10.0, eta: 0.05, beta: 0.6, noise_bps: 80.0, sigma_bps: 100.0 };
        let days = days(5, 21, law);
        let coefficients = calibrate(&days, days[4].session.close).coefficients.expect("enough bars");
        TapeModel { coefficients }
    });

    fn models(market: &Market) -> Vec<CostModel> {
        vec![
            CostModel::Almgren2005(Almgren2005::new(market).expect("shares are known")),
            CostModel::SquareRoot(SquareRoot),
            CostModel::Tape(TAPE.clone()),
            CostModel::Blend(Blend::new(Some(TAPE.clone()))),
            CostModel::Blend(Blend::new(None)),
        ]
    }

    fn even(quantity: i64, minutes: i64, adv_shares: f64) -> Schedule {
        let (open, curve) = (session(0).open, VolumeCurve::flat());
        let end = Nanos(open.0 + minutes * 60 * NANOS_PER_SECOND);
        twap(quantity, &Horizon::new(session(0), open, end, &curve, adv_shares).expect("a window"))
    }

    #[test]
    fn a_vanishing_order_pays_the_half_spread() {
        let market = market();
        for model in models(&market) {
            let tiny = even(1, 390, 1e15);
            let cost = model.components(&Market { adv_shares: 1e15, ..market }, &tiny);
            // Exponents of 0.3 and more at a participation of 1e-13 leave little.
            assert!((cost.total() - market.half_spread_bps()).abs() < 0.05, "{} {cost:?}", model.name());
            assert_eq!(model.components(&market, &Schedule::default()).total(), market.half_spread_bps());
        }
    }

    #[test]
    fn a_blend_lies_between_its_models() {
        let (market, schedule) = (market(), even(40_000, 60, ADV as f64));
        let [root, tape, blend] =
            [1, 2, 3].map(|index| models(&market)[index].components(&market, &schedule).permanent_bps);
        assert!(blend >= root.min(tape) && blend <= root.max(tape), "{root} {tape} {blend}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn cost_adds_up_and_rises_with_quantity(
            quantity in 1_i64..5_000_000, more in 1_i64..5_000_000, minutes in 1_i64..390,
        ) {
            let market = market();
            for model in models(&market) {
                let (small, large) =
                    (even(quantity, minutes, ADV as f64), even(quantity + more, minutes, ADV as f64));
                let cost = model.components(&market, &small);
                let parts = cost.spread_bps + cost.temporary_bps + cost.permanent_bps;
                prop_assert!((parts - cost.total()).abs() <= 1e-12 * parts);
                let usd = |s: &Schedule| model.components(&market, s).total() * s.quantity() as f64;
                prop_assert!(usd(&large) > usd(&small), "{}", model.name());
            }
        }

        #[test]
        fn a_longer_horizon_lowers_the_temporary_part(
            quantity in 10_000_i64..3_000_000, minutes in 1_i64..380, more in 1_i64..10,
        ) {
            let market = market();
            for model in models(&market) {
                let part = |m| model.components(&market, &even(quantity, m, ADV as f64));
                let (short, long) = (part(minutes), part(minutes + more));
                // Whole shares round participation by some 1e-4 of itself.
                prop_assert!(long.temporary_bps <= short.temporary_bps * (1.0 + 1e-6), "{}", model.name());
                prop_assert!((long.permanent_bps - short.permanent_bps).abs() < 1e-9);
            }
        }

        #[test]
        fn units_of_price_and_size_do_not_matter(quantity in 1_i64..1_000_000, minutes in 1_i64..390) {
            let market = market();
            let cents = Market { mid_usd: market.mid_usd * 100.0, spread_usd: market.spread_usd * 100.0, ..market };
            let lots = Market {
                adv_shares: market.adv_shares * 8.0,
                shares_outstanding: market.shares_outstanding.map(|shares| shares * 8.0),
                ..market
            };
            for index in 0..models(&market).len() {
                let cost = |m: &Market, s: &Schedule| models(m)[index].components(m, s).total();
                let schedule = even(quantity, minutes, ADV as f64);
                let mut eightfold = schedule.clone();
                for slice in &mut eightfold.slices {
                    slice.shares *= 8;
                    slice.market_shares *= 8.0;
                }
                let one = cost(&market, &schedule);
                prop_assert!((cost(&cents, &schedule) / one - 1.0).abs() < 1e-12);
                prop_assert!((cost(&lots, &eightfold) / one - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn sane_input_gives_finite_numbers(
            quantity in 0_i64..100_000_000_000, minutes in 1_i64..390, volatility in 0.01..5_000.0,
            adv in 1.0..1e11, mid in 0.0001..1e7, spread in 0.0..100.0, outstanding in 1.0..1e13,
        ) {
            let market = Market {
                mid_usd: mid, spread_usd: spread, volatility_daily_bps: volatility, adv_shares: adv,
                depth_shares: None, shares_outstanding: Some(outstanding),
            };
            let schedule = even(quantity, minutes, adv);
            for model in models(&market) {
                let cost = model.components(&market, &schedule);
                let error = model.error_bps(&market, &schedule);
                for number in [cost.spread_bps, cost.temporary_bps, cost.permanent_bps, error] {
                    prop_assert!(number.is_finite() && number >= 0.0, "{} {cost:?}", model.name());
                }
            }
            prop_assert!(timing_risk_bps(&market, &schedule).is_finite());
        }
    }
}
