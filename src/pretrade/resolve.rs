//! When an order will be worked: its window, cut to the session, with every change said in words.

use super::stamp::Stamp;
use crate::cost::{Horizon, Order, Pace, Strategy};
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Session};

/// Seconds before the close in which an order for the close is priced.
const CLOSE_SECONDS: i64 = 600;

/// The time an order has.
#[derive(Clone, Debug)]
pub struct Window {
    /// The session of the estimate's date.
    pub session: Session,
    /// First moment and first moment after; none when the session is closed for it. Of an order at a participation
    /// rate, the rest of the session.
    pub bounds: Option<(Nanos, Nanos)>,
    /// Why it is closed, or that it is open.
    pub words: String,
    /// What was changed.
    pub adjustments: Vec<String>,
}

/// Finds the time an order has.
#[must_use]
pub fn window(order: &Order) -> Window {
    let session = NYSE.session(NYSE.date_of(order.as_of));
    let mut adjustments = Vec::new();
    let closed = |words: String, adjustments| Window { session, bounds: None, words, adjustments };
    if session.length() == 0 {
        return closed(format!("the exchange is shut on {}", session.date), adjustments);
    }
    if order.as_of >= session.close {
        return closed(format!("the session closed at {}", Stamp(session.close)), adjustments);
    }
    let earliest = order.as_of.max(session.open);
    let (start, end) = asked(order, &session, earliest, &mut adjustments);
    if order.strategy == Strategy::Custom && (start < session.open || end > session.close) {
        return closed("the schedule reaches beyond the session".to_owned(), adjustments);
    }
    if start.max(earliest) >= end.min(session.close) {
        return closed("the window lies outside the session".to_owned(), adjustments);
    }
    let (from, to) = (start.max(earliest), end.min(session.close));
    if from > start {
        let why = if earliest == session.open { "the session's open" } else { "as_of" };
        adjustments.push(format!("the window begins at {why}, {}, not at {}", Stamp(from), Stamp(start)));
    }
    if to < end {
        adjustments.push(format!(
            "the window ends at the session's close, {}, not at {}",
            Stamp(to),
            Stamp(end)
        ));
    }
    let words = format!("the session is open until {}", Stamp(session.close));
    Window { session, bounds: Some((from, to)), words, adjustments }
}

fn asked(order: &Order, session: &Session, earliest: Nanos, adjustments: &mut Vec<String>) -> (Nanos, Nanos) {
    match order.pace {
        Pace::Window { start, end } => (start.unwrap_or(order.as_of), end),
        Pace::Horizon(nanos) => {
            if order.as_of < session.open {
                adjustments
                    .push(format!("the horizon begins at the session's open, {}", Stamp(session.open)));
            }
            (earliest, Nanos(earliest.0.saturating_add(nanos)))
        }
        Pace::Participation(_) => (earliest, session.close),
        Pace::Strategy if order.strategy == Strategy::Close => {
            adjustments.push(format!(
                "'close' is priced as the last {CLOSE_SECONDS} s of the session: its auction is not on the tape"
            ));
            (earliest.max(Nanos(session.close.0 - CLOSE_SECONDS * NANOS_PER_SECOND)), session.close)
        }
        Pace::Strategy => {
            let pieces = order.schedule.first().zip(order.schedule.last());
            pieces.map_or((earliest, earliest), |(first, last)| (first.start, last.end))
        }
    }
}

/// The first moment by which a part `rate` of the expected volume makes a quantity, to a whole second; the window's
/// end when that is not enough.
#[must_use]
pub fn done_by(quantity: i64, rate: f64, horizon: &Horizon<'_>) -> Nanos {
    let enough = |end: Nanos| rate * horizon.market_shares(horizon.start, end) >= quantity as f64;
    if !enough(horizon.end) {
        return horizon.end;
    }
    let at = |seconds: i64| Nanos((horizon.start.0 + seconds * NANOS_PER_SECOND).min(horizon.end.0));
    let (mut short, mut long) = (0, horizon.length() / NANOS_PER_SECOND + 1);
    while long - short > 1 {
        let middle = i64::midpoint(short, long);
        if enough(at(middle)) { long = middle } else { short = middle }
    }
    at(long)
}
