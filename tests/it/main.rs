//! The whole, from outside: one binary, a subject a module.
#![allow(clippy::expect_used, missing_docs, reason = "a test stops at what it did not expect")]

mod bad_input;
mod batches;
mod calendar;
mod costs;
mod coverage;
mod forecasts;
mod fuzz;
mod golden;
mod http;
mod kyle_auction;
mod lobster;
mod nyse_2018;
mod post_trade;
mod properties;
mod real_tapes;
mod study;
mod support;
mod tca;
mod tidy;
mod track_record;
mod training;
