//! `buckets` and `bucket_fits`: order flow and prices on the clock of trading, and how the price moves with the flow.

use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::bars::BarRow;
use super::columns::by_bucket;
use super::{Between, Resource, Table};
use crate::http::choices;
use crate::http::schema::FitRow;

/// `GET /v1/buckets/{symbol}`.
pub const BUCKETS: Resource = Resource {
    table: Table::Buckets,
    path: "/v1/buckets/{symbol}",
    tag: "results",
    summary: "Order flow and prices bucket by bucket",
    about: "Rows of `buckets`, by date, kind and size as the batch named them, and time: stretches that end when so\n\
            much was traded. A trade is cut at the edge. 404 `no_table` where the batch made none (`--bucket`).",
    choices: &[choices::BUCKET, choices::IS_FULL],
    between: Between::Moments,
    made_by: Some("it is made by impactd batch --bucket KIND:SIZE"),
};

/// `GET /v1/bucket-fits/{symbol}`.
pub const BUCKET_FITS: Resource = Resource {
    table: Table::BucketFits,
    path: "/v1/bucket-fits/{symbol}",
    tag: "results",
    summary: "How far the price moves with the flow, bucket by bucket",
    about: "Rows of `bucket_fits`: the models of `fits` over the day's full buckets, a row a term, by date, kind and\n\
            size. 404 `no_table` where the batch made none (`--bucket`), or too few of them for a fit.",
    choices: &[choices::MODEL, choices::BUCKET],
    between: Between::Dates,
    made_by: Some(
        "it is made by impactd batch --bucket KIND:SIZE, of days with full buckets enough for a fit",
    ),
};

/// What a bucket has beside a bar.
#[derive(Debug, Serialize, ToSchema)]
pub struct BucketOnly {
    /// Whether it holds its whole size; a day's last one may not.
    pub is_full: bool,
    /// Value traded, US dollars.
    pub value_usd: f64,
}

/// What a regression over buckets has beside one over bars.
#[derive(Debug, Serialize, ToSchema)]
pub struct NothingMore {}

/// A row of `buckets`.
#[derive(Debug)]
pub struct BucketRow;

impl PartialSchema for BucketRow {
    fn schema() -> RefOr<Schema> {
        by_bucket::<BarRow, BucketOnly>("A bucket: order flow and prices while so much was traded.")
    }
}

impl ToSchema for BucketRow {}

/// A row of `bucket_fits`.
#[derive(Debug)]
pub struct BucketFitRow;

impl PartialSchema for BucketFitRow {
    fn schema() -> RefOr<Schema> {
        by_bucket::<FitRow, NothingMore>("One term of a regression of price changes on flow over buckets.")
    }
}

impl ToSchema for BucketFitRow {}
