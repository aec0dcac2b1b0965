//! What cannot be seen from outside: a handler's panic.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

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

#[test]
fn row_schemas_have_the_tables_columns() {
    let described = |name: &str| -> Vec<String> {
        let yaml = serde_json::to_value(routes().into_openapi()).expect("a document");
        let row = &yaml["components"]["schemas"][name]["properties"]["data"]["items"];
        let properties = row["properties"].as_object().expect("a schema");
        let mut names: Vec<String> = properties.keys().cloned().collect();
        names.sort();
        names
    };
    let symbol = crate::tape::Symbol::new("IBM");
    let said = crate::store::tables::Said::default();
    for (name, frame, added) in [
        ("Rows_BarRow", crate::store::tables::bars(&symbol, 1, crate::tape::Scale::WHOLE, &[]), None),
        ("Rows_FitRow", crate::store::tables::no_fits(&symbol), None),
        ("Rows_LiquidityRow", crate::store::tables::liquidity(&symbol, &[]), Some("date")),
        (
            "Rows_AccuracyRow",
            crate::store::tables::sign_accuracy(&symbol, &Default::default(), &Default::default()),
            Some("date"),
        ),
        ("Rows_ExecutionRow", executions_list::table(&[]), None),
        ("Rows_JobRow", jobs::table(&[]), None),
        ("Rows_JobFileRow", job_result::table("", &[]), None),
        ("Rows_AlertRow", crate::store::tables::fraud_alerts(&symbol, &[], &said), None),
        ("Rows_ScoreRow", crate::store::tables::fraud_scores(&symbol, &[], &said), None),
    ] {
        let frame = frame.expect("a table");
        let mut columns: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
        columns.extend(added.map(str::to_owned));
        columns.sort();
        assert_eq!(described(name), columns, "{name}");
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
