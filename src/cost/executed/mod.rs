//! What it did cost: shortfall by parts, benchmarks, and forecasts held against what came.

pub(super) mod benchmarks;
pub(super) mod comparables;
pub(super) mod execution;
pub(super) mod refit;
pub(super) mod shortfall;
pub(super) mod track_record;
