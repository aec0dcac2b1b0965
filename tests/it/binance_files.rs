//! The files that Binance publishes give what the same ticks give in other formats: a capture, and CSV.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use impactd::batch::BatchError;
use impactd::ingest::{OnBadRow, RawTick};
use impactd::sign::{Layers, Rule};
use impactd::store::Table;

use crate::captures::{CAPTURES, asked, ticks};
use crate::support::{assert_same, real_data, results, rows};

const QUOTES: &str =
    "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n";
const TRADES: &str = "id,price,qty,quote_qty,time,is_buyer_maker\n";
/// 2024-01-31, of UTC.
const FIRST_MS: i64 = 1_706_659_200_000;
const DAY_MS: i64 = 86_400_000;

fn put_down(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// Two dates in one month's file of trades, and two days' files of best quotes.
#[test]
fn a_month_of_trades_and_days_of_quotes_give_what_the_same_ticks_give_in_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut month, mut plain_trades) =
        (TRADES.to_owned(), "ts,symbol,price,size,side,sequence\n".to_owned());
    let mut plain_quotes = "ts,symbol,bid,bid_size,ask,ask_size,sequence\n".to_owned();
    let mut inputs = Vec::new();
    for (day, date) in ["2024-01-31", "2024-02-01"].into_iter().enumerate() {
        let mut quotes = QUOTES.to_owned();
        for second in 0..2_000_i64 {
            let (ms, id) = (FIRST_MS + DAY_MS * day as i64 + second * 1_000, 10_000 * day as i64 + second);
            let (bid, coins) = (40_000 + second * 7 % 11, 1 + second * 5 % 9);
            let book = format!("{bid}.10,{coins}.00000001,{}.30,0.{coins}", bid + second % 2);
            writeln!(quotes, "{id},{book},{ms},{}", ms + 3).expect("text");
            writeln!(plain_quotes, "{}000000,B,{book},{id}", ms).expect("text");
            let (is_sold, side) = if second % 3 == 0 { ("true", "sell") } else { ("false", "buy") };
            let (at, price) = (ms + 250, format!("{bid}.20"));
            writeln!(month, "{id},{price},0.0{coins},1,{at},{is_sold}").expect("text");
            writeln!(plain_trades, "{at}000000,B,{price},0.0{coins},{side},{id}").expect("text");
        }
        inputs.push(put_down(folder.path(), &format!("B-bookTicker-{date}.csv"), &quotes));
    }
    inputs.push(put_down(folder.path(), "B-trades-2024-01.csv", &month));
    let published = asked(inputs, &folder.path().join("published"));
    let plain = ["trades.csv", "quotes.csv"].into_iter().zip([&plain_trades, &plain_quotes]);
    let plain = plain.map(|(name, text)| put_down(folder.path(), name, text)).collect();
    let mut plain = asked(plain, &folder.path().join("plain"));
    plain.size_decimals = Some(8);
    plain.sign = Some(Layers::from(Rule::Known));
    let (ours, theirs) = (results(published), results(plain));
    assert_same(&ours, &theirs);
    for date in ["2024-01-31", "2024-02-01"] {
        let signed = rows(&folder.path().join("published"), Table::SignedTrades, date, "B");
        assert_eq!(signed.height(), 2_000);
    }
}

/// `trades` and `aggTrades` tell the same trades.
#[test]
fn trades_that_two_files_tell_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let trades =
        put_down(folder.path(), "B-trades-2024-01-31.csv", &format!("{TRADES}1,1,1,1,{FIRST_MS},true\n"));
    let aggregated = format!("1,1,1,1,1,{FIRST_MS},true\n");
    let aggregated = put_down(folder.path(), "B-aggTrades-2024-01.csv", &aggregated);
    let error = impactd::batch::run(&asked(vec![trades, aggregated], &folder.path().join("out")));
    let Err(error @ BatchError::Plan(_)) = error else { panic!("refused before it is read") };
    let said = error.to_string();
    assert!(said.contains("B-trades-2024-01-31.csv") && said.contains("B-aggTrades-2024-01.csv"), "{said}");
}

/// A recorded capture of futures, written as Binance publishes it.
#[test]
fn real_data_a_capture_published_gives_the_same_results() {
    let Some(folder) = real_data("crypto") else { return };
    let (capture, scratch) = (folder.join(CAPTURES[0].0), tempfile::tempdir().expect("a folder"));
    let (rows, _) = ticks(&capture, None, OnBadRow::Fail).expect("read");
    let (mut quotes, mut trades) = (QUOTES.to_owned(), TRADES.to_owned());
    let coins = |size: i64| format!("{}.{:08}", size / 100_000_000, size % 100_000_000);
    let dollars = |price: i64| format!("{}.{:09}", price / 1_000_000_000, price % 1_000_000_000);
    for row in &rows {
        match row {
            RawTick::Quote(row) => {
                let (quote, ms) = (&row.quote, row.quote.ts.0 / 1_000_000);
                let [bid, ask] = [quote.bid, quote.ask].map(|price| dollars(price.0));
                let [bid_size, ask_size] = [quote.bid_size, quote.ask_size].map(|size| coins(size.0));
                writeln!(quotes, "{},{bid},{bid_size},{ask},{ask_size},{ms},{ms}", row.sequence)
                    .expect("text");
            }
            RawTick::Trade(row) => {
                let (trade, ms) = (&row.trade, row.trade.ts.0 / 1_000_000);
                let (price, size, is_sold) =
                    (dollars(trade.price.0), coins(trade.size.0), trade.known_side.value() < 0);
                writeln!(trades, "{},{price},{size},0,{ms},{is_sold}", row.sequence).expect("text");
            }
        }
    }
    let published = [("bookTicker", quotes), ("trades", trades)]
        .map(|(kind, text)| put_down(scratch.path(), &format!("BTCUSDT-{kind}-2024-08-08.csv"), &text));
    let [ours, theirs] = [(published.to_vec(), "published"), (vec![capture], "captured")]
        .map(|(inputs, out)| results(asked(inputs, &scratch.path().join(out))));
    assert_same(&ours, &theirs);
}
