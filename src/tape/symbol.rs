//! The name of an instrument.

use std::fmt;
use std::sync::Arc;

/// An instrument as its tape spells it, such as `IBM` or `BRK A`. Cheap to clone; ordered by bytes,
/// which is the order of NYSE's symbol-sorted files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// Names an instrument.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name made safe for a file: letters, digits, `.` and `-` stay, every other byte becomes `%XX`, so that
    /// two names never share a file.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        let spelt = |byte: u8| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        self.0.bytes().map(spelt).collect()
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
