//! The cost models by the names that callers use.

/// A cost model that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelName {
    /// Tape and square root, weighted by how sure each is.
    Blend,
    /// Coefficients of the user's own tape.
    Tape,
    /// The square-root law.
    SquareRoot,
    /// Almgren, Thum, Hauptmann and Li 2005.
    Almgren2005,
}

impl ModelName {
    /// All names; `default` and `champion` stand for the first.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("default", Self::Blend),
        ("champion", Self::Blend),
        ("blend", Self::Blend),
        ("tape", Self::Tape),
        ("square-root", Self::SquareRoot),
        ("almgren-2005", Self::Almgren2005),
    ];

    /// Its own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blend => "blend",
            Self::Tape => "tape",
            Self::SquareRoot => "square-root",
            Self::Almgren2005 => "almgren-2005",
        }
    }

    /// The model of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(own, _)| *own == name).map(|(_, model)| *model)
    }
}
