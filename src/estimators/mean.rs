//! A mean with its error.

/// The mean of independent draws, s / sqrt(n) its error, s² with n - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// The mean; `None` of nothing.
    pub value: Option<f64>,
    /// Its error; `None` below two.
    pub error: Option<f64>,
    /// How many.
    pub n: usize,
}

impl Mean {
    /// Of some values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let value = (n > 0).then(|| values.iter().sum::<f64>() / n as f64);
        let error = value.filter(|_| n > 1).map(|mean| {
            let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
            (squares / (n - 1) as f64 / n as f64).sqrt()
        });
        Self { value, error, n }
    }
}
