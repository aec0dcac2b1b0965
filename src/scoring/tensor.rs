//! Tensors as they enter and leave a model: named, typed, shaped, row-major. Datatype names are those of the Open
//! Inference Protocol v2. Element types that statistics do not use (half floats, strings) are not carried.

use serde::{Deserialize, Serialize};

/// Type of a tensor's elements.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Datatype {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Fp32,
    Fp64,
}

impl Datatype {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Bool,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::Fp32,
        Self::Fp64,
    ];

    /// The protocol's name: `FP32`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Int8 => "INT8",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Uint8 => "UINT8",
            Self::Uint16 => "UINT16",
            Self::Uint32 => "UINT32",
            Self::Uint64 => "UINT64",
            Self::Fp32 => "FP32",
            Self::Fp64 => "FP64",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|datatype| datatype.name() == name)
    }

    /// Bytes of an element.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Bool | Self::Int8 | Self::Uint8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Fp32 => 4,
            Self::Int64 | Self::Uint64 | Self::Fp64 => 8,
        }
    }
}

impl std::fmt::Display for Datatype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A tensor's elements, row-major.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Data {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// Does the same with the elements of whatever type.
macro_rules! each {
    ($data:expr, $elements:ident => $body:expr) => {
        match $data {
            $crate::scoring::tensor::Data::Bool($elements) => $body,
            $crate::scoring::tensor::Data::I8($elements) => $body,
            $crate::scoring::tensor::Data::I16($elements) => $body,
            $crate::scoring::tensor::Data::I32($elements) => $body,
            $crate::scoring::tensor::Data::I64($elements) => $body,
            $crate::scoring::tensor::Data::U8($elements) => $body,
            $crate::scoring::tensor::Data::U16($elements) => $body,
            $crate::scoring::tensor::Data::U32($elements) => $body,
            $crate::scoring::tensor::Data::U64($elements) => $body,
            $crate::scoring::tensor::Data::F32($elements) => $body,
            $crate::scoring::tensor::Data::F64($elements) => $body,
        }
    };
}
pub(super) use each;

impl Data {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        each!(self, elements => elements.len())
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Type of the elements.
    #[must_use]
    pub const fn datatype(&self) -> Datatype {
        match self {
            Self::Bool(_) => Datatype::Bool,
            Self::I8(_) => Datatype::Int8,
            Self::I16(_) => Datatype::Int16,
            Self::I32(_) => Datatype::Int32,
            Self::I64(_) => Datatype::Int64,
            Self::U8(_) => Datatype::Uint8,
            Self::U16(_) => Datatype::Uint16,
            Self::U32(_) => Datatype::Uint32,
            Self::U64(_) => Datatype::Uint64,
            Self::F32(_) => Datatype::Fp32,
            Self::F64(_) => Datatype::Fp64,
        }
    }

    /// No elements, with room for some.
    #[must_use]
    pub fn with_capacity(datatype: Datatype, elements: usize) -> Self {
        match datatype {
            Datatype::Bool => Self::Bool(Vec::with_capacity(elements)),
            Datatype::Int8 => Self::I8(Vec::with_capacity(elements)),
            Datatype::Int16 => Self::I16(Vec::with_capacity(elements)),
            Datatype::Int32 => Self::I32(Vec::with_capacity(elements)),
            Datatype::Int64 => Self::I64(Vec::with_capacity(elements)),
            Datatype::Uint8 => Self::U8(Vec::with_capacity(elements)),
            Datatype::Uint16 => Self::U16(Vec::with_capacity(elements)),
            Datatype::Uint32 => Self::U32(Vec::with_capacity(elements)),
            Datatype::Uint64 => Self::U64(Vec::with_capacity(elements)),
            Datatype::Fp32 => Self::F32(Vec::with_capacity(elements)),
            Datatype::Fp64 => Self::F64(Vec::with_capacity(elements)),
        }
    }

    /// Appends a range of another's elements; false, and nothing done, if the types differ or the range is not there.
    pub fn extend(&mut self, other: &Self, range: std::ops::Range<usize>) -> bool {
        macro_rules! same {
            ($($kind:ident),*) => {
                match (self, other) {
                    $((Self::$kind(mine), Self::$kind(theirs)) => {
                        theirs.get(range).map(|part| mine.extend_from_slice(part)).is_some()
                    })*
                    _ => false,
                }
            };
        }
        same!(Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64)
    }

    /// The first element that is NaN or infinite.
    #[must_use]
    pub fn first_not_finite(&self) -> Option<usize> {
        match self {
            Self::F32(elements) => elements.iter().position(|x| !x.is_finite()),
            Self::F64(elements) => elements.iter().position(|x| !x.is_finite()),
            _ => None,
        }
    }
}

/// A tensor with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Which input or output.
    pub name: String,
    /// Its dimensions; their product is the number of elements.
    pub shape: Vec<usize>,
    /// Its elements.
    pub data: Data,
}

/// What a model expects or gives.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorSpec {
    /// Its name in the graph.
    pub name: String,
    /// Type of its elements.
    pub datatype: Datatype,
    /// Its dimensions; -1 is free.
    pub shape: Vec<i64>,
}

impl TensorSpec {
    /// Whether the first dimension is free: any number of rows.
    #[must_use]
    pub fn has_free_rows(&self) -> bool {
        self.shape.first() == Some(&-1)
    }

    /// Whether a shape is one of these.
    #[must_use]
    pub fn admits(&self, shape: &[usize]) -> bool {
        self.shape.len() == shape.len()
            && self.shape.iter().zip(shape).all(|(wanted, found)| {
                *wanted == -1 || usize::try_from(*wanted).is_ok_and(|wanted| wanted == *found)
            })
    }
}
