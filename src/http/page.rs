//! Which part of a long table is wanted: `limit` and `cursor`, and the format.

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::cursor::Cursor;
use super::format::Format;
use super::parameters::{Given, Parameters};
use super::problem::Problem;
use crate::limits::{HTTP_ROWS_DEFAULT, HTTP_ROWS_MAX};

/// Parameters of every table.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows in one answer at most.
    #[param(inline, value_type = LimitNumber, required = false, example = 100)]
    pub limit: usize,
    /// Where to go on: `next_cursor` of the answer before, unchanged. A page may hold fewer rows than `limit`;
    /// the end is where `next_cursor` is null.
    #[param(value_type = String, required = false, pattern = "^[0-9a-f]{32}$")]
    pub cursor: Option<Cursor>,
    /// Format of the answer; wins over `Accept`.
    #[param(inline, value_type = FormatText, required = false, example = "csv")]
    #[allow(dead_code, reason = "stands for its documentation; Asked reads it together with Accept")]
    format: (),
}

impl Parameters for PageQuery {
    fn read(given: &Given) -> Result<Self, Problem> {
        let limit = given.one("limit", &[], |text| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = if digits { text.parse().ok() } else { None };
            let inside = number.filter(|n| (1..=HTTP_ROWS_MAX).contains(n));
            inside.ok_or_else(|| format!("'{text}' is not a whole number from 1 to {HTTP_ROWS_MAX}"))
        })?;
        let cursor = given.one("cursor", &[], Cursor::parse)?;
        Ok(Self { limit: limit.unwrap_or(HTTP_ROWS_DEFAULT), cursor, format: () })
    }
}

/// How `?limit=` is documented.
#[derive(Debug)]
pub struct LimitNumber;

impl PartialSchema for LimitNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(HTTP_ROWS_MAX))
            .default(Some(HTTP_ROWS_DEFAULT.into()))
            .into()
    }
}

impl ToSchema for LimitNumber {}

/// How `?format=` is documented.
#[derive(Debug)]
pub struct FormatText;

impl PartialSchema for FormatText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Format::ALL.map(Format::name))).into()
    }
}

impl ToSchema for FormatText {}
