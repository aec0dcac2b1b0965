//! The program as a client of a daemon: the only place that asks over HTTP.
//!
//! A request that is turned away for now, or whose daemon is not there, is sent again until patience ends: what is sent
//! here is harmless to send twice.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{StatusCode, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Failure, exit};
use crate::limits::{CLIENT_ANSWER_MAX_BYTES, CLIENT_REQUEST_SECONDS};

/// The first and the longest pause before a daemon that is not there is asked again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Which daemon, and as whom.
#[derive(Debug, Args)]
pub struct ClientArguments {
    /// The daemon
    #[arg(long, value_name = "URL")]
    to: String,
    /// A file that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Certificates that vouch for the daemon, PEM [default: the usual authorities]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Send the key over plain HTTP beyond this machine
    #[arg(long)]
    insecure: bool,
    /// Seconds for which a daemon that is busy, full or not there is asked again
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    patience: u64,
}

/// A daemon, ready to be asked.
pub struct Client {
    agent: Agent,
    base: String,
    key: Option<String>,
    patience: Duration,
    /// How often something was sent again.
    pub retries: u64,
}

/// How one attempt ended that was no success.
enum Attempt {
    /// It may go well later; the daemon may have said when.
    Later(String, Option<Duration>),
    /// It will not.
    Never(String),
}

impl ClientArguments {
    /// Reads the key and the certificates.
    ///
    /// # Errors
    /// When one of them cannot be read, or the key would travel in the clear.
    pub fn open(&self) -> Result<Client, Failure> {
        let base = self.to.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|e| Failure::usage(format!("--to {base}: {e}")))?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Failure::usage(format!("--to {base}: is no URL such as http://127.0.0.1:8080"))),
        };
        if !encrypted && self.key_file.is_some() && !self.insecure && !is_here(&uri) {
            let message =
                format!("--to {base}: the key would travel in the clear; use https, or add --insecure");
            return Err(Failure::usage(message));
        }
        let key = self.key_file.as_deref().map(key).transpose()?;
        let roots = self.ca.as_deref().map(roots).transpose()?;
        let tls = TlsConfig::builder().root_certs(roots.unwrap_or(RootCerts::WebPki)).build();
        let config = Agent::config_builder().tls_config(tls).http_status_as_error(false);
        let config = config.timeout_global(Some(Duration::from_secs(CLIENT_REQUEST_SECONDS)));
        let config = config.user_agent(concat!("impactd/", env!("CARGO_PKG_VERSION")));
        let agent = config.build().new_agent();
        Ok(Client { agent, base, key, patience: Duration::from_secs(self.patience), retries: 0 })
    }
}

/// Whether a URL names this machine.
fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn key(path: &Path) -> Result<String, Failure> {
    let read = std::fs::read_to_string(path);
    let text = read.map_err(|e| Failure::usage(format!("--key-file {}: {e}", path.display())))?;
    let key = text.trim();
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Failure::usage(format!("--key-file {}: holds no key", path.display())));
    }
    Ok(key.to_owned())
}

fn roots(path: &Path) -> Result<RootCerts, Failure> {
    let unfit = |what: String| Failure::usage(format!("--ca {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|e| unfit(e.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|e| unfit(e.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(unfit("holds no certificate".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

impl Client {
    /// A daemon to be asked what anybody may ask.
    ///
    /// # Errors
    /// When the URL is none, or the certificates cannot be read.
    pub fn stranger(url: &str, ca: Option<&Path>) -> Result<Self, Failure> {
        let (to, ca) = (url.to_owned(), ca.map(Path::to_owned));
        ClientArguments { to, key_file: None, ca, insecure: false, patience: 0 }.open()
    }

    /// Asks once; gives the answer's status and document.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&self, path: &str) -> Result<(u16, Value), String> {
        let told = |error: ureq::Error| format!("{}: {error}", self.base);
        let mut response = self.agent.get(format!("{}{path}", self.base)).call().map_err(told)?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(CLIENT_ANSWER_MAX_BYTES).read_to_string();
        Ok((status, serde_json::from_str(&text.map_err(told)?).unwrap_or_default()))
    }

    /// Posts a body until it is taken, refused for good, or patience has ended; gives the answer's document.
    ///
    /// # Errors
    /// Exit code 65 when it will never be taken, 75 when it may be another time.
    pub fn post(&mut self, path: &str, media_type: &str, body: &[u8]) -> Result<Value, Failure> {
        let started = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            match self.attempt(path, media_type, body) {
                Ok(answer) => return Ok(answer),
                Err(Attempt::Never(message)) => return Err(Failure { message, code: exit::BAD_DATA }),
                Err(Attempt::Later(message, told)) => {
                    let wait = told.unwrap_or(pause).min(self.patience);
                    if started.elapsed() + wait > self.patience {
                        let message = format!("{message}; given up after {} s", started.elapsed().as_secs());
                        return Err(Failure { message, code: exit::TRY_AGAIN });
                    }
                    if self.retries == 0 {
                        eprintln!("note: {message}; sending again");
                    }
                    self.retries += 1;
                    std::thread::sleep(wait);
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    fn attempt(&self, path: &str, media_type: &str, body: &[u8]) -> Result<Value, Attempt> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("content-type", media_type);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request.send(body).map_err(|error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::Tls(_) => {
                Attempt::Never(format!("{}: {error}", self.base))
            }
            error => Attempt::Later(format!("{}: {error}", self.base), None),
        })?;
        let status = response.status();
        let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let text = response.body_mut().with_config().limit(CLIENT_ANSWER_MAX_BYTES).read_to_string();
        let text = text.map_err(|error| Attempt::Later(format!("{}: {error}", self.base), None))?;
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(document);
        }
        let detail = document.get("detail").and_then(Value::as_str).unwrap_or("no reason was given");
        let message = format!("{}{path}: {status}: {detail}", self.base);
        let later = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::GATEWAY_TIMEOUT,
            StatusCode::INSUFFICIENT_STORAGE,
        ];
        Err(if later.contains(&status) {
            Attempt::Later(message, after.map(Duration::from_secs))
        } else {
            Attempt::Never(message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (url, here) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:80", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_here(&url.parse().expect("a URL")), here, "{url}");
        }
    }
}
