//! A question for a job, in JSON with the names of the command line's options, to a batch's request.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::batch::{DEFAULT_WIDTHS, Request};
use crate::clean::{Kind, Kinds, Nbbo, Profile};
use crate::cost::Fault;
use crate::estimators::Measures;
use crate::flow::{Bucketings, Widths};
use crate::ingest::{Clock, ColumnMap, Format, OnBadRow};
use crate::limits::{DEPTH_LEVELS_MAX, HORIZONS_MAX, JOB_INPUTS_MAX, JOB_NAMES_MAX};
use crate::liquidity::Horizons;
use crate::pretrade::Fields;
use crate::sign::{Layers, Match};
use crate::tape::{Calendar, Market, Scale, parse_duration};

/// The fields of a question.
pub const FIELDS: [&str; 29] = [
    "inputs",
    "format",
    "map",
    "quote_lot",
    "size_decimals",
    "clock",
    "bar",
    "horizon",
    "symbols",
    "from",
    "to",
    "calendar",
    "session",
    "clean",
    "venue",
    "nbbo",
    "exclude_conditions",
    "exclude",
    "sign",
    "match",
    "quote_lag",
    "carry_open",
    "on_bad_row",
    "bucket",
    "levels",
    "measures",
    "signed_trades",
    "summary",
    "into",
];

/// Where results go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Into a folder of the job's own, from which they are downloaded.
    #[default]
    Own,
    /// Into the folder that the daemon serves, where they are answered from at once.
    Served,
}

/// A question that was understood.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Names of files or folders under the roots.
    pub inputs: Vec<String>,
    /// Where results go.
    pub into: Target,
    /// The question as text, by which the same one is known again.
    pub text: String,
    /// A batch without its inputs and its folder.
    request: Request,
}

impl Asked {
    /// The batch.
    #[must_use]
    pub fn request(&self, inputs: Vec<PathBuf>, out: PathBuf) -> Request {
        Request { inputs, out, ..self.request.clone() }
    }
}

/// Reads a question.
///
/// # Errors
/// Every fault.
pub fn read(value: &Value) -> Result<Asked, Vec<Fault>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::open(value, "", &FIELDS, &mut faults) else {
        return Err(faults);
    };
    let inputs = names(&fields, "inputs", JOB_INPUTS_MAX, &mut faults);
    if inputs.as_ref().is_none_or(Vec::is_empty) && faults.iter().all(|f| !f.pointer.starts_with("/inputs")) {
        faults.push(Fault::new("/inputs", "is missing: name at least one file or folder"));
    }
    let into = fields.choice("into", &[("own", Target::Own), ("served", Target::Served)], &mut faults);
    let request = request(&fields, &mut faults);
    match (request, inputs) {
        (Some(request), Some(inputs)) if faults.is_empty() => {
            Ok(Asked { inputs, into: into.unwrap_or_default(), text: value.to_string(), request })
        }
        _ => Err(faults),
    }
}

fn request(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Request> {
    let mut request = Request::new(Vec::new(), PathBuf::new()).ok()?;
    request.format = choice::<Format>(fields, "format", faults);
    request.map = map(fields, faults);
    request.quote_lot = quote_lot(fields, faults);
    request.size_decimals = size_decimals(fields, faults);
    request.clock = choice::<Clock>(fields, "clock", faults);
    request.widths = widths(fields, faults)?;
    request.horizons = horizons(fields, faults);
    request.symbols =
        names(fields, "symbols", JOB_NAMES_MAX, faults).unwrap_or_default().into_iter().collect();
    request.dates = dates(fields, faults);
    let whole = Calendar::of(choice::<Market>(fields, "calendar", faults).unwrap_or_default());
    let narrowed = read_text(fields, "session", faults, |text| whole.narrowed(text));
    request.calendar = narrowed.unwrap_or(whole);
    request.profile = choice::<Profile>(fields, "clean", faults);
    request.venue = read_text(fields, "venue", faults, letter);
    request.nbbo = choice::<Nbbo>(fields, "nbbo", faults).unwrap_or_default();
    request.excluded_conditions = fields.text("exclude_conditions", faults).unwrap_or_default();
    request.excluded = excluded(fields, faults);
    request.carry_open = fields.flag("carry_open", faults);
    request.sign = read_text(fields, "sign", faults, Layers::parse);
    request.matching = choice::<Match>(fields, "match", faults).unwrap_or_default();
    request.quote_lag = read_text(fields, "quote_lag", faults, parse_duration).unwrap_or(0);
    request.on_bad_row = choice::<OnBadRow>(fields, "on_bad_row", faults).unwrap_or_default();
    request.buckets = buckets(fields, faults);
    request.levels = levels(fields, faults);
    request.measures = choice::<Measures>(fields, "measures", faults).unwrap_or_default();
    request.signed_trades = fields.flag("signed_trades", faults);
    request.summary = fields.flag("summary", faults);
    // Those who ask for answers want cores too; results do not depend on how many there are.
    request.jobs = (request.jobs / 2).max(1);
    Some(request)
}

/// One of the names that the command line takes.
fn choice<T: ValueEnum + Copy>(fields: &Fields<'_>, name: &str, faults: &mut Vec<Fault>) -> Option<T> {
    let spelled = |of: &T| Some((of.to_possible_value()?.get_name().to_owned(), *of));
    let all: Vec<(String, T)> = T::value_variants().iter().filter_map(spelled).collect();
    let all: Vec<(&str, T)> = all.iter().map(|(name, of)| (name.as_str(), *of)).collect();
    fields.choice(name, &all, faults)
}

/// Text as the command line reads it.
fn read_text<T, E: ToString>(
    fields: &Fields<'_>,
    name: &str,
    faults: &mut Vec<Fault>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let text = fields.text(name, faults)?;
    parse(&text).map_err(|error| faults.push(Fault::new(fields.pointer(name), error.to_string()))).ok()
}

fn letter(text: &str) -> Result<char, String> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Ok(letter),
        _ => Err("is not one letter".into()),
    }
}

/// A list of texts, none of them empty.
fn names(fields: &Fields<'_>, name: &str, most: usize, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let items = fields.list(name, most, faults)?;
    let read = |(index, item): (usize, &Value)| match item.as_str() {
        Some(text) if !text.is_empty() => Some(text.to_owned()),
        _ => {
            let pointer = fields.pointer(&format!("{name}/{index}"));
            faults.push(Fault::new(pointer, "is not text that names something"));
            None
        }
    };
    Some(items.iter().enumerate().filter_map(read).collect())
}

fn widths(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Widths> {
    let given = names(fields, "bar", JOB_NAMES_MAX, faults);
    let text = given.map_or_else(|| DEFAULT_WIDTHS.to_owned(), |widths| widths.join(","));
    Widths::parse(&text).map_err(|error| faults.push(Fault::new("/bar", error.to_string()))).ok()
}

fn horizons(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Horizons {
    let Some(given) = names(fields, "horizon", HORIZONS_MAX, faults) else { return Horizons::default() };
    let read = Horizons::parse(&given.join(","));
    read.map_err(|error| faults.push(Fault::new("/horizon", error))).unwrap_or_default()
}

fn excluded(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Kinds {
    let given = names(fields, "exclude", Kind::ALL.len(), faults).unwrap_or_default();
    let read = Kinds::named(given.iter().map(String::as_str));
    read.map_err(|error| faults.push(Fault::new("/exclude", error))).unwrap_or_default()
}

fn buckets(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Bucketings {
    let given = names(fields, "bucket", JOB_NAMES_MAX, faults).unwrap_or_default();
    if given.is_empty() {
        return Bucketings::default();
    }
    let read = Bucketings::parse(&given.join(","));
    read.map_err(|error| faults.push(Fault::new("/bucket", error.to_string()))).unwrap_or_default()
}

fn levels(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> usize {
    let levels = fields.whole("levels", faults).unwrap_or(1);
    let fit = usize::try_from(levels).ok().filter(|levels| (1..=DEPTH_LEVELS_MAX).contains(levels));
    fit.unwrap_or_else(|| {
        faults.push(Fault::new("/levels", format!("is {levels}, not 1 to {DEPTH_LEVELS_MAX}")));
        1
    })
}

fn map(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> ColumnMap {
    let Some(given) = fields.raw("map") else { return ColumnMap::default() };
    let pairs = given.as_object().map(|object| {
        let pair = |(name, own): (&String, &Value)| {
            let own = own
                .as_str()
                .filter(|own| !own.is_empty() && !own.contains(',') && !name.contains(['=', ',']))?;
            Some(format!("{name}={own}"))
        };
        object.iter().map(pair).collect::<Option<Vec<_>>>()
    });
    let read = match pairs.flatten() {
        Some(pairs) => ColumnMap::parse(&pairs.join(",")),
        None => Err("is not an object such as {\"ts\": \"TIME\"}; names may hold no comma".into()),
    };
    read.map_err(|error| faults.push(Fault::new("/map", error))).unwrap_or_default()
}

fn size_decimals(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<u8> {
    let given = fields.whole("size_decimals", faults)?;
    let decimals = u8::try_from(given).ok().filter(|decimals| *decimals <= Scale::DECIMALS_MAX);
    if decimals.is_none() {
        faults.push(Fault::new("/size_decimals", format!("is {given}, not 0 to {}", Scale::DECIMALS_MAX)));
    }
    decimals
}

fn quote_lot(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<i64> {
    let lot = fields.whole("quote_lot", faults)?;
    if !(1..=1_000_000).contains(&lot) {
        faults.push(Fault::new("/quote_lot", format!("is {lot}, not 1 to 1000000")));
    }
    Some(lot)
}

fn dates(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> RangeInclusive<NaiveDate> {
    let date = |text: &str| text.parse().map_err(|_| "is not a date such as 2013-10-07");
    let from = read_text(fields, "from", faults, date);
    let to = read_text(fields, "to", faults, date);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        faults.push(Fault::new("/to", format!("is {to}, before the first date, {from}")));
    }
    from.unwrap_or(NaiveDate::MIN)..=to.unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_option_of_the_command_line_is_read() {
        let asked = read(&json!({
            "inputs": ["day", "a.csv"], "format": "csv", "map": {"ts": "TIME"}, "quote_lot": 100, "bar": ["10s", "60s"],
            "horizon": ["5s", "1s"],
            "symbols": ["IBM"], "from": "2013-10-07", "to": "2013-10-08", "session": "10:00-15:00",
            "clean": "holden-jacobsen", "venue": "N", "exclude_conditions": "Z", "sign": "quote,depth,tick",
            "match": "at-or-before", "quote_lag": "1ms", "carry_open": true, "on_bad_row": "skip", "measures": "spot",
            "bucket": ["trades:100", "volume:5000"], "levels": 5,
            "signed_trades": true, "summary": true, "into": "served"
        }));
        let asked = asked.map_err(|faults| format!("{faults:?}")).expect("understood");
        let request = asked.request(vec!["x".into()], "out".into());
        assert_eq!((asked.inputs.len(), asked.into), (2, Target::Served));
        assert_eq!(
            (request.format, request.sign),
            (Some(Format::Csv), Layers::parse("quote,depth,tick").ok())
        );
        assert_eq!((request.profile, request.venue), (Some(Profile::HoldenJacobsen), Some('N')));
        assert_eq!((request.quote_lag, request.quote_lot), (1_000_000, Some(100)));
        assert_eq!(request.map.own("ts"), "TIME");
        assert_eq!((request.on_bad_row, request.measures), (OnBadRow::Skip, Measures::Spot));
        assert!(request.carry_open && request.signed_trades && request.summary && !request.progress);
        assert_eq!(
            (request.widths.iter().count(), request.buckets.iter().count(), request.levels),
            (2, 2, 5)
        );
        assert_eq!(Some(request.horizons), Horizons::parse("1s,5s").ok());
    }

    #[test]
    fn what_is_wrong_is_told_by_pointer() {
        for (value, pointer) in [
            (json!([]), ""),
            (json!({}), "/inputs"),
            (json!({"inputs": []}), "/inputs"),
            (json!({"inputs": [7]}), "/inputs/0"),
            (json!({"inputs": ["a"], "out": "/tmp"}), "/out"),
            (json!({"inputs": ["a"], "bar": ["0s"]}), "/bar"),
            (json!({"inputs": ["a"], "bar": "10s"}), "/bar"),
            (json!({"inputs": ["a"], "horizon": ["0s"]}), "/horizon"),
            (json!({"inputs": ["a"], "horizon": []}), "/horizon"),
            (json!({"inputs": ["a"], "bucket": ["ticks:9"]}), "/bucket"),
            (json!({"inputs": ["a"], "levels": 11}), "/levels"),
            (json!({"inputs": ["a"], "sign": "best"}), "/sign"),
            (json!({"inputs": ["a"], "map": {"ts": "a,b"}}), "/map"),
            (json!({"inputs": ["a"], "map": {"tz": "a"}}), "/map"),
            (json!({"inputs": ["a"], "from": "2013-10-08", "to": "2013-10-07"}), "/to"),
            (json!({"inputs": ["a"], "from": "yesterday"}), "/from"),
            (json!({"inputs": ["a"], "venue": "NY"}), "/venue"),
            (json!({"inputs": ["a"], "quote_lot": 0}), "/quote_lot"),
            (json!({"inputs": ["a"], "carry_open": "yes"}), "/carry_open"),
            (json!({"inputs": ["a"], "into": "/etc"}), "/into"),
        ] {
            let faults = read(&value).expect_err("refused");
            assert_eq!(faults[0].pointer, pointer, "{value}: {faults:?}");
            assert_eq!(faults.len(), 1, "{value}: {faults:?}");
        }
    }
}
