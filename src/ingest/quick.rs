//! The plain spellings that nearly all cells have, read where they stand: the number's own end finds the
//! delimiter. `None` sends a cell to the careful readers in [`super::fields`], which also name what is wrong.

use super::fields::{combine_eight, eight_digits};
use crate::limits::PRICE_MAX_NANOS;
use crate::tape::NANOS_PER_SECOND;

const TEN_TO: [i64; 10] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Digits at the front: their value and how many, at most seven; more are left to the careful reader.
///
/// Eight bytes are looked at together: a byte is a digit when it is 0 to 9 after `ZEROS` is taken off, the first
/// other byte ends the number, and shifting the digits up makes the rest leading zeros.
#[inline]
pub fn leading_digits(text: &[u8]) -> Option<(i64, usize)> {
    let Some(eight) = text.first_chunk::<8>() else {
        return leading_digits_of_few(text);
    };
    let digits = u64::from_le_bytes(*eight) ^ ZEROS;
    let not_digits = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    let length = not_digits.trailing_zeros() as usize / 8;
    if length == 0 || length == 8 {
        return None;
    }
    Some((combine_eight(digits << (64 - 8 * length)).cast_signed(), length))
}

/// The same at a text's end, where there are no eight bytes.
#[cold]
fn leading_digits_of_few(text: &[u8]) -> Option<(i64, usize)> {
    let length = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    debug_assert!(length < 8, "only called where there are no eight bytes");
    let value = text[..length].iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
    (length > 0).then_some((value, length))
}

/// A decimal price at the front, dollars to nano-dollars.
///
/// Usually eight bytes hold all of it: then the point is cut out, and its digits are one
/// number. A longer one is read in two, of up to seven digits each.
#[inline]
pub fn leading_price(text: &[u8]) -> Option<(i64, usize)> {
    let Some(eight) = text.first_chunk::<8>() else {
        return leading_price_in_two(text);
    };
    let digits = u64::from_le_bytes(*eight) ^ ZEROS;
    let not_digits = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    let point = not_digits.trailing_zeros() as usize / 8;
    let end = (not_digits & not_digits.wrapping_sub(1)).trailing_zeros() as usize / 8;
    let goes_on = end == 8 && text.get(8).is_some_and(u8::is_ascii_digit);
    if point == 0 || point == 8 || goes_on || eight[point] != b'.' || end == point + 1 {
        return leading_price_in_two(text);
    }
    let whole = digits & ((1 << (8 * point)) - 1);
    let fraction = (digits >> (8 * point) >> 8) << (8 * point);
    let joined = (whole | fraction) << (64 - 8 * (end - 1));
    let nanos = combine_eight(joined).cast_signed() * TEN_TO[9 - (end - 1 - point)];
    Some((nanos, end))
}

fn leading_price_in_two(text: &[u8]) -> Option<(i64, usize)> {
    let (whole, length) = leading_digits(text)?;
    if text.get(length) != Some(&b'.') {
        return Some((whole * TEN_TO[9], length)).filter(credible);
    }
    let (fraction, decimals) = leading_digits(&text[length + 1..])?;
    let nanos = whole * TEN_TO[9] + fraction * TEN_TO.get(9_usize.checked_sub(decimals)?)?;
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

/// Fifteen digits `HHMMSSnnnnnnnnn` at the front, as nanoseconds past midnight.
#[inline]
pub fn leading_compact_time(text: &[u8]) -> Option<(i64, usize)> {
    let (high, rest) = text.split_first_chunk::<8>()?;
    let (low, length) = leading_digits(rest)?;
    let high = eight_digits(*high)?.cast_signed();
    let (hour, minute, second) = (high / 1_000_000, high / 10_000 % 100, high / 100 % 100);
    let in_range = length == 7 && hour < 24 && minute < 60 && second < 60;
    let seconds = (hour * 60 + minute) * 60 + second;
    in_range.then(|| (seconds * NANOS_PER_SECOND + high % 100 * TEN_TO[7] + low, 15))
}

/// Seconds past midnight with one to nine decimals at the front, as nanoseconds past midnight.
#[inline]
pub fn leading_seconds(text: &[u8]) -> Option<(i64, usize)> {
    let (seconds, length) = leading_digits(text)?;
    let fraction = text.get(length + 1..).filter(|_| text[length] == b'.' && seconds < 86_400)?;
    // Seven at most are read at once; LOBSTER tells up to nine.
    let (high, rest) = fraction.split_first_chunk::<8>()?;
    let (nanos, decimals) = match (leading_digits(fraction), rest) {
        (Some((digits, decimals)), _) => (digits * TEN_TO[9 - decimals], decimals),
        (None, [b',', ..]) => (eight_digits(*high)?.cast_signed() * 10, 8),
        (None, [ninth @ b'0'..=b'9', b',', ..]) => {
            (eight_digits(*high)?.cast_signed() * 10 + i64::from(ninth - b'0'), 9)
        }
        _ => return None,
    };
    Some((seconds * NANOS_PER_SECOND + nanos, length + 1 + decimals))
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
            agree(&text, leading_digits(text.as_bytes()), |text| fields::size(text, crate::tape::Scale::WHOLE));
        }

        #[test]
        fn times_of_day_agree(text in "[0-2][0-9]{13,16}[|]?") {
            agree(&text, leading_compact_time(text.as_bytes()), fields::compact_time);
        }

        #[test]
        fn seconds_of_a_day_agree(text in "[0-9]{1,6}\\.[0-9]{0,11},[0-9]{0,9}") {
            agree(&text, leading_seconds(text.as_bytes()), fields::seconds_of_day);
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
        assert_eq!(leading_price(b"1234.5678,1"), Some((1_234_567_800_000, 9)));
        assert_eq!(leading_price(b"100.1234,1"), Some((100_123_400_000, 8)));
        assert_eq!(leading_price(b"100.12345,"), Some((100_123_450_000, 9)));
        assert_eq!(leading_price(b"0.5,20,30"), Some((500_000_000, 3)));
        assert_eq!(leading_price(b"5.,20,300"), None, "left to the careful reader");
        assert_eq!(leading_moment(b"1514902839999999000,AIG"), Some((1_514_902_839_999_999_000, 19)));
        assert_eq!(leading_compact_time(b"093000123456789|N"), Some((34_200_123_456_789, 15)));
        assert_eq!(leading_digits(b"-1"), None);
        assert_eq!(leading_seconds(b"34200.18960767,1,2"), Some((34_200_189_607_670, 14)));
        assert_eq!(leading_seconds(b"34200.189607671,1,2"), Some((34_200_189_607_671, 15)));
        assert_eq!(leading_seconds(b"34200.5,1,2,3,4,5"), Some((34_200_500_000_000, 7)));
        assert_eq!(leading_seconds(b"86400.189607671,1,2"), None, "left to the careful reader");
    }
}
