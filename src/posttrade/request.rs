//! An executed order as JSON to an [`Execution`]: names, types, exact prices, then what `cost` says of the whole.

use serde_json::Value;

use crate::cost::{Execution, Fault, Fill, Side};
use crate::ingest::parse_price;
use crate::limits::EXECUTION_FILLS_MAX;
use crate::pretrade::{Fields, Stamp};
use crate::store::OrderRecord;
use crate::tape::{Nanos, Price, sha256};

/// The fields of an executed order.
pub const EXECUTION_FIELDS: [&str; 13] = [
    "order_id",
    "symbol",
    "side",
    "quantity",
    "decision_ts",
    "decision_price",
    "arrival_ts",
    "arrival_mid",
    "end_ts",
    "end_mid",
    "fills",
    "estimate_id",
    "estimate_request",
];
/// The fields of a fill.
pub const FILL_FIELDS: [&str; 5] = ["ts", "shares", "price", "mid", "fee"];

/// The forecast that is to stand beside an order.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// None.
    Nothing,
    /// The one that was given under this id.
    Given(String),
    /// This request's, made again as of the order's arrival.
    Again(Value),
}

/// An order as it was posted.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// The order.
    pub execution: Execution,
    /// Its forecast.
    pub wanted: Wanted,
}

impl Posted {
    /// SHA-256 of all that was said: differs when any of it does.
    #[must_use]
    pub fn sha256(&self) -> String {
        let order = serde_json::to_string(&OrderRecord::from(&self.execution)).unwrap_or_default();
        let wanted = match &self.wanted {
            Wanted::Nothing => Value::Null,
            Wanted::Given(id) => Value::String(id.clone()),
            Wanted::Again(request) => request.clone(),
        };
        sha256(format!("{order}\n{wanted}"))
    }
}

/// What of an order at a pointer lies after a moment that nothing can have happened after.
#[must_use]
pub fn in_future(execution: &Execution, latest: Nanos, at: &str) -> Vec<Fault> {
    let last_fill = execution.fills.iter().map(|fill| fill.ts).max();
    let mut moments = vec![("arrival_ts".to_owned(), execution.arrival)];
    moments.extend(execution.fills.iter().enumerate().map(|(i, fill)| (format!("fills/{i}/ts"), fill.ts)));
    if last_fill != Some(execution.end) {
        moments.push(("end_ts".to_owned(), execution.end));
    }
    let future = moments.into_iter().filter(|(_, moment)| *moment > latest);
    let told = |(name, moment)| {
        let message = format!("{} is in the future; executed orders are recorded", Stamp(moment));
        Fault::new(format!("{at}/{name}"), message)
    };
    future.map(told).collect()
}

/// Reads an order that stands at a pointer.
///
/// # Errors
/// Every fault, by pointer.
pub fn read_execution(value: &Value, at: &str) -> Result<Posted, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::open(value, at, &EXECUTION_FIELDS, &mut faults) else {
        return Err(faults);
    };
    let wanted = wanted(&fields, &mut faults);
    let execution = execution(&fields, &mut faults);
    if let (Some(execution), true) = (execution, faults.is_empty()) {
        faults = execution.faults().into_iter().map(|fault| below(at, fault)).collect();
        if faults.is_empty() {
            return Ok(Posted { execution, wanted });
        }
    }
    Err(faults)
}

fn below(at: &str, mut fault: Fault) -> Fault {
    fault.pointer = format!("{at}{}", fault.pointer);
    fault
}

fn execution(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Execution> {
    let fills = fills(fields, faults);
    let end = match fields.raw("end_ts") {
        Some(_) => fields.moment("end_ts", faults),
        None => fills.as_deref().and_then(|fills| last(fills, &fields.pointer("end_ts"), faults)),
    };
    let order_id = fields.text("order_id", faults);
    let symbol = fields.text("symbol", faults);
    let side = fields.choice("side", &Side::NAMED, faults);
    let quantity = fields.whole("quantity", faults);
    let decision = fields.moment("decision_ts", faults);
    let decision_price = price(fields, "decision_price", faults);
    let arrival = fields.moment("arrival_ts", faults);
    let arrival_mid = price(fields, "arrival_mid", faults);
    let end_mid = price(fields, "end_mid", faults);
    let needed = ["order_id", "symbol", "side", "quantity", "decision_ts", "decision_price", "arrival_ts"];
    missing(fields, &needed, faults);
    Some(Execution {
        order_id: order_id?,
        symbol: symbol?,
        side: side?,
        quantity: quantity?,
        decision: decision?,
        decision_price: decision_price?,
        arrival: arrival?,
        arrival_mid,
        end: end?,
        end_mid,
        fills: fills?,
    })
}

/// An order without an end of its own ended with its last fill.
fn last(fills: &[Fill], pointer: &str, faults: &mut Vec<Fault>) -> Option<Nanos> {
    let last = fills.iter().map(|fill| fill.ts).max();
    if last.is_none() {
        faults.push(Fault::new(pointer, "is missing; an order without fills needs it"));
    }
    last
}

fn fills(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Vec<Fill>> {
    if fields.raw("fills").is_none() {
        faults.push(Fault::new(
            fields.pointer("fills"),
            "is missing; an empty list says that nothing was filled",
        ));
    }
    let items = fields.list("fills", EXECUTION_FILLS_MAX, faults)?;
    let (mut fills, before) = (Vec::with_capacity(items.len()), faults.len());
    for (index, item) in items.iter().enumerate() {
        let at = fields.pointer(&format!("fills/{index}"));
        let Some(fill) = Fields::open(item, &at, &FILL_FIELDS, faults) else { continue };
        missing(&fill, &["ts", "shares", "price"], faults);
        let (ts, shares) = (fill.moment("ts", faults), fill.whole("shares", faults));
        let (paid, mid) = (price(&fill, "price", faults), price(&fill, "mid", faults));
        let fee = price(&fill, "fee", faults).unwrap_or_default();
        if let (Some(ts), Some(shares), Some(price)) = (ts, shares, paid) {
            fills.push(Fill { ts, shares, price, mid, fee });
        }
    }
    (faults.len() == before).then_some(fills)
}

fn missing(fields: &Fields<'_>, needed: &[&str], faults: &mut Vec<Fault>) {
    for name in needed.iter().filter(|name| fields.raw(name).is_none()) {
        faults.push(Fault::new(fields.pointer(name), "is missing"));
    }
}

/// Exact dollars: a decimal number, or one as text.
fn price(fields: &Fields<'_>, name: &str, faults: &mut Vec<Fault>) -> Option<Price> {
    let text = match fields.raw(name)? {
        Value::String(text) => text.clone(),
        // The shortest digits that stand for the number: 100.1 stays 100.1.
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let read = if text.is_empty() { Err("is not a decimal price") } else { parse_price(text.as_bytes()) };
    let short = || text.chars().take(40).collect::<String>();
    read.map(Price)
        .map_err(|why| faults.push(Fault::new(fields.pointer(name), format!("'{}' {why}", short()))))
        .ok()
}

fn wanted(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Wanted {
    let id = fields.text("estimate_id", faults);
    match (id, fields.raw("estimate_request")) {
        (Some(_), Some(_)) => {
            let message = "stands beside estimate_id; give one of the two";
            faults.push(Fault::new(fields.pointer("estimate_request"), message));
            Wanted::Nothing
        }
        (Some(id), None) => Wanted::Given(id),
        (None, Some(request)) => Wanted::Again(request.clone()),
        (None, None) => Wanted::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "order_id": "o-1", "symbol": "IBM", "side": "buy", "quantity": 300,
            "decision_ts": "2013-10-07T13:59:00Z", "decision_price": 100.1,
            "arrival_ts": 1_381_154_400_000_000_000_i64, "arrival_mid": "100.105",
            "fills": [{"ts": "2013-10-07T14:00:01Z", "shares": 300, "price": "100.12", "fee": -0.003}]
        })
    }

    fn faults(pointer: &str, value: Value) -> Vec<String> {
        let mut order = good();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        order.pointer_mut(parent).expect("there")[name] = value;
        let faults = read_execution(&order, "/7").expect_err("refused");
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn nothing_is_executed_in_the_future() {
        let Posted { mut execution, .. } = read_execution(&good(), "").expect("an order");
        let told = |execution: &Execution, latest: i64| -> Vec<String> {
            let faults = in_future(execution, Nanos(latest), "/7");
            faults.into_iter().map(|fault| fault.pointer).collect()
        };
        let (arrival, filled) = (execution.arrival.0, execution.fills[0].ts.0);
        assert!(told(&execution, filled).is_empty());
        assert_eq!(told(&execution, filled - 1), ["/7/fills/0/ts"]);
        assert_eq!(told(&execution, arrival - 1), ["/7/arrival_ts", "/7/fills/0/ts"]);
        execution.end = Nanos(filled + 1);
        assert_eq!(told(&execution, filled), ["/7/end_ts"]);
    }

    #[test]
    fn prices_stay_exact_and_the_last_fill_ends_the_order() {
        let Posted { execution, wanted } = read_execution(&good(), "").expect("an order");
        assert_eq!(execution.decision_price, Price(100_100_000_000));
        assert_eq!(execution.arrival_mid, Some(Price(100_105_000_000)));
        assert_eq!(execution.fills[0].fee, Price(-3_000_000));
        assert_eq!(execution.end, execution.fills[0].ts);
        assert_eq!(wanted, Wanted::Nothing);
    }

    #[test]
    fn every_bad_field_is_named_by_its_pointer() {
        for (pointer, value) in [
            ("/order_id", json!("")),
            ("/symbol", json!(7)),
            ("/side", json!("long")),
            ("/quantity", json!(0)),
            ("/quantity", json!(1.5)),
            ("/decision_ts", json!("yesterday")),
            ("/decision_price", json!("NaN")),
            ("/decision_price", json!(-1)),
            ("/arrival_mid", json!(true)),
            ("/fills/0/shares", json!(-300)),
            ("/fills/0/shares", json!(301)),
            ("/fills/0/ts", json!("2013-10-07T13:00:00Z")),
            ("/fills/0/price", json!("1e2")),
            ("/fills/0/mid", json!(0)),
            ("/fills/0/venue", json!("XNYS")),
            ("/fills", json!({})),
            ("/broker", json!("me")),
        ] {
            assert_eq!(faults(pointer, value.clone()), [format!("/7{pointer}")], "{pointer} {value}");
        }
        assert_eq!(faults("/fills", json!([])), ["/7/end_ts"]);
        assert_eq!(faults("/fills", Value::Null), ["/7/fills"]);
        assert_eq!(faults("/order_id", Value::Null), ["/7/order_id"]);
    }

    #[test]
    fn any_difference_shows_in_the_hash() {
        let read = |order: &Value| read_execution(order, "").expect("an order");
        let hash = |order: &Value| read(order).sha256();
        let first = hash(&good());
        let mut spelt = good();
        spelt["decision_price"] = json!("100.10");
        assert_eq!(hash(&spelt), first, "the same, spelt otherwise");
        for (name, value) in
            [("quantity", json!(301)), ("estimate_id", json!("est_1")), ("end_mid", json!(1))]
        {
            let mut other = good();
            other[name] = value;
            assert_ne!(hash(&other), first, "{name}");
        }
        let mut again = good();
        again["estimate_request"] = json!({"symbol": "IBM"});
        assert!(matches!(read(&again).wanted, Wanted::Again(_)));
        again["estimate_id"] = json!("est_1");
        assert_eq!(read_execution(&again, "").expect_err("both")[0].pointer, "/estimate_request");
    }
}
