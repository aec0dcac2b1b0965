//! Flow whose price effect does not fit the fitted impact: the residual of the bin's return on its flows, with slopes
//! fitted on the bins before it ([`Online`]), and how Kyle's slope has changed of late.

use std::collections::VecDeque;

use super::feature::{Feature, Raw};
use super::usual::START_UP_BINS;
use crate::impact::{Memory, Model, Observation, Online};

/// Bins the slopes rest on: half an hour.
const SLOW_BINS: usize = 180;
/// Bins of the recent slope: three minutes.
const FAST_BINS: usize = 18;
/// Holds slopes where a flow has not varied; nothing beside shares squared.
const RIDGE: f64 = 1.0;
/// Least root mean square that a residual is measured by, cents: a hundredth of a tick.
const RESIDUAL_MIN_CENTS: f64 = 0.01;
/// Nano-dollars, doubled, in a cent.
const DOUBLED_NANOS_PER_CENT: f64 = 2e7;

/// The regressions of a session.
#[derive(Clone, Debug)]
pub struct Response {
    joint: Online,
    slow: Online,
    fast: Online,
    residuals: VecDeque<f64>,
    flows: VecDeque<(i64, i64)>,
}

impl Default for Response {
    fn default() -> Self {
        let kyle = |bins| Online::new(Model::Kyle, Memory::Last(bins), RIDGE);
        Self {
            joint: Online::new(Model::OfiKyle, Memory::Last(SLOW_BINS), RIDGE),
            slow: kyle(SLOW_BINS),
            fast: kyle(FAST_BINS),
            residuals: VecDeque::new(),
            flows: VecDeque::new(),
        }
    }
}

impl Response {
    /// A bin ends with these flows and, where the mid was known before and after, its change.
    pub fn close_bin(
        &mut self,
        (ofi_shares, trade_imbalance_shares): (i64, i64),
        change_doubled_nanos: Option<i64>,
        mid_doubled: Option<i64>,
        raw: &mut Raw,
    ) {
        self.horizons(ofi_shares, trade_imbalance_shares, raw);
        let (Some(change_doubled_nanos), Some(mid)) = (change_doubled_nanos, mid_doubled) else { return };
        let bin = Observation { change_doubled_nanos, ofi_shares, trade_imbalance_shares };
        if let (Ok(slow), Ok(fast)) = (self.slow.fit(), self.fast.fit()) {
            raw[Feature::SlopeChange as usize] = 1e3 * (fast.coefficients[1] - slow.coefficients[1]);
        }
        if let Ok(fit) = self.joint.fit() {
            let [a, b, c] = [fit.coefficients[0], fit.coefficients[1], fit.coefficients[2]];
            let expected = a + b * ofi_shares as f64 + c * trade_imbalance_shares as f64;
            let residual = change_doubled_nanos as f64 / DOUBLED_NANOS_PER_CENT - expected;
            raw[Feature::Residual as usize] = 1e4 * residual * DOUBLED_NANOS_PER_CENT / mid as f64;
            self.measure(residual, raw);
        }
        for online in [&mut self.joint, &mut self.slow, &mut self.fast] {
            online.observe(bin);
        }
    }

    /// The residual against those before it.
    fn measure(&mut self, residual: f64, raw: &mut Raw) {
        if self.residuals.len() >= START_UP_BINS {
            let squares: f64 = self.residuals.iter().map(|r| r * r).sum();
            let typical = (squares / self.residuals.len() as f64).sqrt();
            raw[Feature::ResidualT as usize] = residual / typical.max(RESIDUAL_MIN_CENTS);
        }
        if self.residuals.len() == SLOW_BINS {
            self.residuals.pop_front();
        }
        self.residuals.push_back(residual);
    }

    /// Flows over the longer horizons, as far as the session reaches back.
    fn horizons(&mut self, ofi: i64, trade_imbalance: i64, raw: &mut Raw) {
        const LONG_BINS: usize = 30;
        if self.flows.len() == LONG_BINS {
            self.flows.pop_front();
        }
        self.flows.push_back((ofi, trade_imbalance));
        let sum = |bins: usize| {
            let latest = self.flows.iter().rev().take(bins);
            latest.fold((0, 0), |(a, b), (ofi, ti)| (a + ofi, b + ti))
        };
        let (short, long) = (sum(3), sum(LONG_BINS));
        raw[Feature::Ofi30 as usize] = short.0 as f64;
        raw[Feature::Ofi300 as usize] = long.0 as f64;
        raw[Feature::Signed30 as usize] = short.1 as f64;
        raw[Feature::Signed300 as usize] = long.1 as f64;
    }
}
