//! In: a place in a request's JSON where a list or an object is wanted. Out: what stands there, a list bounded in its
//! length, an object taken by its names alone.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A list of so many at most.
#[derive(Debug)]
pub struct Few<T, const MOST: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T, const MOST: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Reader<T, MOST> {
            type Value = Few<T, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    if all.len() == MOST {
                        return Err(A::Error::custom(format_args!("a list has more than {MOST} entries")));
                    }
                    all.push(item);
                }
                Ok(Few(all))
            }
        }
        from.deserialize_seq(Reader(PhantomData))
    }
}

/// What a refusal calls an object.
pub trait Named {
    /// Such as "an input".
    const WHAT: &'static str;
}

/// An object. A derived reader alone would also take the fields from an array, by their position.
#[derive(Debug, Default)]
pub struct Object<T>(pub T);

impl<'de, T: Named + Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Named + Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entries)).map(Object)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(A::Error::custom(format_args!("{} is a JSON object", T::WHAT)))
            }
        }
        // Not `deserialize_map`, which refuses an array before its name can be said.
        from.deserialize_any(Reader(PhantomData))
    }
}
