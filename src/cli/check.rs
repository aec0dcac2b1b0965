//! `impactd check`: may this order be sent, and what will it cost? The exit code is the verdict.
//!
//! The same desk answers as over HTTP: flags, and rows of a basket, are turned into the same JSON fields and read by
//! the same reader. Without results to judge by there is no verdict: that is bad data (65), which no caller takes for
//! a yes.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Number, Value, json};

use super::check_report::{basket_report, report};
use super::{Failure, exit, print};
use crate::clock::now;
use crate::cost::{Earlier, Fault, limited_codes};
use crate::http::{self, BasketKind};
use crate::limits::HTTP_BODY_MAX_BYTES;
use crate::pretrade::{Desk, Estimate, LimitsShelf, LimitsState, Priced, Refused, Running, VerdictAnswer};
use crate::pretrade::{moment, read_order, totals};
use crate::store::Archive;
use crate::tape::{NANOS_PER_SECOND, Nanos, parse_duration};

/// Say what an order will cost, and whether it may be sent
///
/// Exit code: 0 allow, 10 warn, 20 block, 30 indeterminate (treat it as a block), 2 bad command line or order, 65 no
/// results or limits to judge by. Of a basket: the worst of its lines. Advisory: not the firm's market-access control.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The symbol as its tape spells it
    #[arg(long, required_unless_present = "basket")]
    symbol: Option<String>,
    /// buy, sell or sell_short
    #[arg(long, required_unless_present = "basket")]
    side: Option<String>,
    /// Whole shares
    #[arg(long, value_name = "SHARES")]
    quantity: Option<String>,
    /// Dollars, instead of --quantity
    #[arg(long, value_name = "USD")]
    notional: Option<String>,
    /// For so long, such as 30m
    #[arg(long, value_name = "DURATION")]
    horizon: Option<String>,
    /// At this share of the market's volume, such as 0.1
    #[arg(long, value_name = "RATE")]
    participation_rate: Option<String>,
    /// From this moment (RFC 3339) [default: --as-of]
    #[arg(long, value_name = "TIME", requires = "until")]
    from: Option<String>,
    /// Until this moment
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// twap, vwap, pov, is or close
    #[arg(long)]
    strategy: Option<String>,
    /// passive, normal or aggressive
    #[arg(long)]
    urgency: Option<String>,
    /// Dollars
    #[arg(long, value_name = "USD")]
    limit_price: Option<String>,
    /// Expected drift of the price, basis points; positive is up
    #[arg(long, value_name = "BPS", allow_hyphen_values = true)]
    alpha_bps: Option<String>,
    /// Cost model: default, blend, tape, square-root or almgren-2005
    #[arg(long)]
    model: Option<String>,
    /// Shares outstanding: almgren-2005 needs them
    #[arg(long, value_name = "SHARES")]
    shares_outstanding: Option<String>,
    /// Level of the interval, 0.5 to 0.99
    #[arg(long, value_name = "LEVEL")]
    confidence: Option<String>,
    /// Account, as the limits file spells it
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Credit in use, dollars
    #[arg(long, value_name = "USD")]
    credit_used: Option<String>,
    /// Orders that the account sent in the last minute
    #[arg(long, value_name = "COUNT")]
    orders_last_minute: Option<String>,
    /// A tighter blocking level, such as max_pct_adv=5; again for more
    #[arg(long, value_name = "CODE=LEVEL")]
    limit: Vec<String>,
    /// Trading is halted
    #[arg(long)]
    halted: bool,
    /// Many orders: a file of .csv, .parquet, .json or .ndjson
    #[arg(long, value_name = "FILE", conflicts_with_all = ["symbol", "side", "quantity", "notional"])]
    basket: Option<PathBuf>,
    /// Moment of the estimate, RFC 3339 or nanoseconds; nothing later is looked at [default: now]
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Limits [default: limits.toml in the results folder, else built-in ones]
    #[arg(long, value_name = "FILE")]
    limits: Option<PathBuf>,
    /// Print the answer as the daemon does
    #[arg(long)]
    json: bool,
}

/// Runs the command; gives the exit code of the verdict.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let now = arguments.now()?;
    let fields = match &arguments.basket {
        None => Some(arguments.fields()?),
        Some(_) => None,
    };
    let bad_data = |message: String| Failure { message, code: exit::BAD_DATA };
    let limits = LimitsShelf::open(arguments.limits.as_deref(), &arguments.data).map_err(bad_data)?.state();
    let archive = Archive::open(&arguments.data)?;
    match fields {
        Some(fields) => arguments.one(&fields, &archive, &limits, now),
        None => arguments.basket(&archive, &limits, now),
    }
}

impl Arguments {
    fn now(&self) -> Result<Nanos, Failure> {
        if let Some(text) = &self.as_of {
            let bad =
                || Failure::usage(format!("--as-of '{text}' is no moment such as 2013-10-07T14:30:00Z"));
            return moment(text).ok_or_else(bad);
        }
        Ok(now())
    }

    /// The flags as the fields of an order.
    fn fields(&self) -> Result<Value, Failure> {
        let mut order = Map::new();
        let texts = [
            ("symbol", &self.symbol),
            ("side", &self.side),
            ("strategy", &self.strategy),
            ("urgency", &self.urgency),
            ("model", &self.model),
        ];
        for (name, text) in texts {
            order.extend(text.as_ref().map(|text| (name.to_owned(), Value::from(text.as_str()))));
        }
        let numbers = [
            ("quantity", &self.quantity),
            ("notional", &self.notional),
            ("participation_rate", &self.participation_rate),
            ("limit_price", &self.limit_price),
            ("alpha_bps", &self.alpha_bps),
            ("confidence", &self.confidence),
        ];
        for (name, text) in numbers {
            order.extend(text.as_ref().map(|text| (name.to_owned(), number(text))));
        }
        if let Some(text) = &self.horizon {
            let nanos = parse_duration(text).map_err(|e| Failure::usage(format!("--horizon {e}")))?;
            order.insert("horizon_seconds".into(), json!(nanos as f64 / NANOS_PER_SECOND as f64));
        }
        if let Some(until) = &self.until {
            order.insert("window".into(), json!({"start": self.from, "end": until}));
        }
        if let Some(shares) = &self.shares_outstanding {
            order.insert("overrides".into(), json!({"shares_outstanding": number(shares)}));
        }
        let state = (self.credit_used.as_deref().map(number), self.orders_last_minute.as_deref().map(number));
        order.insert(
            "account".into(),
            json!({"id": self.account, "credit_used_usd": state.0, "orders_last_minute": state.1}),
        );
        order.insert("limits".into(), self.tighter()?);
        order.insert("halted".into(), Value::Bool(self.halted));
        Ok(Value::Object(order))
    }

    fn tighter(&self) -> Result<Value, Failure> {
        let mut levels = Map::new();
        for text in &self.limit {
            let pair = text.split_once('=').filter(|(code, _)| limited_codes().contains(code));
            let (code, level) = pair.ok_or_else(|| {
                Failure::usage(format!(
                    "--limit {text}: not CODE=LEVEL with a code of {}",
                    limited_codes().join(", ")
                ))
            })?;
            levels.insert(code.to_owned(), number(level));
        }
        Ok(Value::Object(levels))
    }

    fn one(
        &self,
        fields: &Value,
        archive: &Archive,
        limits: &LimitsState,
        now: Nanos,
    ) -> Result<u8, Failure> {
        let order = read_order(fields, "", now).map_err(|faults| Failure::usage(told(&faults)))?;
        let desk = Desk::default();
        let prepared = desk.prepare(archive, &order)?.map_err(|refused| self.refusal(refused))?;
        let made = desk.estimate(limits, &order, &Earlier::default(), &prepared);
        let estimate = made.map_err(|refused| self.refusal(refused))?;
        if self.json {
            let mut bytes = serde_json::to_vec(&*estimate).map_err(|e| Failure::usage(e.to_string()))?;
            bytes.push(b'\n');
            print(&bytes)?;
        } else {
            print(report(&estimate).as_bytes())?;
        }
        Ok(code(Some(estimate.verdict)))
    }

    fn refusal(&self, refused: Refused) -> Failure {
        match refused {
            Refused::Faults(faults) => Failure::usage(told(&faults)),
            Refused::UnknownSymbol => {
                let symbol = self.symbol.as_deref().unwrap_or_default();
                let message =
                    format!("{symbol}: no results in {}; run a batch with it first", self.data.display());
                Failure { message, code: exit::BAD_DATA }
            }
        }
    }

    fn basket(&self, archive: &Archive, limits: &LimitsState, now: Nanos) -> Result<u8, Failure> {
        let path = self.basket.clone().unwrap_or_default();
        let name = path.display();
        let bad_data = |what: String| Failure { message: format!("{name}: {what}"), code: exit::BAD_DATA };
        let kind = BasketKind::of_file(&path)
            .ok_or_else(|| bad_data("is not a .csv, .parquet, .json or .ndjson file".into()))?;
        let length = std::fs::metadata(&path).map_err(|e| bad_data(e.to_string()))?.len();
        if length > HTTP_BODY_MAX_BYTES as u64 {
            return Err(bad_data(format!("is longer than {HTTP_BODY_MAX_BYTES} bytes; cut it")));
        }
        let bytes = std::fs::read(&path).map_err(|e| bad_data(e.to_string()))?;
        let lines = http::read_basket(&bytes, kind).map_err(|faults| bad_data(told(&faults)))?;
        let (desk, mut running) = (Desk::default(), Running::default());
        let mut priced: Vec<Priced<String>> = Vec::new();
        for line in lines {
            let client_ref =
                line.fields.as_ref().ok().and_then(|f| f["client_ref"].as_str()).map(str::to_owned);
            let outcome = line.fields.and_then(|fields| {
                let order = read_order(&fields, "", now).map_err(|faults| told(&faults))?;
                let prepared = desk.prepare(archive, &order).map_err(|e| e.to_string())?;
                let refused = |refused| self.refusal(refused).message;
                let prepared = prepared.map_err(|e| match e {
                    Refused::UnknownSymbol => format!("/symbol {}: no results", order.symbol),
                    faults => refused(faults),
                })?;
                let earlier = running.before(&order);
                let estimate = desk.estimate(limits, &order, &earlier, &prepared).map_err(refused)?;
                running.count(&order, &estimate);
                Ok(estimate)
            });
            priced.push(Priced { row: line.row, client_ref, outcome });
        }
        let totals = totals(&priced);
        if self.json {
            let result = |line: &Priced<String>| match &line.outcome {
                Ok(estimate) => {
                    json!({"row": line.row, "status": "ok", "estimate": &**estimate as &Estimate})
                }
                Err(what) => json!({"row": line.row, "status": "error", "problem": {"detail": what}}),
            };
            let results: Vec<Value> = priced.iter().map(result).collect();
            print(format!("{}\n", json!({"results": results, "totals": totals})).as_bytes())?;
        } else {
            print(basket_report(&priced, &totals).as_bytes())?;
        }
        Ok(code(totals.worst_verdict))
    }
}

/// The exit code of a verdict; none is as good as not known.
fn code(verdict: Option<VerdictAnswer>) -> u8 {
    match verdict {
        Some(VerdictAnswer::Allow) => 0,
        Some(VerdictAnswer::Warn) => exit::WARN,
        Some(VerdictAnswer::Block) => exit::BLOCK,
        Some(VerdictAnswer::Indeterminate) | None => exit::INDETERMINATE,
    }
}

/// A flag's value as a number; what is none stays text, for the reader to refuse by its field.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().ok().map(Value::from);
    let real = || text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number);
    whole.or_else(real).unwrap_or_else(|| Value::from(text))
}

fn told(faults: &[Fault]) -> String {
    let one = |fault: &Fault| {
        let name = fault.pointer.trim_start_matches('/').replace('/', ".");
        let allowed =
            if fault.allowed.is_empty() { String::new() } else { format!(" ({})", fault.allowed.join(", ")) };
        format!("{name} {}{allowed}", fault.message).trim().to_owned()
    };
    faults.iter().map(one).collect::<Vec<String>>().join("; ")
}
