//! `summary/<SYMBOL>_<YYYYMMDD>.json`: a symbol's day on one page, for checking against an independent hand.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::impact::{Fit, Model, Term, Window};
use crate::liquidity::Measure;
use crate::pipeline::SymbolDay;
use crate::tape::{NANOS_PER_SECOND, Scale};

#[derive(Serialize)]
struct Summary<'a> {
    quotes_in_file: u64,
    quotes_in_session: u64,
    quotes_usable: u64,
    trades_in_session: u64,
    shares: Shares,
    trades_with_usable_quote: u64,
    sum_sign: SumSign,
    sum_signed_shares_lee_ready: Shares,
    ofi_session_shares: Shares,
    effective_spread_usd: EffectiveSpread,
    quoted_spread_usd_time_weighted: Option<f64>,
    at_300s: AtHorizon,
    #[serde(flatten)]
    bars: ByWidth<'a>,
}

/// A sum of sizes: a whole number where sizes are whole.
struct Shares(Scale, i128);

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(scale, units) = self;
        if scale.is_whole() {
            serializer.serialize_i128(*units)
        } else {
            scale.shares(*units).serialize(serializer)
        }
    }
}

#[derive(Serialize)]
struct SumSign {
    tick: i64,
    lee_ready: i64,
    emo: i64,
    clnv: i64,
}

#[derive(Serialize)]
struct EffectiveSpread {
    simple_mean: Option<f64>,
    share_weighted: Option<f64>,
}

#[derive(Serialize)]
struct AtHorizon {
    trades: u64,
    signed_effective: Option<f64>,
    realized_spread: Option<f64>,
    price_impact: Option<f64>,
}

/// What was fitted on bars of one width.
pub struct WidthFits {
    /// The width, nanoseconds.
    pub width: i64,
    /// Bars with a price change.
    pub observed: usize,
    /// The fits.
    pub fits: Vec<Fit>,
}

/// `bars_10s` and so on, each with its day's fits.
struct ByWidth<'a>(&'a [WidthFits]);

impl Serialize for ByWidth<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for of_width in self.0 {
            let seconds = of_width.width as f64 / NANOS_PER_SECOND as f64;
            map.serialize_entry(&format!("bars_{seconds}s"), &DayFits(of_width))?;
        }
        map.end()
    }
}

struct DayFits<'a>(&'a WidthFits);

impl DayFits<'_> {
    fn of(&self, model: Model) -> Option<&Fit> {
        let of_day = |fit: &&Fit| fit.model == model && fit.window == Window::Day;
        self.0.fits.iter().find(of_day)
    }
}

impl Serialize for DayFits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("bars_in_regression", &self.0.observed)?;
        for (name, model, slopes) in [
            ("ofi", Model::Ofi, &["slope_cents_per_share"][..]),
            ("kyle_trade_imbalance", Model::Kyle, &["slope_cents_per_share"]),
            ("both", Model::OfiKyle, &["ofi_cents_per_share", "trade_imbalance_cents_per_share"]),
        ] {
            map.serialize_entry(name, &self.of(model).map(|fit| OneFit { fit, slopes }))?;
        }
        map.end()
    }
}

struct OneFit<'a> {
    fit: &'a Fit,
    slopes: &'a [&'static str],
}

impl Serialize for OneFit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let regression = &self.fit.regression;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &regression.n)?;
        map.serialize_entry("r2", &regression.r2)?;
        map.serialize_entry("hac_lags", &regression.hac_lags)?;
        let names = std::iter::once(&"intercept").chain(self.slopes);
        for (name, term) in names.zip(&regression.terms) {
            map.serialize_entry(name, &Coefficient::from(term))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Coefficient {
    coef: f64,
    se_ols: f64,
    se_white_hc0: f64,
    se_hac: f64,
    t_hac: Option<f64>,
}

impl From<&Term> for Coefficient {
    fn from(term: &Term) -> Self {
        Self {
            coef: term.coefficient,
            se_ols: term.errors.ols,
            se_white_hc0: term.errors.white,
            se_hac: term.errors.hac,
            t_hac: term.t_hac(),
        }
    }
}

/// The document.
pub fn render(day: &SymbolDay, scale: Scale, fits: &[WidthFits]) -> String {
    let shares = |units| Shares(scale, units);
    let measure = |name: &str| day.liquidity.iter().find(|m| m.name == name);
    let value = |name: &str| measure(name).and_then(|m: &Measure| m.value);
    let summary = Summary {
        quotes_in_file: day.counts.quotes_seen,
        quotes_in_session: day.counts.quotes_kept,
        quotes_usable: day.quotes_usable,
        trades_in_session: day.counts.trades_kept,
        shares: shares(day.signs.units),
        trades_with_usable_quote: day.trades_with_quote,
        sum_sign: SumSign {
            tick: day.signs.tick,
            lee_ready: day.signs.lee_ready,
            emo: day.signs.emo,
            clnv: day.signs.clnv,
        },
        sum_signed_shares_lee_ready: shares(day.signs.lee_ready_units),
        ofi_session_shares: shares(day.bars.whole().ofi),
        effective_spread_usd: EffectiveSpread {
            simple_mean: value("effective_spread_simple"),
            share_weighted: value("effective_spread_share_weighted"),
        },
        quoted_spread_usd_time_weighted: value("quoted_spread_time_weighted"),
        at_300s: AtHorizon {
            trades: measure("realized_spread_300s").map_or(0, |m| m.n),
            signed_effective: value("signed_effective_spread_300s"),
            realized_spread: value("realized_spread_300s"),
            price_impact: value("price_impact_300s"),
        },
        bars: ByWidth(fits),
    };
    let mut text = serde_json::to_string_pretty(&summary).unwrap_or_default();
    text.push('\n');
    text
}
