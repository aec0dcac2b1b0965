//! A value read by its kind.

use std::fmt;

use super::keys::Kind;
use crate::tape::parse_duration;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Text, a path, a choice, and durations and sizes as they were written.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number: a count, nanoseconds, bytes.
    Whole {
        /// As it was written.
        written: String,
        /// The number.
        #[serde(skip)]
        number: u64,
    },
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// Reads text, as the environment and flags have it; the parts of a list stand between commas.
    ///
    /// # Errors
    /// What was expected.
    pub fn of_text(kind: Kind, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let expected = || format!("'{text}' is not {}", kind.words());
        let whole = |number: u64| Self::Whole { written: text.to_owned(), number };
        match kind {
            Kind::Text | Kind::Path if text.is_empty() => Err(expected()),
            Kind::Text | Kind::Path => Ok(Self::Text(text.to_owned())),
            Kind::Choice(words) if words.contains(&text) => Ok(Self::Text(text.to_owned())),
            Kind::Choice(_) => Err(expected()),
            Kind::Flag => text.parse().map(Self::Flag).map_err(|_| expected()),
            Kind::Duration => {
                let nanos = parse_duration(text).ok().and_then(|nanos| u64::try_from(nanos).ok());
                nanos.map(whole).ok_or_else(expected)
            }
            Kind::Size => size(text).map(whole).ok_or_else(expected),
            Kind::Count => text.parse().ok().filter(|n| *n > 0).map(whole).ok_or_else(expected),
            Kind::List => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(Self::List(parts.map(str::to_owned).collect()))
            }
        }
    }

    /// Reads what a TOML file says.
    ///
    /// # Errors
    /// What was expected.
    pub fn of_toml(kind: Kind, said: &toml::Value) -> Result<Self, String> {
        match (kind, said) {
            (Kind::Flag, toml::Value::Boolean(flag)) => Ok(Self::Flag(*flag)),
            (Kind::Count, toml::Value::Integer(number)) => Self::of_text(kind, &number.to_string()),
            (Kind::List, toml::Value::Array(parts)) => {
                let text = |part: &toml::Value| part.as_str().map(str::to_owned);
                let parts: Option<Vec<String>> = parts.iter().map(text).collect();
                parts.map(Self::List).ok_or_else(|| format!("{said} is not {}", kind.words()))
            }
            (Kind::Flag | Kind::Count | Kind::List, _) => Err(format!("{said} is not {}", kind.words())),
            (_, toml::Value::String(text)) => Self::of_text(kind, text),
            _ => Err(format!("{said} is not {}", kind.words())),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Whole { written: text, .. } => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(parts) => f.write_str(&parts.join(",")),
        }
    }
}

/// The value as a TOML file would say it.
#[must_use]
pub fn as_toml(value: &Value) -> String {
    match value {
        Value::Text(text) => toml::Value::from(text.as_str()).to_string(),
        // A count is a number in TOML; durations and sizes have units.
        Value::Whole { written, .. } if written.bytes().all(|b| b.is_ascii_digit()) => written.clone(),
        Value::Whole { written, .. } => toml::Value::from(written.as_str()).to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(parts) => toml::Value::from(parts.clone()).to_string(),
    }
}

/// `512MiB`, `16GiB`, `4096`.
fn size(text: &str) -> Option<u64> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1_u64 << 40)];
    let unit = units.iter().find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *scale)));
    let (digits, scale) = unit.unwrap_or((text, 1));
    digits.trim().parse::<u64>().ok()?.checked_mul(scale).filter(|bytes| *bytes > 0)
}
