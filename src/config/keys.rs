//! Every key there is: its name, what its value is, what holds where nobody says anything, and what it is for.

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// `true` or `false`.
    Flag,
    /// A duration such as `2s`.
    Duration,
    /// A number of bytes such as `16GiB`.
    Size,
    /// A whole number from 1 on.
    Count,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several texts.
    List,
}

impl Kind {
    /// What is expected, in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Duration => "a duration such as \"2s\" or \"5m\"".to_owned(),
            Self::Size => "a size such as \"512MiB\" or \"16GiB\"".to_owned(),
            Self::Count => "a whole number from 1 on".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::List => "a list of texts".to_owned(),
        }
    }
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.name`.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What holds where nobody says anything; none: nothing does.
    pub default: Option<&'static str>,
    /// What it is for.
    pub about: &'static str,
}

const fn key(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Key {
    Key { name, kind, default, about }
}

const PROVIDERS: Kind = Kind::Choice(&["auto", "cpu", "cuda"]);
const FORMATS: Kind = Kind::Choice(&["text", "json"]);
const PROFILES: Kind = Kind::Choice(&["none", "holden-jacobsen"]);

/// Every key, by section.
pub const KEYS: [Key; 36] = [
    key("server.data", Kind::Path, Some("out"), "results folder: a batch's, or one that the live side makes"),
    key("server.listen", Kind::Text, Some("127.0.0.1:8080"), "address and port; port 0 takes a free one"),
    key(
        "server.limits",
        Kind::Path,
        None,
        "limits of pre-trade checks; else limits.toml in the results folder",
    ),
    key("server.models", Kind::Path, None, "folder of NAME/VERSION/ models to serve under /v2"),
    key("server.onnxruntime", Kind::Path, None, "ONNX Runtime's library"),
    key("server.provider", PROVIDERS, Some("auto"), "where models run"),
    key("server.insecure", Kind::Flag, Some("false"), "listen beyond this machine without keys or TLS"),
    key("server.tls_certificate", Kind::Path, None, "certificate chain, PEM"),
    key("server.tls_key", Kind::Path, None, "its private key, PEM"),
    key("server.tls_in_front", Kind::Flag, Some("false"), "a proxy in front of the daemon speaks TLS"),
    key(
        "server.drain",
        Kind::Duration,
        Some("25s"),
        "how long a stopping daemon waits for answers under way",
    ),
    key("server.log", Kind::Text, Some("info"), "what is logged: error, warn, info, debug, or a filter"),
    key("server.log_format", FORMATS, Some("text"), "how it is logged"),
    key("live.enabled", Kind::Flag, Some("true"), "take events, keep a journal, write their tables"),
    key("live.lateness", Kind::Duration, Some("2s"), "how late an event may be and still enter live numbers"),
    key("live.bar", Kind::Text, None, "bar widths; else the results folder's, else 1s,10s,60s,300s"),
    key("live.clean", PROFILES, None, "cleaning rules; else the results folder's, else none"),
    key(
        "live.sign",
        Kind::Text,
        None,
        "which rule signs trades, or rules in layers; else the results folder's, else lee-ready",
    ),
    key(
        "live.match",
        Kind::Choice(&["before", "at-or-before"]),
        None,
        "which quote is in force at equal stamps",
    ),
    key(
        "live.calendar",
        Kind::Choice(&["nyse", "cme", "24x7"]),
        None,
        "whose trading days; else the results folder's, else nyse",
    ),
    key(
        "live.session",
        Kind::Text,
        None,
        "session hours by the calendar's clock; else the results folder's, else 09:30-16:00",
    ),
    key("live.keep_sessions", Kind::Count, Some("31"), "landed sessions whose events stay in the journal"),
    key("live.journal_max", Kind::Size, Some("16GiB"), "the journal at most"),
    key("live.surveillance", Kind::Path, None, "folder of the model that scores what resembles manipulation"),
    key("jobs.enabled", Kind::Flag, Some("true"), "run batches over HTTP"),
    key("jobs.roots", Kind::List, Some(""), "folders under which jobs may read; without one no job runs"),
    key(
        "nats.url",
        Kind::Text,
        None,
        "NATS server, such as nats://127.0.0.1:4222; without it there is no feed",
    ),
    key("nats.stream", Kind::Text, None, "JetStream stream"),
    key("nats.subject", Kind::Text, None, "only this subject of the stream"),
    key("nats.durable", Kind::Text, Some("impactd"), "name of the durable consumer"),
    key("nats.credentials", Kind::Path, None, "credentials file"),
    key("nats.source", Kind::Text, Some("nats"), "name of the feed, for events that do not say"),
    key("nats.create", Kind::Flag, Some("false"), "make the stream where it is missing"),
    key(
        "access.reads_per_second",
        Kind::Count,
        Some("50"),
        "requests a key may make a second, in bursts of twice that",
    ),
    key("access.batches_per_second", Kind::Count, Some("10"), "batches of events a key may send a second"),
    key("access.failures_per_minute", Kind::Count, Some("5"), "wrong keys an address may show a minute"),
];

/// A key by its name, or the one that was probably meant.
///
/// # Errors
/// What is known instead.
pub fn find(name: &str) -> Result<&'static Key, String> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Ok(key);
    }
    let likeness = |key: &&Key| strsim::jaro_winkler(key.name, name);
    let near =
        KEYS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|key| likeness(key) > 0.85);
    Err(match near {
        Some(near) => format!("'{name}' is not known; '{}' is", near.name),
        None => format!("'{name}' is not known; `impactd config show` lists every key"),
    })
}
