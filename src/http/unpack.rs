//! A packed body of a request, unpacked within its bounds: so many bytes, and so many times its own length. A bomb is
//! refused once it has grown to the bound, and never further.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};

use super::inference::Packing;
use super::problem::{Code, Problem};
use crate::limits::{HTTP_UNPACKED_RATIO_MAX, HTTP_UNPACKED_SMALL_BYTES};

/// How a body is packed.
///
/// # Errors
/// When it is packed in a way that is not taken.
pub fn packing(headers: &HeaderMap) -> Result<Option<Packing>, Problem> {
    Packing::of_request(headers).map_err(|refusal| {
        let allowed = ["gzip", "deflate", "identity"].map(str::to_owned).to_vec();
        Problem::new(Code::UnsupportedMediaType, refusal.error.clone()).at(
            "header/Content-Encoding".into(),
            refusal.error,
            allowed,
        )
    })
}

/// Unpacks to at most `most` bytes. Blocks for as long as that takes.
///
/// # Errors
/// When there is more in it, or the bytes are not packed this way.
pub fn unpack(bytes: Bytes, packing: Option<Packing>, most: usize) -> Result<Bytes, Problem> {
    let Some(packing) = packing else { return Ok(bytes) };
    let by_ratio = bytes.len().saturating_mul(HTTP_UNPACKED_RATIO_MAX).max(HTTP_UNPACKED_SMALL_BYTES);
    let bound = most.min(by_ratio);
    packing.unpack(&bytes, bound).map(Bytes::from).map_err(|refusal| match refusal.status {
        StatusCode::PAYLOAD_TOO_LARGE if bound < most => {
            let detail = format!(
                "the body unpacks to more than {HTTP_UNPACKED_RATIO_MAX} times its length; send it less packed or plain"
            );
            Problem::new(Code::BodyTooLarge, detail)
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("a body may have {most} bytes at most, unpacked; send it in parts");
            Problem::new(Code::BodyTooLarge, detail)
        }
        _ => Problem::new(Code::InvalidBody, refusal.error),
    })
}
