//! A made-up live tape: numbered quotes and trades of a few symbols, session after session, each with its end.

use std::fmt::Write;

/// Monday 2019-03-11, 09:30 New York; no clock change and no holiday follows for five weeks.
const OPEN: i64 = 1_552_311_000_000_000_000;
const DAY: i64 = 86_400_000_000_000;
const SESSION: i64 = 23_400_000_000_000;
const SYMBOLS: usize = 4;
/// 2019-03-11 is so many days after 2019-03-01.
const FIRST_DAY: i64 = 10;

/// One source's tape.
pub struct Tape {
    source: String,
    group: usize,
    day: i64,
    at: i64,
    step: i64,
    sequence: u64,
    ended: usize,
}

impl Tape {
    /// The tape of a source, from a session on, `step` nanoseconds from event to event.
    pub fn new(source: &str, group: usize, session: i64, step: i64) -> Self {
        Self { source: source.into(), group, day: session, at: 0, step, sequence: 0, ended: 0 }
    }

    /// Where its batches go.
    pub fn path(&self) -> String {
        format!("/v1/events?source={}", self.source)
    }

    /// Sessions that it has ended.
    pub fn ended(&self) -> usize {
        self.ended
    }

    /// The next events as NDJSON; a session's end comes in a batch of its own.
    pub fn next(&mut self, rows: usize) -> String {
        if self.at >= SESSION {
            return self.end();
        }
        let mut text = String::with_capacity(rows * 140);
        for _ in 0..rows {
            if self.at >= SESSION {
                break;
            }
            self.sequence += 1;
            let n = self.sequence.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            let (ts, sequence) = (OPEN + self.day * DAY + self.at, self.sequence);
            let symbol = format!("L{}", self.group * SYMBOLS + (n % SYMBOLS as u64) as usize);
            let (cents, size) = (n / 7 % 60, 100 * (1 + n / 11 % 9));
            let row = format!("\"symbol\":\"{symbol}\",\"ts\":{ts},\"sequence\":{sequence}");
            let written = if n % 5 == 0 {
                writeln!(text, "{{\"type\":\"trade\",{row},\"price\":50.{cents:02},\"size\":{size}}}")
            } else {
                writeln!(
                    text,
                    "{{\"type\":\"quote\",{row},\"bid\":50.{cents:02},\"bid_size\":{size},\"ask\":50.{:02},\
                     \"ask_size\":{}}}",
                    cents + 1 + n / 13 % 3,
                    1_100 - size
                )
            };
            written.expect("a string");
            self.at += self.step;
        }
        text
    }

    /// The end of the session, and the next one begun.
    fn end(&mut self) -> String {
        let day_of_march = FIRST_DAY + self.day + 1;
        let (month, day) = if day_of_march > 31 { (4, day_of_march - 31) } else { (3, day_of_march) };
        self.sequence += 1;
        let sequence = self.sequence;
        // Over the weekend.
        self.day += if self.day % 7 == 4 { 3 } else { 1 };
        (self.at, self.sequence, self.ended) = (0, 0, self.ended + 1);
        format!("{{\"type\":\"end\",\"date\":\"2019-{month:02}-{day:02}\",\"sequence\":{sequence}}}\n")
    }
}
