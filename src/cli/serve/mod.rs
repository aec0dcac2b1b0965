//! `impactd serve`: the daemon, from its configuration to its last answer.
//!
//! It starts from the ground up (keys, models, journal, jobs, routes, the port) and stops from the top down: no new
//! connections, answers under way, jobs, feeds, and at last what the journal has taken.

mod start;
mod stop;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;

use super::config::read;
use super::{Failure, exit, logs, supervisor};
use crate::config::{self, Config};
use crate::http::{self, Stopped};
use crate::live::Live;
use crate::store::create_dir;
use start::Parts;

/// Answer over HTTP from results, take live tape, run jobs. Flags outdo the environment, which outdoes --config;
/// `impactd config show` lists every key.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A configuration file, over /etc/impactd/config.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Results folder: a batch's, or one to begin [default: out]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Limits of pre-trade checks [default: limits.toml in the results folder, else built-in ones]
    #[arg(long, value_name = "FILE")]
    limits: Option<String>,
    /// Models to serve under /v2: a folder of NAME/VERSION/ [default: none]
    #[arg(long, value_name = "DIR")]
    models: Option<String>,
    /// ONNX Runtime's library [default: see docs/inference.md]
    #[arg(long, value_name = "PATH")]
    onnxruntime: Option<String>,
    /// Where models run: auto (CUDA where every node of a graph can), cpu or cuda [default: auto]
    #[arg(long, value_name = "PROVIDER")]
    provider: Option<String>,
    /// Take no live tape
    #[arg(long)]
    no_live: bool,
    /// How late an event may be and still enter live numbers [default: 2s]
    #[arg(long, value_name = "DURATION")]
    lateness: Option<String>,
    /// Model that scores what resembles manipulation, as the session goes
    #[arg(long, value_name = "DIR")]
    surveillance: Option<String>,
    /// Folder under which jobs may read their inputs; may be given again [default: none, so no jobs]
    #[arg(long, value_name = "DIR")]
    jobs_root: Vec<String>,
    /// Certificate chain, PEM: speak TLS
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<String>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// A proxy in front of the daemon speaks TLS
    #[arg(long)]
    tls_in_front: bool,
    /// Listen beyond this machine without keys or TLS: anyone who reaches the port may do everything
    #[arg(long)]
    insecure: bool,
    /// How long answers under way may take once the daemon stops [default: 25s]
    #[arg(long, value_name = "DURATION")]
    drain: Option<String>,
    /// What is logged: error, warn, info, debug, or a filter [default: info]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// How it is logged: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let layers = read(arguments.config.as_deref(), &arguments.flags())?;
    let config = Config::of(&layers)?;
    logs::start(&config.server.log, config.server.log_json).map_err(Failure::usage)?;
    // A folder that a flag misspells is not made; the default, or the configured one, is begun.
    if layers.origin("server.data") == config::Origin::Flag
        && config.server.data.parent().is_some_and(is_absent)
    {
        let message = format!("--data {}: there is no such folder", config.server.data.display());
        return Err(Failure::usage(message));
    }
    create_dir(&config.server.data).map_err(|e| again(e.to_string()))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|e| again(e.to_string()))?;
    let parts = {
        let _inside = runtime.enter();
        Parts::open(&config)?
    };
    let stopped = runtime.block_on(async {
        let served = serve(&config, &parts).await;
        let so_far = *served.as_ref().unwrap_or(&Stopped::Broken);
        let ended = stop::stop(parts, config.server.drain, so_far).await;
        served.map(|_| ended)
    });
    // Reading that is still under way answers nobody any more.
    runtime.shutdown_timeout(Duration::ZERO);
    match stopped? {
        Stopped::Drained => Ok(()),
        Stopped::Broken => Err(again("stopped; answers that took too long were broken off".into())),
        Stopped::AtOnce => Err(again("stopped at once; answers under way were broken off".into())),
    }
}

/// Serves until told to stop, or until the live side fails.
async fn serve(config: &Config, parts: &Parts) -> Result<Stopped, Failure> {
    let listen = config.server.listen;
    let serving = parts.serving(config)?;
    let router = http::router(parts.served()).map_err(|message| Failure { message, code: exit::BAD_DATA })?;
    let refused = |e: std::io::Error| again(format!("--listen {listen}: {e}"));
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let stopping = serving.stopping.subscribe();
    let serving = http::serve(listener, router, serving).map_err(refused)?;
    announce(bound, config.server.tls.is_some());
    supervisor::attend(stopping, parts.live().cloned());
    tokio::select! {
        stopped = serving => Ok(stopped),
        failure = failed(parts.live()) => Err(again(format!("the live side has failed: {failure}"))),
    }
}

async fn failed(live: Option<&Arc<Live>>) -> String {
    match live {
        Some(live) => live.stopped().await.to_string(),
        None => std::future::pending().await,
    }
}

fn announce(bound: SocketAddr, tls: bool) {
    let scheme = if tls { "https" } else { "http" };
    eprintln!("impactd listens on {scheme}://{bound}");
}

fn is_absent(parent: &std::path::Path) -> bool {
    !parent.as_os_str().is_empty() && !parent.is_dir()
}

fn again(message: String) -> Failure {
    Failure { message, code: exit::TRY_AGAIN }
}

impl Arguments {
    /// What the command line says, by key.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("server.data", &self.data),
            ("server.listen", &self.listen),
            ("server.limits", &self.limits),
            ("server.models", &self.models),
            ("server.onnxruntime", &self.onnxruntime),
            ("server.provider", &self.provider),
            ("server.tls_certificate", &self.tls_certificate),
            ("server.tls_key", &self.tls_key),
            ("server.drain", &self.drain),
            ("server.log", &self.log),
            ("server.log_format", &self.log_format),
            ("live.lateness", &self.lateness),
            ("live.surveillance", &self.surveillance),
        ];
        let mut said: Vec<(&'static str, String)> =
            texts.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))).collect();
        let flags = [("server.tls_in_front", self.tls_in_front), ("server.insecure", self.insecure)];
        said.extend(flags.into_iter().filter(|(_, set)| *set).map(|(key, _)| (key, "true".to_owned())));
        if self.no_live {
            said.push(("live.enabled", "false".to_owned()));
        }
        if !self.jobs_root.is_empty() {
            said.push(("jobs.roots", self.jobs_root.join(",")));
        }
        said
    }
}
