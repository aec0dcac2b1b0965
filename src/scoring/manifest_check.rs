//! Whether the parts of a manifest agree with each other, whatever the graph says. The first fault is told by its
//! field.

use std::collections::BTreeSet;

use super::error::ScoringError;
use super::manifest::{FileRef, Kind, Manifest};
use super::tensor::{Datatype, TensorSpec};
use crate::limits::{SCORING_DIMENSIONS_MAX, SCORING_GOLDEN_MAX_BYTES, SCORING_TENSORS_MAX};

/// The layout that is read.
const FORMAT: u32 = 1;
/// Largest tolerance that still says something.
const TOLERANCE_MAX: f64 = 1e-2;
/// Longest name.
const NAME_MAX_CHARS: usize = 128;

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// At an unknown, missing or unfit field, by its name.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScoringError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| ScoringError::new(e.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ScoringError> {
        require(self.format == FORMAT, || format!("format is {}; {FORMAT} is read", self.format))?;
        require(plain_name(&self.name), || {
            format!("name is {:?}; use letters, digits, '-', '_' and '.'", self.name)
        })?;
        require(self.version > 0, || "version is 0; it counts from 1".into())?;
        file(&self.model, "model")?;
        file(&FileRef { file: self.golden.file.clone(), sha256: self.golden.sha256.clone() }, "golden")?;
        specs(&self.inputs, "inputs")?;
        specs(&self.outputs, "outputs")?;
        self.check_golden()?;
        if let Some(share) = self.prevalence {
            require(share > 0.0 && share < 1.0, || {
                format!("prevalence is {share}; it lies between 0 and 1")
            })?;
        }
        match self.kind {
            Kind::Score => self.check_score(),
            Kind::Tensor => {
                let stray =
                    self.features.is_some() || self.threshold.is_some() || self.score_output.is_some();
                let what = "a model of kind \"tensor\" has no features, threshold or score_output";
                require(!stray, || what.into())
            }
        }
    }

    fn check_golden(&self) -> Result<(), ScoringError> {
        let golden = &self.golden;
        require(golden.rows > 0, || "golden.rows is 0; a model without golden rows is not served".into())?;
        require(golden.rows as u64 <= SCORING_GOLDEN_MAX_BYTES, || "golden.rows is too many".into())?;
        for (name, value) in
            [("tolerance_cpu", golden.tolerance_cpu), ("tolerance_cuda", golden.tolerance_cuda)]
        {
            require((0.0..=TOLERANCE_MAX).contains(&value), || {
                format!("golden.{name} is {value}; it lies between 0 and {TOLERANCE_MAX}")
            })?;
        }
        Ok(())
    }

    fn check_score(&self) -> Result<(), ScoringError> {
        let missing = |field: &str| {
            ScoringError::new(format!(
                "{field} is missing; only a model of \"kind\": \"tensor\" does without"
            ))
        };
        let features = self.features.as_ref().ok_or_else(|| missing("features"))?;
        let threshold = self.threshold.as_ref().ok_or_else(|| missing("threshold"))?;
        let output = self.score_output.as_ref().ok_or_else(|| missing("score_output"))?;
        self.training.as_ref().ok_or_else(|| missing("training"))?;
        self.prevalence.ok_or_else(|| missing("prevalence"))?;
        require(threshold.value.is_finite(), || "threshold.value is not finite".into())?;
        unique(features.names.iter().map(String::as_str), "features.names")?;
        let wide = i64::try_from(features.names.len()).unwrap_or_default();
        let fits = matches!(self.inputs.as_slice(), [one] if one.datatype == Datatype::Fp32 && one.shape == [-1, wide]);
        require(wide > 0 && fits, || {
            format!(
                "inputs: a score model has one, FP32 of shape [-1, {wide}]: a column for each of features.names"
            )
        })?;
        let usual = features.usual.as_ref();
        require(
            usual.is_none_or(|u| u.len() == features.names.len() && u.iter().all(|x| x.is_finite())),
            || format!("features.usual: {wide} finite numbers are wanted, one for each of features.names"),
        )?;
        let one_a_row = |spec: &TensorSpec| spec.shape == [-1] || spec.shape == [-1, 1];
        for spec in &self.outputs {
            require(one_a_row(spec), || {
                format!("outputs: {:?} of a score model has one number a row: [-1]", spec.name)
            })?;
        }
        let score = self.outputs.iter().find(|spec| spec.name == *output);
        require(score.is_some_and(|spec| spec.datatype == Datatype::Fp32), || {
            format!("score_output is {output:?}, which is no FP32 output of the model")
        })
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), ScoringError> {
    if holds { Ok(()) } else { Err(ScoringError::new(otherwise())) }
}

/// A name that cannot lead elsewhere.
pub fn plain_name(name: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= NAME_MAX_CHARS && !name.starts_with('.') && name.chars().all(sound)
}

fn file(file: &FileRef, field: &str) -> Result<(), ScoringError> {
    require(plain_name(&file.file), || {
        format!("{field}.file is {:?}; it must be the plain name of a file in the same folder", file.file)
    })?;
    let hexadecimal =
        file.sha256.len() == 64 && file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    require(hexadecimal, || {
        format!("{field}.sha256 is {:?}; 64 lower-case hexadecimal digits are wanted", file.sha256)
    })
}

fn specs(specs: &[TensorSpec], field: &str) -> Result<(), ScoringError> {
    require((1..=SCORING_TENSORS_MAX).contains(&specs.len()), || {
        format!("{field} has {} entries; 1 to {SCORING_TENSORS_MAX} are wanted", specs.len())
    })?;
    unique(specs.iter().map(|spec| spec.name.as_str()), field)?;
    for spec in specs {
        let sound =
            spec.shape.len() <= SCORING_DIMENSIONS_MAX && spec.shape.iter().all(|d| *d == -1 || *d > 0);
        require(sound, || {
            format!("{field}: the shape of {:?} is {:?}; -1 is a free dimension", spec.name, spec.shape)
        })?;
    }
    Ok(())
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, field: &str) -> Result<(), ScoringError> {
    let mut seen = BTreeSet::new();
    for name in names {
        require(!name.is_empty() && seen.insert(name), || {
            format!("{field}: {name:?} stands there twice or is empty")
        })?;
    }
    Ok(())
}
