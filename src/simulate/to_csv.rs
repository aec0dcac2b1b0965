//! CSV with the default columns: quotes and trades, symbol by symbol or all in one time order.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::row::{Cell, Rows};
use super::sink::Sink;
use super::tape::{Print, State};
use crate::tape::{Sign, Symbol};

const QUOTES: &str = "ts,symbol,bid,bid_size,ask,ask_size";
const TRADES: &str = "ts,symbol,price,size,side,venue,conditions,sequence";

/// Writes `quotes_YYYYMMDD.csv` and `trades_YYYYMMDD.csv`.
pub(super) struct Csv {
    quotes: Rows,
    trades: Rows,
    symbol: Symbol,
}

impl Csv {
    pub(super) fn create(date: NaiveDate, dir: &Path) -> Result<Self, SimulateError> {
        let day = date.format("%Y%m%d");
        let file = |kind, header| Rows::create(dir, &format!("{kind}_{day}.csv"), false, b',', header);
        Ok(Self { quotes: file("quotes", QUOTES)?, trades: file("trades", TRADES)?, symbol: Symbol::new("") })
    }
}

impl Sink for Csv {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.symbol = symbol.clone();
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        let quote = &state.quote;
        self.quotes.row(&[
            Cell::Int(quote.ts.0),
            Cell::Text(self.symbol.as_str()),
            Cell::Usd(quote.bid),
            Cell::Int(quote.bid_size.0),
            Cell::Usd(quote.ask),
            Cell::Int(quote.ask_size.0),
        ])
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        let trade = &print.trade;
        self.trades.row(&[
            Cell::Int(trade.ts.0),
            Cell::Text(self.symbol.as_str()),
            Cell::Usd(trade.price),
            Cell::Int(trade.size.0),
            Cell::Text(side(trade.known_side)),
            Cell::Text(print.venue()),
            Cell::Text(print.conditions()),
            Cell::Int(print.sequence as i64),
        ])
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        Ok(vec![self.quotes.finish(None)?, self.trades.finish(None)?])
    }
}

/// How a side is spelt.
pub(super) fn side(sign: Sign) -> &'static str {
    match sign {
        Sign::Buy => "buy",
        Sign::Sell => "sell",
        Sign::Unknown => "",
    }
}

/// The same files with all symbols in one time order; rows of one stamp stand in the order of symbols.
pub(super) struct CsvMixed {
    csv: Csv,
    symbols: Vec<Symbol>,
    states: Vec<(usize, State)>,
    prints: Vec<(usize, Print)>,
}

impl CsvMixed {
    pub(super) fn create(date: NaiveDate, dir: &Path) -> Result<Self, SimulateError> {
        Ok(Self { csv: Csv::create(date, dir)?, symbols: Vec::new(), states: Vec::new(), prints: Vec::new() })
    }
}

impl Sink for CsvMixed {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.symbols.push(symbol.clone());
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        self.states.push((self.symbols.len() - 1, *state));
        Ok(())
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        self.prints.push((self.symbols.len() - 1, *print));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.states.sort_by_key(|(_, state)| state.quote.ts);
        self.prints.sort_by_key(|(_, print)| print.trade.ts);
        for (symbol, state) in &self.states {
            self.csv.symbol(&self.symbols[*symbol])?;
            self.csv.quote(state)?;
        }
        for (symbol, print) in &self.prints {
            self.csv.symbol(&self.symbols[*symbol])?;
            self.csv.trade(print)?;
        }
        Box::new(self.csv).finish()
    }
}
