//! A parameter with its error.

/// What was estimated, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

impl Estimate {
    /// How many errors it lies from `truth`.
    #[must_use]
    pub fn distance(&self, truth: f64) -> f64 {
        (self.value - truth).abs() / self.error
    }
}
