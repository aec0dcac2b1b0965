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
