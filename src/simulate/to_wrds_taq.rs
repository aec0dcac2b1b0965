//! Daily TAQ as WRDS exports it: `ctm` (trades), `nbbom` and `cqm` (venue quotes), each a CSV file.
//!
//! The same rows as in NYSE's own files, see [`super::to_nyse_taq`].

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::law::LOT;
use super::row::{Cell, Rows};
use super::sink::Sink;
use super::tape::{Print, State};
use super::to_nyse_taq::venue_quote;
use crate::tape::{Nanos, Symbol, local_midnight};

const CTM: &str = "DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,TR_SCOND,SIZE,PRICE,TR_STOP_IND,TR_CORR,TR_SEQNUM,\
    TR_ID,TR_SOURCE,TR_RF,PART_TIME,RRN,TRF_TIME";
const NBBOM: &str = "DATE,TIME_M,SYM_ROOT,SYM_SUFFIX,EX,BID,BIDSIZ,ASK,ASKSIZ,QU_COND,QU_SEQNUM,NATBBO_IND,\
    QU_CANCEL,QU_SOURCE,BEST_BIDEX,BEST_BID,BEST_BIDSIZ,BEST_ASKEX,BEST_ASK,BEST_ASKSIZ";
const CQM: &str = "DATE,TIME_M,EX,BID,BIDSIZ,ASK,ASKSIZ,QU_COND,QU_SEQNUM,NATBBO_IND,QU_CANCEL,QU_SOURCE,\
    SYM_ROOT,SYM_SUFFIX";

/// Writes the three files of one day.
pub(super) struct WrdsTaq {
    date: String,
    midnight: Nanos,
    root: String,
    suffix: String,
    ctm: Rows,
    nbbom: Rows,
    cqm: Rows,
}

impl WrdsTaq {
    pub(super) fn create(date: NaiveDate, dir: &Path) -> Result<Self, SimulateError> {
        let day = date.format("%Y%m%d");
        let file = |stem, header| Rows::create(dir, &format!("{stem}_{day}.csv"), false, b',', header);
        Ok(Self {
            ctm: file("ctm", CTM)?,
            nbbom: file("nbbom", NBBOM)?,
            cqm: file("cqm", CQM)?,
            date: date.to_string(),
            midnight: local_midnight(date),
            root: String::new(),
            suffix: String::new(),
        })
    }
}

impl Sink for WrdsTaq {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        let (root, suffix) = symbol.as_str().split_once(' ').unwrap_or((symbol.as_str(), ""));
        (self.root, self.suffix) = (root.to_owned(), suffix.to_owned());
        Ok(())
    }

    // The cells stand in lines as in the layout.
    #[rustfmt::skip]
    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        use Cell::{Colon, Int, Text, Usd};
        let quote = &state.quote;
        let (date, time) = (Text(&self.date), Colon(quote.ts.0 - self.midnight.0));
        let (root, suffix) = (Text(&self.root), Text(&self.suffix));
        let (bid_lots, ask_lots) = (Int(quote.bid_size.0 / LOT), Int(quote.ask_size.0 / LOT));
        let sequence = Int(state.sequence as i64);
        let (own_ask, national) = venue_quote(state);
        self.cqm.row(&[
            date, time, Text("N"), Usd(quote.bid), bid_lots, Usd(own_ask), ask_lots,
            Text("R"), sequence, Text(national), Text("A"), Text("C"), root, suffix,
        ])?;
        if state.is_venue_only {
            return Ok(());
        }
        self.nbbom.row(&[
            date, time, root, suffix, Text("N"), Usd(quote.bid), bid_lots, Usd(own_ask), ask_lots,
            Text("R"), sequence, Text(national), Text("A"), Text("C"),
            Text("N"), Usd(quote.bid), bid_lots, Text("P"), Usd(quote.ask), ask_lots,
        ])
    }

    // As above.
    #[rustfmt::skip]
    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        use Cell::{Blank, Colon, Int, Text, Usd};
        let trade = &print.trade;
        let time = Colon(trade.ts.0 - self.midnight.0);
        let sequence = Int(print.sequence as i64);
        self.ctm.row(&[
            Text(&self.date), time, Text(print.venue()), Text(&self.root), Text(&self.suffix),
            Text(print.conditions()), Int(trade.size.0), Usd(trade.price), Blank, Text("00"), sequence,
            sequence, Text("C"), Blank, time, Blank, Blank,
        ])
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        Ok(vec![self.ctm.finish(None)?, self.nbbom.finish(None)?, self.cqm.finish(None)?])
    }
}
