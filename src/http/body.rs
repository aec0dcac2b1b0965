//! The body of a request: its size, its kind, and JSON read strictly.
//!
//! A name that stands twice in an object is refused, since no reader could say which one was meant. What is wrong is
//! told by line and column, and by the field in which reading broke off.

use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::json_place::pointer;
use super::problem::{Code, Problem};

/// The bytes of a body, up to a bound.
///
/// # Errors
/// When it is longer, or the connection broke.
pub fn within(body: Result<Bytes, BytesRejection>, most: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge, format!("a body may have {most} bytes at most here"));
    match body {
        Ok(bytes) if bytes.len() <= most => Ok(bytes),
        Ok(_) => Err(too_large()),
        Err(rejection) if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => Err(too_large()),
        Err(rejection) => Err(Problem::new(Code::InvalidBody, rejection.body_text())),
    }
}

/// The media type of a body, without its parameters; JSON when none is named.
///
/// # Errors
/// When it is none of those that are taken.
pub fn kind(headers: &HeaderMap, taken: &[&'static str]) -> Result<&'static str, Problem> {
    let given = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let named = given.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    taken.iter().copied().find(|kind| kind.eq_ignore_ascii_case(named)).ok_or_else(|| {
        let short: String = named.chars().take(64).collect();
        let message = format!("'{short}' is not taken here");
        let taken = taken.iter().map(|&kind| kind.to_owned()).collect();
        Problem::new(Code::UnsupportedMediaType, format!("Content-Type: {message}")).at(
            "header/Content-Type".into(),
            message,
            taken,
        )
    })
}

/// Reads JSON.
///
/// # Errors
/// Where and why it is none.
pub fn json(bytes: &[u8]) -> Result<Value, Problem> {
    parse_at(bytes).map_err(|(pointer, what)| {
        let problem = Problem::new(Code::InvalidBody, format!("the body is not JSON: {what}"));
        problem.at(pointer, what, Vec::new())
    })
}

/// Reads JSON; what is wrong comes as one sentence.
///
/// # Errors
/// Where and why it is none.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    parse_at(bytes).map_err(|(_, what)| what)
}

/// The same, with the pointer of the value in which reading broke off.
fn parse_at(bytes: &[u8]) -> Result<Value, (String, String)> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err((String::new(), "it is empty".to_owned()));
    }
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0).map_err(|error| {
        let lines = bytes.split_inclusive(|b| *b == b'\n').take(error.line().saturating_sub(1));
        let pointer = pointer(bytes, lines.map(<[u8]>::len).sum::<usize>() + error.column());
        let inside = if pointer.is_empty() { String::new() } else { format!(", at {pointer}") };
        (pointer, format!("{error}{inside}"))
    })
}

/// A JSON value whose objects name each field once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("is not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("'{name}' stands twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_with_line_column_and_field() {
        for (text, words) in [
            ("{\"quantity\": NaN}", "line 1 column 14, at /quantity"),
            ("{\"a\": 1,\n \"a\": 2}", "'a' stands twice at line 2"),
            ("{\"a\": 1e999}", "out of range"),
            ("[1, 2", "EOF while parsing a list"),
            (" \n", "it is empty"),
            ("{} {}", "trailing characters"),
        ] {
            let told = parse(text.as_bytes()).expect_err("refused");
            assert!(told.contains(words), "{text}: {told}");
        }
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        assert!(parse(deep.as_bytes()).expect_err("refused").contains("recursion limit"));
        let sound = parse(br#"{"a": [1, 2.5, "x", null, true], "b": {"c": -3}}"#).expect("JSON");
        assert_eq!(sound, serde_json::json!({"a": [1, 2.5, "x", null, true], "b": {"c": -3}}));
    }
}
