//! Rows with known answers: read from the folder, and held beside what the loaded model answers.
//!
//! A score model's `golden.csv` has a header of the features' names, then the outputs'. A tensor model's `golden.json`
//! is `{"inputs": [..], "outputs": [..]}` of tensors as in the Open Inference Protocol v2.
//! Met when |found - expected| <= tolerance · max(1, |expected|) everywhere, and every decision at the threshold is the
//! same.

use serde::Deserialize;
use serde_json::Value;

use super::error::ScoringError;
use super::manifest::{Kind, Manifest};
use super::tensor::{Data, Datatype, Tensor, TensorSpec, each};

/// What goes in and what must come out.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldenRows {
    /// In the graph's order.
    pub inputs: Vec<Tensor>,
    /// In the graph's order.
    pub outputs: Vec<Tensor>,
}

/// Reads the golden file.
///
/// # Errors
/// At the first fault, by its line.
pub fn parse(bytes: &[u8], manifest: &Manifest) -> Result<GoldenRows, ScoringError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ScoringError::new("is not UTF-8"))?;
    match manifest.kind {
        Kind::Score => table(text, manifest),
        Kind::Tensor => document(text, manifest),
    }
}

fn table(text: &str, manifest: &Manifest) -> Result<GoldenRows, ScoringError> {
    let features = manifest.features.as_ref().map(|f| f.names.as_slice()).unwrap_or_default();
    let outputs = manifest.outputs.iter().map(|spec| &spec.name);
    let wanted: Vec<&str> = features.iter().chain(outputs).map(String::as_str).collect();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let order = columns(&wanted, &header)?;
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); wanted.len()];
    let mut rows = 0;
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |what: String| ScoringError::new(what).at(format!("line {}", number + 2));
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells.len() != header.len() {
            return Err(fault(format!("has {} cells, the header {}", cells.len(), header.len())));
        }
        for (column, at) in values.iter_mut().zip(&order) {
            let number = cells[*at].parse::<f64>().ok().filter(|x| x.is_finite());
            column.push(number.ok_or_else(|| fault(format!("{:?} is no finite number", cells[*at])))?);
        }
        rows += 1;
    }
    if rows != manifest.golden.rows {
        return Err(ScoringError::new(format!(
            "has {rows} rows, the manifest says {}",
            manifest.golden.rows
        )));
    }
    let (given, expected) = values.split_at(features.len());
    let flat = (0..rows).flat_map(|row| given.iter().map(move |column| column[row] as f32)).collect();
    let input = manifest.inputs.first().map(|spec| spec.name.clone()).unwrap_or_default();
    let outputs = manifest
        .outputs
        .iter()
        .zip(expected)
        .map(|(spec, column)| {
            let shape = if spec.shape.len() == 1 { vec![rows] } else { vec![rows, 1] };
            let data = typed(spec.datatype, column.iter().map(|x| Value::from(*x)))?;
            Ok(Tensor { name: spec.name.clone(), shape, data })
        })
        .collect::<Result<_, ScoringError>>()?;
    let shape = vec![rows, features.len()];
    Ok(GoldenRows { inputs: vec![Tensor { name: input, shape, data: Data::F32(flat) }], outputs })
}

/// Where each wanted column stands; no column but these.
fn columns(wanted: &[&str], header: &[&str]) -> Result<Vec<usize>, ScoringError> {
    if let Some(stray) = header.iter().find(|name| !wanted.contains(name)) {
        return Err(ScoringError::new(format!("column {stray:?} is neither a feature nor an output")));
    }
    wanted
        .iter()
        .map(|name| {
            let mut at = header.iter().enumerate().filter(|(_, found)| *found == name).map(|(at, _)| at);
            match (at.next(), at.next()) {
                (Some(at), None) => Ok(at),
                (None, _) => Err(ScoringError::new(format!("column {name:?} is missing"))),
                (Some(_), Some(_)) => Err(ScoringError::new(format!("column {name:?} stands there twice"))),
            }
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    inputs: Vec<Written>,
    outputs: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    datatype: Datatype,
    shape: Vec<usize>,
    data: Vec<Value>,
}

fn document(text: &str, manifest: &Manifest) -> Result<GoldenRows, ScoringError> {
    let document: Document = serde_json::from_str(text).map_err(|e| ScoringError::new(e.to_string()))?;
    let inputs = ordered(document.inputs, &manifest.inputs)?;
    let outputs = ordered(document.outputs, &manifest.outputs)?;
    let rows = inputs.first().and_then(|tensor| tensor.shape.first()).copied().unwrap_or(1);
    if rows != manifest.golden.rows {
        return Err(ScoringError::new(format!(
            "has {rows} rows, the manifest says {}",
            manifest.golden.rows
        )));
    }
    Ok(GoldenRows { inputs, outputs })
}

fn ordered(mut written: Vec<Written>, specs: &[TensorSpec]) -> Result<Vec<Tensor>, ScoringError> {
    if written.len() != specs.len() {
        return Err(ScoringError::new(format!(
            "has {} tensors where {} are wanted",
            written.len(),
            specs.len()
        )));
    }
    specs
        .iter()
        .map(|spec| {
            let at = written.iter().position(|tensor| tensor.name == spec.name);
            let Some(tensor) = at.map(|at| written.swap_remove(at)) else {
                return Err(ScoringError::new(format!("tensor {:?} is missing", spec.name)));
            };
            let mut flat = Vec::new();
            flatten(tensor.data, &mut flat);
            let elements = tensor.shape.iter().try_fold(1_usize, |product, d| product.checked_mul(*d));
            let fits = spec.admits(&tensor.shape) && elements == Some(flat.len()) && !flat.is_empty();
            if !fits || tensor.datatype != spec.datatype {
                let what =
                    format!("tensor {:?} is no {} of shape {:?}", spec.name, spec.datatype, spec.shape);
                return Err(ScoringError::new(what));
            }
            let data = typed(spec.datatype, flat.into_iter())
                .map_err(|e| e.at(format!("tensor {:?}", spec.name)))?;
            Ok(Tensor { name: tensor.name, shape: tensor.shape, data })
        })
        .collect()
}

fn flatten(values: Vec<Value>, into: &mut Vec<Value>) {
    for value in values {
        match value {
            Value::Array(inner) => flatten(inner, into),
            other => into.push(other),
        }
    }
}

/// Numbers as elements of a type; one that the type cannot hold is refused.
fn typed(datatype: Datatype, values: impl Iterator<Item = Value>) -> Result<Data, ScoringError> {
    let mut data = Data::with_capacity(datatype, values.size_hint().0);
    let whole = |value: &Value| match value.as_f64() {
        Some(x) if !value.is_i64() && !value.is_u64() && x.fract() == 0.0 && x.abs() < 9e15 => {
            Some(x as i128)
        }
        _ => value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from)),
    };
    for value in values {
        let refused = || ScoringError::new(format!("{value} is no {datatype}"));
        macro_rules! whole_ones {
            ($elements:ident) => {
                $elements.push(whole(&value).and_then(|x| x.try_into().ok()).ok_or_else(refused)?)
            };
        }
        match &mut data {
            Data::Bool(elements) => elements.push(value.as_bool().ok_or_else(refused)?),
            Data::F32(elements) => elements.push(value.as_f64().ok_or_else(refused)? as f32),
            Data::F64(elements) => elements.push(value.as_f64().ok_or_else(refused)?),
            Data::I8(elements) => whole_ones!(elements),
            Data::I16(elements) => whole_ones!(elements),
            Data::I32(elements) => whole_ones!(elements),
            Data::I64(elements) => whole_ones!(elements),
            Data::U8(elements) => whole_ones!(elements),
            Data::U16(elements) => whole_ones!(elements),
            Data::U32(elements) => whole_ones!(elements),
            Data::U64(elements) => whole_ones!(elements),
        }
    }
    Ok(data)
}

/// Holds answers beside the expected ones; gives the largest difference, relative where the expected is above one.
///
/// # Errors
/// At the first row that differs by more than the tolerance or is decided otherwise.
pub fn compare(expected: &[Tensor], found: &[Tensor], tolerance: f64) -> Result<f64, ScoringError> {
    let mut largest = 0.0_f64;
    for (expected, found) in expected.iter().zip(found) {
        let place = format!("golden rows: output {:?}", expected.name);
        if expected.shape != found.shape || expected.data.datatype() != found.data.datatype() {
            let what = format!("has shape {:?}, expected {:?}", found.shape, expected.shape);
            return Err(ScoringError::new(what).at(place));
        }
        for (at, (e, f)) in numbers(&expected.data).into_iter().zip(numbers(&found.data)).enumerate() {
            let difference = (f - e).abs() / e.abs().max(1.0);
            // Written so that a NaN is no match.
            if !(difference <= tolerance) {
                let what = format!("element {at} is {f}, expected {e}; the tolerance is {tolerance}");
                return Err(ScoringError::new(what).at(place));
            }
            largest = largest.max(difference);
        }
    }
    Ok(largest)
}

/// Whether each golden row is decided at the threshold as it should.
///
/// # Errors
/// At the first that is not.
pub fn decide(expected: &[Tensor], found: &[Tensor], manifest: &Manifest) -> Result<(), ScoringError> {
    let (Some(threshold), Some(output)) = (&manifest.threshold, &manifest.score_output) else {
        return Ok(());
    };
    let of = |tensors: &[Tensor]| {
        tensors
            .iter()
            .find(|tensor| tensor.name == *output)
            .map(|tensor| numbers(&tensor.data))
            .unwrap_or_default()
    };
    let differs = of(expected)
        .into_iter()
        .zip(of(found))
        .position(|(e, f)| (e >= threshold.value) != (f >= threshold.value));
    match differs {
        None => Ok(()),
        Some(row) => {
            let what =
                format!("golden row {row} falls on the other side of the threshold {}", threshold.value);
            Err(ScoringError::new(what))
        }
    }
}

#[allow(clippy::unnecessary_cast, reason = "one of the element types is f64")]
fn numbers(data: &Data) -> Vec<f64> {
    if let Data::Bool(elements) = data {
        return elements.iter().map(|x| f64::from(u8::from(*x))).collect();
    }
    macro_rules! cast {
        ($($kind:ident),*) => {
            match data {
                Data::Bool(_) => Vec::new(),
                $(Data::$kind(elements) => elements.iter().map(|x| *x as f64).collect(),)*
            }
        };
    }
    cast!(I8, I16, I32, I64, U8, U16, U32, U64, F32, F64)
}

/// Some rows of tensors whose first dimension counts rows.
#[must_use]
pub fn rows(tensors: &[Tensor], from: usize, to: usize) -> Vec<Tensor> {
    tensors
        .iter()
        .map(|tensor| {
            let width: usize = tensor.shape.iter().skip(1).product();
            let mut shape = tensor.shape.clone();
            if let Some(first) = shape.first_mut() {
                *first = to - from;
            }
            let mut data = Data::with_capacity(tensor.data.datatype(), (to - from) * width);
            data.extend(&tensor.data, from * width..to * width);
            debug_assert_eq!(each!(&data, elements => elements.len()), (to - from) * width);
            Tensor { name: tensor.name.clone(), shape, data }
        })
        .collect()
}
