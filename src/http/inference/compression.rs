//! `Content-Encoding` of requests and `Accept-Encoding` of answers: gzip and deflate (zlib, RFC 1950, which is what
//! HTTP means by it). What is unpacked has a bound: a few kilobytes may hold gigabytes.

use std::io::{self, Read, Write};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use flate2::Compression;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use super::refusal::Refusal;

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// zlib.
    Deflate,
}

impl Packing {
    fn named(name: &str) -> Option<Self> {
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        match () {
            () if is("gzip") || is("x-gzip") => Some(Self::Gzip),
            () if is("deflate") => Some(Self::Deflate),
            () => None,
        }
    }

    /// How a request is packed.
    ///
    /// # Errors
    /// When it is packed in a way that is not taken.
    pub fn of_request(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut given = headers.get_all(header::CONTENT_ENCODING).iter();
        let (first, second) = (given.next(), given.next());
        let name = first.map_or("identity", |value| value.to_str().unwrap_or("?").trim());
        let packing = Self::named(name);
        if second.is_some() || (packing.is_none() && !name.eq_ignore_ascii_case("identity")) {
            let short: String = name.chars().take(32).collect();
            let error =
                format!("Content-Encoding '{short}' is not taken; gzip, deflate or none is, and one of them");
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", error));
        }
        Ok(packing)
    }

    /// How an answer may be packed: the first of gzip and deflate that is asked for.
    #[must_use]
    pub fn of_answer(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let choices = given.flat_map(|value| value.split(',')).map(|choice| {
            let (name, quality) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let quality = quality.trim().trim_start_matches("q=").parse().unwrap_or(0.0_f64);
            (Self::named(name.trim()), quality)
        });
        let mut best = None;
        for (packing, quality) in choices {
            if quality > best.map_or(0.0, |(_, quality)| quality) && packing.is_some() {
                best = packing.map(|packing| (packing, quality));
            }
        }
        best.map(|(packing, _)| packing)
    }

    /// The value of `Content-Encoding`.
    #[must_use]
    pub fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        })
    }

    /// Unpacks up to a bound.
    ///
    /// # Errors
    /// When there is more, or the bytes are not packed this way.
    pub fn unpack(self, bytes: &[u8], most: usize) -> Result<Vec<u8>, Refusal> {
        // The first pass counts and keeps nothing, so that a bomb costs no memory; the second fills what is needed.
        let length = self.unpack_into(bytes, most, &mut io::sink())?;
        let mut out = Vec::with_capacity(length);
        self.unpack_into(bytes, most, &mut out)?;
        Ok(out)
    }

    /// How many bytes went into `out`, which may be one more than may be.
    fn unpack_into(self, bytes: &[u8], most: usize, out: &mut impl Write) -> Result<usize, Refusal> {
        let bound = most as u64 + 1;
        let (read, word) = match self {
            Self::Gzip => (io::copy(&mut MultiGzDecoder::new(bytes).take(bound), out), "gzip"),
            Self::Deflate => (io::copy(&mut ZlibDecoder::new(bytes).take(bound), out), "deflate (zlib)"),
        };
        match read {
            Ok(length) if length == bound => Err(Refusal::too_large(most)),
            Ok(length) => Ok(length as usize),
            Err(error) => Err(Refusal::bad(format!("the body is not sound {word}: {error}"))),
        }
    }

    /// Packs, fast rather than small.
    ///
    /// # Errors
    /// None in memory; what the codec says.
    pub fn pack(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let out = Vec::with_capacity(bytes.len() / 2);
        match self {
            Self::Gzip => {
                let mut packer = GzEncoder::new(out, Compression::fast());
                packer.write_all(bytes)?;
                packer.finish()
            }
            Self::Deflate => {
                let mut packer = ZlibEncoder::new(out, Compression::fast());
                packer.write_all(bytes)?;
                packer.finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_to_itself_within_its_bound() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(|i| (i % 977).to_le_bytes()).collect();
        for packing in [Packing::Gzip, Packing::Deflate] {
            let packed = packing.pack(&bytes).expect("packed");
            assert_eq!(packing.unpack(&packed, bytes.len()).expect("whole"), bytes);
            let refused = packing.unpack(&packed, bytes.len() - 1).expect_err("too large");
            assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
            let cut = packing.unpack(&packed[..packed.len() / 2], bytes.len()).expect_err("cut off");
            assert_eq!(cut.status, StatusCode::BAD_REQUEST);
            assert!(packing.unpack(b"not packed", 100).is_err());
        }
    }

    #[test]
    fn headers_choose_the_packing() {
        let accepting = |value: &'static str| {
            Packing::of_answer(&HeaderMap::from_iter([(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(accepting("gzip, deflate"), Some(Packing::Gzip));
        assert_eq!(accepting("deflate"), Some(Packing::Deflate));
        assert_eq!(accepting("br, gzip;q=0.2, deflate;q=0.8"), Some(Packing::Deflate));
        assert_eq!(accepting("gzip;q=0, br"), None);
        assert_eq!(accepting("identity"), None);
        let packed = |value: &'static str| {
            Packing::of_request(&HeaderMap::from_iter([(
                header::CONTENT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(packed("GZIP").expect("taken"), Some(Packing::Gzip));
        assert_eq!(packed("identity").expect("taken"), None);
        assert_eq!(packed("gzip, gzip").expect_err("refused").status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(packed("br").expect_err("refused").status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(Packing::of_request(&HeaderMap::new()).expect("taken"), None);
    }
}
