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

    /// The name made safe for a file: letters, digits, `.` and `-` stay, all else becomes `_`.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let keep = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        self.0.chars().map(|c| if keep(c) { c } else { '_' }).collect()
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
