//! The `data` of a tensor as JSON gives it, nested or flat, read straight into flat numbers: no tree of JSON values
//! is ever built, so a large request costs 8 bytes a value.
//!
//! Whole numbers stay whole: an INT64 never passes through a double. JSON knows no NaN and no infinity; text and null
//! are no numbers, and are refused by their index.

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use std::fmt;

use crate::limits::{INFERENCE_VALUES_MAX, SCORING_DIMENSIONS_MAX};

/// Flat values in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// `true` and `false` only.
    Flags(Vec<bool>),
    /// Whole numbers only, none above `i64::MAX`.
    Whole(Vec<i64>),
    /// Whole numbers only, none negative, some above `i64::MAX`.
    Natural(Vec<u64>),
    /// Numbers of which some are not whole, or that no integer type could hold together.
    Real {
        /// The values.
        values: Vec<f64>,
        /// Where the first stands that made them so.
        first: usize,
    },
}

/// The `data` of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// The values.
    pub values: Values,
    /// How they were nested: one dimension when flat.
    pub nesting: Vec<usize>,
}

impl Values {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Flags(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Natural(values) => values.len(),
            Self::Real { values, .. } => values.len(),
        }
    }

    fn room<E: Error>(&self) -> Result<(), E> {
        if self.len() < INFERENCE_VALUES_MAX {
            return Ok(());
        }
        Err(E::custom(format_args!(
            "data has more than {INFERENCE_VALUES_MAX} values; send fewer rows at a time"
        )))
    }

    fn flag<E: Error>(&mut self, value: bool) -> Result<(), E> {
        self.room()?;
        match self {
            Self::Flags(values) => values.push(value),
            Self::Whole(values) if values.is_empty() => *self = Self::Flags(vec![value]),
            _ => return Err(mixed(self.len())),
        }
        Ok(())
    }

    fn whole<E: Error>(&mut self, value: i64) -> Result<(), E> {
        self.room()?;
        match self {
            Self::Flags(values) => return Err(mixed(values.len())),
            Self::Whole(values) => values.push(value),
            Self::Natural(values) => match u64::try_from(value) {
                Ok(value) => values.push(value),
                Err(_) => return self.real(value as f64),
            },
            Self::Real { values, .. } => values.push(value as f64),
        }
        Ok(())
    }

    fn natural<E: Error>(&mut self, value: u64) -> Result<(), E> {
        if let Ok(value) = i64::try_from(value) {
            return self.whole(value);
        }
        self.room()?;
        match self {
            Self::Whole(values) => {
                let naturals: Result<Vec<u64>, _> =
                    values.iter().map(|&value| u64::try_from(value)).collect();
                match naturals {
                    Ok(mut naturals) => {
                        naturals.push(value);
                        *self = Self::Natural(naturals);
                    }
                    Err(_) => return self.real(value as f64),
                }
            }
            Self::Natural(values) => values.push(value),
            _ => return self.real(value as f64),
        }
        Ok(())
    }

    fn real<E: Error>(&mut self, value: f64) -> Result<(), E> {
        self.room()?;
        let first = self.len();
        let mut before: Vec<f64> = match self {
            Self::Flags(values) => return Err(mixed(values.len())),
            Self::Real { values, .. } => {
                values.push(value);
                return Ok(());
            }
            Self::Whole(values) => values.iter().map(|&value| value as f64).collect(),
            Self::Natural(values) => values.iter().map(|&value| value as f64).collect(),
        };
        before.push(value);
        *self = Self::Real { values: before, first };
        Ok(())
    }
}

fn mixed<E: Error>(at: usize) -> E {
    E::custom(format_args!("data[{at}]: numbers and true or false are mixed"))
}

/// What is known while `data` is read.
struct Reading {
    values: Values,
    /// Length of the lists of each depth, once one of them has ended.
    lengths: Vec<Option<usize>>,
    /// The depth at which numbers stand, once one was seen.
    leaves: Option<usize>,
}

impl<'de> serde::Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let values = Values::Whole(Vec::new());
        let mut reading = Reading { values, lengths: Vec::new(), leaves: None };
        Item { reading: &mut reading, depth: 0 }.deserialize(from)?;
        let nesting = reading.lengths.iter().map(|length| length.unwrap_or(0)).collect();
        Ok(Self { values: reading.values, nesting })
    }
}

/// A number or a list, at a depth.
struct Item<'a> {
    reading: &'a mut Reading,
    depth: usize,
}

impl Item<'_> {
    fn leaf<E: Error>(&mut self) -> Result<&mut Values, E> {
        if self.depth == 0 {
            return Err(E::custom("data is not a list"));
        }
        let depth = *self.reading.leaves.get_or_insert(self.depth);
        if depth != self.depth || self.reading.lengths.len() > depth {
            return Err(self.ragged());
        }
        Ok(&mut self.reading.values)
    }

    fn ragged<E: Error>(&self) -> E {
        let at = self.reading.values.len();
        E::custom(format_args!("data is nested unevenly at value {at}: lists of one depth have one length"))
    }

    fn no_number<E: Error>(&self, found: Unexpected<'_>) -> E {
        let at = self.reading.values.len();
        E::custom(format_args!("data[{at}]: {found} is no number"))
    }
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, nested or flat")
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.leaf()?.flag(value)
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        self.leaf()?.whole(value)
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        self.leaf()?.natural(value)
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        self.leaf()?.real(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Err(self.no_number(Unexpected::Other("null")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        let short: String = value.chars().take(32).collect();
        Err(self.no_number(Unexpected::Str(&short)))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.no_number(Unexpected::Map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { reading, depth } = self;
        if depth >= SCORING_DIMENSIONS_MAX {
            return Err(A::Error::custom(format_args!(
                "data is nested deeper than {SCORING_DIMENSIONS_MAX} lists"
            )));
        }
        if reading.leaves.is_some_and(|leaves| depth >= leaves) {
            return Err(Item { reading, depth }.ragged());
        }
        if reading.lengths.len() == depth {
            reading.lengths.push(None);
        }
        let mut length = 0;
        while items.next_element_seed(Item { reading, depth: depth + 1 })?.is_some() {
            length += 1;
        }
        match reading.lengths[depth].replace(length) {
            Some(earlier) if earlier != length => Err(Item { reading, depth }.ragged()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Numbers, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn whole_numbers_stay_whole_and_nesting_is_told() {
        let flat = read("[1, -9223372036854775808, 9223372036854775807]").expect("numbers");
        assert_eq!(flat.values, Values::Whole(vec![1, i64::MIN, i64::MAX]));
        assert_eq!(flat.nesting, [3]);
        let nested = read("[[1, 18446744073709551615], [0, 2]]").expect("numbers");
        assert_eq!(nested.values, Values::Natural(vec![1, u64::MAX, 0, 2]));
        assert_eq!(nested.nesting, [2, 2]);
        let real = read("[[[1], [2.5]]]").expect("numbers");
        assert_eq!(real.values, Values::Real { values: vec![1.0, 2.5], first: 1 });
        assert_eq!(real.nesting, [1, 2, 1]);
        let both = read("[-1, 18446744073709551615, 3]").expect("numbers");
        assert_eq!(both.values, Values::Real { values: vec![-1.0, u64::MAX as f64, 3.0], first: 1 });
        assert_eq!(read("[true, false]").expect("flags").values, Values::Flags(vec![true, false]));
        assert_eq!(read("[[], []]").expect("nothing").nesting, [2, 0]);
    }

    #[test]
    fn what_is_no_tensor_is_refused_by_its_index() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        for (text, words) in [
            ("5", "data is not a list"),
            ("[1, null]", "data[1]: null is no number"),
            ("[\"NaN\"]", "data[0]: string \"NaN\" is no number"),
            ("[{}]", "data[0]: map is no number"),
            ("[true, 1]", "data[1]: numbers and true or false are mixed"),
            ("[1, true]", "data[1]: numbers and true or false are mixed"),
            ("[[1, 2], [3]]", "nested unevenly at value 3"),
            ("[1, [2]]", "nested unevenly at value 1"),
            ("[[1], 2]", "nested unevenly at value 1"),
            ("[[], 2]", "nested unevenly at value 0"),
            ("[1, NaN]", "expected value"),
            ("[1e999]", "out of range"),
            (&deep, "nested deeper than"),
        ] {
            let told = read(text).expect_err("refused");
            assert!(told.contains(words), "{}: {told}", &text[..text.len().min(40)]);
        }
    }
}
