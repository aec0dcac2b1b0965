//! The fields of a JSON object, read by name: what is not known is refused, what is wrong is told by its pointer.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::cost::Fault;
use crate::tape::Nanos;

/// An object being read. Null is as good as absent.
pub struct Fields<'v> {
    map: &'v Map<String, Value>,
    at: String,
}

/// What a value is, for a message: never the whole of it.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => format!("{flag}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text '{}'", text.chars().take(40).collect::<String>()),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// A name as a token of a JSON pointer.
fn token(name: &str) -> String {
    name.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1")
}

impl<'v> Fields<'v> {
    /// Opens an object that stands at a pointer and refuses names that are not in `known`.
    pub fn open(value: &'v Value, at: &str, known: &[&str], faults: &mut Vec<Fault>) -> Option<Self> {
        let Value::Object(map) = value else {
            faults.push(Fault::new(at, format!("is {}, not an object", kind(value))));
            return None;
        };
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let fault = Fault::new(format!("{at}/{}", token(name)), "is not a field here");
            faults.push(fault.allowing(known.iter().copied()));
        }
        Some(Self { map, at: at.to_owned() })
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Where a field stands.
    pub fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    fn wrong(&self, name: &str, value: &Value, wanted: &str, faults: &mut Vec<Fault>) {
        faults.push(Fault::new(self.pointer(name), format!("is {}, not {wanted}", kind(value))));
    }

    /// Reads a field as `read` takes it.
    fn take<T>(
        &self,
        name: &str,
        wanted: &str,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let taken = read(value);
        if taken.is_none() {
            self.wrong(name, value, wanted, faults);
        }
        taken
    }

    /// Text.
    pub fn text(&self, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
        self.take(name, "text", faults, |value| value.as_str().map(str::to_owned))
    }

    /// A finite number.
    pub fn number(&self, name: &str, faults: &mut Vec<Fault>) -> Option<f64> {
        self.take(name, "a number", faults, |value| value.as_f64().filter(|number| number.is_finite()))
    }

    /// A price: a number, or exact decimals as text.
    pub fn price(&self, name: &str, faults: &mut Vec<Fault>) -> Option<f64> {
        self.take(name, "a price in dollars", faults, |value| match value {
            Value::String(text) => {
                let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                text.parse().ok().filter(|price: &f64| plain && price.is_finite())
            }
            other => other.as_f64(),
        })
    }

    /// A whole number.
    pub fn whole(&self, name: &str, faults: &mut Vec<Fault>) -> Option<i64> {
        self.take(name, "a whole number", faults, |value| {
            let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
            value.as_i64().or_else(|| value.as_f64().and_then(whole))
        })
    }

    /// True or false.
    pub fn flag(&self, name: &str, faults: &mut Vec<Fault>) -> bool {
        self.take(name, "true or false", faults, Value::as_bool).unwrap_or(false)
    }

    /// A moment: RFC 3339, or nanoseconds since 1970 as a whole number.
    pub fn moment(&self, name: &str, faults: &mut Vec<Fault>) -> Option<Nanos> {
        let wanted = "a moment such as 2013-10-07T14:30:00Z or nanoseconds since 1970";
        self.take(name, wanted, faults, |value| match value {
            Value::String(text) => moment(text),
            other => other.as_i64().map(Nanos),
        })
    }

    /// One of some names.
    pub fn choice<T: Copy>(&self, name: &str, all: &[(&str, T)], faults: &mut Vec<Fault>) -> Option<T> {
        let value = self.get(name)?;
        let found = value.as_str().and_then(|text| all.iter().find(|(own, _)| *own == text));
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|(own, _)| *own).collect();
            let message = format!("is {}, not one of {}", kind(value), names.join(", "));
            faults.push(Fault::new(self.pointer(name), message).allowing(names));
        }
        found.map(|(_, value)| *value)
    }

    /// An object inside.
    pub fn object(&self, name: &str, known: &[&str], faults: &mut Vec<Fault>) -> Option<Fields<'v>> {
        Fields::open(self.get(name)?, &self.pointer(name), known, faults)
    }

    /// The items of a list inside.
    pub fn list(&self, name: &str, most: usize, faults: &mut Vec<Fault>) -> Option<&'v [Value]> {
        let items = self.take(name, "a list", faults, |value| value.as_array().map(Vec::as_slice))?;
        if items.len() > most {
            let message = format!("has {} items; there may be {most}", items.len());
            faults.push(Fault::new(self.pointer(name), message));
            return None;
        }
        Some(items)
    }

    /// A field as it came.
    pub fn raw(&self, name: &str) -> Option<&'v Value> {
        self.get(name)
    }

    /// All fields that are numbers, by name; what is none is refused.
    pub fn numbers(&self, names: &[&str], faults: &mut Vec<Fault>) -> BTreeMap<String, f64> {
        let read = |name: &&str| Some(((*name).to_owned(), self.number(name, faults)?));
        names.iter().filter_map(read).collect()
    }
}

/// Reads RFC 3339, or a whole number of nanoseconds since 1970.
#[must_use]
pub fn moment(text: &str) -> Option<Nanos> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Nanos);
    }
    DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt().map(Nanos)
}
