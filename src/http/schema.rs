//! Rows as `api.yaml` describes them, with units. A test holds these columns against the tables'.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rows<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where to go on: the `cursor` of the next page; null at the end.
    #[schema(required, pattern = "^[0-9a-f]{32}$")]
    pub next_cursor: Option<String>,
    /// Only in the list of recorded orders: those of this page that are left out since their files are damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = usize)]
    pub damaged: Option<usize>,
}

/// A symbol with results.
#[derive(Debug, Serialize, ToSchema)]
pub struct SymbolRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// First session date with results, New York.
    #[schema(format = Date, example = "2013-10-07")]
    pub first_date: String,
    /// Last session date with results or under way, New York.
    #[schema(format = Date, example = "2013-10-11")]
    pub last_date: String,
    /// Session dates with results.
    pub days: i64,
    /// Quotes kept by cleaning, all days whose tables have landed.
    pub quotes: i64,
    /// Trades kept by cleaning, likewise.
    pub trades: i64,
}

/// One term of a regression of price changes on flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct FitRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// Kind of window: `day` or `30m`.
    #[schema(example = "day")]
    pub window: String,
    /// Beginning, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2013-10-07T13:30:00.000000000Z")]
    pub window_start: String,
    /// End, UTC, nanoseconds; not inside.
    #[schema(format = DateTime, example = "2013-10-07T20:00:00.000000000Z")]
    pub window_end: String,
    /// What explains the price: `ofi`, `kyle`, `ofi+kyle`, of many levels `ofi-levels` or `ofi-integrated`; or
    /// `depth_law`.
    #[schema(example = "ofi")]
    pub model: String,
    /// Which coefficient: `intercept`, `ofi`, `trade_imbalance`, `ofi_1` and on, `ofi_integrated`, `log_depth`.
    #[schema(example = "ofi")]
    pub term: String,
    /// The estimate, in `unit`.
    pub coefficient: f64,
    /// Unit of the estimate, its errors and its interval, such as `cents_per_share` or `bp_per_kusd`.
    #[schema(example = "cents_per_share")]
    pub unit: String,
    /// Ordinary standard error, in `unit`.
    #[schema(required)]
    pub se_ols: Option<f64>,
    /// White (HC0) standard error, in `unit`.
    #[schema(required)]
    pub se_white: Option<f64>,
    /// Newey-West standard error with `hac_lags` lags, in `unit`.
    #[schema(required)]
    pub se_hac: Option<f64>,
    /// The estimate divided by `se_hac`.
    #[schema(required)]
    pub t_hac: Option<f64>,
    /// Lower end of the 95 % interval by `se_hac`, in `unit`.
    #[schema(required)]
    pub ci95_low: Option<f64>,
    /// Upper end of it.
    #[schema(required)]
    pub ci95_high: Option<f64>,
    /// Observations.
    pub n: i64,
    /// Lags of the Newey-West error.
    pub hac_lags: i64,
    /// Share of the variance explained in this window, in sample.
    #[schema(required)]
    pub r2: Option<f64>,
    /// Share of the next window's variance that these coefficients explain, out of sample; null for `day` and
    /// for a day's last window.
    #[schema(required)]
    pub r2_oos: Option<f64>,
    /// The estimate with ticks of a cent in place of cents; null where it is not in cents, as `bp_per_kusd`, and in
    /// results made before this was told.
    #[schema(required)]
    pub coefficient_ticks: Option<f64>,
    /// The estimate with basis points of the window's mean mid in place of cents; null as above.
    #[schema(required)]
    pub coefficient_bp: Option<f64>,
}

/// One term of a model's online slopes after the last closed bar.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlopeRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// End of the last bar they rest on, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2013-10-07T14:00:00.000000000Z")]
    pub ts_end: String,
    /// What explains the price: `ofi`, `kyle` or `ofi+kyle`.
    #[schema(example = "ofi")]
    pub model: String,
    /// Which coefficient: `intercept`, `ofi`, `trade_imbalance`.
    #[schema(example = "ofi")]
    pub term: String,
    /// The estimate, in `unit`.
    pub coefficient: f64,
    /// Unit of the estimate, such as `cents_per_share`.
    #[schema(example = "cents_per_share")]
    pub unit: String,
    /// Bars behind it.
    pub n: f64,
}

/// An executed order: what it did cost against its decision, by parts, in basis points of its value at the decision
/// price. Positive hurts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionRow {
    /// The client's name for it.
    #[schema(example = "desk7-000123")]
    pub order_id: String,
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// `buy`, `sell` or `sell_short`.
    #[schema(example = "buy")]
    pub side: String,
    /// Shares wanted.
    pub quantity_shares: i64,
    /// Shares filled.
    pub filled_shares: i64,
    /// When it was decided, UTC.
    #[schema(format = DateTime)]
    pub decision_ts: String,
    /// When it reached the market, UTC.
    #[schema(format = DateTime)]
    pub arrival_ts: String,
    /// When it was done or given up, UTC.
    #[schema(format = DateTime)]
    pub end_ts: String,
    /// Mean fill price, US dollars.
    #[schema(required)]
    pub mean_fill_price_usd: Option<f64>,
    /// Implementation shortfall, US dollars.
    #[schema(required)]
    pub shortfall_usd: Option<f64>,
    /// The same in basis points; the parts add up to it.
    #[schema(required)]
    pub shortfall_bps: Option<f64>,
    /// Decision to arrival.
    #[schema(required)]
    pub delay_bps: Option<f64>,
    /// Fill prices against mids.
    #[schema(required)]
    pub spread_bps: Option<f64>,
    /// The estimate's impact.
    #[schema(required)]
    pub impact_bps: Option<f64>,
    /// The market's move beyond that.
    #[schema(required)]
    pub timing_bps: Option<f64>,
    /// Unfilled shares.
    #[schema(required)]
    pub opportunity_bps: Option<f64>,
    /// Fees.
    #[schema(required)]
    pub fees_bps: Option<f64>,
    /// The unknown parts together.
    #[schema(required)]
    pub unattributed_bps: Option<f64>,
    /// Mean fill price against the arrival mid, basis points of it.
    #[schema(required)]
    pub arrival_cost_bps: Option<f64>,
    /// What was forecast of it.
    #[schema(required)]
    pub forecast_bps: Option<f64>,
    /// Realised minus forecast over the stated risk.
    #[schema(required)]
    pub z: Option<f64>,
    /// When it was recorded, UTC.
    #[schema(format = DateTime)]
    pub recorded_at: String,
}
