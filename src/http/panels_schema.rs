//! Rows of panels as `api.yaml` describes them, with units.

use serde::Serialize;
use utoipa::ToSchema;

/// A symbol's slope over many days.
#[derive(Debug, Serialize, ToSchema)]
pub struct PooledRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// What explains the price: `ofi`, `kyle` or `ofi+kyle`.
    #[schema(example = "ofi")]
    pub model: String,
    /// Which slope.
    #[schema(example = "ofi")]
    pub term: String,
    /// The slope, in `unit`.
    pub coefficient: f64,
    /// Unit of the slope, its error and its interval.
    #[schema(example = "cents_per_share")]
    pub unit: String,
    /// Its error, clustered by day, in `unit`.
    pub se_clustered: f64,
    /// Lower end of the 95 % interval, in `unit`.
    pub ci95_low: f64,
    /// Upper end of it.
    pub ci95_high: f64,
    /// The slope in ticks of a cent a share; null where `unit` is no cents.
    #[schema(required)]
    pub ticks_per_share: Option<f64>,
    /// The slope in basis points of the mean mid a share; null where `unit` is no cents.
    #[schema(required)]
    pub bp_per_share: Option<f64>,
    /// Bars behind it.
    pub n: i64,
    /// Days behind it.
    pub days: i64,
    /// Share of the variance within days that the model explains.
    #[schema(required)]
    pub r2_within: Option<f64>,
}

/// A symbol's half hours at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// What explains the price.
    #[schema(example = "ofi")]
    pub model: String,
    /// Which slope.
    #[schema(example = "ofi")]
    pub term: String,
    /// Median of the half hours' slopes, in `unit`.
    pub median: f64,
    /// First quartile.
    pub q25: f64,
    /// Third quartile.
    pub q75: f64,
    /// Unit of the slopes.
    #[schema(example = "cents_per_share")]
    pub unit: String,
    /// Share of half hours whose slope is more than 1.96 Newey-West errors from zero.
    pub share_significant: f64,
    /// Share of those whose slope is so and above zero.
    pub share_significant_positive: f64,
    /// Mean r2.
    #[schema(required)]
    pub r2_mean: Option<f64>,
    /// Median r2 on the next half hour.
    #[schema(required)]
    pub r2_oos_median: Option<f64>,
    /// Half hours with a fit.
    pub windows: i64,
    /// Days that hold them.
    pub days: i64,
}

/// Two symbols' correlation.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairRow {
    /// What is compared, with its unit: `spread_bp`, `depth_shares`, `ofi_cents_per_share`, `lambda_bp_per_kusd`.
    #[schema(example = "spread_bp")]
    pub quantity: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// One symbol.
    #[schema(example = "AAPL")]
    pub symbol: String,
    /// The other.
    #[schema(example = "AMZN")]
    pub other: String,
    /// Pearson's correlation over half hours.
    pub correlation: f64,
    /// Lower end of its 95 % interval by Fisher's z, as if half hours were independent.
    pub ci95_low: f64,
    /// Upper end of it.
    pub ci95_high: f64,
    /// Half hours that both have.
    pub n: i64,
}

/// How far a symbol's liquidity moves with that of the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommonRow {
    /// What is compared, with its unit: `spread_bp`, `depth_shares`, `ofi_cents_per_share`, `lambda_bp_per_kusd`.
    #[schema(example = "spread_bp")]
    pub quantity: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// The symbol.
    #[schema(example = "AAPL")]
    pub symbol: String,
    /// Slope of its relative change on the others' mean relative change in the same half hour; no unit.
    pub slope: f64,
    /// The slope's Newey-West error.
    pub se_hac: f64,
    /// Share of the variance of its changes that comes with the others'.
    #[schema(required)]
    pub r2: Option<f64>,
    /// Half hours.
    pub n: i64,
}

/// How much a symbol's returns owe to its own flow, or to that of all.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrossRow {
    /// As its tape spells it.
    #[schema(example = "AAPL")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 60.0)]
    pub bar_seconds: f64,
    /// Which flow: `ofi`, the best quotes', or `ofi_integrated`, that of all levels.
    #[schema(example = "ofi")]
    pub flow: String,
    /// `pi`, own impact by least squares, or `ci`, cross-impact by LASSO.
    #[schema(example = "ci")]
    pub model: String,
    /// Most symbols that stood in a half hour.
    pub symbols: i64,
    /// Half hours.
    pub windows: i64,
    /// Mean share of the variance explained.
    #[schema(required)]
    pub r2_mean: Option<f64>,
    /// Half hours that were scored on the next one.
    pub windows_oos: i64,
    /// Mean share of the next half hour's variance explained.
    #[schema(required)]
    pub r2_oos_mean: Option<f64>,
    /// Its median.
    #[schema(required)]
    pub r2_oos_median: Option<f64>,
    /// Share of half hours in which the own flow has a slope; null of `pi`.
    #[schema(required)]
    pub own_chosen_share: Option<f64>,
    /// Share of the other symbols' flows that have one; null of `pi`.
    #[schema(required)]
    pub others_chosen_share: Option<f64>,
    /// Share of scored half hours in which all flows explain more of the next one than the own; null of `pi`.
    #[schema(required)]
    pub better_share: Option<f64>,
}

/// A symbol's trades at a venue over the days.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenuePanelRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// The venue's letter on the tape.
    #[schema(example = "N")]
    pub venue: String,
    /// Days on which it traded there.
    pub days: i64,
    /// Trades.
    pub trades: i64,
    /// Their size, shares.
    pub shares: f64,
    /// Their value, US dollars.
    pub dollars: f64,
    /// Of the symbol's shares at all venues over the same days.
    pub share_of_shares: f64,
    /// Of its trades, those that the tape calls odd lots.
    pub share_odd_lots: f64,
    /// Bought less sold, by the sign that counts, shares.
    pub signed_shares: f64,
    /// Share-weighted 2 |P - M| over trades with a usable quote in force, cents.
    #[schema(required)]
    pub effective_spread_cents: Option<f64>,
    /// Share-weighted 2 |P - M| / M, basis points.
    #[schema(required)]
    pub effective_spread_bp: Option<f64>,
    /// Trades with a usable quote in force.
    pub n: i64,
}
