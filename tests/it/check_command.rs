//! `impactd check`: the exit code is the verdict, and the answer is the daemon's.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::desk::{AS_OF, ask, desk, order};
use crate::support::{impactd, stderr};

const ORDER: [&str; 8] = ["--symbol", "AA", "--side", "buy", "--quantity", "2000", "--horizon", "30m"];

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = folder.join("out").display().to_string();
    let mut all = vec!["check", "--data", &data, "--as-of", AS_OF];
    all.extend(arguments);
    let done = impactd(&all);
    (done.status.code(), String::from_utf8(done.stdout.clone()).expect("text"), stderr(&done))
}

#[tokio::test]
async fn the_exit_code_is_the_verdict_and_the_answer_the_daemons() {
    let (folder, router) = desk();
    let folder = folder.path();
    let (code, out, err) = run(folder, &ORDER);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("ALLOW  "), "{out}");
    for words in
        ["expected cost", "bps", "% of spread", "90 % interval", "spread", "max_order_notional", "confidence"]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    let coded = |more: &[&str]| run(folder, &[&ORDER[..], more].concat()).0;
    assert_eq!(coded(&["--limit", "max_order_quantity=2000"]), Some(0));
    assert_eq!(coded(&["--limit", "max_order_quantity=1999"]), Some(20));
    assert_eq!(coded(&["--halted"]), Some(20));
    assert_eq!(coded(&["--as-of", "2018-01-05T13:00:00Z"]), Some(2), "a flag given twice");
    let json = run(folder, &[&ORDER[..], &["--json"]].concat()).1;
    let mut same = order();
    same["account"] = json!({});
    same["limits"] = json!({});
    let answer = String::from_utf8(ask(&router, &same).await.body).expect("text");
    assert_eq!(json.trim_end(), answer);
}

#[test]
fn what_cannot_be_judged_is_never_a_yes() {
    let (folder, _router) = desk();
    let data = folder.path().join("out").display().to_string();
    let old = impactd(&[&["check", "--data", &data][..], &ORDER].concat());
    // Years after the tape: the session may be shut, and the last quote is old.
    assert!([Some(20), Some(30)].contains(&old.status.code()), "{}", stderr(&old));
    let none = impactd(&[&["check", "--data", "/nowhere"][..], &ORDER].concat());
    assert_eq!(none.status.code(), Some(65), "{}", stderr(&none));
    assert!(stderr(&none).contains("impactd batch"));
    let (code, _, err) =
        run(folder.path(), &["--symbol", "ZZ", "--side", "buy", "--quantity", "5", "--horizon", "5m"]);
    assert_eq!((code, err.contains("ZZ: no results")), (Some(65), true), "{err}");
    fs::write(folder.path().join("out/limits.toml"), "nonsense").expect("written");
    let (code, _, err) = run(folder.path(), &ORDER);
    assert_eq!((code, err.contains("line 1")), (Some(65), true), "{err}");
}

#[test]
fn a_wrong_command_line_names_the_field() {
    let (folder, _router) = desk();
    let refused = |arguments: &[&str], words: &str| {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(words), "{words}: {err}");
    };
    let start = ["--symbol", "AA", "--side", "buy"];
    let with = |more: &[&'static str]| [&start[..], more].concat();
    refused(&with(&["--quantity", "0", "--horizon", "30m"]), "quantity 0 is not a whole number of shares");
    refused(&with(&["--quantity", "NaN", "--horizon", "30m"]), "quantity is the text 'NaN'");
    refused(&with(&["--quantity", "5"]), "give exactly one of window, horizon_seconds, participation_rate");
    refused(
        &with(&["--quantity", "5", "--horizon", "30m", "--participation-rate", "0.1"]),
        "participation_rate",
    );
    refused(&with(&["--quantity", "5", "--horizon", "soon"]), "--horizon 'soon'");
    refused(&with(&["--quantity", "5", "--horizon", "5m", "--model", "magic"]), "square-root");
    refused(&with(&["--quantity", "5", "--horizon", "5m", "--limit", "x=1"]), "--limit x=1");
    refused(
        &with(&["--quantity", "5", "--horizon", "5m", "--limit", "max_pct_adv=90"]),
        "may only be tightened",
    );
    refused(&["--side", "buy"], "--symbol");
}

#[test]
fn a_basket_has_the_exit_code_of_its_worst_line() {
    let (folder, _router) = desk();
    let path = folder.path().join("basket.csv");
    let name = path.display().to_string();
    let header = "symbol,side,quantity,horizon_seconds\n";
    fs::write(&path, format!("{header}AA,buy,2000,1800\nBB,sell,1000,1800\n")).expect("written");
    let (code, out, err) = run(folder.path(), &["--basket", &name]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("ALLOW  worst of 2 orders") && out.contains("gross "), "{out}");
    fs::write(&path, format!("{header}AA,buy,2000,1800\nBB,sell,0,1800\n")).expect("written");
    let (code, out, _) = run(folder.path(), &["--basket", &name]);
    assert_eq!(code, Some(30), "{out}");
    assert!(out.contains("quantity 0 is not a whole number"), "{out}");
    fs::write(&path, format!("{header}AA,buy,900000000,1800\nBB,sell,0,1800\n")).expect("written");
    assert_eq!(run(folder.path(), &["--basket", &name, "--json"]).0, Some(20));
    fs::write(&path, "symbol,size\nAA,5\n").expect("written");
    let (code, _, err) = run(folder.path(), &["--basket", &name]);
    assert_eq!((code, err.contains("size is not a column")), (Some(65), true), "{err}");
}
