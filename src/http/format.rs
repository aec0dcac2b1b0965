//! In which format a table is wanted: `?format=` wins over `Accept`, and JSON is the default.

use axum::http::{HeaderMap, header};

use super::problem::{Code, Problem};

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One document with the rows and the next cursor.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated with a header line.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// Parquet file.
    Parquet,
}

impl Format {
    /// All of them; the earlier one wins where a client likes two equally well.
    pub const ALL: [Self; 5] = [Self::Json, Self::Ndjson, Self::Csv, Self::Arrow, Self::Parquet];

    /// Its name in `?format=`, and the ending of its files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Whether browsers should save it rather than show it.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::Csv | Self::Arrow | Self::Parquet)
    }

    /// Reads a `?format=` value.
    ///
    /// # Errors
    /// When there is no such format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| format!("'{text}' is not a format"))
    }

    /// Chooses by the `Accept` headers.
    ///
    /// # Errors
    /// 406 when nothing that is offered would be accepted.
    pub fn negotiate(headers: &HeaderMap) -> Result<Self, Problem> {
        Self::negotiate_among(headers, &Self::ALL)
    }

    /// The same where only some are offered.
    ///
    /// # Errors
    /// 406 when nothing that is offered would be accepted.
    pub fn negotiate_among(headers: &HeaderMap, offered: &[Self]) -> Result<Self, Problem> {
        let chosen = negotiate_media(headers, &offered.iter().map(|f| f.media_type()).collect::<Vec<_>>())?;
        Ok(offered.iter().copied().find(|format| format.media_type() == chosen).unwrap_or(Self::Json))
    }
}

/// Chooses a media type by the `Accept` headers; the first of those offered where nothing is asked for.
///
/// # Errors
/// 406 when nothing that is offered would be accepted.
pub fn negotiate_media(headers: &HeaderMap, offered: &[&'static str]) -> Result<&'static str, Problem> {
    let given = headers.get_all(header::ACCEPT);
    let ranges: Vec<Range<'_>> =
        given.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',').map(Range::parse)).collect();
    if ranges.iter().all(|range| range.kind.is_empty()) {
        return Ok(offered.first().copied().unwrap_or("application/json"));
    }
    let mut best: Option<(&'static str, f32)> = None;
    for media in offered.iter().copied() {
        let matching = ranges.iter().filter(|range| range.precision(media) > 0);
        let quality = matching.max_by_key(|range| range.precision(media)).map_or(0.0, |range| range.quality);
        if quality > best.map_or(0.0, |(_, q)| q) {
            best = Some((media, quality));
        }
    }
    best.map(|(media, _)| media).ok_or_else(|| {
        let offered = offered.iter().map(|&media| media.to_owned()).collect();
        Problem::new(Code::NotAcceptable, "none of the media types in Accept is offered").at(
            "header/Accept".into(),
            "nothing in it is offered",
            offered,
        )
    })
}

/// One media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().unwrap_or("");
        let quality = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
        let quality = quality.map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0));
        Self { kind, quality }
    }

    /// How closely it names a media type: 0 not at all, 3 to the letter.
    fn precision(&self, media: &str) -> u8 {
        let family = media.split('/').next().unwrap_or("");
        match self.kind.split_once('/') {
            Some(("*", "*")) => 1,
            Some((kind, "*")) if kind.eq_ignore_ascii_case(family) => 2,
            _ if self.kind.eq_ignore_ascii_case(media) => 3,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(accept: &str) -> Option<Format> {
        let value = accept.parse().expect("a header value");
        Format::negotiate(&HeaderMap::from_iter([(header::ACCEPT, value)])).ok()
    }

    #[test]
    fn the_best_liked_format_is_given() {
        assert_eq!(Format::negotiate(&HeaderMap::new()).ok(), Some(Format::Json));
        for (accept, format) in [
            ("", Format::Json),
            ("*/*", Format::Json),
            ("text/csv", Format::Csv),
            ("TEXT/*", Format::Csv),
            ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", Format::Json),
            ("application/json;q=0.5, text/csv;q=0.6", Format::Csv),
            ("application/json;q=0, */*;q=0.1", Format::Ndjson),
            ("application/vnd.apache.parquet, application/json;q=0.9", Format::Parquet),
            ("application/vnd.apache.arrow.stream; charset=x; q=1.0", Format::Arrow),
        ] {
            assert_eq!(accepting(accept), Some(format), "{accept}");
        }
    }

    #[test]
    fn nothing_offered_is_refused() {
        for accept in ["text/html", "application/json;q=0", "json", "*/json", "application/json;q=high"] {
            assert_eq!(accepting(accept), None, "{accept}");
        }
    }
}
