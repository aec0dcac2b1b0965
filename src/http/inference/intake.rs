//! The body of an inference request: read within its bounds, unpacked, and parsed off the accept loop's threads
//! when it is large. All bodies that are held at a time share one budget, so that many large ones are turned away
//! instead of filling the memory.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::gate::Gate;
use super::compression::Packing;
use super::refusal::Refusal;
use super::request::{self, Asked};
use crate::limits::{INFERENCE_BODIES_MAX_BYTES, INFERENCE_BODY_MAX_BYTES, INFERENCE_SMALL_BYTES};

/// The header that says how long the JSON in front of binary tensors is.
pub const HEAD_LENGTH: &str = "inference-header-content-length";
/// The budget is counted in these.
const PERMIT_BYTES: usize = 1024;

/// Memory for bodies that are held.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Semaphore>);

impl Default for Budget {
    fn default() -> Self {
        Self::of(INFERENCE_BODIES_MAX_BYTES)
    }
}

impl Budget {
    /// So many bytes at a time, together.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / PERMIT_BYTES)))
    }

    /// A share of it; none when too much is held already.
    #[must_use]
    pub fn share(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let permits = u32::try_from(bytes.div_ceil(PERMIT_BYTES)).unwrap_or(u32::MAX);
        self.0.clone().try_acquire_many_owned(permits).ok()
    }

    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let busy = || Refusal::busy("too many large requests are being read; ask again");
        self.share(bytes).ok_or_else(busy)
    }
}

/// A body and its share of the budget.
#[derive(Debug)]
pub struct Held {
    bytes: Bytes,
    packing: Option<Packing>,
    head_bytes: Option<usize>,
    share: OwnedSemaphorePermit,
}

/// Takes a body in.
///
/// # Errors
/// When it or its headers cannot be taken.
pub async fn take(budget: &Budget, mut request: Request) -> Result<Held, Refusal> {
    let headers = request.headers();
    let packing = Packing::of_request(headers)?;
    let head_bytes = head_bytes(headers)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    let most = announced.unwrap_or(INFERENCE_BODY_MAX_BYTES);
    if most > INFERENCE_BODY_MAX_BYTES {
        return Err(Refusal::too_large(INFERENCE_BODY_MAX_BYTES));
    }
    let mut share = budget.take(most)?;
    DefaultBodyLimit::max(most).apply(&mut request);
    let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(INFERENCE_BODY_MAX_BYTES),
        _ => Refusal::bad(format!("the body did not come whole: {}", rejection.body_text())),
    })?;
    let used = bytes.len().div_ceil(PERMIT_BYTES);
    // What a body of unknown length did not need goes back.
    drop(share.split(share.num_permits().saturating_sub(used)));
    Ok(Held { bytes, packing, head_bytes, share })
}

fn head_bytes(headers: &HeaderMap) -> Result<Option<usize>, Refusal> {
    let mut given = headers.get_all(HEAD_LENGTH).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or("?");
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| digits && given.next().is_none());
    parsed.map(Some).ok_or_else(|| {
        let short: String = text.chars().take(32).collect();
        Refusal::bad(format!("Inference-Header-Content-Length: '{short}' is not one whole number of bytes"))
    })
}

impl Held {
    /// The request's id, for a refusal that does not look into the rest.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        let unpacked = self.packing.map(|packing| packing.unpack(&self.bytes, INFERENCE_SMALL_BYTES));
        let json = match &unpacked {
            None => &self.bytes[..],
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return None,
        };
        request::id_of(json.get(..self.head_bytes.unwrap_or(json.len()))?)
    }

    /// Parses it; a large one waits for a computing permit. Its memory is free when this returns.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn read(self, budget: &Budget, gate: &Gate) -> Result<Asked, Refusal> {
        if self.packing.is_none() && self.bytes.len() <= INFERENCE_SMALL_BYTES {
            return self.parse(budget);
        }
        let budget = budget.clone();
        gate.run(move || Ok(self.parse(&budget))).await?
    }

    fn parse(self, budget: &Budget) -> Result<Asked, Refusal> {
        let Self { bytes, packing, head_bytes, share } = self;
        let Some(packing) = packing else {
            return request::read(&bytes, head_bytes);
        };
        let unpacked = packing.unpack(&bytes, INFERENCE_BODY_MAX_BYTES)?;
        drop((bytes, share));
        let _share = budget.take(unpacked.len())?;
        request::read(&unpacked, head_bytes)
    }
}
