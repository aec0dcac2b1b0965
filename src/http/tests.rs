//! What cannot be seen from outside: a handler's panic.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::panel::{Panel, Selection};
use crate::store::Table;
use crate::tape::Scale;
use polars::prelude::{DataFrame, DataType};

async fn broken() {
    panic!("secret /etc/passwd");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_problem_that_keeps_its_cause() {
    let routes = guarded(Router::new().route("/version", get(broken)), Access::none());
    let request = Request::get("/version").header("x-request-id", "mine").body(Body::empty());
    let response = routes.oneshot(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()["x-request-id"], "mine");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let problem: serde_json::Value = serde_json::from_slice(&body).expect("problem+json");
    assert_eq!(problem["code"], "internal");
    assert_eq!(problem["request_id"], "mine");
    assert!(!String::from_utf8_lossy(&body).contains("passwd"));
}

/// What is said of a page's rows.
fn row_schema(name: &str) -> serde_json::Value {
    let mut api = routes().into_openapi();
    described::finish(&mut api);
    let yaml = serde_json::to_value(api).expect("a document");
    yaml["components"]["schemas"][name]["properties"]["data"]["items"].clone()
}

/// Holds the described columns of a page against those of a table.
fn check_names(name: &str, frame: &DataFrame) -> serde_json::Value {
    let row = row_schema(name);
    let described = row["properties"].as_object().expect("a schema").keys().cloned();
    let mut columns: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    columns.sort();
    assert_eq!(described.collect::<Vec<_>>(), columns, "{name}");
    row
}

/// The same with the types of the columns, none of which may be missing.
fn check_columns(name: &str, frame: &DataFrame) {
    let row = check_names(name, frame);
    assert_eq!(row["required"].as_array().map(Vec::len), Some(frame.width()), "{name}");
    for column in frame.columns() {
        let expected = match column.dtype() {
            DataType::Int64 => "integer",
            DataType::Float64 => "number",
            DataType::Boolean => "boolean",
            _ => "string",
        };
        let types = &row["properties"][column.name().as_str()]["type"];
        let is_said = types == expected || types.as_array().is_some_and(|all| all.contains(&expected.into()));
        assert!(is_said, "{name}.{}: {expected}, not {types}", column.name());
    }
}

/// Of result tables the described types are those of columns too, whether sizes are whole or fractional.
#[test]
fn row_schemas_have_the_tables_columns() {
    for (name, table) in [
        ("Rows_BarRow", Table::Bars),
        ("Rows_FitRow", Table::Fits),
        ("Rows_LiquidityRow", Table::Liquidity),
        ("Rows_AccuracyRow", Table::SignAccuracy),
        ("Rows_BucketRow", Table::Buckets),
        ("Rows_BucketFitRow", Table::BucketFits),
        ("Rows_LevelRow", Table::BarsLevels),
        ("Rows_WeightRow", Table::OfiWeights),
        ("Rows_PrintRow", Table::Prints),
        ("Rows_VenueRow", Table::Venues),
        ("Rows_AlertRow", Table::FraudAlerts),
        ("Rows_ScoreRow", Table::FraudScores),
    ] {
        for scale in [Scale::WHOLE, Scale::new(8)] {
            check_columns(name, &filling::empty(table, "IBM", scale).expect("a table"));
        }
    }
    let archive = crate::store::Archive::bare(std::path::Path::new("nowhere"));
    for (name, panel) in [
        ("Rows_PooledRow", Panel::Pooled),
        ("Rows_SummaryRow", Panel::Symbols),
        ("Rows_PairRow", Panel::Pairs),
        ("Rows_CommonRow", Panel::Commonality),
        ("Rows_CrossRow", Panel::CrossImpact),
        ("Rows_VenuePanelRow", Panel::Venues),
    ] {
        let dates = chrono::NaiveDate::MIN..=chrono::NaiveDate::MAX;
        let all = Selection { symbols: Default::default(), dates, width: 1, called_off: Default::default() };
        check_columns(name, &panel.frame(&archive, &all).expect("a table"));
    }
    for (name, frame) in [
        ("Rows_ExecutionRow", executions_list::table(&[])),
        ("Rows_JobRow", jobs::table(&[])),
        ("Rows_JobFileRow", job_result::table("", &[])),
    ] {
        check_names(name, &frame.expect("a table"));
    }
}

#[test]
fn request_schemas_have_the_readers_fields() {
    use crate::posttrade::{EXECUTION_FIELDS, FILL_FIELDS};
    use crate::pretrade::{
        ACCOUNT_FIELDS, ORDER_FIELDS, OVERRIDE_FIELDS, PIECE_FIELDS, RECENT_FIELDS, WINDOW_FIELDS,
    };
    let yaml = serde_json::to_value(routes().into_openapi()).expect("a document");
    let all: [(&str, &[&str]); 10] = [
        ("JobBody", &crate::jobs::FIELDS),
        ("ForecastBody", &super::forecast_schema::FORECAST_FIELDS),
        ("ExecutionBody", &EXECUTION_FIELDS),
        ("FillBody", &FILL_FIELDS),
        ("OrderBody", &ORDER_FIELDS),
        ("WindowBody", &WINDOW_FIELDS),
        ("PieceBody", &PIECE_FIELDS),
        ("OverridesBody", &OVERRIDE_FIELDS),
        ("AccountBody", &ACCOUNT_FIELDS),
        ("RecentOrderBody", &RECENT_FIELDS),
    ];
    for (name, fields) in all {
        let schema = &yaml["components"]["schemas"][name];
        let mut described: Vec<&str> =
            schema["properties"].as_object().expect("a schema").keys().map(String::as_str).collect();
        let mut read = fields.to_vec();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read, "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}
