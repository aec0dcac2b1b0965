//! `impactd audit`: who did what, and whether the record is whole. In: a results folder. Out: the lines on stdout.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime};
use clap::Args;
use serde::Serialize;

use super::{Failure, exit, print};
use crate::limits::{ACCESS_LOOK_MILLIS, AUDIT_PAGE_LINES};
use crate::store::ledger::{AccessBook, AuditEntry, LedgerError};
use crate::tape::Nanos;

/// Show the audit of a daemon: refused requests, and changes of keys, limits, models and jobs.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The daemon's results folder
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Only lines from a moment on: 2026-11-28 or 2026-11-28T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Nanos>,
    /// Go on printing lines as they are written
    #[arg(long)]
    follow: bool,
    /// Only look whether no line was changed or taken away, and print the last one's number and SHA-256
    #[arg(long, conflicts_with_all = ["since", "follow"])]
    verify: bool,
    /// With --verify: a number and SHA-256 that it printed before, NUMBER:SHA256, must still be in the record
    #[arg(long, value_name = "HEAD", requires = "verify", value_parser = head)]
    head: Option<(i64, String)>,
    /// Print a JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    position: i64,
    at: String,
    who: String,
    action: String,
    subject: String,
    detail: String,
    address: String,
    request_id: String,
    sha256: String,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { data, since, follow, verify, json, .. } = arguments;
    if !AccessBook::exists(data) {
        let message =
            format!("{}: there is no audit; no daemon ran here and no key was made", data.display());
        return Err(Failure { message, code: exit::BAD_DATA });
    }
    let book = AccessBook::open(data).map_err(|e| told(&e))?;
    if *verify {
        return verified(&book, arguments);
    }
    let mut after = 0;
    loop {
        let lines = book.entries(after, AUDIT_PAGE_LINES).map_err(|e| told(&e))?;
        let whole_page = lines.len() == AUDIT_PAGE_LINES;
        after = lines.last().map_or(after, |line| line.position);
        let wanted = lines.into_iter().filter(|line| since.is_none_or(|since| line.entry.at >= since));
        let text: Result<String, Failure> = wanted.map(|line| written(line, *json)).collect();
        print(text?.as_bytes())?;
        match (whole_page, follow) {
            (true, _) => {}
            (false, true) => std::thread::sleep(Duration::from_millis(ACCESS_LOOK_MILLIS)),
            (false, false) => return Ok(()),
        }
    }
}

fn verified(book: &AccessBook, arguments: &Arguments) -> Result<(), Failure> {
    let whole = book.verify().map_err(|e| told(&e))?;
    if let Some((position, sha256)) = &arguments.head {
        let line = book.entries(position - 1, 1).map_err(|e| told(&e))?;
        if !line.first().is_some_and(|line| line.position == *position && line.sha256 == *sha256) {
            let message =
                format!("line {position} is not the one that was there: the record was written anew");
            return Err(Failure { message, code: exit::BAD_DATA });
        }
    }
    if arguments.json {
        let told = serde_json::json!({"entries": whole.entries, "head": whole.head});
        return print(format!("{told}\n").as_bytes());
    }
    eprintln!("the audit is whole: {} lines; keep its head elsewhere, for --head", whole.entries);
    print(format!("{}:{}\n", whole.entries, whole.head).as_bytes())
}

fn told(error: &LedgerError) -> Failure {
    let code = if matches!(error, LedgerError::Damaged { .. }) { exit::BAD_DATA } else { exit::TRY_AGAIN };
    Failure { message: error.to_string(), code }
}

fn written(AuditEntry { position, entry, sha256 }: AuditEntry, json: bool) -> Result<String, Failure> {
    let at = entry.at.to_string();
    if !json {
        let more = [&entry.detail, &entry.address, &entry.request_id];
        let more: Vec<&str> = more.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let (who, action, subject) = (entry.who, entry.action, entry.subject);
        return Ok(format!("{position} {at} {who}: {action} {subject} [{}]\n", more.join("; ")));
    }
    let line = Line {
        position,
        at,
        who: entry.who,
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail,
        address: entry.address,
        request_id: entry.request_id,
        sha256,
    };
    let text = serde_json::to_string(&line)
        .map_err(|e| Failure { message: e.to_string(), code: exit::TRY_AGAIN })?;
    Ok(text + "\n")
}

fn moment(text: &str) -> Result<Nanos, String> {
    let whole = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let nanos = whole.or_else(day).and_then(|at| at.timestamp_nanos_opt());
    nanos.map(Nanos).ok_or_else(|| "not a moment such as 2026-11-28 or 2026-11-28T08:00:00Z".to_owned())
}

fn head(text: &str) -> Result<(i64, String), String> {
    let parts =
        text.split_once(':').and_then(|(number, sha256)| Some((number.parse().ok()?, sha256.to_owned())));
    parts
        .filter(|(_, sha256)| sha256.len() == 64)
        .ok_or_else(|| "not NUMBER:SHA256 as --verify printed it".into())
}
