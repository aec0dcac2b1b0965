//! `impactd replay`: recorded tapes sent to a daemon, as a feed would.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};

use super::client::{Client, ClientArguments};
use super::reading::Tapes;
use super::replay_body::{Body, Cutter, Speed};
use super::{Failure, exit, print};
use crate::batch::each_tape;
use crate::limits::{LIVE_BATCH_EVENTS_MAX, REPLAY_BODIES_AHEAD};
use crate::live::wire::{Format, Origin};

/// How bodies are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Wire {
    Ndjson,
    Csv,
    Arrow,
}

/// Send recorded tapes to a daemon, as a feed would: all symbols in order of time, numbered from 1 on each date, each
/// session closed by its end. Sending again is harmless.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    tapes: Tapes,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from_date: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to_date: NaiveDate,
    #[command(flatten)]
    client: ClientArguments,
    /// As fast as the daemon takes it, or so many times as fast as it happened: max, 1x, 10x
    #[arg(long, value_name = "SPEED", value_parser = Speed::parse, default_value = "max")]
    speed: Speed,
    /// The name of the feed, under which events are numbered; a selection of symbols needs one of its own
    /// [default: replay]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Events in a batch
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = rows)]
    batch_rows: usize,
    /// How batches are written
    #[arg(long, value_enum, default_value = "ndjson")]
    wire: Wire,
    /// Leave sessions open: more of them is to come
    #[arg(long)]
    no_end: bool,
    /// Print the report to stdout
    #[arg(long)]
    json: bool,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    events: u64,
    batches: u64,
    bytes: u64,
    accepted: u64,
    duplicates: u64,
    position: u64,
    retries: u64,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let source = arguments.source.as_deref().unwrap_or("replay");
    if arguments.source.is_none() && arguments.tapes.selects() {
        let what = "--symbols: numbers are given to what is sent, so that another selection under the same name would \
                    be taken for the same events; name this one with --source";
        return Err(Failure::usage(what));
    }
    Origin::new(source, None).map_err(|e| Failure::usage(format!("--source: {e}")))?;
    let mut request = arguments.tapes.request(Path::new(""))?;
    request.dates = arguments.from_date..=arguments.to_date;
    let client = arguments.client.open()?;
    let format = match arguments.wire {
        Wire::Ndjson => Format::Ndjson,
        Wire::Csv => Format::Csv,
        Wire::Arrow => Format::Arrow,
    };
    let started = Instant::now();
    let (sender, bodies) = sync_channel(REPLAY_BODIES_AHEAD);
    let target = (format!("/v1/events?source={source}"), format.media_type());
    let sending = thread::spawn(move || send(client, &target, &bodies));
    let cutter = Cutter::new(format, arguments.batch_rows, arguments.speed, &sender);
    let mut cutter = cutter.by(request.calendar).open_ended(arguments.no_end);
    let read = each_tape(&request, |mut tape| {
        // Nobody takes it any more: what the sender has met is told below.
        let stopped = || Failure { message: "sending was given up".to_owned(), code: exit::TRY_AGAIN };
        if cutter.cut(&mut tape)? { Ok(()) } else { Err(stopped()) }
    });
    let read = read.and_then(|()| cutter.finish().map(drop));
    let dates = cutter.dates;
    drop(cutter);
    drop(sender);
    let sent = sending.join().map_err(|_| Failure::usage("sending broke off"))??;
    read?;
    told(arguments.json, &sent, dates, started.elapsed().as_secs_f64())
}

fn send(mut client: Client, target: &(String, &str), bodies: &Receiver<Body>) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    for body in bodies {
        if let Some(due) = body.due {
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let answer = client.post(&target.0, target.1, &body.bytes)?;
        let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or(0);
        sent.events += body.events;
        sent.batches += 1;
        sent.bytes += body.bytes.len() as u64;
        sent.accepted += number("accepted");
        sent.duplicates += number("duplicates");
        sent.position = number("position").max(sent.position);
    }
    sent.retries = client.retries;
    Ok(sent)
}

fn told(json: bool, sent: &Sent, dates: u64, seconds: f64) -> Result<(), Failure> {
    let rate = sent.events as f64 / seconds.max(1e-9);
    eprintln!(
        "{} events of {dates} dates in {} batches: {} new, {} known before; {seconds:.1} s, {rate:.0} events a second",
        sent.events, sent.batches, sent.accepted, sent.duplicates
    );
    if sent.retries > 0 {
        eprintln!("note: sent again {} times", sent.retries);
    }
    if !json {
        return Ok(());
    }
    let report = json!({
        "accepted": sent.accepted, "batches": sent.batches, "bytes": sent.bytes, "dates": dates,
        "duplicates": sent.duplicates, "events": sent.events, "events_per_second": rate, "position": sent.position,
        "retries": sent.retries, "seconds": seconds,
    });
    print(format!("{report:#}\n").as_bytes())
}

fn rows(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|n| (1..LIVE_BATCH_EVENTS_MAX).contains(n));
    number
        .ok_or_else(|| format!("'{text}' is not a number of events from 1 to {}", LIVE_BATCH_EVENTS_MAX - 1))
}
