//! Fine bars rolled up into bars of a multiple of their width, one after the other.

use super::Bar;
use crate::tape::{Nanos, Quote};

/// Rolls up one width. In: closed fine bars in order of time. Out: a bar as its last fine one comes, with its mids and
/// the change from the bar before.
#[derive(Clone, Debug)]
pub struct Roll {
    width: i64,
    fine_per_bar: usize,
    /// The bar under way, and how many fine bars are in it.
    open: Option<(Bar, usize)>,
    /// Twice the last usable mid before the bar under way.
    mid_doubled: Option<i64>,
}

impl Roll {
    /// Bars of `width` from bars of `fine_width`, which divides it. `opening` is the state that seeded the book.
    #[must_use]
    pub fn new(width: i64, fine_width: i64, opening: Option<Quote>) -> Self {
        let mid_doubled = opening.filter(Quote::is_usable).map(|quote| quote.mid_doubled());
        Self { width, fine_per_bar: (width / fine_width).max(1) as usize, open: None, mid_doubled }
    }

    /// The next fine bar; gives the bar that it completes.
    pub fn take(&mut self, fine: &Bar) -> Option<Bar> {
        let count = match &mut self.open {
            Some((bar, count)) => {
                bar.extend(fine);
                *count += 1;
                *count
            }
            None => {
                self.open = Some((*fine, 1));
                1
            }
        };
        if count == self.fine_per_bar { self.finish() } else { None }
    }

    /// The session is over: the bar that its close cuts short.
    pub fn finish(&mut self) -> Option<Bar> {
        let (mut bar, _) = self.open.take()?;
        bar.end = Nanos(bar.start.0 + self.width);
        self.mid_doubled = bar.take_over_mid(self.mid_doubled);
        Some(bar)
    }

    /// The bars that these fine ones complete; all of them, where the session is over.
    #[must_use]
    pub fn closed(mut self, fine: &[Bar], is_over: bool) -> Vec<Bar> {
        let mut bars: Vec<Bar> = fine.iter().filter_map(|fine| self.take(fine)).collect();
        bars.extend(if is_over { self.finish() } else { None });
        bars
    }
}
