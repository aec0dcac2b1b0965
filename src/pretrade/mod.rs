//! The pre-trade desk: an order, joined with the results and the limits, becomes an [`Estimate`].
//!
//! In: an order (JSON, or a row of a basket), an opened results folder, a limits file. Out: what it will cost, how
//! sure that is, how to work it, and whether it may be sent. This is where files meet the pure `cost` stage: days of a
//! symbol, its reference numbers and its calibration are held in bounded caches, so that most answers touch no disk.
//! Nothing here reads a clock: the moment of an estimate comes from the rim.

#![allow(unused_qualifications, reason = "what utoipa's macros expand to is qualified")]

mod answer;
mod answer_checks;
mod answer_inputs;
mod answer_paths;
mod basket;
mod confidence;
mod days;
mod desk;
mod explain;
mod facts;
mod fields;
mod inputs;
mod kept;
mod limits_shelf;
mod models;
mod past;
mod prepared;
mod price;
mod request;
mod resolve;
mod sober;
mod stamp;
mod today;
mod write;
mod write_model;
mod write_paths;

pub use answer::{
    Comparables, ComponentsAnswer, Confidence, Contribution, CoverageAnswer, Estimate, ExpectedCost,
    Interval, Meta, Quantiles, VerdictAnswer,
};
pub use answer_checks::{CheckAnswer, LimitReference, LimitsAnswer};
pub use answer_inputs::{
    CoefficientAnswer, CurveInput, DecayAnswer, Input, InputsUsed, ModelAnswer, Resolved,
};
pub use answer_paths::{Bin, CurveAnswer, FrontierAnswer, OptimalAnswer};
pub use basket::{Line, Priced, Running, Totals, totals};
pub use desk::{Desk, Refused};
pub use fields::{Fields, moment};
pub use kept::Kept;
pub use limits_shelf::{LimitsShelf, LimitsState};
pub use models::ModelName;
pub use past::Past;
pub use prepared::Prepared;
pub use request::{
    ACCOUNT_FIELDS, ORDER_FIELDS, OVERRIDE_FIELDS, PIECE_FIELDS, RECENT_FIELDS, WINDOW_FIELDS, read_order,
};
pub use stamp::Stamp;
pub use today::{LiveInput, Today};
