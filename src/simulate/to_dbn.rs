//! Databento's DBN of the schema mbp-1, within Zstandard: `SYMBOL_YYYYMMDD.mbp-1.dbn.zst`, a file a symbol.
//!
//! A state is an addition that shows it. A trade shows the state before it, which it leaves as it is: the law's queues
//! do not feel trades. What is captured is captured at once.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use dbn::encode::{DbnEncoder, EncodeRecord};
use dbn::record::ts_to_dt;
use dbn::{
    Action, BidAskPair, FlagSet, MappingInterval, Mbp1Msg, Metadata, RecordHeader, SType, Schema, Side,
    SymbolMapping, UNDEF_PRICE, rtype,
};

use super::error::SimulateError;
use super::file::PartFile;
use super::sink::Sink;
use super::tape::{Print, State};
use crate::tape::{Nanos, Price, Sign, Size, Symbol, local_midnight};

const INSTRUMENT: u32 = 1;
const DAY_NANOS: u64 = 86_400_000_000_000;

/// Writes one symbol's file at a time; its records are held until it is whole.
pub(super) struct Dbn {
    date: NaiveDate,
    dir: PathBuf,
    symbol: Option<Symbol>,
    records: Vec<Mbp1Msg>,
    level: BidAskPair,
    finished: Vec<PathBuf>,
}

impl Dbn {
    pub(super) fn new(date: NaiveDate, dir: &Path) -> Self {
        let (records, finished) = (Vec::new(), Vec::new());
        Self { date, dir: dir.to_owned(), symbol: None, records, level: BidAskPair::default(), finished }
    }

    fn close(&mut self) -> Result<(), SimulateError> {
        self.level = BidAskPair::default();
        let records = std::mem::take(&mut self.records);
        let Some(symbol) = self.symbol.take() else { return Ok(()) };
        let name = format!("{symbol}_{}.mbp-1.dbn.zst", self.date.format("%Y%m%d"));
        let (part, mut file) = PartFile::create(&self.dir, &name)?;
        let bytes = encoded(&metadata(&symbol, self.date), &records)
            .map_err(|e| part.error(std::io::Error::other(e)))?;
        file.write_all(&bytes).and_then(|()| file.flush()).map_err(|e| part.error(e))?;
        self.finished.push(part.keep()?);
        Ok(())
    }

    fn push(&mut self, ts: Nanos, sequence: u64, (action, side): (Action, Side), price: i64, size: u32) {
        let ts = ts.0.cast_unsigned();
        self.records.push(Mbp1Msg {
            hd: RecordHeader::new::<Mbp1Msg>(rtype::MBP_1, 0, INSTRUMENT, ts),
            price,
            size,
            action: action as i8,
            side: side as i8,
            flags: FlagSet::empty().set_last(),
            ts_recv: ts,
            sequence: sequence as u32,
            levels: [self.level.clone()],
            ..Mbp1Msg::default()
        });
    }
}

impl Sink for Dbn {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.close()?;
        self.symbol = Some(symbol.clone());
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        let quote = &state.quote;
        self.level = BidAskPair {
            bid_px: price(quote.bid),
            ask_px: price(quote.ask),
            bid_sz: size(quote.bid_size)?,
            ask_sz: size(quote.ask_size)?,
            bid_ct: 1,
            ask_ct: 1,
        };
        let (price, size) = (self.level.bid_px, self.level.bid_sz);
        self.push(quote.ts, state.sequence, (Action::Add, Side::Bid), price, size);
        Ok(())
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        let trade = &print.trade;
        let side = match trade.known_side {
            Sign::Buy => Side::Bid,
            Sign::Sell => Side::Ask,
            Sign::Unknown => Side::None,
        };
        self.push(trade.ts, print.sequence, (Action::Trade, side), trade.price.0, size(trade.size)?);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.close()?;
        Ok(self.finished)
    }
}

fn encoded(metadata: &Metadata, records: &[Mbp1Msg]) -> dbn::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = DbnEncoder::with_zstd(&mut bytes, metadata)?;
    encoder.encode_records(records)?;
    encoder.flush()?;
    drop(encoder);
    Ok(bytes)
}

/// The number stands for the symbol on the day and, as the evening in New York is the next day in UTC, on that.
fn metadata(symbol: &Symbol, date: NaiveDate) -> Metadata {
    let start = local_midnight(date).0.cast_unsigned();
    let mut metadata = Metadata::builder()
        .dataset("SIMULATED")
        .schema(Some(Schema::Mbp1))
        .start(start)
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .symbols(vec![symbol.to_string()])
        .build();
    let day = metadata.start().date();
    let end_date = if let Some(end) = ts_to_dt(start + 2 * DAY_NANOS) { end.date() } else { day };
    let interval = MappingInterval { start_date: day, end_date, symbol: INSTRUMENT.to_string() };
    metadata.mappings = vec![SymbolMapping { raw_symbol: symbol.to_string(), intervals: vec![interval] }];
    metadata
}

/// A side that is absent has no price.
fn price(price: Price) -> i64 {
    if price == Price(0) { UNDEF_PRICE } else { price.0 }
}

fn size(size: Size) -> Result<u32, SimulateError> {
    u32::try_from(size.0).map_err(|_| SimulateError::parameter("size", &size.0, "below 2^32 in DBN"))
}
