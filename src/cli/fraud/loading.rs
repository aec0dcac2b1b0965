//! Which models a command uses, and where they run.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, bad_data};
use crate::scoring::{Model, Options, Wanted};

/// Where models lie unless somebody says.
pub const MODELS: &str = "data/models";

/// How models are loaded.
#[derive(Debug, Args)]
pub struct Loading {
    /// Folder of models, NAME/VERSION/
    #[arg(long, value_name = "DIR", default_value = MODELS)]
    pub models: PathBuf,
    /// Where models run
    #[arg(long, value_enum, default_value = "auto")]
    pub provider: Wanted,
    /// ONNX Runtime's library [default: IMPACTD_ONNXRUNTIME, ORT_DYLIB_PATH, ../onnxruntime/libonnxruntime.so from the
    /// program's folder, the system's]
    #[arg(long, value_name = "FILE")]
    pub onnxruntime: Option<PathBuf>,
}

impl Loading {
    /// The same for the models' room.
    pub fn options(&self) -> Options {
        Options { onnxruntime: self.onnxruntime.clone(), provider: self.provider, ..Options::default() }
    }

    /// Loads the model of a folder, or of a name (`card-fraud`, `card-fraud/2`) in the folder of models.
    ///
    /// # Errors
    /// When there is none, or it does not pass.
    pub fn model(&self, named: &str) -> Result<Model, Failure> {
        let direct = Path::new(named);
        let folder = if direct.is_dir() { direct.to_owned() } else { self.models.join(named) };
        if !folder.is_dir() {
            let models = self.models.display();
            return Err(bad_data(format!(
                "{named}: there is no such folder, nor a model of that name in {models}; `impactd fraud models` lists \
                 them"
            )));
        }
        Model::load(&folder, &self.options()).map_err(|e| bad_data(e.to_string()))
    }
}
