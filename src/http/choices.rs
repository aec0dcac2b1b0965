//! Parameters that several resources share: bar width, model, window.

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::filter::Condition;
use super::live_rows::LiveRows;
use super::parameters::Given;
use super::problem::{Code, Problem};
use super::shelf::Snapshot;
use crate::impact::{DEPTH_LAW, Model, Window};
use crate::liquidity::Weighting;
use crate::tape::{NANOS_PER_SECOND, parse_duration};

const WINDOWS: [Window; 2] = [Window::Day, Window::HalfHour];

/// Names of the models, each once.
#[must_use]
pub fn models() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for name in Model::ALL.map(Model::name).into_iter().chain([DEPTH_LAW]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Reads `?bar=`.
///
/// # Errors
/// The refusal.
pub fn bar(given: &Given) -> Result<Option<i64>, Problem> {
    given.one("bar", &[], |text| match parse_duration(text) {
        Ok(width) if width > 0 => Ok(width),
        Ok(_) => Err("a bar needs a positive width".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// Reads `?model=` into a condition on the column of that name.
///
/// # Errors
/// The refusal.
pub fn model(given: &Given) -> Result<Option<Condition>, Problem> {
    let names = models();
    given.one("model", &names, |text| {
        // A plus that was not percent-encoded arrives as a space.
        let wanted = text.replace(' ', "+");
        let found = names.iter().find(|name| **name == wanted);
        found.map(|name| Condition::Is("model", name)).ok_or_else(|| format!("'{text}' is not a model"))
    })
}

/// Reads `?window=` into a condition on the column of that name.
///
/// # Errors
/// The refusal.
pub fn window(given: &Given) -> Result<Option<Condition>, Problem> {
    let names = WINDOWS.map(Window::name);
    given.one("window", &names, |text| {
        let found = names.iter().find(|name| **name == text);
        found.map(|name| Condition::Is("window", name)).ok_or_else(|| format!("'{text}' is not a window"))
    })
}

/// Reads `?measure=` into a condition on the column of that name.
///
/// # Errors
/// The refusal.
pub fn measure(given: &Given) -> Result<Option<Condition>, Problem> {
    given.one("measure", &[], |text| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_plain) {
            return Err("a measure's name has small letters, digits, points and underscores".to_owned());
        }
        Ok(Condition::Begins("measure", text.to_owned()))
    })
}

/// Reads `?horizon=` into a condition on the horizon.
///
/// # Errors
/// The refusal.
pub fn horizon(given: &Given) -> Result<Option<Condition>, Problem> {
    given.one("horizon", &[], |text| match parse_duration(text) {
        Ok(nanos) if nanos > 0 => Ok(Condition::Seconds("horizon_seconds", nanos)),
        Ok(_) => Err("a horizon needs a positive length".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// Reads `?weighting=` into a condition on the column of that name.
///
/// # Errors
/// The refusal.
pub fn weighting(given: &Given) -> Result<Option<Condition>, Problem> {
    let names = Weighting::ALL.map(Weighting::name);
    given.one("weighting", &names, |text| {
        let found = names.iter().find(|name| **name == text);
        found
            .map(|name| Condition::Is("weighting", name))
            .ok_or_else(|| format!("'{text}' is not a weighting"))
    })
}

/// Reads `?min_score=` into a condition on the column `score`.
///
/// # Errors
/// The refusal.
pub fn min_score(given: &Given) -> Result<Option<Condition>, Problem> {
    given.one("min_score", &[], |text| {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        let least = number.ok_or_else(|| format!("'{text}' is not a number"))?;
        Ok(Condition::AtLeast("score", least))
    })
}

/// Refuses a width for which there are no bars at all.
///
/// # Errors
/// The refusal, which lists the widths there are.
pub fn known_bar(snapshot: &Snapshot, width: Option<i64>, live: Option<&LiveRows>) -> Result<(), Problem> {
    let under_way = live.map_or(&[][..], |live| &live.widths);
    let mut known: Vec<i64> = snapshot.bar_widths.iter().chain(under_way).copied().collect();
    known.sort_unstable();
    known.dedup();
    match width {
        Some(width) if !known.contains(&width) => {
            let widths = known.into_iter().map(spelled).collect();
            let detail = format!("there are no bars of {}", spelled(width));
            Err(Problem::new(Code::UnknownBar, detail.clone()).at("query/bar".into(), detail, widths))
        }
        _ => Ok(()),
    }
}

/// A width as `parse_duration` reads it.
fn spelled(nanos: i64) -> String {
    let units = [(NANOS_PER_SECOND, "s"), (1_000_000, "ms"), (1_000, "us")];
    let whole = units.into_iter().find(|(scale, _)| nanos % scale == 0);
    whole.map_or_else(|| format!("{nanos}ns"), |(scale, unit)| format!("{}{unit}", nanos / scale))
}

/// How `?bar=` is documented.
#[derive(Debug)]
pub struct BarText;

impl PartialSchema for BarText {
    fn schema() -> RefOr<Schema> {
        let pattern = "^[1-9][0-9]{0,5}(ns|us|ms|s|m|h)$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}

impl ToSchema for BarText {}

/// How `?model=` is documented.
#[derive(Debug)]
pub struct ModelText;

impl PartialSchema for ModelText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(models())).into()
    }
}

impl ToSchema for ModelText {}

/// How `?measure=` is documented.
#[derive(Debug)]
pub struct MeasureText;

impl PartialSchema for MeasureText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z0-9_.]+$")).into()
    }
}

impl ToSchema for MeasureText {}

/// How `?weighting=` is documented.
#[derive(Debug)]
pub struct WeightingText;

impl PartialSchema for WeightingText {
    fn schema() -> RefOr<Schema> {
        let names = Weighting::ALL.map(Weighting::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for WeightingText {}

/// How `?window=` is documented.
#[derive(Debug)]
pub struct WindowText;

impl PartialSchema for WindowText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(WINDOWS.map(Window::name))).into()
    }
}

impl ToSchema for WindowText {}
