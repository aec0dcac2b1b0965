//! Parameters that say which rows of a table are wanted: each with its name, its words, the values it takes, and the
//! condition that a value makes. The router's refusals and `api.yaml` come from the same declaration.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::filter::Condition;
use super::live_rows::LiveRows;
use super::parameters::Given;
use super::problem::{Code, Problem};
use super::shelf::Snapshot;
use crate::clean::Kind;
use crate::flow::BucketKind;
use crate::impact::{DEPTH_LAW, LevelModel, Model, Window};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::liquidity::Weighting;
use crate::sign::Place;
use crate::tape::{NANOS_PER_SECOND, parse_duration};

/// A parameter that chooses rows by a column.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The parameter.
    pub name: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it chooses, for its description.
    pub about: &'static str,
    /// A value.
    pub example: &'static str,
    /// What it takes.
    pub values: Values,
}

/// The values that a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// One of these words.
    Among(fn() -> Vec<&'static str>),
    /// A word of so many letters at most, as the column has it.
    Word(u32),
    /// The beginning of a measure's name.
    Measure,
    /// A length of time; the column has seconds.
    Length,
    /// A kind of bucket, with its size or of any.
    Bucket,
    /// A level of the book.
    Level,
    /// True or false.
    Flag,
    /// A number that the column reaches.
    AtLeast,
}

/// `?bar=`.
pub const BAR: Choice = Choice {
    name: "bar",
    column: "bar_seconds",
    about: "Only bars of this width: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.",
    example: "10s",
    values: Values::Length,
};

/// `?model=`.
pub const MODEL: Choice = Choice {
    name: "model",
    column: "model",
    about: "Only this model. A `+` is spelled `%2B` in a URL.",
    example: "ofi",
    values: Values::Among(models),
};

/// `?window=`.
pub const WINDOW: Choice = Choice {
    name: "window",
    column: "window",
    about: "Only this kind of window.",
    example: "day",
    values: Values::Among(|| [Window::Day, Window::HalfHour].map(Window::name).into()),
};

/// `?measure=`.
pub const MEASURE: Choice = Choice {
    name: "measure",
    column: "measure",
    about: "Only measures of this name, or whose name begins with it and an underscore: `realized_spread` is all its\n\
            horizons and weightings.",
    example: "effective_spread",
    values: Values::Measure,
};

/// `?horizon=`.
pub const HORIZON: Choice = Choice {
    name: "horizon",
    column: "horizon_seconds",
    about: "Only measures at this horizon: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.",
    example: "300s",
    values: Values::Length,
};

/// `?weighting=`.
pub const WEIGHTING: Choice = Choice {
    name: "weighting",
    column: "weighting",
    about: "Only means that weigh so.",
    example: "share",
    values: Values::Among(|| Weighting::ALL.map(Weighting::name).into()),
};

/// `?bucket=`.
pub const BUCKET: Choice = Choice {
    name: "bucket",
    column: "bucket",
    about: "Only buckets of this kind, of every size (`volume`, `trades`, `dollars`) or of one, as `impactd batch\n\
            --bucket` has it: `volume:10000`.",
    example: "volume:10000",
    values: Values::Bucket,
};

/// `?is_full=`.
pub const IS_FULL: Choice = Choice {
    name: "is_full",
    column: "is_full",
    about: "Only full buckets, or only those that the session's end cut short.",
    example: "true",
    values: Values::Flag,
};

/// `?level=`.
pub const LEVEL: Choice = Choice {
    name: "level",
    column: "level",
    about: "Only this level of the book; 1 is the best.",
    example: "1",
    values: Values::Level,
};

/// `?kind=`.
pub const KIND: Choice = Choice {
    name: "kind",
    column: "kind",
    about: "Only this kind of print; `all` is every print, `ordinary` those of no kind.",
    example: "odd_lot",
    values: Values::Among(|| {
        ["all", "ordinary"].into_iter().chain(Kind::ALL.iter().map(|k| k.code())).collect()
    }),
};

/// `?venue=`.
pub const VENUE: Choice = Choice {
    name: "venue",
    column: "venue",
    about: "Only this venue, by its letter on the tape.",
    example: "N",
    values: Values::Word(1),
};

/// `?off_exchange=`.
pub const OFF_EXCHANGE: Choice = Choice {
    name: "off_exchange",
    column: "off_exchange",
    about: "Only what was reported to FINRA's facilities, or only exchanges.",
    example: "false",
    values: Values::Flag,
};

/// `?rule=`.
pub const RULE: Choice = Choice {
    name: "rule",
    column: "rule",
    about: "Only this rule, or these layers of rules as `--sign` has them.",
    example: "lee-ready",
    values: Values::Word(64),
};

/// `?place=`.
pub const PLACE: Choice = Choice {
    name: "place",
    column: "place",
    about: "Only trades that stood there.",
    example: "at_mid",
    values: Values::Among(|| Place::ALL.map(Place::name).into()),
};

/// `?min_score=`.
pub const MIN_SCORE: Choice = Choice {
    name: "min_score",
    column: "score",
    about: "Only rows with at least this score.",
    example: "0.9",
    values: Values::AtLeast,
};

/// Names of the models, each once.
#[must_use]
pub fn models() -> Vec<&'static str> {
    let levels = [LevelModel::Levels, LevelModel::Integrated].map(LevelModel::name);
    let mut names: Vec<&str> = Vec::new();
    for name in Model::ALL.map(Model::name).into_iter().chain(levels).chain([DEPTH_LAW]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl Choice {
    /// Reads the parameter into a condition on its column.
    ///
    /// # Errors
    /// The refusal, which names the parameter and lists the words it takes.
    pub fn read(&self, given: &Given) -> Result<Option<Condition>, Problem> {
        let words = if let Values::Among(words) = self.values { words() } else { Vec::new() };
        given.one(self.name, &words, |text| self.condition(&words, text))
    }

    fn condition(&self, words: &[&'static str], text: &str) -> Result<Condition, String> {
        let Self { name, column, .. } = *self;
        match self.values {
            Values::Among(_) => {
                // A plus that was not percent-encoded arrives as a space.
                let wanted = text.replace(' ', "+");
                let found = words.iter().find(|word| **word == wanted);
                found
                    .map(|word| Condition::Is(column, (*word).into()))
                    .ok_or_else(|| format!("'{text}' is not a {name}"))
            }
            Values::Word(most) => {
                let is_fit =
                    (1..=most as usize).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
                let condition = || Condition::Is(column, text.to_owned().into());
                is_fit.then(condition).ok_or_else(|| format!("takes 1 to {most} letters, digits or signs"))
            }
            Values::Measure => {
                let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b);
                if text.is_empty() || !text.bytes().all(is_plain) {
                    return Err(
                        "a measure's name has small letters, digits, points and underscores".to_owned()
                    );
                }
                Ok(Condition::Begins(column, text.to_owned()))
            }
            Values::Length => length(name, text).map(|nanos| Condition::Seconds(column, nanos)),
            Values::Bucket => bucket(text),
            Values::Level => {
                let level = text.parse().ok().filter(|level| (1..=DEPTH_LEVELS_MAX as i64).contains(level));
                let bad = || format!("'{text}' is not a level from 1 to {DEPTH_LEVELS_MAX}");
                level.map(|level| Condition::Whole(column, level)).ok_or_else(bad)
            }
            Values::Flag => flag(text).map(|flag| Condition::Flag(column, flag)),
            Values::AtLeast => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                let condition = number.map(|least| Condition::AtLeast(column, least));
                condition.ok_or_else(|| format!("'{text}' is not a number"))
            }
        }
    }

    /// The parameter as `api.yaml` has it.
    #[must_use]
    pub fn parameter(&self) -> Parameter {
        let example = serde_json::from_str(self.example).unwrap_or_else(|_| self.example.into());
        parameter(self.name, self.about, self.values.schema(), example)
    }
}

/// A parameter of a query that may be left out.
#[must_use]
pub fn parameter(name: &str, about: &str, schema: RefOr<Schema>, example: serde_json::Value) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(example))
        .build()
}

impl Values {
    fn schema(self) -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let kinds = || BucketKind::ALL.map(BucketKind::name).join("|");
        match self {
            Self::Among(words) => text().enum_values(Some(words())).into(),
            Self::Word(most) => text().pattern(Some(format!("^[!-~]{{1,{most}}}$"))).into(),
            Self::Measure => text().pattern(Some("^[a-z0-9_.]+$")).into(),
            Self::Length => BarText::schema(),
            Self::Bucket => {
                let size = "[0-9]{1,18}([.][0-9]{1,9})?(e[0-9]{1,2})?";
                text().pattern(Some(format!("^({})(:{size})?$", kinds()))).into()
            }
            Self::Level => {
                let whole = ObjectBuilder::new().schema_type(Type::Integer);
                whole.minimum(Some(1)).maximum(Some(DEPTH_LEVELS_MAX)).into()
            }
            Self::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
            Self::AtLeast => f64::schema(),
        }
    }
}

/// Reads `?bar=`, where it chooses no rows of a table.
///
/// # Errors
/// The refusal.
pub fn bar(given: &Given) -> Result<Option<i64>, Problem> {
    given.one(BAR.name, &[], |text| length(BAR.name, text))
}

fn length(name: &str, text: &str) -> Result<i64, String> {
    match parse_duration(text) {
        Ok(nanos) if nanos > 0 => Ok(nanos),
        Ok(_) => Err(format!("a {name} needs a positive length")),
        Err(error) => Err(error.to_string()),
    }
}

fn bucket(text: &str) -> Result<Condition, String> {
    let (name, size) = text.split_once(':').map_or((text, None), |(name, size)| (name, Some(size)));
    let kind = BucketKind::ALL.map(BucketKind::name).into_iter().find(|kind| *kind == name);
    let number = |size: &str| {
        let is_plain = size.starts_with(|c: char| c.is_ascii_digit())
            && size.bytes().all(|b| b.is_ascii_digit() || b".e".contains(&b));
        size.parse::<f64>().ok().filter(|size| is_plain && size.is_finite())
    };
    let size = size.map(number);
    match (kind, size) {
        (Some(kind), None) => Ok(Condition::Bucket(kind, None)),
        (Some(kind), Some(Some(size))) => Ok(Condition::Bucket(kind, Some(size))),
        _ => Err(format!("'{text}' is neither a kind of bucket nor a kind and a size such as volume:10000")),
    }
}

/// Reads `true` or `false`.
///
/// # Errors
/// When it is neither.
pub fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("'{text}' is neither true nor false"))
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

/// How a length of time is documented.
#[derive(Debug)]
pub struct BarText;

impl PartialSchema for BarText {
    fn schema() -> RefOr<Schema> {
        let pattern = "^[1-9][0-9]{0,5}(ns|us|ms|s|m|h)$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}

impl ToSchema for BarText {}
