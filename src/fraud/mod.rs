//! Fraud and manipulation: what the tape shows of it (`watching`), and how a score is judged (`judging`,
//! `founding`).

pub mod watching;

pub mod judging;

pub mod founding;
