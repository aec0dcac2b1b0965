//! Requests as they come off the wire.

use super::*;
use crate::scoring::{Data, Datatype};

fn from(text: &str) -> Result<Asked, Refusal> {
    read(text.as_bytes(), None)
}

fn input(datatype: &str, shape: &str, data: &str) -> String {
    format!(r#"{{"id":"7","inputs":[{{"name":"x","shape":{shape},"datatype":"{datatype}","data":{data}}}]}}"#)
}

#[test]
fn every_datatype_is_read_exactly_in_json_and_in_bytes() {
    let whole = |values: &[i128]| {
        let texts: Vec<String> = values.iter().map(i128::to_string).collect();
        format!("[{}]", texts.join(","))
    };
    for (datatype, data, text) in [
        (Datatype::Bool, Data::Bool(vec![true, false]), "[true,false]".to_owned()),
        (Datatype::Int8, Data::I8(vec![i8::MIN, i8::MAX]), whole(&[-128, 127])),
        (Datatype::Int16, Data::I16(vec![i16::MIN, i16::MAX]), whole(&[-32768, 32767])),
        (Datatype::Int32, Data::I32(vec![i32::MIN, i32::MAX]), whole(&[i32::MIN.into(), i32::MAX.into()])),
        (Datatype::Int64, Data::I64(vec![i64::MIN, i64::MAX]), whole(&[i64::MIN.into(), i64::MAX.into()])),
        (Datatype::Uint8, Data::U8(vec![0, u8::MAX]), whole(&[0, 255])),
        (Datatype::Uint16, Data::U16(vec![0, u16::MAX]), whole(&[0, 65535])),
        (Datatype::Uint32, Data::U32(vec![0, u32::MAX]), whole(&[0, u32::MAX.into()])),
        (
            Datatype::Uint64,
            Data::U64(vec![9_007_199_254_740_993, u64::MAX]),
            whole(&[9_007_199_254_740_993, u64::MAX.into()]),
        ),
        (Datatype::Fp32, Data::F32(vec![0.1, -3.0e38]), "[0.1,-3e38]".to_owned()),
        (Datatype::Fp64, Data::F64(vec![0.1, -1.0e308]), "[0.1,-1e308]".to_owned()),
    ] {
        let json = from(&input(datatype.name(), "[2,1]", &text)).expect("JSON");
        assert_eq!((json.inputs[0].shape.as_slice(), &json.inputs[0].data), ([2, 1].as_slice(), &data));
        let mut bytes = Vec::new();
        values::put_bytes(&data, &mut bytes);
        assert_eq!(bytes.len(), 2 * datatype.bytes());
        let head = format!(
            r#"{{"inputs":[{{"name":"x","shape":[2,1],"datatype":"{datatype}",
                "parameters":{{"binary_data_size":{}}}}}]}}"#,
            bytes.len()
        );
        let body = [head.as_bytes(), &bytes].concat();
        assert_eq!(read(&body, Some(head.len())).expect("bytes").inputs[0].data, data);
    }
}

#[test]
fn integers_that_do_not_fit_are_refused_by_their_index() {
    for (datatype, data, words) in [
        ("UINT8", "[0,256]", "data[1] is 256, which is no UINT8"),
        ("INT8", "[-129,0]", "data[0] is -129, which is no INT8"),
        ("UINT64", "[0,-1]", "data[1] is -1, which is no UINT64"),
        ("INT64", "[0,9223372036854775808]", "data[1] is 9223372036854775808, which is no INT64"),
        ("UINT64", "[0,18446744073709551616]", "data[1] is 1.8446744073709552e19, which is no UINT64"),
        ("INT32", "[1,2.0]", "data[1] is 2.0, which is no INT32"),
        ("INT32", "[true,false]", "data of INT32 are numbers"),
        ("FP32", "[true,false]", "data of FP32 are numbers"),
        ("BOOL", "[1,0]", "data of BOOL are true and false"),
        ("FP32", "[1,1e39]", "data[1] is larger than FP32 can hold"),
        ("FP64", "[1,1e309]", "out of range"),
        ("FP32", "[1,NaN]", "cannot be read"),
        ("FP16", "[1,2]", "datatype 'FP16' is not taken here; BOOL, INT8"),
        ("BF16", "[1,2]", "datatype 'BF16' is not taken"),
        ("BYTES", "[1,2]", "datatype 'BYTES' is not taken"),
    ] {
        let refused = from(&input(datatype, "[2]", data)).expect_err("refused");
        assert!(refused.error.contains(words), "{datatype} {data}: {}", refused.error);
        assert_eq!((refused.status.as_u16(), refused.id.as_deref()), (400, Some("7")), "{datatype} {data}");
    }
}

#[test]
fn shapes_say_what_data_are() {
    let nested = from(&input("FP32", "[2,2]", "[[1,2],[3,4.5]]")).expect("nested");
    assert_eq!(nested.inputs[0].data, Data::F32(vec![1.0, 2.0, 3.0, 4.5]));
    assert_eq!(from(&input("FP32", "[0,2]", "[]")).expect("empty").inputs[0].data, Data::F32(vec![]));
    for (shape, data, words) in [
        ("[2,3]", "[1,2,3,4]", "has 6 elements, but data has 4"),
        ("[4]", "[[1,2],[3,4]]", "shape is [4], but data is nested as [2, 2]"),
        ("[-1,2]", "[1,2]", "shape[0] is -1"),
        ("[9223372036854775807,3]", "[1,2]", "more elements than can be counted"),
        ("[9223372036854775808]", "[1]", "invalid value"),
        ("[1.0]", "[1]", "invalid type: floating point"),
        ("[1,1,1,1,1,1,1,1,1]", "[1]", "more than 8 entries"),
        ("3", "[1]", "expected a list"),
        ("[1]", "null", "neither data nor binary_data_size"),
    ] {
        let refused = from(&input("FP32", shape, data)).expect_err("refused");
        assert!(refused.error.contains(words), "{shape}: {}", refused.error);
    }
}

#[test]
fn bytes_must_be_as_many_as_announced() {
    let ask = |size: &str, bytes: usize, head_bytes: Option<usize>| {
        let head = format!(
            r#"{{"inputs":[{{"name":"x","shape":[2],"datatype":"FP32","parameters":{{"binary_data_size":{size}}}}}]}}"#
        );
        let body = [head.as_bytes(), &vec![0; bytes]].concat();
        read(&body, Some(head_bytes.unwrap_or(head.len()))).expect_err("refused").error
    };
    assert!(ask("8", 7, None).contains("binary_data_size is 8, but 7 bytes are left"));
    assert!(ask("8", 9, None).contains("1 bytes are left behind the binary data"));
    assert!(ask("9", 9, None).contains("has 2 elements of 4 bytes"));
    assert!(ask("-8", 8, None).contains("invalid value"));
    assert!(ask("18446744073709551615", 8, None).contains("binary_data_size is 18446744073709551615"));
    assert!(
        ask("8", 8, Some(1_000_000))
            .contains("Inference-Header-Content-Length: 1000000 bytes, but the body has")
    );
    assert_eq!(ask("8", 8, Some(0)), "raw binary requests are not offered; send the JSON header");
    let both = r#"{"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[1],
        "parameters":{"binary_data_size":1}}]}"#;
    assert!(from(both).expect_err("refused").error.contains("one of them is meant"));
    let flag =
        br#"{"inputs":[{"name":"x","shape":[1],"datatype":"BOOL","parameters":{"binary_data_size":1}}]}"#;
    let refused = read(&[flag.as_slice(), &[2]].concat(), Some(flag.len())).expect_err("refused");
    assert!(refused.error.contains("is 2, which is no BOOL"));
}

#[test]
fn what_is_an_object_is_not_taken_from_an_array() {
    let input = r#"{"name":"x","shape":[1],"datatype":"UINT8","data":[1]}"#;
    let with = |more: &str| format!(r#"{{"id":"7","inputs":[{input}],{more}}}"#);
    for (text, id, words) in [
        (format!(r#"["z",null,[{input}],[]]"#), None, "a request is a JSON object"),
        (
            r#"{"id":"7","inputs":[["x",[1],"UINT8",null,[1]]]}"#.to_owned(),
            Some("7"),
            "an input is a JSON object",
        ),
        (with(r#""outputs":[["a",null]]"#), Some("7"), "an output is a JSON object"),
        (with(r#""parameters":[true]"#), Some("7"), "the value of a request's parameters is a JSON object"),
        (with(r#""outputs":[7]"#), Some("7"), "expected a JSON object"),
    ] {
        let refused = from(&text).expect_err("refused");
        assert!(refused.error.contains(words), "{text}: {}", refused.error);
        assert_eq!((refused.status.as_u16(), refused.id.as_deref()), (400, id), "{text}");
    }
    assert!(from(&with(r#""outputs":[{"name":"a"}],"parameters":null"#)).is_ok());
}

#[test]
fn what_the_protocol_leaves_open_is_passed_over_and_what_is_not_offered_is_refused() {
    let asked = from(
        r#"{"extra":[{"a":null}],"parameters":{"priority":3,"timeout":5,"binary_data_output":true},
        "outputs":[{"name":"a"},{"name":"b","parameters":{"binary_data":false,"mine":1}}],
        "inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[1],"parameters":{"mine":[1]},"more":{}}],
        "id":"z"}"#,
    );
    let asked = asked.expect("taken");
    assert_eq!(asked.outputs, [("a".to_owned(), true), ("b".to_owned(), false)]);
    assert_eq!((asked.id.as_deref(), asked.binary), (Some("z"), true));
    let with = |input: &str, outputs: &str| {
        format!(
            r#"{{"inputs":[{{"name":"x","shape":[1],"datatype":"UINT8",{input}}}],"outputs":[{outputs}],"id":"late"}}"#
        )
    };
    let shared = r#""parameters":{"shared_memory_region":"r"}"#;
    let many = vec![r#"{"name":"a"}"#; SCORING_TENSORS_MAX + 1].join(",");
    let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(INFERENCE_NAME_MAX_BYTES + 1));
    for (text, words) in [
        (with(shared, ""), "shared memory is not offered"),
        (with("\"data\":[1]", &format!(r#"{{"name":"a",{shared}}}"#)), "shared memory is not offered"),
        (
            with("\"data\":[1]", r#"{"name":"a","parameters":{"classification":2}}"#),
            "classification is not offered",
        ),
        (with("\"data\":[1]", &many), "more than 64 entries"),
        (with("\"data\":[1]", &long), "an output's name has 257 bytes"),
        (with("\"data\":[1],\"data\":[1]", ""), "duplicate field `data`"),
        (r#"{"id":"late"}"#.into(), "missing field `inputs`"),
        (r#"{"id":"late","inputs":{}}"#.into(), "expected a list"),
        (
            r#"{"id":"late","inputs":[],"parameters":{"binary_data_output":"yes"}}"#.into(),
            "expected a boolean",
        ),
        (r#"{"id":"late","inputs":[}"#.into(), "cannot be read"),
    ] {
        let refused = from(&text).expect_err("refused");
        assert!(refused.error.contains(words), "{text}: {}", refused.error);
        assert_eq!(refused.id.as_deref(), Some("late"), "{text}");
    }
    for text in ["", "null", "[]", "7", "{\"id\": 7, \"inputs\": []}", "\"\u{0}\""] {
        assert_eq!(from(text).expect_err("refused").id, None);
    }
}
