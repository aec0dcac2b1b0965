//! `impactd keys`: who may ask a daemon what. In: a results folder and a wish. Out: a key's text on stdout, once, or
//! the list of keys. A running daemon sees what changed within seconds.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, exit, print};
use crate::access::{KeyBook, KeyText, ManageError, Scope};
use crate::clock::now;
use crate::store::ledger::{AccessBook, KeyRecord};
use crate::tape::{NANOS_PER_SECOND, Nanos, parse_duration};

/// Make, list and end the keys of a daemon.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The daemon's results folder
    #[arg(long, value_name = "DIR", default_value = "out", global = true)]
    data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// Make a key and print it: it is shown this once and kept nowhere
    Create {
        /// Whose it is: a person, a desk or a program
        #[arg(long, value_name = "NAME")]
        owner: String,
        /// What it allows; each scope includes those before it
        #[arg(long, value_enum)]
        scope: Scope,
        /// How long it counts: 90d, 12h, or never
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = Lifetime::parse)]
        expires: Lifetime,
    },
    /// List all keys, also those that count no more
    List,
    /// End a key now
    Revoke {
        /// Which key
        id: String,
    },
    /// Make a key like another one, which goes on counting for a while
    Rotate {
        /// Which key
        id: String,
        /// How long the old one goes on counting: 7d, 12h, 0s
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = lasting)]
        overlap: i64,
    },
}

/// How long a key counts.
#[derive(Clone, Copy, Debug)]
enum Lifetime {
    Never,
    Nanos(i64),
}

impl Lifetime {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            _ => match lasting(text)? {
                0 => Err("a key must count for some time".to_owned()),
                nanos => Ok(Self::Nanos(nanos)),
            },
        }
    }

    fn end(self) -> Option<Nanos> {
        match self {
            Self::Never => None,
            Self::Nanos(nanos) => Some(Nanos(now().0.saturating_add(nanos))),
        }
    }
}

/// Days, or a duration as tapes have it; nanoseconds.
fn lasting(text: &str) -> Result<i64, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok());
    let days = days.filter(|days| (0..=36_500).contains(days));
    days.map(|days| days * 86_400 * NANOS_PER_SECOND)
        .or_else(|| parse_duration(text).ok())
        .ok_or_else(|| "not a time such as 90d, 12h or 30m".to_owned())
}

/// A key as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    id: String,
    owner: String,
    scope: String,
    state: &'static str,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    replaces: Option<String>,
}

impl Listed {
    fn of(record: KeyRecord, key: Option<&KeyText>) -> Self {
        let state = match (record.revoked_at, record.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now() => "expired",
            _ => "active",
        };
        let text = |at: Option<Nanos>| at.map(|at| at.to_string());
        Self {
            key: key.map(|key| key.reveal().to_owned()),
            id: record.id,
            owner: record.owner,
            scope: record.scope,
            state,
            created_at: record.created_at.to_string(),
            expires_at: text(record.expires_at),
            revoked_at: text(record.revoked_at),
            last_used_at: text(record.last_used_at),
            replaces: record.replaces,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { data, json, wish } = arguments;
    match wish {
        Wish::Create { owner, scope, expires } => {
            let mut book = KeyBook::open(data).map_err(|e| told(&e.into()))?;
            show(book.create(owner, *scope, expires.end()).map_err(|e| told(&e))?, *json)
        }
        Wish::Rotate { id, overlap } => show(book(data)?.rotate(id, *overlap).map_err(|e| told(&e))?, *json),
        Wish::Revoke { id } => {
            book(data)?.revoke(id).map_err(|e| told(&e))?;
            eprintln!("key {id} counts no more; a running daemon knows within seconds");
            Ok(())
        }
        Wish::List => {
            let keys = book(data)?.list().map_err(|e| told(&e.into()))?;
            let keys: Vec<Listed> = keys.into_iter().map(|key| Listed::of(key, None)).collect();
            if *json { print_json(&keys) } else { print(table(&keys).as_bytes()) }
        }
    }
}

/// The keys of a folder that has some: only `create` founds a book.
fn book(data: &Path) -> Result<KeyBook, Failure> {
    if !AccessBook::exists(data) {
        let message = format!("{}: there are no keys yet; impactd keys create makes one", data.display());
        return Err(Failure { message, code: exit::BAD_DATA });
    }
    KeyBook::open(data).map_err(|e| told(&e.into()))
}

fn told(error: &ManageError) -> Failure {
    let code = match error {
        ManageError::Refused(_) => exit::BAD_DATA,
        _ => exit::TRY_AGAIN,
    };
    Failure { message: error.to_string(), code }
}

/// The key alone on stdout, so that it can go straight into a file; what it is on stderr.
fn show((key, record): (KeyText, KeyRecord), json: bool) -> Result<(), Failure> {
    let listed = Listed::of(record, Some(&key));
    if json {
        return print_json(&listed);
    }
    let ends = listed.expires_at.as_deref().unwrap_or("never");
    eprintln!("key {} of {}, scope {}, expires {ends}", listed.id, listed.owner, listed.scope);
    eprintln!("keep it now: it is shown this once");
    print(format!("{}\n", key.reveal()).as_bytes())
}

fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Failure { message: e.to_string(), code: exit::TRY_AGAIN })?;
    print(format!("{text}\n").as_bytes())
}

fn table(keys: &[Listed]) -> String {
    let mut lines = vec![["ID", "OWNER", "SCOPE", "STATE", "EXPIRES", "LAST USED"].map(str::to_owned)];
    // To the second: nobody reads nanoseconds here.
    let short = |at: &Option<String>| {
        let at = at.as_deref().and_then(|at| at.split('.').next());
        at.map_or_else(|| "never".to_owned(), |at| format!("{at}Z"))
    };
    lines.extend(keys.iter().map(|key| {
        let (expires, used) = (short(&key.expires_at), short(&key.last_used_at));
        [key.id.clone(), key.owner.clone(), key.scope.clone(), key.state.to_owned(), expires, used]
    }));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let row = |line: &[String; 6]| {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_shorter() {
        assert_eq!(lasting("90d"), Ok(90 * 86_400 * NANOS_PER_SECOND));
        assert_eq!(lasting("12h"), Ok(12 * 3_600 * NANOS_PER_SECOND));
        for bad in ["", "d", "-1d", "90", "1000000d", "soon", "1d2h"] {
            assert!(lasting(bad).is_err(), "{bad}");
        }
        assert!(Lifetime::parse("0s").is_err() && Lifetime::parse("never").expect("one").end().is_none());
    }
}
