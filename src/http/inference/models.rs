//! The models that the daemon serves: none, a folder that is being loaded, or one that was. Loading takes place on a
//! thread of its own: until it is done requests are answered 503, and so is readiness.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use axum::http::StatusCode;

use super::refusal::Refusal;
use crate::scoring::{Model, NotServed, Options, Shelf, Told, Watch};

/// What is served.
#[derive(Default)]
pub struct Models {
    folder: Option<PathBuf>,
    opened: OnceLock<(Arc<Shelf>, Option<Watch>)>,
    told: OnceLock<Told>,
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Models")
            .field("folder", &self.folder)
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

/// How far they are.
#[derive(Clone, Debug)]
pub enum Served {
    /// No folder was named.
    Off,
    /// The folder is being loaded for the first time.
    Loading,
    /// It was; what failed is listed with its reason.
    Open(Arc<Shelf>),
}

impl Models {
    /// No models.
    #[must_use]
    pub fn none() -> Arc<Self> {
        Arc::default()
    }

    /// Those of a shelf that is open; whoever opened it keeps it in step with the disk.
    #[must_use]
    pub fn of(shelf: Shelf) -> Arc<Self> {
        let models =
            Self { folder: Some(shelf.folder().to_owned()), opened: OnceLock::new(), told: OnceLock::new() };
        // It was empty: nothing else can have come first.
        let _ = models.opened.set((Arc::new(shelf), None));
        Arc::new(models)
    }

    /// Those of a folder; loads it and then keeps in step with it, on threads of their own.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn open(folder: PathBuf, options: Options) -> std::io::Result<Arc<Self>> {
        let models = Arc::new(Self { folder: Some(folder.clone()), ..Self::default() });
        let loaded = models.clone();
        std::thread::Builder::new().name("models".into()).spawn(move || {
            let shelf = Arc::new(Shelf::open(&folder, options));
            let watch = shelf.watch();
            if let Err(error) = &watch {
                tracing::error!(%error, "the folder of models is not watched");
            }
            // Nobody else sets it.
            let _ = loaded.opened.set((shelf, watch.ok()));
            loaded.connect();
        })?;
        Ok(models)
    }

    /// Has somebody told of versions as they are loaded, refused and unloaded. Only the first who asks is told.
    pub fn told(&self, told: Told) {
        // Fails when somebody is told already, who goes on being told.
        let _ = self.told.set(told);
        self.connect();
    }

    /// Whoever comes second, the shelf or who wants to be told of it, brings the two together.
    fn connect(&self) {
        if let (Some((shelf, _)), Some(told)) = (self.opened.get(), self.told.get()) {
            shelf.told(told.clone());
        }
    }

    /// How far they are.
    #[must_use]
    pub fn served(&self) -> Served {
        match (self.opened.get(), &self.folder) {
            (Some((shelf, _)), _) => Served::Open(shelf.clone()),
            (None, Some(_)) => Served::Loading,
            (None, None) => Served::Off,
        }
    }

    /// The shelf.
    ///
    /// # Errors
    /// When no models are served, or none yet.
    pub fn shelf(&self) -> Result<Arc<Shelf>, Refusal> {
        match self.served() {
            Served::Open(shelf) => Ok(shelf),
            Served::Loading => Err(not_ready("the models are being loaded; ask again".into())),
            Served::Off => {
                Err(not_ready("no models are served; start impactd serve with --models DIR".into()))
            }
        }
    }

    /// A model by its name, of the version in the path or the highest that is ready.
    ///
    /// # Errors
    /// When there is none, or it is not ready.
    pub fn get(&self, name: &str, version: Option<&str>) -> Result<Arc<Model>, Refusal> {
        let shelf = self.shelf()?;
        let number = version.map(|text| (text, text.parse::<u64>()));
        let number = match number {
            None => None,
            Some((text, Ok(number))) if number.to_string() == text => Some(number),
            Some((text, _)) => {
                let (text, name) = (short(text), short(name));
                let error = format!("'{text}' is no version of '{name}'; versions are whole numbers from 1");
                return Err(Refusal::new(StatusCode::NOT_FOUND, "unknown_model", error));
            }
        };
        shelf.get(&short(name), number).map_err(|error| match error {
            NotServed::UnknownModel { .. } | NotServed::UnknownVersion { .. } => {
                Refusal::new(StatusCode::NOT_FOUND, "unknown_model", error.to_string())
            }
            NotServed::NotReady { .. } => not_ready(error.to_string()),
        })
    }
}

/// The refusal of what is not ready.
pub fn not_ready(error: String) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", error)
}

/// A name as it is repeated in a refusal.
fn short(name: &str) -> String {
    name.chars().take(128).collect()
}
