//! Values on the wire and in memory: a tensor's datatype, shape and elements out of JSON numbers or little-endian
//! bytes, and back into bytes. In: what the request says. Out: typed elements, or a sentence that says what is wrong.
//! A value that its datatype cannot hold is refused by its index; no value is rounded but to FP32 or FP64.

use super::numbers::{Numbers, Values};
use crate::scoring::{Data, Datatype};

/// The datatype of that name.
///
/// # Errors
/// When it is none that is carried.
pub fn datatype(name: &str) -> Result<Datatype, String> {
    Datatype::named(name).ok_or_else(|| {
        let short: String = name.chars().take(32).collect();
        let all = Datatype::ALL.map(Datatype::name).join(", ");
        format!("datatype '{short}' is not taken here; {all} are")
    })
}

/// A shape and the number of elements it has.
///
/// # Errors
/// When a dimension is negative or their product cannot be counted.
pub fn shape(given: &[i64]) -> Result<(Vec<usize>, usize), String> {
    let dimension = |(at, &size): (usize, &i64)| {
        usize::try_from(size)
            .map_err(|_| format!("shape[{at}] is {size}; a request's dimensions are 0 or more"))
    };
    let shape: Vec<usize> = given.iter().enumerate().map(dimension).collect::<Result<_, _>>()?;
    let elements = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let elements =
        elements.ok_or_else(|| format!("shape {shape:?} has more elements than can be counted"))?;
    Ok((shape, elements))
}

/// Elements out of JSON numbers.
///
/// # Errors
/// When they are not as many as the shape says, are nested otherwise, or one does not fit the datatype.
pub fn of_numbers(numbers: Numbers, to: Datatype, shape: &[usize], elements: usize) -> Result<Data, String> {
    let Numbers { values, nesting } = numbers;
    if values.len() != elements {
        return Err(format!("shape {shape:?} has {elements} elements, but data has {}", values.len()));
    }
    if nesting.len() > 1 && nesting != shape {
        return Err(format!("shape is {shape:?}, but data is nested as {nesting:?}"));
    }
    Ok(match to {
        Datatype::Bool => Data::Bool(flags(values)?),
        Datatype::Int8 => Data::I8(whole(values, to)?),
        Datatype::Int16 => Data::I16(whole(values, to)?),
        Datatype::Int32 => Data::I32(whole(values, to)?),
        Datatype::Int64 => Data::I64(whole(values, to)?),
        Datatype::Uint8 => Data::U8(whole(values, to)?),
        Datatype::Uint16 => Data::U16(whole(values, to)?),
        Datatype::Uint32 => Data::U32(whole(values, to)?),
        Datatype::Uint64 => Data::U64(whole(values, to)?),
        Datatype::Fp32 => Data::F32(real(values, to)?),
        Datatype::Fp64 => Data::F64(real(values, to)?),
    })
}

fn flags(values: Values) -> Result<Vec<bool>, String> {
    match values {
        Values::Flags(flags) => Ok(flags),
        other if other.len() == 0 => Ok(Vec::new()),
        _ => Err("data of BOOL are true and false".into()),
    }
}

fn whole<T: TryFrom<i64> + TryFrom<u64>>(values: Values, to: Datatype) -> Result<Vec<T>, String> {
    let unfit = |at: usize, value: &dyn std::fmt::Display| format!("data[{at}] is {value}, which is no {to}");
    match values {
        Values::Flags(_) => Err(format!("data of {to} are numbers, not true and false")),
        Values::Whole(values) => {
            let one = |(at, value): (usize, i64)| T::try_from(value).map_err(|_| unfit(at, &value));
            values.into_iter().enumerate().map(one).collect()
        }
        Values::Natural(values) => {
            let one = |(at, value): (usize, u64)| T::try_from(value).map_err(|_| unfit(at, &value));
            values.into_iter().enumerate().map(one).collect()
        }
        Values::Real { values, first } => {
            Err(unfit(first, &format_args!("{:?}", values.get(first).copied().unwrap_or_default())))
        }
    }
}

/// Both floats, as Rust rounds to them.
trait Real: Copy {
    fn of_i64(value: i64) -> Self;
    fn of_u64(value: u64) -> Self;
    fn of_f64(value: f64) -> Self;
    fn is_finite(self) -> bool;
}

macro_rules! real {
    ($($float:ty),*) => {$(
        impl Real for $float {
            fn of_i64(value: i64) -> Self { value as Self }
            fn of_u64(value: u64) -> Self { value as Self }
            fn of_f64(value: f64) -> Self { value as Self }
            fn is_finite(self) -> bool { self.is_finite() }
        }
    )*};
}
real!(f32, f64);

fn real<T: Real>(values: Values, to: Datatype) -> Result<Vec<T>, String> {
    let values: Vec<T> = match values {
        Values::Flags(_) => return Err(format!("data of {to} are numbers, not true and false")),
        Values::Whole(values) => values.into_iter().map(T::of_i64).collect(),
        Values::Natural(values) => values.into_iter().map(T::of_u64).collect(),
        Values::Real { values, .. } => values.into_iter().map(T::of_f64).collect(),
    };
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(format!("data[{at}] is larger than {to} can hold")),
        None => Ok(values),
    }
}

/// Elements out of little-endian bytes; a part of an element at the end is the caller's to refuse.
///
/// # Errors
/// When a byte of BOOL is neither 0 nor 1.
pub fn of_bytes(bytes: &[u8], datatype: Datatype) -> Result<Data, String> {
    let flag = |(at, &byte): (usize, &u8)| match byte {
        0 | 1 => Ok(byte == 1),
        _ => Err(format!("byte {at} of its binary data is {byte}, which is no BOOL")),
    };
    Ok(match datatype {
        Datatype::Bool => Data::Bool(bytes.iter().enumerate().map(flag).collect::<Result<_, _>>()?),
        Datatype::Int8 => Data::I8(each(bytes, i8::from_le_bytes)),
        Datatype::Int16 => Data::I16(each(bytes, i16::from_le_bytes)),
        Datatype::Int32 => Data::I32(each(bytes, i32::from_le_bytes)),
        Datatype::Int64 => Data::I64(each(bytes, i64::from_le_bytes)),
        Datatype::Uint8 => Data::U8(bytes.to_vec()),
        Datatype::Uint16 => Data::U16(each(bytes, u16::from_le_bytes)),
        Datatype::Uint32 => Data::U32(each(bytes, u32::from_le_bytes)),
        Datatype::Uint64 => Data::U64(each(bytes, u64::from_le_bytes)),
        Datatype::Fp32 => Data::F32(each(bytes, f32::from_le_bytes)),
        Datatype::Fp64 => Data::F64(each(bytes, f64::from_le_bytes)),
    })
}

fn each<T, const WIDTH: usize>(bytes: &[u8], read: impl Fn([u8; WIDTH]) -> T) -> Vec<T> {
    bytes.as_chunks::<WIDTH>().0.iter().map(|chunk| read(*chunk)).collect()
}

/// Appends elements as little-endian bytes.
pub fn put_bytes(data: &Data, out: &mut Vec<u8>) {
    macro_rules! put {
        ($($kind:ident),*) => {
            match data {
                Data::Bool(flags) => out.extend(flags.iter().map(|&flag| u8::from(flag))),
                $(Data::$kind(elements) => out.extend(elements.iter().flat_map(|element| element.to_le_bytes())),)*
            }
        };
    }
    put!(I8, I16, I32, I64, U8, U16, U32, U64, F32, F64);
}
