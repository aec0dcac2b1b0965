//! How a score is judged: labels and scores in, metrics with their edge cases, curves and thresholds out.
//!
//! A row is flagged when its score is at least the threshold. What is undefined (0/0) is said to be so, with a reason,
//! and is never a silent zero. Sources: Kulatilleke & Samarakoon 2022 (F1, then G-mean), Davis & Goadrich 2006 (area
//! under the precision-recall curve), McClish 1989 (partial area under the ROC curve).

pub mod bootstrap;
pub mod chance;
mod counts;
mod measured;
pub mod noise;
pub mod noise_band;
pub mod normal;
mod sample;
mod steps;
pub mod walk;

pub use counts::Counts;
pub use measured::{Measured, Undefined};
pub use sample::{Groups, Sample, SampleError};
pub use steps::Steps;
