//! The parts of an answer that say what was used: inputs, the resolved request, the model.

use serde::Serialize;
use utoipa::ToSchema;

use super::stamp::Stamp;
use super::today::LiveInput;

/// Every number that was used.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InputsUsed {
    /// The mid on arrival.
    pub arrival_price: Input,
    /// Last mid of the session before.
    pub previous_close: Input,
    /// Full quoted spread.
    pub spread: Input,
    /// Volatility of a session of 6.5 hours.
    pub volatility_daily: Input,
    /// Average daily volume.
    pub adv: Input,
    /// Mean size at the best bid and ask.
    pub depth: Input,
    /// Shares outstanding.
    pub shares_outstanding: Input,
    /// Share of a day's volume in each thirteenth of the session.
    pub volume_curve: CurveInput,
    /// Only where a session under way was used: what it rests on, and how old that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = LiveInput)]
    pub live: Option<LiveInput>,
}

/// A number with where it is from.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Input {
    /// The number; null is unknown.
    #[schema(required)]
    pub value: Option<f64>,
    /// Its unit.
    #[schema(example = "usd")]
    pub unit: &'static str,
    /// `tape_days`: earlier days. `tape_today`: today so far. `prior`: the literature. `caller`: the request.
    #[schema(required, example = "tape_today")]
    pub source: Option<&'static str>,
    /// The last moment it rests on, UTC.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Stamp>,
    /// How old it was, milliseconds.
    #[schema(required)]
    pub age_ms: Option<i64>,
    /// Whether that is too old; null where it has no age.
    #[schema(required)]
    pub stale: Option<bool>,
    /// Observations behind it.
    #[schema(required)]
    pub n: Option<u64>,
}

/// The volume curve.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurveInput {
    /// Shares of the day's volume, in order of time; they add up to 1.
    pub value: Vec<f64>,
    /// Always `share_of_day`.
    #[schema(example = "share_of_day")]
    pub unit: &'static str,
    /// `tape_days`, or `prior`: the same volume at all times.
    #[schema(example = "tape_days")]
    pub source: &'static str,
    /// Days it was measured on.
    pub n: u64,
}

/// What was made of the request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Resolved {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Market of the listing, as the caller gave it.
    #[schema(required)]
    pub mic: Option<String>,
    /// `buy`, `sell` or `sell_short`.
    #[schema(example = "buy")]
    pub side: &'static str,
    /// Shares; null where no price turns dollars into shares.
    #[schema(required)]
    pub quantity: Option<i64>,
    /// Dollars at the arrival price.
    #[schema(required)]
    pub notional_usd: Option<f64>,
    /// Shares that fit into the window at the participation rate.
    #[schema(required)]
    pub fillable_quantity: Option<i64>,
    /// Session date, New York.
    #[schema(format = Date, example = "2013-10-07")]
    pub date: String,
    /// First moment of the order, within the session, UTC; null when the session is closed for it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub window_start: Option<Stamp>,
    /// First moment after it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub window_end: Option<Stamp>,
    /// Between them.
    #[schema(required)]
    pub duration_seconds: Option<f64>,
    /// Quantity over the volume expected in the window.
    #[schema(required)]
    pub participation_rate: Option<f64>,
    /// Quantity, percent of average daily volume.
    #[schema(required)]
    pub pct_adv: Option<f64>,
    /// Volume expected in the window, shares.
    #[schema(required)]
    pub expected_market_shares: Option<f64>,
    /// In which shape.
    #[schema(example = "vwap")]
    pub strategy: &'static str,
    /// Per basis point.
    pub risk_aversion: f64,
    /// `market` or `limit`.
    #[schema(example = "market")]
    pub order_type: &'static str,
    /// Dollars.
    #[schema(required)]
    pub limit_price: Option<f64>,
    /// Everything that was changed or assumed, in words.
    pub adjustments: Vec<String>,
}

/// The model that was used.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelAnswer {
    /// Which: `blend`, `tape`, `square-root` or `almgren-2005`.
    #[schema(example = "blend")]
    pub id: &'static str,
    /// Version of its formulas.
    #[schema(example = "1")]
    pub version: &'static str,
    /// Of its coefficients.
    pub sha256: String,
    /// Start of the data it was calibrated on, UTC; null of a model that knows no tape.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub calibrated_from: Option<Stamp>,
    /// End of it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub calibrated_to: Option<Stamp>,
    /// As of when, UTC.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub calibrated_at: Option<Stamp>,
    /// Version of what it is fed with.
    #[schema(example = "1")]
    pub features_version: &'static str,
    /// Observations behind its coefficients.
    pub n_observations: u64,
    /// In-sample share of the variance of price changes that the lagged flows explain.
    #[schema(required)]
    pub r2: Option<f64>,
    /// Out-of-sample share; null where it was not measured.
    #[schema(required)]
    pub r2_oos: Option<f64>,
    /// Why the tape gave no coefficients, where it gave none.
    #[schema(required)]
    pub thin: Option<String>,
    /// How fast impact fades on the tape; null of a model that knows no tape, where the tape is too thin, and where
    /// nothing fades.
    #[schema(required)]
    pub decay: Option<DecayAnswer>,
    /// Its coefficients: value, standard error, unit.
    pub coefficients: Vec<CoefficientAnswer>,
}

/// Share of the fading part of impact that is gone after a pause, 0 to 1: (G(1) - G(1 + l)) / (G(1) - G(15)), G the
/// propagator in bars of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecayAnswer {
    /// After one minute.
    pub gone_after_1_minute: f64,
    /// After two.
    pub gone_after_2_minutes: f64,
    /// After five.
    pub gone_after_5_minutes: f64,
}

/// A coefficient.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoefficientAnswer {
    /// Which.
    #[schema(example = "permanent")]
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its standard error.
    #[schema(required)]
    pub se: Option<f64>,
    /// Its unit.
    #[schema(example = "volatilities_per_daily_volume")]
    pub unit: &'static str,
}
