//! Requests that nobody sends by mistake: lengths that lie, bombs, depths, and bytes at random. Each is answered with
//! an error in JSON, and the daemon answers the next one.

use std::io::Write;

use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use impactd::limits::INFERENCE_BODY_MAX_BYTES;
use proptest::prelude::*;

use crate::desk::post;
use crate::inference::{infer, question, served};

const INFER: &str = "/v2/models/tiny/infer";

/// A question with its values in bytes, and the length of its JSON.
fn binary() -> (Vec<u8>, usize) {
    let head = br#"{"id":"h","inputs":[{"name":"features","shape":[1,3],"datatype":"FP32",
        "parameters":{"binary_data_size":12}}]}"#;
    let values = [0.5_f32, -1.0, 2.0].map(f32::to_le_bytes).concat();
    ([head.as_slice(), &values].concat(), head.len())
}

#[tokio::test]
async fn lengths_that_lie_are_refused() {
    let Some((_folder, router)) = served() else { return };
    let (body, head) = binary();
    let sound =
        post(&router, INFER, &[("inference-header-content-length", &head.to_string())], body.clone()).await;
    assert_eq!(sound.status, StatusCode::OK);
    for (length, words) in [
        ("", "is not one whole number"),
        ("-1", "'-1' is not one whole number"),
        ("+111", "is not one whole number"),
        ("1e2", "is not one whole number"),
        ("99999999999999999999999", "is not one whole number"),
        ("18446744073709551615", "but the body has"),
        ("100000", "100000 bytes, but the body has"),
        ("0", "raw binary requests are not offered; send the JSON header"),
        ("10", "cannot be read"),
    ] {
        let refused =
            post(&router, INFER, &[("inference-header-content-length", length)], body.clone()).await;
        let error = refused.json()["error"].to_string();
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{length}: {error}");
        assert!(error.contains(words), "{length}: {error}");
    }
    for cut in [body.len() - 1, body.len() + 1] {
        let mut wrong = body.clone();
        wrong.resize(cut, 0);
        let headers = [("inference-header-content-length", head.to_string())];
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        assert_eq!(post(&router, INFER, &headers, wrong).await.status, StatusCode::BAD_REQUEST);
    }
    let announced = [("content-length", "68719476736")];
    assert_eq!(post(&router, INFER, &announced, body).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = vec![b' '; INFERENCE_BODY_MAX_BYTES + 1];
    let refused = post(&router, INFER, &[], long).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.json()["error"].as_str().expect("words").contains("67108864 bytes at most"));
}

#[tokio::test]
async fn bombs_are_unpacked_no_further_than_a_body_may_be() {
    let Some((_folder, router)) = served() else { return };
    let zeros = vec![b' '; 1 << 20];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..(INFERENCE_BODY_MAX_BYTES >> 20) + 1 {
        gzip.write_all(&zeros).expect("packed");
        zlib.write_all(&zeros).expect("packed");
    }
    for (name, bomb) in [("gzip", gzip.finish()), ("deflate", zlib.finish())] {
        let bomb = bomb.expect("packed");
        assert!(bomb.len() < 1 << 20);
        let refused = post(&router, INFER, &[("content-encoding", name)], bomb).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{name}");
    }
    for (name, status) in [("gzip", 400), ("deflate", 400), ("br", 415), ("gzip, gzip", 415)] {
        let refused = post(&router, INFER, &[("content-encoding", name)], question().to_string()).await;
        assert_eq!(refused.status.as_u16(), status, "{name}");
        assert!(refused.json()["error"].is_string());
    }
}

#[tokio::test]
async fn packed_requests_and_answers_say_the_same() {
    let Some((_folder, router)) = served() else { return };
    let plain = infer(&router, "tiny", &question()).await;
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(question().to_string().as_bytes()).expect("packed");
    let packed = packer.finish().expect("packed");
    let same = post(&router, INFER, &[("content-encoding", "gzip")], packed).await;
    assert_eq!(same.json(), plain.json());
    let mut many = question();
    many["inputs"][0]["shape"] = serde_json::json!([500, 3]);
    many["inputs"][0]["data"] = serde_json::json!(vec![0.25; 1500]);
    let plain = infer(&router, "tiny", &many).await;
    let packed = post(&router, INFER, &[("accept-encoding", "deflate")], many.to_string()).await;
    assert_eq!(packed.header("content-encoding"), "deflate");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::ZlibDecoder::new(&packed.body[..]), &mut text)
        .expect("text");
    assert_eq!(text.as_bytes(), plain.body);
}

#[tokio::test]
async fn depth_and_width_have_bounds() {
    let Some((_folder, router)) = served() else { return };
    let nested = |data: String| {
        format!(
            r#"{{"id":"h","inputs":[{{"name":"features","shape":[1,3],"datatype":"FP32","data":{data}}}]}}"#
        )
    };
    let deep = "[".repeat(1_000_000);
    let closed = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("[{}0]", "0,".repeat(9_000_000));
    let parameters = format!(r#"{{"id":"h","parameters":{{"a":{}}},"inputs":[]}}"#, closed);
    for (body, words) in [
        (nested(deep), "nested deeper than 8 lists"),
        (nested(closed), "nested deeper than 8 lists"),
        (nested(wide), "more than 8388608 values"),
        (nested(format!("[{}]", "1".repeat(400))), "number out of range"),
        (nested(r#"{"a":1}"#.into()), "is no number"),
        (parameters, ""),
    ] {
        let refused = post(&router, INFER, &[], body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let error = refused.json()["error"].to_string();
        assert!(error.contains(words) && error.len() < 500, "{error}");
        assert_eq!(infer(&router, "tiny", &question()).await.status, StatusCode::OK);
    }
}

#[test]
fn bytes_at_random_are_answered_in_json() {
    let Some((_folder, router)) = served() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (sound, head) = binary();
    let text = question().to_string().into_bytes();
    let mutation = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6);
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(mutations in mutation, is_binary: bool, packed: bool)| {
        let mut body = if is_binary { sound.clone() } else { text.clone() };
        for (at, byte, how) in mutations {
            let at = at.index(body.len().max(1));
            match how {
                0 if at < body.len() => body[at] = byte,
                1 => body.truncate(at),
                2 => body.insert(at.min(body.len()), byte),
                _ => body.extend_from_within(at.min(body.len())..),
            }
        }
        let length = head.to_string();
        let mut headers = Vec::new();
        if is_binary { headers.push(("inference-header-content-length", length.as_str())); }
        if packed { headers.push(("content-encoding", "gzip")); }
        let answer = runtime.block_on(post(&router, INFER, &headers, body));
        if answer.status == StatusCode::OK {
            prop_assert!(answer.json()["outputs"].is_array());
        } else {
            prop_assert!(answer.status.is_client_error(), "{}", answer.status);
            prop_assert!(answer.json()["error"].is_string());
        }
    });
    assert_eq!(runtime.block_on(infer(&router, "tiny", &question())).status, StatusCode::OK);
}
