//! The plain spellings that nearly all cells have, read where they stand: the number's own end finds the
//! delimiter. `None` sends a cell to the careful readers in [`super::fields`], which also name what is wrong.

use super::fields::eight_digits;
use crate::limits::PRICE_MAX_NANOS;

const TEN_TO: [i64; 10] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Digits at the front: their value and how many. At most nine, so that nothing overflows.
#[inline]
pub fn leading_digits(text: &[u8]) -> Option<(i64, usize)> {
    let (mut value, mut length) = (0_i64, 0);
    for byte in text.iter().take(10) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + i64::from(digit);
        length += 1;
    }
    (1..10).contains(&length).then_some((value, length))
}

/// A decimal price at the front, dollars to nano-dollars: up to nine digits, a point, up to nine digits.
#[inline]
pub fn leading_price(text: &[u8]) -> Option<(i64, usize)> {
    let (whole, length) = leading_digits(text)?;
    if text.get(length) != Some(&b'.') {
        return Some((whole.checked_mul(TEN_TO[9])?, length)).filter(credible);
    }
    let (fraction, decimals) = leading_digits(&text[length + 1..])?;
    let nanos = whole.checked_mul(TEN_TO[9])? + fraction * TEN_TO[9 - decimals];
    Some((nanos, length + 1 + decimals)).filter(credible)
}

fn credible((nanos, _): &(i64, usize)) -> bool {
    *nanos <= PRICE_MAX_NANOS
}

/// Nineteen digits of nanoseconds at the front.
#[inline]
pub fn leading_moment(text: &[u8]) -> Option<(i64, usize)> {
    let (high, rest) = text.split_first_chunk::<8>()?;
    let (middle, rest) = rest.split_first_chunk::<8>()?;
    let (low, length) = leading_digits(rest)?;
    let sixteen = eight_digits(*high)? * 100_000_000 + eight_digits(*middle)?;
    // Above the year 2200 the careful reader has a word to say.
    let in_range = length == 3 && sixteen < 7_258_118_400_000_000;
    in_range.then(|| (sixteen.cast_signed() * 1_000 + low, 19))
}

#[cfg(test)]
mod tests {
    use super::super::fields;
    use super::*;
    use proptest::prelude::*;

    /// Whatever the quick readers accept, the careful ones read alike.
    fn agree<T: PartialEq + std::fmt::Debug>(
        text: &str,
        quick: Option<(T, usize)>,
        careful: fn(&[u8]) -> Result<T, fields::Why>,
    ) {
        if let Some((value, length)) = quick {
            assert_eq!(careful(&text.as_bytes()[..length]), Ok(value), "{text}");
        }
    }

    proptest! {
        #[test]
        fn quick_and_careful_readers_agree(text in "[0-9]{0,12}\\.?[0-9]{0,12}[,|.]?") {
            agree(&text, leading_price(text.as_bytes()), fields::price);
            agree(&text, leading_digits(text.as_bytes()), fields::size);
        }

        #[test]
        fn moments_agree(text in "[0-9]{17,21}") {
            agree(&text, leading_moment(text.as_bytes()), fields::moment);
        }
    }

    #[test]
    fn the_usual_cells_are_quick() {
        assert_eq!(leading_price(b"99.97,100"), Some((99_970_000_000, 5)));
        assert_eq!(leading_price(b"7|"), Some((7_000_000_000, 1)));
        assert_eq!(leading_moment(b"1514902839999999000,AIG"), Some((1_514_902_839_999_999_000, 19)));
        assert_eq!(leading_digits(b"-1"), None);
    }
}
