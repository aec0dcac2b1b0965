//! `GET /` and `GET /page/{file}`: the page for people, out of the program itself. In: a file's name. Out: its bytes
//! with a tag, and a policy under which only the page's own files run and only this daemon is asked.
//!
//! The files lie in `site/`: one ES module a panel, small shared modules, and uPlot as its maker publishes it.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::matches_tag;
use super::fingerprint::Fingerprint;
use super::problem::{Code, Problem};
use super::responses::SiteFile;

/// Nothing inline, nothing from elsewhere, and no text ever becomes markup (`require-trusted-types-for`).
const ONLY_THE_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// One file of the page.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal $kind:expr),+ $(,)?) => {
        [$(Asset { name: $name, kind: $kind, bytes: include_bytes!(concat!("site/", $name)) }),+]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const TABLE: &str = "text/csv; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ASSETS: [Asset; 42] = assets! {
    "alerts.js" JS,
    "api.js" JS,
    "app.js" JS,
    "attempt.js" JS,
    "chart.js" JS,
    "controls.js" JS,
    "dom.js" JS,
    "example-scores.csv" TABLE,
    "feeds.js" JS,
    "figure.js" JS,
    "format.js" JS,
    "fraud.js" JS,
    "fraud_counts.js" JS,
    "fraud_threshold.js" JS,
    "icon.svg" SVG,
    "impact.js" JS,
    "impact_law.js" JS,
    "impact_scatter.js" JS,
    "impact_slopes.js" JS,
    "index.html" HTML,
    "job_card.js" JS,
    "job_form.js" JS,
    "jobs.js" JS,
    "key.js" JS,
    "known.js" JS,
    "look.js" JS,
    "page.css" CSS,
    "panels.css" CSS,
    "plots.js" JS,
    "pretrade.js" JS,
    "pretrade_answer.js" JS,
    "pretrade_charts.js" JS,
    "slope.js" JS,
    "state.js" JS,
    "stream.js" JS,
    "table.js" JS,
    "tape.js" JS,
    "tape_figure.js" JS,
    "time.js" JS,
    "uplot-LICENSE.txt" TEXT,
    "uplot.css" CSS,
    "uplot.js" JS,
};

/// The files' tags, in their order.
static TAGS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| ASSETS.iter().map(tag).collect());

/// The page
///
/// Feeds, live bars, impact, pre-trade estimates, fraud and jobs, in a browser. Its files are those of this program:
/// nothing is fetched from elsewhere.
#[utoipa::path(get, path = "/", tag = "description", operation_id = "home", responses(SiteFile))]
pub async fn home(headers: HeaderMap) -> Result<Response, Problem> {
    answer("index.html", &headers)
}

/// A file of the page
#[utoipa::path(get, path = "/page/{file}", tag = "description", operation_id = "page_file",
    params(("file" = String, Path, description = "Its name", example = "app.js")),
    responses(SiteFile))]
pub async fn file(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Bytes that are no text name no file.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    answer(&name, &headers)
}

fn answer(name: &str, asked: &HeaderMap) -> Result<Response, Problem> {
    let found = ASSETS.iter().zip(TAGS.iter()).find(|(asset, _)| asset.name == name);
    let Some((asset, tag)) = found else {
        return Err(Problem::new(Code::UnknownRoute, "the page has no such file"));
    };
    let headers = [
        (header::ETAG, tag.clone()),
        // Kept, and asked for again by its tag: a new program's page is seen at once.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ONLY_THE_PAGE)),
    ];
    let known = asked.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.zip(tag.to_str().ok()).is_some_and(|(known, tag)| matches_tag(known, tag)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, [(header::CONTENT_TYPE, asset.kind)], asset.bytes).into_response())
}

fn tag(asset: &Asset) -> HeaderValue {
    let tag = format!("\"{:016x}\"", Fingerprint::default().with(asset.bytes).value());
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(name: &str) -> &'static str {
        let asset = ASSETS.iter().find(|asset| asset.name == name).expect("an asset");
        std::str::from_utf8(asset.bytes).expect("text")
    }

    /// What stands between a mark and the quote that ends it.
    fn quoted<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
        text.split(mark).skip(1).filter_map(|rest| rest.split('"').next())
    }

    #[test]
    fn every_file_that_is_named_is_there_and_every_file_is_named() {
        let page = text("index.html");
        let mut named: BTreeSet<&str> = quoted(page, "\"/page/").collect();
        for asset in ASSETS.iter().filter(|asset| asset.kind == JS) {
            named.extend(quoted(text(asset.name), " from \"./"));
            named.extend(quoted(text(asset.name), "\"/page/"));
        }
        named.insert("index.html");
        let there: BTreeSet<&str> = ASSETS.iter().map(|asset| asset.name).collect();
        assert_eq!(named, there);
    }

    #[test]
    fn the_page_has_nothing_inline_and_asks_nobody_else() {
        let page = text("index.html");
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:", "<script>", "http:"] {
            assert!(!page.contains(inline), "{inline}");
        }
        for asset in ASSETS.iter().filter(|asset| asset.kind == JS && asset.name != "uplot.js") {
            for markup in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://"]
            {
                assert!(!text(asset.name).contains(markup), "{} has {markup}", asset.name);
            }
        }
    }

    #[test]
    fn a_file_carries_its_policy_and_tag_and_is_not_sent_twice() {
        let first = answer("app.js", &HeaderMap::new()).expect("the file");
        let policy = first.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        for rule in ["default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(first.headers()[header::CONTENT_TYPE], JS);
        let tag = first.headers()[header::ETAG].clone();
        let again =
            answer("app.js", &HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)])).expect("an answer");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(answer("../Cargo.toml", &HeaderMap::new()).is_err());
    }
}
