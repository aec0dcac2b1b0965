//! The mathematics that several stages share: distributions, and sums that keep their digits.
//!
//! In: floats. Out: floats. Nothing here knows of markets.

mod normal;
mod student;
mod sum;

pub use normal::normal_cdf;
pub use student::student_cdf;
pub use sum::Sum;
