//! impactd: market-microstructure analytics, from trades and quotes to order-flow imbalance and the price impact
//! of flow, with standard errors. The modules stand in the order in which a datum travels.

// Every bound of the program.
pub mod limits;

// What the machine offers.
pub mod host;

// The mathematics that stages share.
pub mod numeric;

// The shared words: price, size, time, quote, trade, session, calendar.
pub mod tape;

// The time of day.
pub mod clock;

// Limit order books, from orders or from price levels.
pub mod book;

// Bytes of any known format to raw ticks.
pub mod ingest;

// Raw ticks to ticks worth believing.
pub mod clean;

// Trade + quote in force to signed trade.
pub mod sign;

// Quotes + signed trades to bars.
pub mod flow;

// What trading costs.
pub mod liquidity;

// Bars to fits with inference.
pub mod impact;

// A day's trades to estimates that rest on a model: spreads without quotes, information, noise.
pub mod estimators;

// What the price will do, learned from bars (smartcore).
pub mod forecast;

// Impact conditional on order flow, counted in market orders: the founding study.
pub mod study;

// What an order will cost, how sure that is, and how best to work it.
pub mod cost;

// What resembles manipulation on the tape, and how a score of it is judged.
pub mod fraud;

// The river: all stages in order.
pub mod pipeline;

// Result tables and their catalogue on disk.
pub mod store;

// Files in, result tables out.
pub mod batch;

// Bars to stored forecasters.
pub mod train;

// ONNX models and their scores (ort).
pub mod scoring;

// The tape's features scored: alerts with reasons.
pub mod surveillance;

// A tape from a stated law.
pub mod simulate;

// An order joined with results and limits: what it will cost, and may it be sent.
pub mod pretrade;

// An executed order joined with results and estimates: what it did cost.
pub mod posttrade;

// Days and symbols side by side: pooled fits, what they have in common, liquidity across markets.
pub mod panel;

// Batches as jobs: queued, run, looked at, called off.
pub mod jobs;

// Feeds to journal to river to subscribers, while the session is under way.
pub mod live;

// Who may do what.
pub mod access;

// What the daemon is told, and by whom.
pub mod config;

// The daemon's routes.
pub mod http;

// The command line.
pub mod cli;
