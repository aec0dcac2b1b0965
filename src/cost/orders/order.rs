//! An order as somebody thinks of sending it, before anything is known of the market.
//!
//! An [`Order`] is made by [`Draft::check`](crate::cost::Draft::check) alone, so that whoever holds one may rely on
//! every bound: whole positive shares or positive dollars, one way of saying when, nothing absurd, nothing unread.

use crate::tape::Nanos;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Shares in, dollars out.
    Buy,
    /// Shares out of a holding.
    Sell,
    /// Shares out that are borrowed.
    SellShort,
}

impl Side {
    /// All of them, with their names.
    pub const NAMED: [(&'static str, Self); 3] =
        [("buy", Self::Buy), ("sell", Self::Sell), ("sell_short", Self::SellShort)];

    /// +1 where a rising price hurts, -1 where a falling one does.
    #[must_use]
    pub fn sign(self) -> f64 {
        if self == Self::Buy { 1.0 } else { -1.0 }
    }
}

/// How much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Whole shares.
    Quantity(i64),
    /// US dollars; whole shares of it are found at the arrival price.
    Notional(f64),
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Between two moments; without a start, from the moment of the estimate.
    Window {
        /// First moment.
        start: Option<Nanos>,
        /// First moment after.
        end: Nanos,
    },
    /// For so many nanoseconds.
    Horizon(i64),
    /// At this share of the market's volume until it is done.
    Participation(f64),
    /// When the strategy itself says: the close, or a schedule of its own.
    Strategy,
}

/// In which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The same quantity in every stretch of time.
    Twap,
    /// In proportion to the market's usual volume.
    Vwap,
    /// A constant share of the market's volume.
    Pov,
    /// Implementation shortfall: sooner, the more risk is disliked.
    Is,
    /// In the last minutes of the session.
    Close,
    /// As its `schedule` says.
    Custom,
}

impl Strategy {
    /// All of them, with their names.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("twap", Self::Twap),
        ("vwap", Self::Vwap),
        ("pov", Self::Pov),
        ("is", Self::Is),
        ("close", Self::Close),
        ("custom", Self::Custom),
    ];
}

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderType {
    /// At whatever price.
    Market,
    /// At its limit price or better.
    Limit,
}

impl OrderType {
    /// All of them, with their names.
    pub const NAMED: [(&'static str, Self); 2] = [("market", Self::Market), ("limit", Self::Limit)];
}

/// Risk aversion, per basis point: what is weighed is cost + aversion x (timing risk)². At 0.01, a risk of 30 bps
/// (1 s.d.) weighs as much as a cost of 9.
pub const URGENCIES: [(&str, f64); 3] = [("passive", 0.001), ("normal", 0.01), ("aggressive", 0.1)];

/// What the caller would rather have taken as true. Each is echoed with its source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Average daily volume, shares.
    pub adv_shares: Option<f64>,
    /// Standard deviation of a day's return, basis points.
    pub volatility_daily_bps: Option<f64>,
    /// Full quoted spread, basis points of the mid.
    pub spread_bps: Option<f64>,
    /// The mid on arrival, dollars.
    pub arrival_price: Option<f64>,
    /// Shares outstanding, which no tape tells and the model of 2005 needs.
    pub shares_outstanding: Option<f64>,
}

/// Which participation rates the cost curve shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Curve {
    /// The usual ones.
    #[default]
    Usual,
    /// No curve.
    None,
    /// These.
    Rates(Vec<f64>),
}

/// A piece of the caller's own schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First moment.
    pub start: Nanos,
    /// First moment after.
    pub end: Nanos,
    /// Shares in it.
    pub quantity: i64,
}

/// An order that was sent before.
#[derive(Clone, Debug, PartialEq)]
pub struct RecentOrder {
    /// What.
    pub symbol: String,
    /// Which way.
    pub side: Side,
    /// How much.
    pub quantity: i64,
    /// At which limit.
    pub limit_price: Option<f64>,
    /// When.
    pub at: Nanos,
}

/// What the caller knows of the account: this daemon keeps no books. What is left out is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Its name, as the limits file spells it.
    pub id: Option<String>,
    /// Credit or capital in use, dollars.
    pub credit_used_usd: Option<f64>,
    /// Orders sent in the last minute.
    pub orders_last_minute: Option<i64>,
    /// Orders sent lately, for duplicates.
    pub recent_orders: Option<Vec<RecentOrder>>,
}

/// A checked order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// As the tape spells it.
    pub symbol: String,
    /// Market of the listing, ISO 10383; echoed.
    pub mic: Option<String>,
    /// Which way.
    pub side: Side,
    /// How much.
    pub amount: Amount,
    /// The moment of the estimate: nothing later is looked at.
    pub as_of: Nanos,
    /// When.
    pub pace: Pace,
    /// In which shape.
    pub strategy: Strategy,
    /// The caller's own schedule.
    pub schedule: Vec<Piece>,
    /// Risk aversion, per basis point.
    pub risk_aversion: f64,
    /// How it is sent.
    pub order_type: OrderType,
    /// At which limit, dollars.
    pub limit_price: Option<f64>,
    /// Expected drift of the price over the window, basis points; positive is up.
    pub alpha_bps: Option<f64>,
    /// What the caller would rather have taken as true.
    pub overrides: Overrides,
    /// Name of a model.
    pub model: String,
    /// Level of the interval.
    pub confidence: f64,
    /// Which rates the curve shows.
    pub curve: Curve,
    /// Blocking levels that tighten the house's, by check.
    pub limits: Vec<(String, f64)>,
    /// The caller's own name for it.
    pub client_ref: Option<String>,
    /// What the caller knows of the account.
    pub account: Account,
    /// The caller says that trading is halted.
    pub halted: bool,
}
