//! Which provider runs which node: the only proof is ONNX Runtime's own profile of a run. In: a graph and inputs.
//! Out: the number of nodes by provider.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;

use super::engine::{Engine, On, whole};
use super::error::ScoringError;
use super::runtime::Runtime;
use super::tensor::Tensor;

/// Tells profiles of one process apart.
static PROFILES: AtomicU64 = AtomicU64::new(0);

/// Runs the graph once on a session that is profiled; gives nodes by provider.
///
/// # Errors
/// When the runtime refuses, or writes no profile.
pub fn nodes(
    runtime: &Runtime,
    graph: &[u8],
    on: On,
    inputs: &[Tensor],
) -> Result<BTreeMap<String, usize>, ScoringError> {
    let number = PROFILES.fetch_add(1, Ordering::Relaxed);
    let prefix = std::env::temp_dir().join(format!("impactd-profile-{}-{number}", std::process::id()));
    let mut engine = Engine::new(runtime, graph, on, Some(&prefix))?;
    let ran = engine.run(&whole(inputs));
    let ended = engine.end_profiling().map(PathBuf::from);
    let counted = match (ran, ended) {
        (Ok(_), Ok(path)) => {
            let counted = std::fs::read(&path).map_err(|e| e.to_string()).and_then(|bytes| count(&bytes));
            forget(&path);
            counted
        }
        (Err(e), Ok(path)) => {
            forget(&path);
            Err(e)
        }
        (_, Err(e)) => Err(e),
    };
    counted.map_err(|e| ScoringError::new(e).at("profile of a run"))
}

/// A profile that cannot be removed costs a file in the folder for temporary ones.
fn forget(path: &Path) {
    let _ = std::fs::remove_file(path);
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    cat: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: serde_json::Value,
}

fn count(profile: &[u8]) -> Result<BTreeMap<String, usize>, String> {
    let events: Vec<Event> = serde_json::from_slice(profile).map_err(|e| e.to_string())?;
    let nodes: BTreeSet<(&str, &str)> = events
        .iter()
        .filter(|event| event.cat == "Node")
        .filter_map(|event| Some((event.args.get("provider")?.as_str()?, event.name.as_str())))
        .collect();
    let mut counted = BTreeMap::new();
    for (provider, _) in nodes {
        *counted.entry(provider.to_owned()).or_default() += 1;
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_node_counts_once_under_its_provider() {
        let profile = br#"[
            {"cat":"Session","name":"session_initialization","args":{}},
            {"cat":"Node","name":"a_kernel_time","args":{"provider":"CUDAExecutionProvider"}},
            {"cat":"Node","name":"a_kernel_time","args":{"provider":"CUDAExecutionProvider"}},
            {"cat":"Node","name":"a_fence_before","args":{}},
            {"cat":"Node","name":"b_kernel_time","args":{"provider":"CPUExecutionProvider"}}]"#;
        let counted = count(profile).expect("a profile");
        let expected = [("CPUExecutionProvider".to_owned(), 1), ("CUDAExecutionProvider".to_owned(), 1)];
        assert_eq!(counted, BTreeMap::from(expected));
    }
}
