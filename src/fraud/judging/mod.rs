//! How a score is judged: labels and scores in, metrics with their edge cases, curves and thresholds out.
//!
//! A row is flagged when its score is at least the threshold. What is undefined (0/0) is said to be so, with a reason,
//! and is never a silent zero. Sources: Kulatilleke & Samarakoon 2022 (F1, then G-mean), Davis & Goadrich 2006 (area
//! under the precision-recall curve), McClish 1989 (partial area under the ROC curve).

mod bins;
pub mod bootstrap;
pub mod cautions;
pub mod chance;
mod choice;
mod compare;
mod cost;
mod counts;
mod curves;
pub mod drift;
pub mod fits;
mod measured;
mod metrics;
pub mod noise;
pub mod noise_band;
pub mod page;
mod probability;
mod ranking;
mod report;
mod report_groups;
mod report_more;
mod report_words;
mod rows;
mod sample;
mod slope;
mod steps;
pub mod sweeps;
mod threshold;
mod threshold_table;
mod top;
pub mod walk;

pub use bins::{Bin, ece_equal_mass, ece_equal_width, equal_mass, equal_width, wilson};
pub use choice::{Candidate, one_standard_error, strict};
pub use cost::{Costs, best_cost, cost_at, savings};
pub use counts::Counts;
pub use curves::Curves;
pub use measured::{Measured, Undefined};
pub use metrics::{IBA_ALPHA, Metrics, ZeroDivision};
pub use probability::{BrierParts, LOG_LOSS_CLIP, are_probabilities, brier, brier_of, log_loss};
pub use ranking::{
    auprc_davis, auprc_trapezoid, auroc, average_precision, ks, partial_auroc_mcclish, tpr_at_fpr,
};
pub use report::{Best, Calibration, CostLine, Report, ThresholdFrom, Wanted, Warning};
pub use report_groups::GroupLine;
pub use report_more::{Drift, Noise, Sweeps};
pub use report_words::short;
pub use rows::{COLUMNS, Cell, Rows, RowsFault, TimeUnit};
pub use sample::{Groups, Sample, SampleError};
pub use slope::CalibrationLine;
pub use steps::Steps;
pub use threshold::{
    Threshold, at_alerts_a_day, at_fpr, best_f1_then_g, best_g_then_f1, best_mcc, days, midpoint_below,
};
pub use threshold_table::{AimLine, Aims, Figures};
pub use top::{
    group_precision_per_day, precision_at_expected, precision_at_stable, recall_at_expected, recall_at_stable,
};
