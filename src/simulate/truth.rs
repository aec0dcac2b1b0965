//! What is known of a drawn tape, and `truth.json`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::SimulateError;
use super::file::TextFile;
use super::law::{HALF_HOUR, LOT, Law};
use crate::tape::{Session, Symbol};

/// The constants that estimates must recover, and the exact sums of each symbol's day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// The seed that gives this tape again.
    pub seed: u64,
    /// The New York date, `YYYY-MM-DD`.
    pub date: String,
    /// Length of a step; what is known holds for bars of whole steps.
    pub step_seconds: f64,
    /// Steps of the session.
    pub steps: u64,
    /// lambda: Kyle's slope of the mid change on the true signed flow.
    pub lambda_usd_per_share: f64,
    /// The same in cents.
    pub lambda_cents_per_share: f64,
    /// (1 - 2 mis_sign) lambda, Kyle's slope on the flow as printed; unknown when misprints meet
    /// autocorrelated flow, and when impact is concave, where lambda is the slope at zero.
    pub kyle_slope_usd_per_share: Option<f64>,
    /// tick / (2 D), the OFI slope of the day; unknown when depth varies.
    pub ofi_slope_usd_per_share: Option<f64>,
    /// The same in cents.
    pub ofi_slope_cents_per_share: Option<f64>,
    /// Power of depth in the OFI slope.
    pub depth_exponent: f64,
    /// What one depletion moves the mid by.
    pub tick_usd: f64,
    /// Ask less bid.
    pub spread_usd: f64,
    /// Fraction of trades printed as the other side's.
    pub mis_sign: f64,
    /// Depth and OFI slope of each half hour.
    pub half_hours: Vec<DepthTruth>,
    /// Each symbol's day.
    pub symbols: Vec<SymbolTruth>,
    /// Every parameter of the law.
    pub law: Law,
}

/// One half hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DepthTruth {
    /// Its first nanosecond since 1970 UTC.
    pub start_ns: i64,
    /// D_h: shares at each best quote.
    pub depth_shares: i64,
    /// tick / (2 D_h).
    pub ofi_slope_usd_per_share: f64,
}

/// Exact counts and sums of one symbol's day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SymbolTruth {
    /// Whose.
    pub symbol: String,
    /// States on the tape.
    pub quotes: u64,
    /// Trades on the tape.
    pub trades: u64,
    /// States in the session.
    pub session_quotes: u64,
    /// Trades in the session.
    pub session_trades: u64,
    /// States that stand only in the venues' quote file of the TAQ formats.
    pub venue_only_quotes: u64,
    /// Sum of TI_k: signed by the true aggressors, not by the prints.
    pub session_flow_shares: i64,
    /// Sum of OFI_k = 2 D_h n_k.
    pub session_ofi_shares: i64,
}

impl SymbolTruth {
    pub(super) fn none(symbol: &Symbol) -> Self {
        Self {
            symbol: symbol.to_string(),
            quotes: 0,
            trades: 0,
            session_quotes: 0,
            session_trades: 0,
            venue_only_quotes: 0,
            session_flow_shares: 0,
            session_ofi_shares: 0,
        }
    }

    pub(super) fn add_step(&mut self, flow_shares: i64, ticks: i64, depth_lots: i64) {
        self.session_flow_shares += flow_shares;
        let ofi = ticks.saturating_mul(2 * depth_lots * LOT);
        self.session_ofi_shares = self.session_ofi_shares.saturating_add(ofi);
    }

    pub(super) fn add_quote(&mut self, is_in_session: bool, is_venue_only: bool) {
        self.quotes += 1;
        self.session_quotes += u64::from(is_in_session);
        self.venue_only_quotes += u64::from(is_venue_only);
    }

    pub(super) fn add_trade(&mut self, is_in_session: bool) {
        self.trades += 1;
        self.session_trades += u64::from(is_in_session);
    }
}

impl Truth {
    pub(super) fn new(law: &Law, seed: u64, session: Session, symbols: Vec<SymbolTruth>) -> Self {
        let ofi_slope = |shares: i64| law.tick.usd() / (2 * shares) as f64;
        let flat = law.flat_depth.then(|| ofi_slope(law.depth_shares));
        let half_hours = session.length() / HALF_HOUR;
        let depth = |h: i64| {
            let depth_shares = law.depth_lots(h, half_hours) * LOT;
            DepthTruth {
                start_ns: session.open.0 + h * HALF_HOUR,
                depth_shares,
                ofi_slope_usd_per_share: ofi_slope(depth_shares),
            }
        };
        let is_known = (law.mis_sign == 0.0 || law.flow_autocorrelation == 0.0) && law.concave.is_none();
        Self {
            seed,
            date: session.date.to_string(),
            step_seconds: law.step_ns as f64 / 1e9,
            steps: law.steps(&session),
            lambda_usd_per_share: law.lambda_usd_per_share,
            lambda_cents_per_share: law.lambda_usd_per_share * 100.0,
            kyle_slope_usd_per_share: is_known
                .then_some((1.0 - 2.0 * law.mis_sign) * law.lambda_usd_per_share),
            ofi_slope_usd_per_share: flat,
            ofi_slope_cents_per_share: flat.map(|slope| slope * 100.0),
            depth_exponent: -1.0,
            tick_usd: law.tick.usd(),
            spread_usd: law.tick.usd() * law.spread_ticks as f64,
            mis_sign: law.mis_sign,
            half_hours: (0..half_hours).map(depth).collect(),
            symbols,
            law: law.clone(),
        }
    }

    /// Writes `truth.json` into `dir`.
    pub(super) fn write(&self, dir: &Path) -> Result<PathBuf, SimulateError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|e| SimulateError::io(dir, e))?;
        json.push(b'\n');
        let mut file = TextFile::create(dir, "truth.json", false)?;
        file.write(&json)?;
        file.finish()
    }
}
