//! A request held beside what the model wants. In: tensors as they came. Out: the same in the graph's order, with the
//! number of rows, or the first fault.

use super::error::InferError;
use super::tensor::{Data, Tensor, TensorSpec};
use crate::limits::{SCORING_ELEMENTS_MAX, SCORING_ROWS_MAX};

/// Elements looked at together for one that is not finite.
const LOOKED_AT_TOGETHER: usize = 256;

/// What a model takes and gives.
#[derive(Debug)]
pub struct Wants<'a> {
    /// In the graph's order.
    pub inputs: &'a [TensorSpec],
    /// In the graph's order.
    pub outputs: &'a [TensorSpec],
    /// Whether all first dimensions count rows.
    pub batches: bool,
}

impl Wants<'_> {
    /// Checks inputs; gives them in the graph's order with their number of rows.
    ///
    /// # Errors
    /// At the first fault.
    pub fn admit(&self, inputs: Vec<Tensor>) -> Result<(Vec<Tensor>, usize), InferError> {
        let mut slots: Vec<Option<Tensor>> = self.inputs.iter().map(|_| None).collect();
        for tensor in inputs {
            let Some(at) = self.inputs.iter().position(|spec| spec.name == tensor.name) else {
                return Err(InferError::UnknownInput { name: tensor.name, known: names(self.inputs) });
            };
            if slots[at].is_some() {
                return Err(InferError::Duplicate { name: tensor.name });
            }
            slots[at] = Some(tensor);
        }
        let mut ordered = Vec::with_capacity(slots.len());
        for (slot, spec) in slots.into_iter().zip(self.inputs) {
            let tensor = slot.ok_or_else(|| InferError::Missing { name: spec.name.clone() })?;
            fits(&tensor, spec)?;
            ordered.push(tensor);
        }
        let rows = self.rows(&ordered)?;
        let elements: usize = ordered.iter().map(|tensor| tensor.data.len()).sum();
        if rows > SCORING_ROWS_MAX || elements > SCORING_ELEMENTS_MAX {
            let (rows_max, elements_max) = (SCORING_ROWS_MAX, SCORING_ELEMENTS_MAX);
            return Err(InferError::TooManyRows { rows, elements, rows_max, elements_max });
        }
        for tensor in &ordered {
            if let Some(index) = first_not_finite(&tensor.data) {
                return Err(InferError::NotFinite { name: tensor.name.clone(), index });
            }
        }
        Ok((ordered, rows))
    }

    fn rows(&self, ordered: &[Tensor]) -> Result<usize, InferError> {
        let rows = |tensor: &Tensor| tensor.shape.first().copied().unwrap_or(1);
        let first = ordered.first().map_or(1, rows);
        match ordered.iter().find(|tensor| self.batches && rows(tensor) != first) {
            None => Ok(first),
            Some(other) => {
                let what = format!("has {} rows, {:?} has {first}", rows(other), ordered[0].name);
                Err(InferError::WrongShape { name: other.name.clone(), what })
            }
        }
    }

    /// Which outputs are asked for, as places in the graph's order; none named: all.
    ///
    /// # Errors
    /// At one that the model has not, or that is named twice.
    pub fn chosen(&self, outputs: &[String]) -> Result<Vec<usize>, InferError> {
        if outputs.is_empty() {
            return Ok((0..self.outputs.len()).collect());
        }
        let mut chosen = Vec::with_capacity(outputs.len());
        for name in outputs {
            let at = self.outputs.iter().position(|spec| spec.name == *name);
            let at = at.ok_or_else(|| InferError::UnknownOutput {
                name: name.clone(),
                known: names(self.outputs),
            })?;
            if chosen.contains(&at) {
                return Err(InferError::Duplicate { name: name.clone() });
            }
            chosen.push(at);
        }
        Ok(chosen)
    }
}

fn names(specs: &[TensorSpec]) -> Vec<String> {
    specs.iter().map(|spec| spec.name.clone()).collect()
}

fn fits(tensor: &Tensor, spec: &TensorSpec) -> Result<(), InferError> {
    let name = || tensor.name.clone();
    let found = tensor.data.datatype();
    if found != spec.datatype {
        return Err(InferError::WrongDatatype { name: name(), wanted: spec.datatype, found });
    }
    let wrong = |what: String| Err(InferError::WrongShape { name: name(), what });
    let elements = tensor.shape.iter().try_fold(1_usize, |product, d| product.checked_mul(*d));
    if elements != Some(tensor.data.len()) {
        let product = elements.map_or_else(|| "more than there is memory".to_owned(), |n| n.to_string());
        let found = tensor.data.len();
        return wrong(format!("shape {:?} has {product} elements, {found} are given", tensor.shape));
    }
    if !spec.admits(&tensor.shape) && !tensor.data.is_empty() || spec.shape.len() != tensor.shape.len() {
        return wrong(format!(
            "has shape {:?}; the model wants {:?}, -1 being any",
            tensor.shape, spec.shape
        ));
    }
    if tensor.data.is_empty() {
        return Err(InferError::Empty { name: name() });
    }
    Ok(())
}

/// The first element that is NaN or infinite. Its exponent's bits are all set; looked at many at a time.
fn first_not_finite(data: &Data) -> Option<usize> {
    const EXPONENT: u32 = 0x7f80_0000;
    if let Data::F32(elements) = data {
        let unfit =
            |part: &[f32]| part.iter().fold(false, |unfit, x| unfit | (x.to_bits() & EXPONENT == EXPONENT));
        let part = elements.chunks(LOOKED_AT_TOGETHER).position(unfit)?;
        let from = part * LOOKED_AT_TOGETHER;
        return elements[from..].iter().position(|x| !x.is_finite()).map(|at| from + at);
    }
    data.first_not_finite()
}
