//! Prior correction: p' = p / (p + (1 - p) / kept) where only the share `kept` of negatives was trained on
//! (Dal Pozzolo et al. 2015).

/// The probability where all negatives are there; `kept` in (0, 1] is the share of them that the model saw.
#[must_use]
pub fn unsampled(probability: f64, kept: f64) -> Option<f64> {
    let are_shares = (0.0..=1.0).contains(&probability) && kept > 0.0 && kept <= 1.0;
    are_shares.then(|| {
        if probability == 0.0 { 0.0 } else { probability / (probability + (1.0 - probability) / kept) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_shrink_by_the_share_kept() {
        assert_eq!(unsampled(0.5, 0.01), Some(1.0 / 101.0));
        assert_eq!((unsampled(0.0, 0.1), unsampled(1.0, 0.1)), (Some(0.0), Some(1.0)));
        assert_eq!(unsampled(0.3, 1.0), Some(0.3));
        assert_eq!((unsampled(1.5, 0.5), unsampled(0.5, 0.0)), (None, None));
    }
}
