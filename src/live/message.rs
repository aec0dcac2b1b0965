//! What subscribers hear: rows as they become certain.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::flow::BarRecord;
use crate::tape::Symbol;

/// The place of a message: the journal position whose events made it, and its number among those. A daemon that was
/// started again gives the same messages the same places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId {
    /// The journal position.
    pub position: u64,
    /// The number, from 0.
    pub number: u32,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.position, self.number)
    }
}

impl FromStr for MessageId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, number) = text.split_once('-').ok_or(())?;
        Ok(Self { position: position.parse().map_err(drop)?, number: number.parse().map_err(drop)? })
    }
}

/// A message with its place.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its place.
    pub id: MessageId,
    /// What it says.
    pub news: News,
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum News {
    /// A bar has closed.
    Bar {
        /// Of which symbol.
        symbol: Symbol,
        /// Its width, nanoseconds.
        width: i64,
        /// The bar.
        bar: BarRecord,
    },
    /// A symbol's row of another table: `kind` names it, `row` holds the table's columns.
    Row {
        /// `fit`, `slope`, `forecast`, `score`, `alert`.
        kind: Kind,
        /// Of which symbol.
        symbol: Symbol,
        /// The width of the bars it rests on, nanoseconds; 0 where there are none.
        width: i64,
        /// The columns, as a JSON object. Text: the ring keeps many, and every listener is sent the same bytes.
        row: Box<RawValue>,
    },
    /// A session has ended, or its tables have landed.
    Session {
        /// Its date.
        date: chrono::NaiveDate,
        /// Which of the two.
        state: SessionState,
    },
}

/// Kinds of messages, as `GET /v1/stream?kinds=` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A bar closed.
    Bar,
    /// A regression window closed.
    Fit,
    /// Online slopes after a bar.
    Slope,
    /// What a stored model expects.
    Forecast,
    /// A bin's score of what resembles manipulation.
    Score,
    /// A stretch that resembles manipulation.
    Alert,
    /// A session ended or landed.
    Session,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Ticks are coming in.
    Open,
    /// It is over; its tables are being written.
    Ended,
    /// Its tables are among the results.
    Landed,
}

impl News {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bar { .. } => Kind::Bar,
            Self::Row { kind, .. } => *kind,
            Self::Session { .. } => Kind::Session,
        }
    }

    /// The symbol it is about.
    #[must_use]
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Bar { symbol, .. } | Self::Row { symbol, .. } => Some(symbol),
            Self::Session { .. } => None,
        }
    }
}
