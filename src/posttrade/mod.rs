//! The post-trade desk: what orders did cost, beside what was forecast, and how forecasts did over many orders.
//!
//! In: executed orders (JSON, or rows of a file), an opened results folder for mids the caller did not give, the
//! estimates that the pre-trade desk gave. Out: [`ExecutionAnswer`]s, a [`CalibrationAnswer`]. This is where files meet
//! the pure `cost` stage; orders are kept by [`store`](crate::store), everything here is derived from them on asking,
//! so that a tape that comes in the night completes the mids of the day. Nothing here reads a clock.

#![allow(unused_qualifications, reason = "what utoipa's macros expand to is qualified")]

mod answer;
mod calibration;
mod calibration_answer;
mod estimates;
mod marks;
mod past;
mod request;
mod rows;
mod total;

pub use answer::{
    AmountAnswer, BenchmarkAnswer, BenchmarksAnswer, EstimateGiven, ExecutionAnswer, FillAnswer,
    MomentAnswer, PartsAnswer, Receipt, answer, recorded,
};
pub use calibration::{Choice, Counts, TrackRecord, Trouble, track_record};
pub use calibration_answer::{
    BucketAnswer, CalibrationAnswer, HeldAnswer, OrdersAnswer, ScoreAnswer, YAnswer, YsAnswer,
};
pub use estimates::{Beside, Forecasts};
pub use marks::{Marked, MidSource, Tapes};
pub use past::{past_order, put_recorded};
pub use request::{EXECUTION_FIELDS, FILL_FIELDS, Posted, Wanted, in_future, read_execution};
pub use rows::{Cells, FileOrder, ROW_COLUMNS, ROW_COLUMNS_MORE, RowFault, order_of_json, orders_of_rows};
pub use total::TotalAnswer;
