//! An order as `api.yaml` describes it. A test holds these fields against those that the reader knows.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::openapi::schema::{AdditionalProperties, OneOfBuilder};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::page::FormatText;
use crate::cost::limited_codes;

/// An order to be estimated. Exactly one of `quantity` and `notional`; exactly one of `window`, `horizon_seconds` and
/// `participation_rate`, but none for the strategies `close` and `custom`. Unknown fields are refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// As its tape spells it.
    #[schema(example = "IBM", max_length = 128)]
    symbol: String,
    /// Market of the listing, ISO 10383; echoed: costs are those of the consolidated tape.
    #[schema(pattern = "^[A-Z0-9]{4}$")]
    mic: Option<String>,
    /// Which way.
    side: SideText,
    /// Whole shares.
    #[schema(example = 50000, minimum = 1, maximum = 1000000000)]
    quantity: Option<i64>,
    /// US dollars.
    #[schema(exclusive_minimum = 0.0, maximum = 100000000000.0)]
    notional: Option<f64>,
    /// Only US dollars are known.
    #[schema(inline)]
    currency: Option<CurrencyText>,
    /// The moment of the estimate: nothing later is looked at. Now when left out.
    #[schema(value_type = Option<MomentText>, inline)]
    as_of: Option<()>,
    /// Between two moments, cut to the session.
    window: Option<WindowBody>,
    /// For so long, cut to the session.
    #[schema(example = 1800, minimum = 1, maximum = 604800)]
    horizon_seconds: Option<f64>,
    /// At this share of the market's volume.
    #[schema(exclusive_minimum = 0.0, maximum = 1.0)]
    participation_rate: Option<f64>,
    /// In which shape; `pov` with a participation rate, else `vwap`, when left out.
    strategy: Option<StrategyText>,
    /// The pieces of the strategy `custom`; they add up to `quantity`.
    #[schema(max_items = 390)]
    schedule: Option<Vec<PieceBody>>,
    /// What is weighed is cost + risk aversion x (timing risk)², in basis points. 0.01 when left out.
    #[schema(minimum = 0, maximum = 1000)]
    risk_aversion: Option<f64>,
    /// Risk aversion in words: 0.001, 0.01, 0.1.
    urgency: Option<UrgencyText>,
    /// How it is sent; `limit` with a limit price, else `market`, when left out.
    order_type: Option<OrderTypeText>,
    /// Dollars, or exact decimals as text.
    #[schema(value_type = Option<PriceText>, inline)]
    limit_price: Option<()>,
    /// Expected drift of the price over the window; positive is up.
    #[schema(minimum = -10000, maximum = 10000)]
    alpha_bps: Option<f64>,
    /// What is to be taken as true instead of the tape. It moves the estimate, and never a check towards passing.
    overrides: Option<OverridesBody>,
    /// Which cost model.
    model: Option<ModelText>,
    /// Level of the interval; 0.9 when left out.
    #[schema(minimum = 0.5, maximum = 0.99)]
    confidence: Option<f64>,
    /// Participation rates of the cost curve, or `none`.
    #[schema(value_type = Option<CurveText>, inline)]
    curve: Option<()>,
    /// Blocking levels by check, in its unit. They may only tighten those of the limits file.
    #[schema(value_type = Option<LevelsText>, inline)]
    limits: Option<BTreeMap<String, f64>>,
    /// The caller's own name for it.
    #[schema(max_length = 128)]
    client_ref: Option<String>,
    /// What the caller knows of the account.
    account: Option<AccountBody>,
    /// The caller says that trading is halted.
    halted: Option<bool>,
}

/// Between two moments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowBody {
    /// First moment; `as_of` when left out.
    #[schema(value_type = Option<MomentText>, inline)]
    start: Option<()>,
    /// First moment after.
    #[schema(value_type = MomentText, inline)]
    end: (),
}

/// A piece of the caller's own schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PieceBody {
    /// First moment.
    #[schema(value_type = MomentText, inline)]
    start: (),
    /// First moment after.
    #[schema(value_type = MomentText, inline)]
    end: (),
    /// Whole shares.
    #[schema(minimum = 1, maximum = 1000000000)]
    quantity: i64,
}

/// What is to be taken as true instead of the tape.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverridesBody {
    /// Average daily volume, shares.
    #[schema(exclusive_minimum = 0.0)]
    adv_shares: Option<f64>,
    /// Standard deviation of a session's return, basis points.
    #[schema(exclusive_minimum = 0.0)]
    volatility_daily_bps: Option<f64>,
    /// Full quoted spread, basis points of the mid.
    #[schema(exclusive_minimum = 0.0)]
    spread_bps: Option<f64>,
    /// The mid on arrival, dollars, or exact decimals as text.
    #[schema(value_type = Option<PriceText>, inline)]
    arrival_price: Option<()>,
    /// Shares outstanding: the model `almgren-2005` needs them.
    #[schema(exclusive_minimum = 0.0)]
    shares_outstanding: Option<f64>,
}

/// What the caller knows of the account: the daemon keeps no books. A limit that needs what is left out fails closed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    /// Its name, as the limits file spells it.
    #[schema(max_length = 128)]
    id: Option<String>,
    /// Credit or capital in use, dollars.
    #[schema(minimum = 0)]
    credit_used_usd: Option<f64>,
    /// Orders sent in the last minute.
    #[schema(minimum = 0)]
    orders_last_minute: Option<i64>,
    /// Orders sent lately.
    #[schema(max_items = 1000)]
    recent_orders: Option<Vec<RecentOrderBody>>,
}

/// An order that was sent before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecentOrderBody {
    /// What.
    symbol: String,
    /// Which way.
    side: SideText,
    /// Whole shares.
    quantity: i64,
    /// At which limit.
    #[schema(value_type = Option<PriceText>, inline)]
    limit_price: Option<()>,
    /// When.
    #[schema(value_type = MomentText, inline)]
    at: (),
}

/// In which format the answer is wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// Format of the answer; wins over `Accept`.
    #[param(inline, value_type = FormatText, required = false, example = "csv")]
    #[allow(dead_code, reason = "stands for its documentation")]
    format: (),
}

/// A schema that is one of some names.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident = $names:expr) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $type;

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let names: Vec<&str> = $names.iter().map(|(name, _)| *name).collect();
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
            }
        }

        impl ToSchema for $type {}
    };
}

names!(
    /// `buy`, `sell`, `sell_short`.
    SideText = crate::cost::Side::NAMED
);
names!(
    /// The strategies.
    StrategyText = crate::cost::Strategy::NAMED
);
names!(
    /// Risk aversion in words.
    UrgencyText = crate::cost::URGENCIES
);
names!(
    /// `market`, `limit`.
    OrderTypeText = crate::cost::OrderType::NAMED
);
names!(
    /// The models.
    ModelText = crate::pretrade::ModelName::NAMED
);
names!(
    /// The currencies.
    CurrencyText = [("USD", ())]
);

/// A schema of several kinds of values.
macro_rules! either {
    ($(#[$doc:meta])* $type:ident = $($schema:expr),+) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type;

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                OneOfBuilder::new()$(.item($schema))+.into()
            }
        }

        impl ToSchema for $type {}
    };
}

fn object(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

either!(
    /// RFC 3339, or nanoseconds since 1970.
    MomentText = object(Type::String), object(Type::Integer)
);
either!(
    /// A number, or exact decimals as text.
    PriceText = object(Type::Number), object(Type::String).pattern(Some("^[0-9]*\\.?[0-9]+$"))
);
either!(
    /// Rates, or `none`.
    CurveText = utoipa::openapi::ArrayBuilder::new().items(object(Type::Number)).max_items(Some(32)),
    object(Type::String).enum_values(Some(["none"]))
);

/// Bytes.
#[derive(Debug)]
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        object(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).into()
    }
}

impl ToSchema for FileBytes {}

/// A level by check.
#[derive(Debug)]
pub struct LevelsText;

impl PartialSchema for LevelsText {
    fn schema() -> RefOr<Schema> {
        let empty = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let level = || object(Type::Number).minimum(Some(0));
        limited_codes().into_iter().fold(empty, |all, code| all.property(code, level())).into()
    }
}

impl ToSchema for LevelsText {}
