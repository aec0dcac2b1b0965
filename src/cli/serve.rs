//! `impactd serve`: the daemon.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::{Failure, exit};
use crate::batch::Request;
use crate::http::{self, Models, Served, Stopped};
use crate::live::{Live, Settings};
use crate::scoring::{Options, Wanted};
use crate::tape::NANOS_PER_SECOND;

/// Answer over HTTP from a batch's results; new batches become visible by themselves.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
    /// Limits of pre-trade checks [default: limits.toml in the results folder, else built-in ones]
    #[arg(long, value_name = "FILE")]
    limits: Option<PathBuf>,
    /// Models to serve under /v2: a folder of NAME/VERSION/ [default: none]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// ONNX Runtime's library [default: see docs/inference.md]
    #[arg(long, value_name = "PATH", requires = "models")]
    onnxruntime: Option<PathBuf>,
    /// Where models run: CUDA where every node of a graph can, one of the two, or nothing
    #[arg(long, value_enum, default_value_t = Wanted::Auto, requires = "models")]
    provider: Wanted,
    /// Listen beyond this machine: anyone who reaches the port may read all results
    #[arg(long)]
    insecure: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { data, listen, limits, insecure, .. } = arguments;
    if !listen.ip().is_loopback() && !insecure {
        let message = format!(
            "--listen {listen}: whoever reaches this address could read all results, since there are no keys; \
             listen on 127.0.0.1 behind a proxy that checks who asks, or add --insecure"
        );
        return Err(Failure::usage(message));
    }
    if !data.is_dir() {
        let message = format!("--data {}: there is no such folder", data.display());
        return Err(Failure::usage(message));
    }
    if let Some(models) = arguments.models.as_ref().filter(|models| !models.is_dir()) {
        let message = format!("--models {}: there is no such folder", models.display());
        return Err(Failure::usage(message));
    }
    log();
    let again = |message: String| Failure { message, code: exit::TRY_AGAIN };
    let unfit = |message: String| Failure { message, code: exit::BAD_DATA };
    let models = arguments.models().map_err(|e| again(e.to_string()))?;
    let request = Request::new(Vec::new(), data.clone()).map_err(|e| unfit(e.to_string()))?;
    let settings = Settings {
        data: data.clone(),
        request,
        lateness: 2 * NANOS_PER_SECOND,
        keep_sessions: 31,
        journal_max_bytes: 16 << 30,
    };
    let live = Live::open(settings).map_err(|e| again(e.to_string()))?;
    let served =
        Served { limits: limits.clone(), models, live: Some(live.clone()), ..Served::new(data.clone()) };
    let router = http::router(served).map_err(unfit)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|e| again(e.to_string()))?;
    let stopped = runtime.block_on(async {
        let refused = |e: std::io::Error| again(format!("--listen {listen}: {e}"));
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        eprintln!("impactd listens on http://{bound}");
        http::serve(listener, router).await.map_err(refused)
    })?;
    live.stop();
    // Reading that is still under way answers nobody any more.
    runtime.shutdown_timeout(Duration::ZERO);
    match stopped {
        Stopped::Drained => Ok(()),
        Stopped::Broken => Err(again("stopped; answers that took too long were broken off".into())),
        Stopped::AtOnce => Err(again("stopped at once; answers under way were broken off".into())),
    }
}

impl Arguments {
    /// The models, loading on a thread of their own.
    fn models(&self) -> std::io::Result<Arc<Models>> {
        let Some(folder) = self.models.clone() else {
            return Ok(Models::none());
        };
        let options =
            Options { onnxruntime: self.onnxruntime.clone(), provider: self.provider, ..Options::default() };
        Models::open(folder, options)
    }
}

/// To stderr; `IMPACTD_LOG=debug` also logs every request.
fn log() {
    let filter = EnvFilter::try_from_env("IMPACTD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Fails only when a subscriber is set already, which then logs instead.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let spelled = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let parsed = spelled.as_deref().unwrap_or(text).parse();
    parsed.map_err(|_| "not an address and port such as 127.0.0.1:8080 or [::1]:0".to_owned())
}
