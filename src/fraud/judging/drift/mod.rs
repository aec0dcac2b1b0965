//! Whether a score still means what it did: without labels (shift of columns, rate of alarms, CBPE) and, as labels
//! come, window by window. In: columns or samples of a reference period and of the present. Out: figures with limits
//! that know how many rows there are.

mod alarm_rate;
mod cbpe;
mod prequential;
mod shift;

pub use alarm_rate::{AlarmChart, ChartPoint, alarm_chart};
pub use cbpe::{LabelFree, label_free};
pub use prequential::{PrequentialWindow, prequential};
pub use shift::{Shift, shift};
