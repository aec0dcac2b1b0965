//! Query parameters, checked against their own documentation: what `api.yaml` does not list is refused.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::fingerprint::Fingerprint;
use super::format::Format;
use super::page::PageQuery;
use super::problem::{Code, Problem};

/// The parameters of a resource beside those of paging.
pub trait Parameters: IntoParams + Sized + Send {
    /// Takes its values out of what was given.
    ///
    /// # Errors
    /// A refusal that names the parameter.
    fn read(given: &Given) -> Result<Self, Problem>;
}

/// Name and value pairs as they came, decoded; every name once.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<(String, String)>);

impl Given {
    /// Reads the query of a request and refuses names that are not in `known`.
    ///
    /// # Errors
    /// A refusal that names the parameter and those that there are.
    pub fn parse(uri: &Uri, known: &[String]) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let Query(pairs) = pairs.map_err(|e| Problem::new(Code::InvalidParameter, e.body_text()))?;
        for (index, (name, _)) in pairs.iter().enumerate() {
            let trouble = if !known.contains(name) {
                "is not a parameter of this route"
            } else if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                "is given twice"
            } else {
                continue;
            };
            let short: String = name.chars().take(64).collect();
            let problem = Problem::new(Code::UnknownParameter, format!("'{short}' {trouble}"));
            return Err(problem.at(format!("query/{short}"), trouble, known.to_vec()));
        }
        Ok(Self(pairs))
    }

    /// Whether a parameter is given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    /// A parameter's value as `parse` reads it; `allowed` is what the refusal lists.
    ///
    /// # Errors
    /// The refusal, when `parse` does not take the value.
    pub fn one<T>(
        &self,
        name: &str,
        allowed: &[&str],
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Problem> {
        let Some((_, value)) = self.0.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        let allowed = allowed.iter().map(|&a| a.to_owned()).collect();
        parse(value).map(Some).map_err(|message| Problem::invalid(name, message, allowed))
    }

    /// The pairs but for some names, in the order of their names.
    pub fn without<'a>(&'a self, names: &'a [&str]) -> Vec<&'a (String, String)> {
        let mut kept: Vec<_> = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).collect();
        kept.sort();
        kept
    }
}

/// All that was asked of a table.
#[derive(Debug)]
pub struct Asked<Q> {
    /// The resource's own parameters.
    pub query: Q,
    /// Which page.
    pub page: PageQuery,
    /// In which format.
    pub format: Format,
    /// The path as it came.
    pub path: String,
    /// All pairs.
    pub given: Given,
    /// Value of `If-None-Match`.
    pub known_tag: Option<String>,
}

impl<Q> Asked<Q> {
    /// Reads what was asked where `known` are the resource's own parameters and `read` takes their values.
    ///
    /// # Errors
    /// A refusal that names the parameter.
    pub fn read(
        parts: &Parts,
        known: &[Parameter],
        read: impl FnOnce(&Given) -> Result<Q, Problem>,
    ) -> Result<Self, Problem> {
        let paging = PageQuery::into_params(|| Some(ParameterIn::Query));
        let known: Vec<String> =
            known.iter().chain(&paging).map(|parameter| parameter.name.clone()).collect();
        let given = Given::parse(&parts.uri, &known)?;
        let names = Format::ALL.map(Format::name);
        let format = match given.one("format", &names, Format::parse)? {
            Some(format) => format,
            None => Format::negotiate(&parts.headers)?,
        };
        let tag = parts.headers.get(axum::http::header::IF_NONE_MATCH);
        Ok(Self {
            query: read(&given)?,
            page: PageQuery::read(&given)?,
            format,
            path: parts.uri.path().to_owned(),
            known_tag: tag.and_then(|t| t.to_str().ok()).map(str::to_owned),
            given,
        })
    }

    /// Of what is asked, but for the page and the format of the answer.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let parts = self.given.without(&["cursor", "limit", "format"]);
        let start = Fingerprint::default().with(self.path.as_bytes());
        parts.iter().fold(start, |f, (name, value)| f.with(name.as_bytes()).with(value.as_bytes()))
    }
}

impl<Q: Parameters, S: Sync> FromRequestParts<S> for Asked<Q> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(parts, &Q::into_params(|| Some(ParameterIn::Query)), Q::read)
    }
}

/// The `{symbol}` of a path, decoded.
#[derive(Debug)]
pub struct SymbolName(pub String);

impl<S: Sync + Send> FromRequestParts<S> for SymbolName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(symbol)) => Ok(Self(symbol)),
            // Bytes that are no text name no symbol.
            Err(_) => Err(unknown_symbol("")),
        }
    }
}

/// The refusal of a symbol without results.
#[must_use]
pub fn unknown_symbol(symbol: &str) -> Problem {
    let short: String = symbol.chars().take(64).collect();
    let detail = format!("there are no results for '{short}'; /v1/symbols lists those that there are");
    Problem::new(Code::UnknownSymbol, detail).at("path/symbol".into(), "is not known", Vec::new())
}
