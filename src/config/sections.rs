//! What holds, typed by section.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::ConfigError;
use super::layers::{Layers, Origin};
use crate::live::nats;

/// Everything the daemon is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens, what it serves.
    pub server: Server,
    /// How it takes events.
    pub live: Live,
    /// Which jobs it runs.
    pub jobs: Jobs,
    /// The NATS feed; none without a server.
    pub nats: Option<nats::Settings>,
    /// What a key may do in a second.
    pub access: Access,
}

/// `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Results folder.
    pub data: PathBuf,
    /// Address and port.
    pub listen: SocketAddr,
    /// A limits file, where it is not the folder's own.
    pub limits: Option<PathBuf>,
    /// Folder of models.
    pub models: Option<PathBuf>,
    /// ONNX Runtime's library.
    pub onnxruntime: Option<PathBuf>,
    /// Where models run: `auto`, `cpu`, `cuda`.
    pub provider: String,
    /// Listen beyond this machine in any case.
    pub insecure: bool,
    /// Certificate chain and private key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// A proxy speaks TLS.
    pub tls_in_front: bool,
    /// How long answers under way may take once the daemon stops.
    pub drain: Duration,
    /// What is logged.
    pub log: String,
    /// Whether it is logged as JSON.
    pub log_json: bool,
}

/// `[live]`.
#[derive(Clone, Debug)]
pub struct Live {
    /// Whether events are taken.
    pub enabled: bool,
    /// Whether somebody said anything about it.
    pub stated: bool,
    /// Nanoseconds.
    pub lateness: i64,
    /// Bar widths, where they are not the folder's.
    pub bar: Option<String>,
    /// Cleaning rules, likewise.
    pub clean: Option<String>,
    /// Rules of signs, likewise.
    pub sign: Option<String>,
    /// Quote in force, likewise.
    pub matching: Option<String>,
    /// Whose trading days.
    pub calendar: Option<String>,
    /// Session hours, likewise.
    pub session: Option<String>,
    /// Landed sessions kept in the journal.
    pub keep_sessions: usize,
    /// The journal at most, bytes.
    pub journal_max_bytes: u64,
    /// Folder of the model that watches.
    pub surveillance: Option<PathBuf>,
}

/// `[jobs]`.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// Whether jobs are taken.
    pub enabled: bool,
    /// Where they may read.
    pub roots: Vec<PathBuf>,
}

/// `[access]`.
#[derive(Clone, Debug)]
pub struct Access {
    /// Requests a second and key.
    pub reads_per_second: NonZeroU32,
    /// Batches of events a second and key.
    pub batches_per_second: NonZeroU32,
    /// Wrong keys that an address may show a minute.
    pub failures_per_minute: NonZeroU32,
}

impl Config {
    /// What holds, typed.
    ///
    /// # Errors
    /// When values do not go together, or an address is none.
    pub fn of(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            server: server(layers)?,
            live: live(layers),
            jobs: Jobs {
                enabled: layers.flag("jobs.enabled"),
                roots: layers.list("jobs.roots").into_iter().map(PathBuf::from).collect(),
            },
            nats: feed(layers)?,
            access: Access {
                reads_per_second: narrow(layers.whole("access.reads_per_second")),
                batches_per_second: narrow(layers.whole("access.batches_per_second")),
                failures_per_minute: narrow(layers.whole("access.failures_per_minute")),
            },
        })
    }
}

/// A count, which is never 0.
fn narrow(number: u64) -> NonZeroU32 {
    u32::try_from(number).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX)
}

fn server(layers: &Layers) -> Result<Server, ConfigError> {
    let tls = match (layers.path("server.tls_certificate"), layers.path("server.tls_key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            let what = "server.tls_certificate and server.tls_key go together; set both or neither";
            return Err(ConfigError::Together(what.into()));
        }
    };
    let listen = layers.text("server.listen").unwrap_or_default();
    let refused = |what: String| ConfigError::Said { origin: layers.origin("server.listen"), what };
    Ok(Server {
        data: layers.path("server.data").unwrap_or_default(),
        listen: address(listen).map_err(|what| refused(format!("server.listen: {what}")))?,
        limits: layers.path("server.limits"),
        models: layers.path("server.models"),
        onnxruntime: layers.path("server.onnxruntime"),
        provider: layers.text("server.provider").unwrap_or_default().to_owned(),
        insecure: layers.flag("server.insecure"),
        tls,
        tls_in_front: layers.flag("server.tls_in_front"),
        drain: Duration::from_nanos(layers.whole("server.drain")),
        log: layers.text("server.log").unwrap_or_default().to_owned(),
        log_json: layers.text("server.log_format") == Some("json"),
    })
}

fn live(layers: &Layers) -> Live {
    let text = |name: &str| layers.text(name).map(str::to_owned);
    Live {
        enabled: layers.flag("live.enabled"),
        stated: layers.iter().any(|(name, said)| name.starts_with("live.") && said.origin != Origin::Default),
        lateness: i64::try_from(layers.whole("live.lateness")).unwrap_or(i64::MAX),
        bar: text("live.bar"),
        clean: text("live.clean"),
        sign: text("live.sign"),
        matching: text("live.match"),
        calendar: text("live.calendar"),
        session: text("live.session"),
        keep_sessions: usize::try_from(layers.whole("live.keep_sessions")).unwrap_or(usize::MAX),
        journal_max_bytes: layers.whole("live.journal_max"),
        surveillance: layers.path("live.surveillance"),
    }
}

fn feed(layers: &Layers) -> Result<Option<nats::Settings>, ConfigError> {
    let text = |name: &str| layers.text(name).map(str::to_owned);
    let Some(url) = text("nats.url") else { return Ok(None) };
    let Some(stream) = text("nats.stream") else {
        let what = format!(
            "{}: nats.url names a server; nats.stream must name its stream",
            layers.origin("nats.url")
        );
        return Err(ConfigError::Together(what));
    };
    Ok(Some(nats::Settings {
        url,
        stream,
        subject: text("nats.subject"),
        durable: text("nats.durable").unwrap_or_default(),
        credentials: layers.path("nats.credentials"),
        source: text("nats.source").unwrap_or_default(),
        create: layers.flag("nats.create"),
    }))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let spelled = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let parsed = spelled.as_deref().unwrap_or(text).parse();
    parsed.map_err(|_| format!("'{text}' is not an address and port such as 127.0.0.1:8080 or [::1]:0"))
}
