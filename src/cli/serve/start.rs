//! The parts of the daemon, opened from the ground up.

use std::path::PathBuf;
use std::sync::Arc;

use super::again;
use crate::access::{Access, Policy, Protection, RateSettings, open_bind};
use crate::batch::{Request, start_workers};
use crate::cli::{Failure, exit, supervisor};
use crate::config::{self, Config};
use crate::flow::Widths;
use crate::http::{Models, Served, Serving, Tls};
use crate::jobs::{self, Jobs, JobsError};
use crate::live::nats;
use crate::live::{Live, LiveError, Settings};
use crate::scoring::{Options, Wanted};
use crate::sign::Layers;
use crate::store::ledger::LedgerError;
use crate::surveillance::Surveillance;
use crate::tape::Calendar;
use clap::ValueEnum;

/// What runs.
pub struct Parts {
    served: Served,
}

impl Parts {
    /// Opens everything. The journal is read again on a thread of its own; until then the daemon is not ready.
    ///
    /// # Errors
    /// The first part that cannot be had.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        let server = &config.server;
        // Whoever analyses first would start a pool whose panics end the daemon.
        start_workers(None);
        let access = access(config)?;
        let models = models(server)?;
        let live = if config.live.enabled { live(config)? } else { None };
        let nats = live
            .as_ref()
            .zip(config.nats.as_ref())
            .map(|(live, told)| nats::start(told.clone(), Arc::clone(live)));
        let jobs = if config.jobs.enabled { Some(jobs(config)?) } else { None };
        let (data, limits) = (server.data.clone(), server.limits.clone());
        Ok(Self { served: Served { data, limits, models, jobs, live, nats, access } })
    }

    /// What the routes answer from.
    pub fn served(&self) -> Served {
        self.served.clone()
    }

    /// How connections are taken, and what SIGHUP reads again.
    ///
    /// # Errors
    /// When the certificate or its key cannot be used.
    pub fn serving(&self, config: &Config) -> Result<Serving, Failure> {
        let load = |(certificate, key): &(PathBuf, PathBuf)| Tls::load(certificate, key);
        let tls = config.server.tls.as_ref().map(load).transpose();
        let models = self.served.models.clone();
        // The limits file is looked at before every check in any case.
        let reload = move || {
            supervisor::reloading();
            if let Ok(shelf) = models.shelf() {
                shelf.reload();
            }
            tracing::info!("read again: models, limits, certificate");
            supervisor::ready();
        };
        Ok(Serving {
            tls: tls.map_err(|message| Failure { message, code: exit::BAD_DATA })?,
            drain: config.server.drain,
            reload: Arc::new(reload),
            ..Serving::default()
        })
    }

    /// The live side.
    pub fn live(&self) -> Option<&Arc<Live>> {
        self.served.live.as_ref()
    }

    /// Stops what runs, in the order in which nothing is lost.
    pub fn stop(&self) {
        if let Some(jobs) = &self.served.jobs {
            jobs.stop();
        }
        if let Some(feed) = &self.served.nats {
            feed.stop();
        }
        if let Some(live) = &self.served.live {
            live.stop();
        }
    }
}

/// The door, and whether the address may be listened on.
fn access(config: &Config) -> Result<Arc<Access>, Failure> {
    let server = &config.server;
    let rates = RateSettings {
        reads_per_second: config.access.reads_per_second,
        batches_per_second: config.access.batches_per_second,
        failures_per_minute: config.access.failures_per_minute,
    };
    let policy = Policy { listen: Some(server.listen), insecure: server.insecure, rates };
    let access = Access::open(&server.data, policy).map_err(|e| ledger(&e))?;
    let protection = Protection {
        keys: access.usable_keys() > 0,
        tls: server.tls.is_some(),
        tls_in_front: server.tls_in_front,
        insecure: server.insecure,
    };
    open_bind(server.listen, protection).map_err(Failure::usage)?;
    Ok(access)
}

/// The models, loading on a thread of their own.
fn models(server: &config::Server) -> Result<Arc<Models>, Failure> {
    let Some(folder) = server.models.clone() else {
        return Ok(Models::none());
    };
    if !folder.is_dir() {
        return Err(Failure::usage(format!("--models {}: there is no such folder", folder.display())));
    }
    let provider = chosen::<Wanted>(&server.provider, "server.provider")?;
    let options = Options { onnxruntime: server.onnxruntime.clone(), provider, ..Options::default() };
    Models::open(folder, options).map_err(|e| again(e.to_string()))
}

/// The jobs, going on with what was under way.
fn jobs(config: &Config) -> Result<Arc<Jobs>, Failure> {
    let settings = jobs::Settings { data: config.server.data.clone(), roots: config.jobs.roots.clone() };
    Jobs::open(&settings).map_err(|error| match error {
        JobsError::Roots(what) => Failure::usage(format!("jobs.roots: {what}")),
        error => again(error.to_string()),
    })
}

/// The live side, reading its journal again on a thread of its own. A folder whose results live tape cannot join is
/// served all the same, unless somebody asked for live tape.
fn live(config: &Config) -> Result<Option<Arc<Live>>, Failure> {
    let settings = Settings {
        data: config.server.data.clone(),
        request: request(&config.live, &config.server)?,
        lateness: config.live.lateness,
        keep_sessions: config.live.keep_sessions,
        journal_max_bytes: config.live.journal_max_bytes,
    };
    match Live::open(settings) {
        Ok(live) => Ok(Some(live)),
        Err(LiveError::Journal(error)) => Err(ledger(&error)),
        Err(LiveError::Settings(what)) if config.live.stated => Err(Failure::usage(what)),
        Err(LiveError::Settings(what)) => {
            tracing::warn!("no live tape is taken: {what}");
            Ok(None)
        }
        Err(error) => Err(again(error.to_string())),
    }
}

/// How days are made: what is configured over a batch's defaults; the folder's own parameters are taken over later.
fn request(live: &config::Live, server: &config::Server) -> Result<Request, Failure> {
    let new = Request::new(Vec::new(), server.data.clone());
    let mut request = new.map_err(|e| Failure::usage(e.to_string()))?;
    let unfit = |key: &str, what: String| Failure::usage(format!("{key}: {what}"));
    if let Some(text) = &live.bar {
        request.widths = Widths::parse(text).map_err(|e| unfit("live.bar", e.to_string()))?;
    }
    if let Some(word) = &live.calendar {
        request.calendar = Calendar::of(chosen(word, "live.calendar")?);
    }
    if let Some(text) = &live.session {
        request.calendar =
            request.calendar.narrowed(text).map_err(|e| unfit("live.session", e.to_string()))?;
    }
    if let Some(word) = &live.clean {
        request.profile = Some(chosen(word, "live.clean")?);
    }
    if let Some(word) = &live.sign {
        request.sign = Some(Layers::parse(word).map_err(|e| unfit("live.sign", e))?);
    }
    if let Some(word) = &live.matching {
        request.matching = chosen(word, "live.match")?;
    }
    if let Some(folder) = &live.surveillance {
        request.surveillance = Some(Surveillance::load(folder, server.onnxruntime.as_deref())?);
    }
    Ok(request)
}

/// A word that stands for one of a few.
fn chosen<T: ValueEnum>(word: &str, key: &str) -> Result<T, Failure> {
    T::from_str(word, false).map_err(|_| {
        let words: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned()))
            .collect();
        Failure::usage(format!("{key}: '{word}' is not one of {}", words.join(", ")))
    })
}

fn ledger(error: &LedgerError) -> Failure {
    again(error.to_string())
}
