//! Nasdaq TotalView-ITCH 5.0: `MMDDYYYY.NASDAQ_ITCH50`, one file for all symbols, in the order of time.
//!
//! The same orders as in LOBSTER's files, with U where an order is replaced. Every fourth order is attributed (F), and
//! every third execution tells its price (C). Before the open stand the stock directory and what the day begins with.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::file::TextFile;
use super::law::GRID_NANOS;
use super::orders::Orders;
use super::rungs::{Act, Message};
use super::sink::Sink;
use super::tape::{Print, State, Tick};
use crate::tape::{NANOS_PER_SECOND, Nanos, Price, Sign, Size, Symbol, local_midnight};

const HOUR: i64 = 3_600 * NANOS_PER_SECOND;
const DAY: i64 = 24 * HOUR;

/// Holds a day's messages until they can be put in order.
pub(super) struct Itch {
    date: NaiveDate,
    seed: u64,
    dir: PathBuf,
    midnight: Nanos,
    symbols: Vec<Symbol>,
    orders: Option<Orders>,
    matches: u64,
    bytes: Vec<u8>,
    /// Stamps of the messages, and where they begin and end.
    index: Vec<(i64, std::ops::Range<usize>)>,
}

impl Itch {
    pub(super) fn new(date: NaiveDate, seed: u64, dir: &Path) -> Self {
        Self {
            date,
            seed,
            dir: dir.to_owned(),
            midnight: local_midnight(date),
            symbols: Vec::new(),
            orders: None,
            matches: 0,
            bytes: Vec::new(),
            index: Vec::new(),
        }
    }

    /// Number of the symbol whose ticks come; 0 before the first.
    fn locate(&self) -> u16 {
        self.symbols.len() as u16
    }

    /// A message: what follows its head, in parts.
    fn put(&mut self, kind: u8, locate: u16, nanos: i64, parts: &[&[u8]]) {
        let from = self.bytes.len();
        let length = 11 + parts.iter().map(|part| part.len()).sum::<usize>();
        self.bytes.extend((length as u16).to_be_bytes());
        self.bytes.push(kind);
        self.bytes.extend(locate.to_be_bytes());
        self.bytes.extend([0, 0]);
        self.bytes.extend(&nanos.to_be_bytes()[2..]);
        parts.iter().for_each(|part| self.bytes.extend(*part));
        self.index.push((nanos, from..self.bytes.len()));
    }

    fn stock(&self) -> [u8; 8] {
        let mut padded = [b' '; 8];
        let name = self.symbols.last().map_or("", Symbol::as_str).bytes();
        std::iter::zip(&mut padded, name).for_each(|(slot, byte)| *slot = byte);
        padded
    }

    fn tick(&mut self, tick: &Tick) -> Result<(), SimulateError> {
        let Some(orders) = &mut self.orders else { return Ok(()) };
        let messages = orders.tell(tick);
        messages.iter().try_for_each(|message| self.write(message))
    }

    fn write(&mut self, message: &Message) -> Result<(), SimulateError> {
        let nanos = message.ts.0 - self.midnight.0;
        if !(0..DAY).contains(&nanos) {
            let found = format!("{nanos} ns past midnight");
            return Err(SimulateError::parameter("stamp", &found, "within the day for the itch format"));
        }
        let locate = self.locate();
        let reference = |id: i64| (u64::from(locate) << 40 | id.unsigned_abs()).to_be_bytes();
        let (order, stock) = (reference(message.id), self.stock());
        let (size, price) = (shares(message.size)?, units(message.price)?);
        let side: &[u8] = if message.side == Sign::Buy { b"B" } else { b"S" };
        self.matches += u64::from(matches!(message.act, Act::Execute | Act::Hidden | Act::Cross));
        let number = self.matches.to_be_bytes();
        let (kind, parts): (u8, &[&[u8]]) = match message.act {
            Act::Add if message.id % 4 == 0 => (b'F', &[&order, side, &size, &stock, &price, b"NSDQ"]),
            Act::Add => (b'A', &[&order, side, &size, &stock, &price]),
            Act::Cancel => (b'X', &[&order, &size]),
            Act::Delete => (b'D', &[&order]),
            Act::Execute if self.matches.is_multiple_of(3) => (b'C', &[&order, &size, &number, b"Y", &price]),
            Act::Execute => (b'E', &[&order, &size, &number]),
            // Nasdaq tells neither the order's number nor its side.
            Act::Hidden => (b'P', &[&[0; 8], b"B", &size, &stock, &price, &number]),
            Act::Cross => (b'Q', &[&[0; 4], &size, &stock, &price, &number, b"O"]),
            Act::Replace(new, at, left) => {
                let (new, left, at) = (reference(new), shares(left)?, units(at)?);
                self.put(b'U', locate, nanos, &[&order, &new, &left, &at]);
                return Ok(());
            }
        };
        self.put(kind, locate, nanos, parts);
        Ok(())
    }
}

impl Sink for Itch {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        if symbol.as_str().len() > 8 {
            return Err(SimulateError::parameter(
                "symbol",
                symbol,
                "of eight letters at most for the itch format",
            ));
        }
        self.symbols.push(symbol.clone());
        self.orders = Some(Orders::new(self.seed, symbol, self.date));
        let (locate, stock) = (self.locate(), self.stock());
        self.put(b'R', locate, 3 * HOUR + 1, &[&stock, b"QN", &[0, 0, 0, 100], b"NCZ PNN1N", &[0; 4], b"N"]);
        self.put(b'H', locate, 3 * HOUR + 2, &[&stock, b"T ", b"    "]);
        self.put(b'Y', locate, 3 * HOUR + 3, &[&stock, b"0"]);
        self.put(b'L', locate, 3 * HOUR + 4, &[b"NSDQ", &stock, b"YNA"]);
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        self.tick(&Tick::Quote(*state))
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        self.tick(&Tick::Trade(*print))
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        let session = super::session(self.date);
        let (open, close) = (session.open.0 - self.midnight.0, session.close.0 - self.midnight.0);
        for (nanos, event) in [
            (3 * HOUR, b"O"),
            (4 * HOUR, b"S"),
            (open, b"Q"),
            (close, b"M"),
            (20 * HOUR, b"E"),
            (20 * HOUR + 1, b"C"),
        ] {
            self.put(b'S', 0, nanos, &[event]);
        }
        // Messages of a stamp keep the order in which they were made.
        self.index.sort_by_key(|(nanos, _)| *nanos);
        let name = self.date.format("%m%d%Y.NASDAQ_ITCH50").to_string();
        let mut file = TextFile::create(&self.dir, &name, false)?;
        for (_, range) in &self.index {
            file.write(&self.bytes[range.clone()])?;
        }
        Ok(vec![file.finish()?])
    }
}

fn shares(size: Size) -> Result<[u8; 4], SimulateError> {
    let known = u32::try_from(size.0).ok().filter(|shares| *shares > 0);
    let wanted = "from 1 to 4294967295 for the itch format";
    known.map(u32::to_be_bytes).ok_or_else(|| SimulateError::parameter("size", &size.0, wanted))
}

fn units(price: Price) -> Result<[u8; 4], SimulateError> {
    let known = u32::try_from(price.0 / GRID_NANOS).ok();
    let wanted = "below 429496.7296 USD for the itch format";
    known.map(u32::to_be_bytes).ok_or_else(|| SimulateError::parameter("price", &price, wanted))
}
