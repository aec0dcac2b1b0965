//! An order as JSON to a [`Draft`]: names, types, choices. What the values may be is `cost`'s to say.

use serde_json::Value;

use super::fields::Fields;
use super::models::ModelName;
use crate::cost::{
    Account, Curve, Draft, Fault, Order, OrderType, Overrides, RecentOrder, Side, Strategy, URGENCIES,
    limited_codes,
};
use crate::limits::{ORDER_PIECES_MAX, ORDER_RATES_MAX, ORDER_RECENT_MAX};
use crate::tape::Nanos;

/// The fields of an order.
pub const ORDER_FIELDS: [&str; 25] = [
    "symbol",
    "mic",
    "side",
    "quantity",
    "notional",
    "currency",
    "as_of",
    "window",
    "horizon_seconds",
    "participation_rate",
    "strategy",
    "schedule",
    "risk_aversion",
    "urgency",
    "order_type",
    "limit_price",
    "alpha_bps",
    "overrides",
    "model",
    "confidence",
    "curve",
    "limits",
    "client_ref",
    "account",
    "halted",
];
/// The fields of `overrides`.
pub const OVERRIDE_FIELDS: [&str; 5] =
    ["adv_shares", "volatility_daily_bps", "spread_bps", "arrival_price", "shares_outstanding"];
/// The fields of `account`.
pub const ACCOUNT_FIELDS: [&str; 4] = ["id", "credit_used_usd", "orders_last_minute", "recent_orders"];
/// The fields of an item of `account.recent_orders`.
pub const RECENT_FIELDS: [&str; 5] = ["symbol", "side", "quantity", "limit_price", "at"];
/// The fields of `window`.
pub const WINDOW_FIELDS: [&str; 2] = ["start", "end"];
/// The fields of an item of `schedule`.
pub const PIECE_FIELDS: [&str; 3] = ["start", "end", "quantity"];

/// Reads an order that stands at a pointer. `now` is its moment when it names none.
///
/// # Errors
/// Every fault.
pub fn read_order(value: &Value, at: &str, now: Nanos) -> Result<Order, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::open(value, at, &ORDER_FIELDS, &mut faults) else {
        return Err(faults);
    };
    let draft = draft(&fields, &mut faults);
    if !faults.is_empty() {
        // A field of the wrong type would be told again as missing: what can be told beside it is kept.
        let told = |fault: &Fault| faults.iter().any(|known| fault.pointer.starts_with(&known.pointer));
        let checked = draft.check(now).err().unwrap_or_default();
        let more: Vec<Fault> =
            checked.into_iter().map(|fault| below(at, fault)).filter(|f| !told(f)).collect();
        faults.extend(more.into_iter().filter(|fault| !fault.message.starts_with("is missing")));
        return Err(faults);
    }
    draft.check(now).map_err(|faults| faults.into_iter().map(|fault| below(at, fault)).collect())
}

fn below(at: &str, mut fault: Fault) -> Fault {
    fault.pointer = format!("{at}{}", fault.pointer);
    fault
}

fn draft(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Draft {
    Draft {
        symbol: fields.text("symbol", faults),
        mic: fields.text("mic", faults),
        side: fields.choice("side", &Side::NAMED, faults),
        quantity: fields.number("quantity", faults),
        notional: fields.number("notional", faults),
        currency: fields.text("currency", faults),
        as_of: fields.moment("as_of", faults),
        window: window(fields, faults),
        horizon_seconds: fields.number("horizon_seconds", faults),
        participation_rate: fields.number("participation_rate", faults),
        strategy: fields.choice("strategy", &Strategy::NAMED, faults),
        schedule: schedule(fields, faults),
        risk_aversion: fields.number("risk_aversion", faults),
        urgency: fields.choice("urgency", &URGENCIES, faults),
        order_type: fields.choice("order_type", &OrderType::NAMED, faults),
        limit_price: fields.price("limit_price", faults),
        alpha_bps: fields.number("alpha_bps", faults),
        overrides: overrides(fields, faults),
        model: fields.choice("model", &ModelName::NAMED, faults).map(|model| model.name().to_owned()),
        confidence: fields.number("confidence", faults),
        curve: curve(fields, faults),
        limits: limits(fields, faults),
        client_ref: fields.text("client_ref", faults),
        account: account(fields, faults),
        halted: fields.flag("halted", faults),
    }
}

fn window(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<(Option<Nanos>, Nanos)> {
    let window = fields.object("window", &WINDOW_FIELDS, faults)?;
    let start = window.moment("start", faults);
    if window.raw("end").is_none() {
        faults.push(Fault::new(window.pointer("end"), "is missing"));
    }
    Some((start, window.moment("end", faults)?))
}

fn schedule(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Vec<(Nanos, Nanos, f64)>> {
    let items = fields.list("schedule", ORDER_PIECES_MAX, faults)?;
    let mut pieces = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = fields.pointer(&format!("schedule/{index}"));
        let Some(piece) = Fields::open(item, &at, &PIECE_FIELDS, faults) else { continue };
        for name in PIECE_FIELDS.iter().filter(|name| piece.raw(name).is_none()) {
            faults.push(Fault::new(piece.pointer(name), "is missing"));
        }
        let start = piece.moment("start", faults);
        let end = piece.moment("end", faults);
        if let (Some(start), Some(end), Some(quantity)) = (start, end, piece.number("quantity", faults)) {
            pieces.push((start, end, quantity));
        }
    }
    Some(pieces)
}

fn overrides(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Overrides {
    let Some(given) = fields.object("overrides", &OVERRIDE_FIELDS, faults) else {
        return Overrides::default();
    };
    Overrides {
        adv_shares: given.number("adv_shares", faults),
        volatility_daily_bps: given.number("volatility_daily_bps", faults),
        spread_bps: given.number("spread_bps", faults),
        arrival_price: given.price("arrival_price", faults),
        shares_outstanding: given.number("shares_outstanding", faults),
    }
}

fn curve(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Curve {
    match fields.raw("curve") {
        None => Curve::Usual,
        Some(Value::String(text)) if text == "none" => Curve::None,
        Some(Value::Array(_)) => {
            let items = fields.list("curve", ORDER_RATES_MAX, faults).unwrap_or_default();
            let rates: Vec<f64> = items.iter().filter_map(Value::as_f64).collect();
            if rates.len() < items.len() {
                faults.push(Fault::new(fields.pointer("curve"), "holds something that is not a number"));
            }
            Curve::Rates(rates)
        }
        Some(_) => {
            let message = "is neither a list of participation rates nor 'none'";
            faults.push(Fault::new(fields.pointer("curve"), message).allowing(["none"]));
            Curve::Usual
        }
    }
}

fn limits(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Vec<(String, f64)> {
    let codes = limited_codes();
    let Some(given) = fields.object("limits", &codes, faults) else { return Vec::new() };
    given.numbers(&codes, faults).into_iter().collect()
}

fn account(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Account {
    let Some(given) = fields.object("account", &ACCOUNT_FIELDS, faults) else {
        return Account::default();
    };
    let recent = given.list("recent_orders", ORDER_RECENT_MAX, faults);
    Account {
        id: given.text("id", faults),
        credit_used_usd: given.number("credit_used_usd", faults),
        orders_last_minute: given.whole("orders_last_minute", faults),
        recent_orders: recent.map(|items| {
            let at = |index: usize| given.pointer(&format!("recent_orders/{index}"));
            items.iter().enumerate().filter_map(|(i, item)| recent_order(item, &at(i), faults)).collect()
        }),
    }
}

fn recent_order(item: &Value, at: &str, faults: &mut Vec<Fault>) -> Option<RecentOrder> {
    let recent = Fields::open(item, at, &RECENT_FIELDS, faults)?;
    for name in ["symbol", "side", "quantity", "at"] {
        if recent.raw(name).is_none() {
            faults.push(Fault::new(recent.pointer(name), "is missing"));
        }
    }
    let (symbol, side) = (recent.text("symbol", faults), recent.choice("side", &Side::NAMED, faults));
    let (quantity, limit_price) = (recent.whole("quantity", faults), recent.price("limit_price", faults));
    let moment = recent.moment("at", faults);
    Some(RecentOrder { symbol: symbol?, side: side?, quantity: quantity?, limit_price, at: moment? })
}
