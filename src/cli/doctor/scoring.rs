//! Whether ONNX Runtime and the models that are to be served can be had. Models are loaded, golden rows and all.

use super::Check;
use crate::config::Config;
use crate::scoring::{Options, Shelf};

pub fn models(config: &Config) -> Check {
    const NAME: &str = "models";
    let server = &config.server;
    let Some(folder) = &server.models else {
        return Check::ok(NAME, "none are to be served");
    };
    if !folder.is_dir() {
        let found = format!("{}: there is no such folder", folder.display());
        return Check::fail(NAME, found, "correct server.models");
    }
    let options = Options { onnxruntime: server.onnxruntime.clone(), threads: 1, ..Options::default() };
    let shelf = Shelf::open(folder, options);
    let runtime = match shelf.runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Check::warn(NAME, error.to_string(), "everything but scores is answered without it");
        }
    };
    let listed = shelf.list();
    let failed = listed
        .iter()
        .filter_map(|status| Some(format!("{} {}: {}", status.name, status.version, status.error.as_ref()?)));
    let failed: Vec<String> = failed.collect();
    let ready = listed.len() - failed.len();
    let found = format!("{ready} of {} versions answer, ONNX Runtime {}", listed.len(), runtime.version());
    if failed.is_empty() {
        Check::ok(NAME, found)
    } else {
        Check::warn(NAME, format!("{found}; {}", failed.join("; ")), "mend or remove those versions")
    }
}
