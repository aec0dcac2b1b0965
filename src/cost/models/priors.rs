//! Two cost models of the literature, for symbols whose own tape says too little.
//!
//! **Almgren, Thum, Hauptmann and Li**, "Direct estimation of equity market impact", Risk (July 2005): sigma daily
//! volatility, V daily volume, Theta shares outstanding, X shares, T volume time in days.
//! I = gamma sigma (X/V) (Theta/V)^(1/4), gamma = 0.314 ± 0.041; J = I/2 + eta sigma |X/(VT)|^(3/5),
//! eta = 0.142 ± 0.0062, exponent 0.600 ± 0.038. Fitted on US large caps, valid to about 10 % of a day's volume.
//!
//! **Square root**: I(Q) = Y sigma sqrt(Q/V) (Toth et al., Physical Review X 1, 2011), Y = 1. Seen for Q/V from a
//! few 1e-4 to a few percent; used here to 10 %.
//!
//! Neither tells the spread apart from impact; the half spread is added to both, which errs on the dear side.

use super::model::Components;
use crate::cost::known::market::Market;
use crate::cost::working::schedule::Schedule;

/// Part of a day's volume up to which both priors are taken as valid.
pub(in crate::cost) const VALID_TO_ADV: f64 = 0.1;

const GAMMA: (f64, f64) = (0.314, 0.041);
const ETA: (f64, f64) = (0.142, 0.0062);
const BETA: (f64, f64) = (0.6, 0.038);

/// Almgren et al. 2005. It needs the shares outstanding, and is not there without.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Almgren2005 {
    shares_outstanding: f64,
}

impl Almgren2005 {
    /// The model for a symbol whose shares outstanding are known; `None` otherwise: they are never guessed.
    #[must_use]
    pub fn new(market: &Market) -> Option<Self> {
        let shares_outstanding = market.shares_outstanding.filter(|s| s.is_finite() && *s > 0.0)?;
        Some(Self { shares_outstanding })
    }

    /// What stays once the order is done, I, basis points.
    #[must_use]
    pub fn permanent_move_bps(&self, market: &Market, schedule: &Schedule) -> f64 {
        let turnover = (self.shares_outstanding / market.adv_shares).powf(0.25);
        GAMMA.0 * market.volatility_daily_bps * market.of_adv(schedule.quantity()) * turnover
    }

    /// I/2, and the temporary cost share by share of the schedule.
    pub(in crate::cost) fn impact(&self, market: &Market, schedule: &Schedule) -> Components {
        let temporary = ETA.0 * market.volatility_daily_bps * schedule.mean_over_shares(|p| p.powf(BETA.0));
        Components {
            spread_bps: 0.0,
            temporary_bps: temporary,
            permanent_bps: self.permanent_move_bps(market, schedule) / 2.0,
        }
    }

    /// By the paper's errors of gamma, eta and the exponent, taken as independent.
    pub(in crate::cost) fn errors(&self, market: &Market, schedule: &Schedule) -> Components {
        let impact = self.impact(market, schedule);
        let slope = |p: f64| if p > 0.0 { p.powf(BETA.0) * p.ln() } else { 0.0 };
        let by_exponent = ETA.0 * market.volatility_daily_bps * schedule.mean_over_shares(slope) * BETA.1;
        Components {
            spread_bps: 0.0,
            temporary_bps: (impact.temporary_bps * ETA.1 / ETA.0).hypot(by_exponent),
            permanent_bps: impact.permanent_bps * GAMMA.1 / GAMMA.0,
        }
    }
}

/// The square-root law with Y = 1.
///
/// Along a square-root path the mean shortfall is 2/3 of the peak I(Q) (Bouchaud, Bonart, Donier and Gould, "Trades,
/// Quotes and Prices", 2018, equations 12.10 and 12.11). Afterwards the peak decays to about 2/3 (Moro et al.,
/// Physical Review E 80, 2009): that part of the shortfall is called permanent, the rest temporary. The law knows no
/// duration, so that neither part depends on the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SquareRoot;

impl SquareRoot {
    /// Y of the law.
    pub const Y: f64 = 1.0;
    /// One s.d. of Y: the root mean square distance from 1 of a Y anywhere in the literature's band of 0.5 to 1.0,
    /// 0.5 / sqrt(3).
    pub const Y_ERROR: f64 = 0.288_675_134_594_812_9;
    /// Mean shortfall over peak.
    const MEAN_OF_PEAK: f64 = 2.0 / 3.0;
    /// What stays of the peak.
    const STAYS: f64 = 2.0 / 3.0;

    /// I(Q), where the price stands when the order is done, basis points.
    #[must_use]
    pub fn peak_bps(market: &Market, quantity: i64) -> f64 {
        Self::Y * market.volatility_daily_bps * market.of_adv(quantity).sqrt()
    }

    /// Mean shortfall of an order for a part of a day's volume, basis points; the spread is not in it.
    #[must_use]
    pub fn mean_bps(volatility_daily_bps: f64, of_adv: f64) -> f64 {
        Self::MEAN_OF_PEAK * Self::Y * volatility_daily_bps * of_adv.sqrt()
    }

    #[expect(clippy::unused_self, reason = "all models are asked alike")]
    pub(in crate::cost) fn impact(self, market: &Market, schedule: &Schedule) -> Components {
        let shortfall = Self::mean_bps(market.volatility_daily_bps, market.of_adv(schedule.quantity()));
        Components {
            spread_bps: 0.0,
            temporary_bps: shortfall * (1.0 - Self::STAYS),
            permanent_bps: shortfall * Self::STAYS,
        }
    }

    /// Both parts err by the same Y.
    pub(in crate::cost) fn errors(self, market: &Market, schedule: &Schedule) -> Components {
        let impact = self.impact(market, schedule);
        let part = Self::Y_ERROR / Self::Y;
        Components {
            spread_bps: 0.0,
            temporary_bps: impact.temporary_bps * part,
            permanent_bps: impact.permanent_bps * part,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::market;
    use crate::cost::{CostModel, Slice};
    use crate::tape::Nanos;

    /// 10 % of a day's volume, traded evenly over T days of volume time.
    fn order(volume_time: f64) -> Schedule {
        let market_shares = 1e6 * volume_time;
        let slice =
            Slice { start: Nanos(0), end: Nanos(1), shares: 100_000, market_shares, variance_days: 0.0 };
        Schedule { slices: vec![slice], unfilled_shares: 0 }
    }

    fn large_cap(volatility_daily_bps: f64, turnover: f64) -> Market {
        Market { volatility_daily_bps, adv_shares: 1e6, shares_outstanding: Some(turnover * 1e6), ..market() }
    }

    fn two_decimals(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.005 + 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn the_worked_examples_of_almgren_et_al_come_out() {
        // Volatility, Theta/V, I; then by T = 0.1, 0.2, 0.5: temporary cost and J.
        let ibm = (157.0, 263.0, 19.85, [22.29, 14.71, 8.49], [32.22, 24.63, 18.41]);
        let dri = (226.0, 87.0, 21.67, [32.09, 21.17, 12.22], [42.93, 32.01, 23.05]);
        for (volatility, turnover, move_bps, temporary, cost) in [ibm, dri] {
            let market = large_cap(volatility, turnover);
            let model = Almgren2005::new(&market).expect("shares outstanding are known");
            for ((time, temporary), cost) in [0.1, 0.2, 0.5].into_iter().zip(temporary).zip(cost) {
                let schedule = order(time);
                let parts = model.impact(&market, &schedule);
                two_decimals(model.permanent_move_bps(&market, &schedule), move_bps);
                two_decimals(parts.temporary_bps, temporary);
                two_decimals(parts.total(), cost);
            }
        }
    }

    #[test]
    fn without_shares_outstanding_there_is_no_almgren_model() {
        for unknown in [None, Some(0.0), Some(f64::NAN)] {
            assert!(Almgren2005::new(&Market { shares_outstanding: unknown, ..market() }).is_none());
        }
    }

    #[test]
    fn the_square_root_law_is_its_arithmetic() {
        // 1 % of a day's volume at 2 % volatility moves the price by 20 basis points.
        let market = Market { volatility_daily_bps: 200.0, adv_shares: 1e7, ..market() };
        assert!((SquareRoot::peak_bps(&market, 100_000) - 20.0).abs() < 1e-12);
        let parts = SquareRoot.impact(&market, &order(0.1));
        assert!((parts.total() - 40.0 / 3.0).abs() < 1e-12);
        assert!((parts.permanent_bps - 80.0 / 9.0).abs() < 1e-12);
        let error = CostModel::SquareRoot(SquareRoot).error_bps(&market, &order(0.1));
        assert!((error - parts.total() / 12_f64.sqrt()).abs() < 1e-12);
    }
}
