//! `impactd tca`: what orders did cost, by parts, from a file of fills. The kernels are those of the daemon.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::{Failure, exit, print, tca_report};
use crate::cost::Fault;
use crate::http::{self, BasketKind};
use crate::limits::{TCA_FILE_MAX_BYTES, TCA_ROWS_MAX};
use crate::posttrade::{
    ExecutionAnswer, FileOrder, Forecasts, RowFault, Tapes, TotalAnswer, answer, order_of_json,
    orders_of_rows,
};
use crate::pretrade::{Desk, LimitsShelf, LimitsState};
use crate::store::{Archive, EstimateRecord, Manifest};

/// Say what executed orders did cost, by parts: implementation shortfall against the decision
///
/// FILE is CSV or Parquet with a fill a row, or NDJSON with an order a line, as POST /v1/executions takes it.
/// Columns: order_id, symbol, side, quantity, decision_ts, decision_price, arrival_ts, fill_ts, fill_shares,
/// fill_price, and where known arrival_mid, end_ts, end_mid, fill_mid, fee, estimate_bps (the impact that was expected,
/// temporary and permanent). Times are RFC 3339 or nanoseconds since 1970, prices US dollars. An order without fills
/// has one row with the three fill columns empty. Mids that are not given are those of the tape in --data, where it has
/// any.
///
/// Exit code: 0, or 65 when some rows could not be read; the orders of all others are done.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Fills: .csv, .parquet or .ndjson
    file: PathBuf,
    /// A batch's results, for mids and benchmarks [default: none]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What the command prints as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    data: &'a [ExecutionAnswer],
    total: TotalAnswer,
    faults: &'a [RowFault],
}

/// Runs the command; gives the exit code.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let orders = read(&arguments.file)?;
    let folder = arguments.data.as_deref();
    let bare = folder.map_or(Ok(true), |folder| Manifest::load(folder).map(|manifest| manifest.is_none()))?;
    if let (Some(folder), true) = (folder, bare) {
        return Err(bad_data(format!(
            "{} holds no results; make some, or leave --data out",
            folder.display()
        )));
    }
    let archive = folder.map(Archive::open).transpose()?;
    let limits = LimitsShelf::open(None, folder.unwrap_or(Path::new(""))).map_err(bad_data)?.state();
    let desk = Work { desk: Desk::default(), tapes: Tapes::default(), archive, limits };
    let (mut answers, mut faults) = (Vec::new(), Vec::new());
    for order in orders {
        match desk.answer(order)? {
            Ok(answer) => answers.push(answer),
            Err(more) => faults.extend(more),
        }
    }
    faults.sort_by_key(|fault| fault.row);
    let file = arguments.file.display();
    for RowFault { row, column, message } in &faults {
        let column = if column.is_empty() { String::new() } else { format!(", {column}") };
        eprintln!("impactd: {file} row {row}{column}: {message}");
    }
    let total = TotalAnswer::of(&answers);
    if arguments.json {
        let report = Report { data: &answers, total, faults: &faults };
        let mut bytes = serde_json::to_vec(&report).map_err(|e| bad_data(e.to_string()))?;
        bytes.push(b'\n');
        print(&bytes)?;
    } else {
        print(tca_report::table(&answers, &total).as_bytes())?;
    }
    Ok(if faults.is_empty() { 0 } else { exit::BAD_DATA })
}

struct Work {
    desk: Desk,
    tapes: Tapes,
    archive: Option<Archive>,
    limits: LimitsState,
}

impl Work {
    fn answer(&self, order: FileOrder) -> Result<Result<ExecutionAnswer, Vec<RowFault>>, Failure> {
        let row = order.row;
        let (posted, expected) = match order.read {
            Ok(read) => read,
            Err(faults) => return Ok(Err(faults)),
        };
        let archive = self.archive.as_ref();
        let forecasts = Forecasts { desk: &self.desk, archive, limits: &self.limits };
        let beside = match forecasts.find(&posted, "")? {
            Ok(beside) => beside,
            Err(faults) => return Ok(Err(faults.into_iter().map(|f| told(row, f)).collect())),
        };
        let impact = expected.or(beside.estimate.as_ref().map(EstimateRecord::impact_bps));
        let mut answer = answer(&self.tapes.mark(archive, posted.execution)?, impact);
        answer.warnings.extend(beside.warning);
        if answer.shortfall.is_none() {
            let left = answer.quantity - answer.filled_quantity;
            let message = format!(
                "{left} of {} shares of order '{}' were not filled, and what they are worth at the end is not known; \
                 give end_mid, or the tape with --data",
                answer.quantity, answer.order_id
            );
            return Ok(Err(vec![RowFault { row, column: "end_mid".into(), message }]));
        }
        Ok(Ok(answer))
    }
}

fn told(row: usize, fault: Fault) -> RowFault {
    RowFault { row, column: fault.pointer, message: fault.message }
}

fn read(path: &Path) -> Result<Vec<FileOrder>, Failure> {
    let named = |what: String| bad_data(format!("{}: {what}", path.display()));
    let system = |e: std::io::Error| Failure {
        message: format!("{}: reading: {e}", path.display()),
        code: if e.kind() == std::io::ErrorKind::NotFound { exit::BAD_DATA } else { exit::TRY_AGAIN },
    };
    let length = std::fs::metadata(path).map_err(system)?.len();
    if length > TCA_FILE_MAX_BYTES {
        return Err(named(format!("has {length} bytes, more than {TCA_FILE_MAX_BYTES}; cut it by date")));
    }
    let bytes = std::fs::read(path).map_err(system)?;
    let (columns, rows) = match BasketKind::of_file(path) {
        Some(BasketKind::Csv) => http::csv_rows(&bytes, TCA_ROWS_MAX).map_err(named)?,
        Some(BasketKind::Parquet) => http::parquet_rows(&bytes, TCA_ROWS_MAX).map_err(named)?,
        Some(BasketKind::Ndjson) => return Ok(lines(&bytes)),
        _ => return Err(named("is neither .csv, .parquet nor .ndjson by its name".to_owned())),
    };
    if rows.len() > TCA_ROWS_MAX {
        return Err(named(format!("has more than {TCA_ROWS_MAX} rows; cut it by date")));
    }
    orders_of_rows(&columns, &rows).map_err(named)
}

fn lines(bytes: &[u8]) -> Vec<FileOrder> {
    let written = bytes.split(|byte| *byte == b'\n').enumerate();
    let written = written.filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace));
    let order = |(index, line): (usize, &[u8])| {
        let value: Result<Value, String> = http::parse_json(line);
        order_of_json(index + 1, &value)
    };
    written.map(order).collect()
}

fn bad_data(message: String) -> Failure {
    Failure { message, code: exit::BAD_DATA }
}
