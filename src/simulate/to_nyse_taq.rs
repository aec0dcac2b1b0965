//! NYSE Daily TAQ in the 3.x layout: the trade file, the NBBO file and a venue quote file a first letter.
//!
//! A state in the NBBO file has its best bid at N and its best offer at P; the quote of N that brought it
//! stands in the venue file, its own offer a tick worse, with another indicator than 1. A state of which N
//! holds both sides stands in the venue file alone, source C with indicator 1: the case that makes the NBBO
//! file incomplete.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::law::LOT;
use super::row::{Cell, Rows};
use super::sink::Sink;
use super::tape::{Print, State};
use crate::tape::{NANOS_PER_SECOND, Nanos, Price, Symbol, local_midnight};

const TRADE: &str = "Time|Exchange|Symbol|Sale Condition|Trade Volume|Trade Price|\
    Trade Stop Stock Indicator|Trade Correction Indicator|Sequence Number|Trade Id|Source of Trade|\
    Trade Reporting Facility|Participant Timestamp|Trade Reporting Facility TRF Timestamp|\
    Trade Through Exempt Indicator";
const NBBO: &str = "Time|Exchange|Symbol|Bid_Price|Bid_Size|Offer_Price|Offer_Size|Quote_Condition|\
    Sequence_Number|National_BBO_Ind|FINRA_BBO_Indicator|FINRA_ADF_MPID_Indicator|Quote_Cancel_Correction|\
    Source_Of_Quote|Best_Bid_Quote_Condition|Best_Bid_Exchange|Best_Bid_Price|Best_Bid_Size|\
    Best_Bid_FINRA_Market_Maker_ID|Best_Offer_Quote_Condition|Best_Offer_Exchange|Best_Offer_Price|\
    Best_Offer_Size|Best_Offer_FINRA_Market_Maker_ID|LULD_Indicator|LULD_NBBO_Indicator|\
    SIP_Generated_Message_Identifier|Participant_Timestamp|FINRA_ADF_Timestamp|Security_Status_Indicator";
const BBO: &str = "Time|Exchange|Symbol|Bid_Price|Bid_Size|Offer_Price|Offer_Size|Quote_Condition|\
    Sequence_Number|National_BBO_Ind|FINRA_BBO_Indicator|FINRA_ADF_MPID_Indicator|Quote_Cancel_Correction|\
    Source_Of_Quote|Retail_Interest_Indicator|Short_Sale_Restriction_Indicator|LULD_BBO_Indicator|\
    SIP_Generated_Message_Identifier|National_BBO_LULD_Indicator|Participant_Timestamp|FINRA_ADF_Timestamp|\
    FINRA_ADF_Market_Participant_Quote_Indicator|Security_Status_Indicator";

/// How much worse the offer of N is when P holds the best one.
const WORSE: i64 = NANOS_PER_SECOND / 100;
/// How long before the tape's stamp the venue's own is.
const ON_THE_WIRE: i64 = 250_000;

/// National_BBO_Ind: this quote is the national best on both sides.
pub(super) const IS_NATIONAL: &str = "1";
/// National_BBO_Ind: the national best stands elsewhere.
pub(super) const IS_NOT_NATIONAL: &str = "6";

/// The quote of venue N that brings a state: its offer's price and its indicator.
pub(super) fn venue_quote(state: &State) -> (Price, &'static str) {
    if state.is_venue_only {
        (state.quote.ask, IS_NATIONAL)
    } else {
        (Price(state.quote.ask.0 + WORSE), IS_NOT_NATIONAL)
    }
}

/// Writes the files of one day.
pub(super) struct NyseTaq {
    dir: PathBuf,
    day: String,
    midnight: Nanos,
    is_gzip: bool,
    symbol: Symbol,
    trades: Rows,
    nbbo: Rows,
    /// The venue file of the present letter.
    bbo: Option<(char, Rows)>,
    finished: Vec<PathBuf>,
}

impl NyseTaq {
    pub(super) fn create(date: NaiveDate, dir: &Path, is_gzip: bool) -> Result<Self, SimulateError> {
        let day = date.format("%Y%m%d").to_string();
        let file = |stem, header| open(dir, stem, &day, is_gzip, header);
        Ok(Self {
            trades: file("EQY_US_ALL_TRADE", TRADE)?,
            nbbo: file("EQY_US_ALL_NBBO", NBBO)?,
            bbo: None,
            finished: Vec::new(),
            symbol: Symbol::new(""),
            midnight: local_midnight(date),
            dir: dir.to_owned(),
            day,
            is_gzip,
        })
    }

    fn close_letter(&mut self) -> Result<(), SimulateError> {
        if let Some((_, rows)) = self.bbo.take() {
            self.finished.push(close(rows, &self.day, BBO)?);
        }
        Ok(())
    }
}

impl Sink for NyseTaq {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.symbol = symbol.clone();
        let letter = symbol.as_str().chars().next().unwrap_or('A');
        if self.bbo.as_ref().is_none_or(|(open, _)| *open != letter) {
            self.close_letter()?;
            let stem = format!("SPLITS_US_ALL_BBO_{letter}");
            self.bbo = Some((letter, open(&self.dir, &stem, &self.day, self.is_gzip, BBO)?));
        }
        Ok(())
    }

    // The cells stand in lines as in the layout: key, venue's quote, flags, best bid, best offer, rest.
    #[rustfmt::skip]
    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        use Cell::{Blank, Compact, Int, Text, Usd};
        let quote = &state.quote;
        let at = quote.ts.0 - self.midnight.0;
        let (bid_lots, ask_lots) = (quote.bid_size.0 / LOT, quote.ask_size.0 / LOT);
        let (own_ask, national) = venue_quote(state);
        let symbol = Text(self.symbol.as_str());
        let sequence = Int(state.sequence as i64);
        if let Some((_, bbo)) = &mut self.bbo {
            bbo.row(&[
                Compact(at), Text("N"), symbol,
                Usd(quote.bid), Int(bid_lots), Usd(own_ask), Int(ask_lots),
                Text("R"), sequence, Text(national), Blank, Blank, Text("A"), Text("C"),
                Blank, Blank, Blank, Blank, Blank, Compact(at - ON_THE_WIRE), Blank, Blank, Blank,
            ])?;
        }
        if state.is_venue_only {
            return Ok(());
        }
        self.nbbo.row(&[
            Compact(at), Text("N"), symbol,
            Usd(quote.bid), Int(bid_lots), Usd(own_ask), Int(ask_lots),
            Text("R"), sequence, Text(national), Blank, Blank, Text("A"), Text("C"),
            Text("R"), Text("N"), Usd(quote.bid), Int(bid_lots), Blank,
            Text("R"), Text("P"), Usd(quote.ask), Int(ask_lots), Blank,
            Blank, Text("A"), Blank, Compact(at - ON_THE_WIRE), Blank, Blank,
        ])
    }

    // As above.
    #[rustfmt::skip]
    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        use Cell::{Blank, Compact, Int, Text, Usd};
        let trade = &print.trade;
        let at = trade.ts.0 - self.midnight.0;
        self.trades.row(&[
            Compact(at), Text(print.venue()), Text(self.symbol.as_str()), Text(print.conditions()),
            Int(trade.size.0), Usd(trade.price), Blank, Text("00"), Int(print.sequence as i64),
            Int(print.sequence as i64), Text("C"), Blank, Compact(at - ON_THE_WIRE), Blank, Text("0"),
        ])
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.close_letter()?;
        let mut files = vec![close(self.trades, &self.day, TRADE)?, close(self.nbbo, &self.day, NBBO)?];
        files.append(&mut self.finished);
        Ok(files)
    }
}

fn open(dir: &Path, stem: &str, day: &str, is_gzip: bool, header: &str) -> Result<Rows, SimulateError> {
    let ending = if is_gzip { ".gz" } else { "" };
    Rows::create(dir, &format!("{stem}_{day}{ending}"), is_gzip, b'|', header)
}

/// The last line names the day and counts the rows, in as many cells as the header.
fn close(rows: Rows, day: &str, header: &str) -> Result<PathBuf, SimulateError> {
    let blanks = header.matches('|').count().saturating_sub(2);
    let trailer = format!("END|{day}|{}{}\n", rows.count, "|".repeat(blanks));
    rows.finish(Some(&trailer))
}
