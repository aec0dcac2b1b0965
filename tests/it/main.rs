//! The whole, from outside: one binary, a subject a module.
#![allow(clippy::expect_used, missing_docs, reason = "a test stops at what it did not expect")]

mod bad_input;
mod batches;
mod beside;
mod calendar;
mod check_command;
mod costs;
mod coverage;
mod desk;
mod forecast_route;
mod forecasts;
mod fraud_score;
mod fuzz;
mod golden;
mod http;
mod killed_daemon;
mod kyle_auction;
mod lobster;
mod models;
mod nyse_2018;
mod post_trade;
mod pretrade;
mod pretrade_baskets;
mod pretrade_limits;
mod properties;
mod real_tapes;
mod scoring;
mod scoring_shelf;
mod study;
mod support;
mod surveillance;
mod tca;
mod tidy;
mod track_record;
mod training;
