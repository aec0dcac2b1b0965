//! An executed order as `api.yaml` describes it. A test holds these fields against those that the reader knows.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{ArrayBuilder, Content, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use super::pretrade_schema::{MomentText, OrderBody, PriceText, SideText};
use super::responses::{header, refusals, request_id};
use crate::limits::EXECUTIONS_PER_REQUEST_MAX;

/// An executed order. Moments are RFC 3339 or nanoseconds since 1970, prices US dollars as numbers or exact decimals in
/// text. The symbol need not be one there are results for; mids are then the caller's alone. Unknown fields are
/// refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecutionBody {
    /// The client's name for it: the key that makes posting it again harmless.
    #[schema(example = "desk7-000123", min_length = 1, max_length = 128)]
    order_id: String,
    /// As its tape spells it.
    #[schema(example = "IBM", min_length = 1, max_length = 128)]
    symbol: String,
    /// Which way.
    side: SideText,
    /// Shares wanted.
    #[schema(example = 300, minimum = 1, maximum = 100000000000_i64)]
    quantity: i64,
    /// When it was decided to trade.
    #[schema(value_type = MomentText, inline)]
    decision_ts: (),
    /// The price at which it was decided.
    #[schema(value_type = PriceText, inline)]
    decision_price: (),
    /// When the order reached the market; not before the decision.
    #[schema(value_type = MomentText, inline)]
    arrival_ts: (),
    /// The mid then; the tape's when left out.
    #[schema(value_type = Option<PriceText>, inline)]
    arrival_mid: Option<()>,
    /// When it was done or given up, at most ten days after the decision; the last fill when left out.
    #[schema(value_type = Option<MomentText>, inline)]
    end_ts: Option<()>,
    /// The mid then; the tape's when left out. Unfilled shares are valued with it.
    #[schema(value_type = Option<PriceText>, inline)]
    end_mid: Option<()>,
    /// What was filled, together at most `quantity`; an empty list where nothing was.
    #[schema(max_items = 10000)]
    fills: Vec<FillBody>,
    /// The estimate that was given for it, as long as the daemon holds it.
    #[schema(example = json!(null))]
    estimate_id: Option<String>,
    /// Or what was asked for that estimate: made again as of the arrival, whatever `as_of` it names.
    estimate_request: Option<OrderBody>,
}

/// Part of an order that traded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FillBody {
    /// When: from `arrival_ts` to `end_ts`.
    #[schema(value_type = MomentText, inline)]
    ts: (),
    /// How many.
    #[schema(example = 300, minimum = 1)]
    shares: i64,
    /// At what price.
    #[schema(value_type = PriceText, inline)]
    price: (),
    /// The mid just before; the tape's when left out.
    #[schema(value_type = Option<PriceText>, inline)]
    mid: Option<()>,
    /// Commission and fees of this fill, US dollars; negative for a rebate, 0 when left out.
    #[schema(value_type = Option<PriceText>, inline)]
    fee: Option<()>,
}

/// One order, or a list of one or more.
#[derive(Debug)]
pub struct ExecutionBodies;

impl PartialSchema for ExecutionBodies {
    fn schema() -> RefOr<Schema> {
        let one = || Ref::from_schema_name("ExecutionBody");
        let list = ArrayBuilder::new().items(one()).min_items(Some(1));
        OneOfBuilder::new().item(one()).item(list.max_items(Some(EXECUTIONS_PER_REQUEST_MAX))).into()
    }
}

impl ToSchema for ExecutionBodies {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("ExecutionBody".into(), ExecutionBody::schema()));
        ExecutionBody::schemas(schemas);
    }
}

/// Every answer to orders that are to be recorded.
#[derive(Debug)]
pub struct RecordAnswers;

impl IntoResponses for RecordAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "405", "406", "409", "413", "415", "422", "500", "503"]);
        for (status, meaning) in
            [("200", "All orders were recorded before"), ("201", "An order is new; all of them are durable")]
        {
            let mut answer = ResponseBuilder::new().description(meaning).header("X-Request-Id", request_id());
            if status == "201" {
                answer =
                    answer.header("Location", header("Where a single order is found; absent for several"));
            }
            let answer = answer
                .content("application/json", Content::new(Some(Ref::from_schema_name("RecordedAnswer"))));
            all.insert(status.into(), answer.build().into());
        }
        all
    }
}
