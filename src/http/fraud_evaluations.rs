//! `POST /v1/fraud/evaluations`: labels and scores in, the report of the score out.
//!
//! What is wanted stands in the query, whatever the body's kind, under the names of `impactd fraud evaluate`; the body
//! holds rows alone. Nothing is kept.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use serde_json::Value;

use super::App;
use super::body;
use super::format::negotiate_media;
use super::fraud_evaluation_schema::{EvaluationBody, EvaluationQuery, PARAMETERS};
use super::judged_rows::{csv_sample, json_sample, parquet_sample};
use super::parameters::Given;
use super::pretrade::answer;
use super::pretrade_schema::FileBytes;
use super::problem::{Code, Problem};
use super::responses::EvaluationAnswers;
use crate::fraud::judging::bootstrap::{Resample, Settings};
use crate::fraud::judging::noise::AnnotationError;
use crate::fraud::judging::page::html;
use crate::fraud::judging::{Aims, Costs, Report, RowsFault, Sample, TimeUnit, Wanted, ZeroDivision};
use crate::limits::{HTTP_JUDGED_DRAWS_MAX, JUDGED_AT_MAX, JUDGED_BODY_MAX_BYTES, JUDGED_GROUPS_MAX};

const UNITS: [(&str, TimeUnit); 4] = [
    ("ns", TimeUnit::Nanoseconds),
    ("us", TimeUnit::Microseconds),
    ("ms", TimeUnit::Milliseconds),
    ("s", TimeUnit::Seconds),
];
const RESAMPLED: [(&str, Resample); 2] = [("rows", Resample::StratifiedRows), ("groups", Resample::Groups)];
const HTML: &str = "text/html";
/// The page carries its own style and script, and may do nothing else. Without this the edge's policy would hold,
/// under which neither runs.
const OWN_PAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const JSON: &str = "application/json";
const CSV: &str = "text/csv";
const PARQUET: &str = "application/vnd.apache.parquet";

/// What the query asks for, checked.
struct Asked {
    wanted: Wanted,
    costs: Option<(f64, f64, f64)>,
    unit: TimeUnit,
}

/// How good a score is
///
/// Takes labels and scores as JSON (`rows` or `columns`, and `tune_on` with rows to tune the threshold on), CSV or
/// Parquet, by `Content-Type`. Judges by F1, then G-mean, and every other metric; what is undefined is null, with its
/// reason under `undefined`. A threshold that is not given is tuned, on the judged rows themselves where there are no
/// others, and a warning says so. `Accept: text/html` gives the report as one self-contained page.
#[utoipa::path(post, path = "/v1/fraud/evaluations", tag = "fraud", operation_id = "evaluate_scores",
    params(EvaluationQuery),
    request_body(content(
        (EvaluationBody = "application/json"),
        (String = "text/csv"),
        (inline(FileBytes) = "application/vnd.apache.parquet")
    )), responses(EvaluationAnswers))]
pub async fn evaluate(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let asked = Asked::read(&Given::parse(&uri, &PARAMETERS.map(str::to_owned))?)?;
    let wanted = negotiate_media(&headers, &[JSON, HTML])?;
    let kind = body::kind(&headers, &[JSON, CSV, PARQUET])?;
    let bytes = body::within(body, JUDGED_BODY_MAX_BYTES)?;
    let written = app.gate.run(move || asked.answer(kind, &bytes)).await?;
    if wanted == HTML {
        let page = html(&written, "Evaluation of scores").into_bytes();
        let mut page = answer(page, HeaderValue::from_static("text/html; charset=utf-8"), started);
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OWN_PAGE));
        return Ok(page);
    }
    Ok(answer(written.into_bytes(), HeaderValue::from_static(JSON), started))
}

impl Asked {
    fn read(given: &Given) -> Result<Self, Problem> {
        let positive = |name: &str| given.one(name, &[], not_negative);
        let costs = match (positive("cost_fp")?, positive("cost_fn")?, positive("cost_tp")?) {
            (Some(fp), Some(fn_), tp) => Some((fp, fn_, tp.unwrap_or(0.0))),
            (None, None, None) => None,
            _ => {
                return Err(Problem::invalid(
                    "cost_fp",
                    "cost_fp and cost_fn are given together",
                    Vec::new(),
                ));
            }
        };
        let draws = given.one("draws", &[], |text| {
            let draws: u32 = text.parse().map_err(|_| "is not a whole number".to_owned())?;
            if draws <= HTTP_JUDGED_DRAWS_MAX {
                Ok(draws)
            } else {
                Err(format!("is above {HTTP_JUDGED_DRAWS_MAX}"))
            }
        })?;
        let usual = Settings::default();
        let settings = Settings {
            draws: draws.unwrap_or(usual.draws.min(HTTP_JUDGED_DRAWS_MAX)),
            seed: given
                .one("seed", &[], |text| text.parse().map_err(|_| "is not a whole number".to_owned()))?
                .unwrap_or(usual.seed),
            resample: choice(given, "resample", &RESAMPLED)?.unwrap_or_default(),
            ..usual
        };
        let (alpha, beta) = (positive("alpha")?, positive("beta")?);
        let annotation = AnnotationError { alpha: alpha.unwrap_or(0.0), beta: beta.unwrap_or(0.0) };
        let wanted = Wanted {
            threshold: given.one("threshold", &[], number)?,
            aims: Aims { costs: None, alerts_a_day: positive("per_day")? },
            zero_division: given
                .one("zero_division", &["null", "0", "1"], zero_division)?
                .unwrap_or_default(),
            at: given.one("at", &[], ks)?.unwrap_or_else(|| vec![1, 5, 10, 100, 1000]),
            groups_max: JUDGED_GROUPS_MAX,
            intervals: (settings.draws > 0).then_some(settings),
            annotation: (alpha.is_some() || beta.is_some()).then_some(annotation),
        };
        let unit = choice(given, "time_unit", &UNITS)?.unwrap_or_default();
        Ok(Self { wanted, costs, unit })
    }

    fn answer(mut self, kind: &str, bytes: &[u8]) -> Result<String, Problem> {
        let (sample, tuning) = self.samples(kind, bytes)?;
        if tuning.is_some() && self.wanted.threshold.is_some() {
            let message = "a threshold is given, so there is nothing to tune";
            return Err(unfit("/tune_on".to_owned(), message.to_owned()));
        }
        if self.wanted.aims.alerts_a_day.is_some() && sample.times().is_none() {
            return Err(Problem::invalid("per_day", "needs a column 'time', and there is none", Vec::new()));
        }
        let by_amount = sample.amounts().is_some();
        self.wanted.aims.costs = self.costs.map(|(fp, fn_, tp)| Costs { fp, fn_, tp, by_amount });
        let report = Report::of(&sample, tuning.as_ref(), &self.wanted)
            .map_err(|e| Problem::invalid("resample", e.to_string(), Vec::new()))?;
        serde_json::to_string(&report).map_err(Problem::internal)
    }

    fn samples(&self, kind: &str, bytes: &[u8]) -> Result<(Sample, Option<Sample>), Problem> {
        let flat = |fault: RowsFault| {
            let column = fault.column.map_or(String::new(), |column| format!("/{column}"));
            let row = fault.row.map_or(String::new(), |row| format!("/{}", row - 1));
            unfit(format!("{row}{column}"), fault.to_string())
        };
        match kind {
            CSV => Ok((csv_sample(bytes, self.unit).map_err(flat)?, None)),
            PARQUET => Ok((parquet_sample(bytes, self.unit).map_err(flat)?, None)),
            _ => self.of_json(&body::json(bytes)?),
        }
    }

    fn of_json(&self, value: &Value) -> Result<(Sample, Option<Sample>), Problem> {
        let fields = value.as_object();
        let stray = fields.and_then(|fields| {
            fields.keys().find(|name| !["rows", "columns", "tune_on"].contains(&name.as_str()))
        });
        if let Some(stray) = stray {
            return Err(unfit(format!("/{stray}"), "is not known; rows, columns and tune_on are".to_owned()));
        }
        let read = |value: &Value, below: &str| {
            json_sample(value, self.unit)
                .map_err(|(pointer, fault)| unfit(format!("{below}{pointer}"), fault.message))
        };
        let tuning = fields.and_then(|fields| fields.get("tune_on")).map(|rows| read(rows, "/tune_on"));
        Ok((read(value, "")?, tuning.transpose()?))
    }
}

fn unfit(pointer: String, message: String) -> Problem {
    Problem::new(Code::InvalidBody, format!("{pointer} {message}").trim().to_owned()).at(
        pointer,
        message,
        Vec::new(),
    )
}

fn choice<T: Copy>(given: &Given, name: &str, known: &[(&'static str, T)]) -> Result<Option<T>, Problem> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    given.one(name, &names, |text| {
        let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        found.ok_or_else(|| format!("'{text}' is not known"))
    })
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if number.is_nan() { Err("is not a number".to_owned()) } else { Ok(number) }
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err("is not finite and at least 0".to_owned())
    }
}

fn zero_division(text: &str) -> Result<ZeroDivision, String> {
    if text == "null" { Ok(ZeroDivision::Null) } else { not_negative(text).map(ZeroDivision::Value) }
}

fn ks(text: &str) -> Result<Vec<usize>, String> {
    let ks: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
    match ks {
        Ok(ks) if ks.len() <= JUDGED_AT_MAX => Ok(ks),
        Ok(_) => Err(format!("names more than {JUDGED_AT_MAX} numbers")),
        Err(_) => Err("is not a list of whole numbers".to_owned()),
    }
}
