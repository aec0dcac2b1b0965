//! Where in a JSON text a place lies, as a JSON pointer (RFC 6901): for what a parser calls a line and a column.

/// What is open around a place.
enum Open {
    Object { key: String, is_value: bool },
    List { index: usize },
}

/// The pointer of the value that is being read after the first `until` bytes; empty at the top and past the end.
#[must_use]
pub fn pointer(text: &[u8], until: usize) -> String {
    let text = &text[..until.min(text.len())];
    let (mut open, mut at): (Vec<Open>, usize) = (Vec::new(), 0);
    while let Some(byte) = text.get(at) {
        match (byte, open.last_mut()) {
            (b'{', _) => open.push(Open::Object { key: String::new(), is_value: false }),
            (b'[', _) => open.push(Open::List { index: 0 }),
            (b'}' | b']', _) => drop(open.pop()),
            (b':', Some(Open::Object { is_value, .. })) => *is_value = true,
            (b',', Some(Open::Object { is_value, .. })) => *is_value = false,
            (b',', Some(Open::List { index })) => *index += 1,
            (b'"', last) => {
                let end = string_end(text, at);
                if let Some(Open::Object { key, is_value: false }) = last {
                    *key = String::from_utf8_lossy(&text[at + 1..end]).into_owned();
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    let token = |open: &Open| match open {
        Open::Object { key, .. } => {
            format!("/{}", key.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1"))
        }
        Open::List { index } => format!("/{index}"),
    };
    open.iter().filter(|o| !matches!(o, Open::Object { key, .. } if key.is_empty())).map(token).collect()
}

/// Where a string that begins at `start` is closed, or the text ends.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_place_is_told_by_its_pointer() {
        let text = br#"{"a": 1, "b/c": {"d": [true, {"e": "x,]}", "f": NaN}]}, "g": 2} more"#;
        let at = |mark: &str| {
            let whole = String::from_utf8_lossy(text).into_owned();
            pointer(text, whole.find(mark).expect("there") + 1)
        };
        assert_eq!(at("1, "), "/a");
        assert_eq!(at("true"), "/b~1c/d/0");
        assert_eq!(at("x,]"), "/b~1c/d/1/e");
        assert_eq!(at("NaN"), "/b~1c/d/1/f");
        assert_eq!(at("2}"), "/g");
        assert_eq!(at("more"), "");
        assert_eq!(pointer(b"[1, \"\\\"", 99), "/1");
    }
}
