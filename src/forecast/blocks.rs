//! Where a walk forward stops to learn anew.

use std::ops::Range;

use crate::limits::FORECAST_BLOCKS_MAX;

/// Days from which blocks are whole days.
const DAYS_FOR_WHOLE: usize = 9;
/// Parts of a shorter sample.
const PARTS: usize = 8;

/// Blocks of consecutive bars, each to be forecast from all before it; what precedes the first is the initial
/// stretch. With nine days or more that stretch is an eighth of them, and a block is a day, or as many days as keep
/// the blocks within [`FORECAST_BLOCKS_MAX`]; with fewer days all bars are cut into eight parts, the first of which
/// is the stretch. The cut depends on how many bars there are, not on what they hold, so no later tick moves it.
pub fn blocks(bars_by_day: &[usize]) -> Vec<Range<usize>> {
    let days = bars_by_day.len();
    let mut starts = vec![0];
    starts.extend(bars_by_day.iter().scan(0, |sum, bars| {
        *sum += bars;
        Some(*sum)
    }));
    let total = starts[days];
    let cuts: Vec<usize> = if days < DAYS_FOR_WHOLE {
        (1..=PARTS).map(|part| part * total / PARTS).collect()
    } else {
        let initial = days.div_ceil(PARTS);
        let block = (days - initial).div_ceil(FORECAST_BLOCKS_MAX);
        (initial..days).step_by(block).chain([days]).map(|day| starts[day]).collect()
    };
    cuts.windows(2).map(|cut| cut[0]..cut[1]).filter(|block| !block.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_days_are_cut_in_eighths_and_many_by_day() {
        assert_eq!(blocks(&[80]), (1..8).map(|i| 10 * i..10 * i + 10).collect::<Vec<_>>());
        assert_eq!(blocks(&[10; 10]), (2..10).map(|i| 10 * i..10 * i + 10).collect::<Vec<_>>());
        assert!(blocks(&[]).is_empty());
    }

    #[test]
    fn a_year_has_a_bounded_number_of_blocks_that_leave_nothing_out() {
        let year = blocks(&[390; 252]);
        assert!(year.len() <= FORECAST_BLOCKS_MAX);
        assert_eq!((year[0].start, year[year.len() - 1].end), (32 * 390, 252 * 390));
        assert!(year.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
