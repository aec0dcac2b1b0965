//! Tables over HTTP that only some batches make.

use crate::http::{decoded, get, results, router};
use crate::support::{self, request};

#[tokio::test]
async fn accuracy_of_signs_is_told_where_the_feed_knows_sides() {
    let folder = tempfile::tempdir().expect("a folder");
    support::batch(&request(support::sample("lobster"), &folder.path().join("out")));
    let told = router(folder.path());
    let rows = decoded("json", &get(&told, "/v1/sign-accuracy/SIM").await.body);
    let quote = rows.iter().find(|row| row["rule"] == "quote" && row["place"] == "all").expect("a row");
    assert!(quote["n"].as_i64() > Some(0) && quote["n"] == quote["right"], "{quote}");
    assert_eq!(quote["date"], "2013-10-07");
    let none = tempfile::tempdir().expect("a folder");
    results(none.path(), 0..1);
    let refused = get(&router(none.path()), "/v1/sign-accuracy/AA").await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (404, Some("no_table")));
}
