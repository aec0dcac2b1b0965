//! A sum whose error does not grow with the number of its terms.

/// A compensated sum (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    whole: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    #[inline]
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
