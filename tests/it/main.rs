//! The whole, from outside: one binary, a subject a module.
#![allow(clippy::expect_used, missing_docs, reason = "a test stops at what it did not expect")]

mod bad_input;
mod batches;
mod calendar;
mod coverage;
mod fuzz;
mod golden;
mod http;
mod lobster;
mod nyse_2018;
mod properties;
mod real_tapes;
mod study;
mod support;
mod tidy;
