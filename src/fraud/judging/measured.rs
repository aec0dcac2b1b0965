//! A figure, or the reason why there is none; and sums that do not lose what is small.

/// Why a figure is undefined, as a clause: "nothing was flagged".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Undefined(pub &'static str);

/// A figure, or the reason why there is none.
pub type Measured = Result<f64, Undefined>;

/// There are no rows of the label 1.
pub const NO_POSITIVES: Undefined = Undefined("there is no positive row");
/// There are no rows of the label 0.
pub const NO_NEGATIVES: Undefined = Undefined("there is no negative row");

/// `top / bottom`, or the reason where the bottom is zero.
///
/// # Errors
/// The reason given.
pub fn ratio(top: f64, bottom: f64, reason: Undefined) -> Measured {
    if bottom == 0.0 { Err(reason) } else { Ok(top / bottom) }
}

/// A compensated sum (Neumaier 1974): the error does not grow with the number of terms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    whole: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let next = self.whole + term;
        self.lost += if self.whole.abs() >= term.abs() {
            (self.whole - next) + term
        } else {
            (term - next) + self.whole
        };
        self.whole = next;
    }

    /// The sum so far.
    #[must_use]
    pub fn value(self) -> f64 {
        self.whole + self.lost
    }

    /// The sum of some terms.
    pub fn of(terms: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_survive_beside_large_ones() {
        let terms = std::iter::once(1e16).chain(std::iter::repeat_n(1.0, 1000)).chain([-1e16]);
        assert_eq!(Sum::of(terms), 1000.0);
    }
}
