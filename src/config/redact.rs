//! What may be shown of a value: certificates, keys and credentials are paths, but a URL may hold a password.

use super::value::Value;

/// The value without what must stay secret.
#[must_use]
pub fn shown(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(without_password(text)),
        Value::List(parts) => Value::List(parts.iter().map(|part| without_password(part)).collect()),
        other => other.clone(),
    }
}

/// `nats://user:secret@host` as `nats://***@host`; a token alone goes too.
fn without_password(text: &str) -> String {
    let hidden = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (_, host) = rest[..end].rsplit_once('@')?;
        Some(format!("{scheme}://***@{host}{}", &rest[end..]))
    };
    // A NATS URL may name several servers.
    let parts: Vec<String> =
        text.split(',').map(|url| hidden(url).unwrap_or_else(|| url.to_owned())).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_are_hidden() {
        for (url, told) in [
            ("nats://user:se@cret@host:4222/x@y", "nats://***@host:4222/x@y"),
            ("nats://token@a,nats://b:4222", "nats://***@a,nats://b:4222"),
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
            ("/a/path@home", "/a/path@home"),
        ] {
            assert_eq!(without_password(url), told);
        }
    }
}
