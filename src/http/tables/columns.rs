//! What row descriptions share: sizes, and rows that are another table's on another clock.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A size: an integer where the results' sizes are whole, as of shares; else the number nearest to it, as of coins.
#[derive(Debug)]
pub struct Shares;

impl PartialSchema for Shares {
    fn schema() -> RefOr<Schema> {
        let either = SchemaType::from_iter([Type::Integer, Type::Number]);
        ObjectBuilder::new().schema_type(either).into()
    }
}

impl ToSchema for Shares {}

/// Which buckets: what other tables have as the width of their bars.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct BucketClock {
    /// What fills a bucket: `volume`, `trades` or `dollars`.
    #[schema(example = "volume")]
    pub bucket: String,
    /// How much of it: shares, trades or US dollars.
    #[schema(example = 10_000.0)]
    pub bucket_size: f64,
}

/// Rows of type `T` by bucket in place of bar width, with the columns of `More`.
pub fn by_bucket<T: PartialSchema, More: PartialSchema>(about: &str) -> RefOr<Schema> {
    let mut row = T::schema();
    if let RefOr::T(Schema::Object(row)) = &mut row {
        row.description = Some(about.to_owned());
        row.properties.remove("bar_seconds");
        row.required.retain(|name| name != "bar_seconds");
        for more in [BucketClock::schema(), More::schema()] {
            if let RefOr::T(Schema::Object(more)) = more {
                row.properties.extend(more.properties);
                row.required.extend(more.required);
            }
        }
    }
    row
}
