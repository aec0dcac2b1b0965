//! Where a graph runs: on a CUDA device or on the processor. Taken as wanted, proved by a profiled run, and told.
//! There is no mixture: a graph of which a part would fall back to the processor runs there whole (`Auto`), or is
//! refused (`Cuda`); copies between the two would cost more than the device saves.

use std::collections::BTreeMap;

use ort::ep::{self, ExecutionProvider};
use serde::{Deserialize, Serialize};

use super::engine::{Engine, On};
use super::error::ScoringError;
use super::profile;
use super::runtime::Runtime;
use super::tensor::Tensor;

/// CPU's name in ONNX Runtime.
pub const CPU: &str = "CPUExecutionProvider";
/// CUDA's name in ONNX Runtime.
pub const CUDA: &str = "CUDAExecutionProvider";

/// Which provider is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// CUDA where every node can run on it, else CPU with the reason
    #[default]
    Auto,
    /// CPU
    Cpu,
    /// CUDA for every node, or the model is refused
    Cuda,
}

impl Wanted {
    /// What both a manifest and whoever loads it want.
    ///
    /// # Errors
    /// When one wants `cpu` and the other `cuda`.
    pub fn meet(self, other: Self) -> Result<Self, ScoringError> {
        match (self, other) {
            (Self::Auto, wanted) | (wanted, Self::Auto) => Ok(wanted),
            (mine, theirs) if mine == theirs => Ok(mine),
            _ => {
                Err(ScoringError::new("the manifest and the command want different providers, cpu and cuda"))
            }
        }
    }
}

/// The provider that runs a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// `CPUExecutionProvider` or `CUDAExecutionProvider`.
    pub name: &'static str,
    /// Why it is not CUDA.
    pub reason: Option<String>,
    /// Nodes of the graph by the provider that ran them, where the run was profiled (it is when CUDA was taken).
    pub nodes: BTreeMap<String, usize>,
}

impl Provider {
    fn cpu(reason: impl Into<String>) -> Self {
        Self { name: CPU, reason: Some(reason.into()), nodes: BTreeMap::new() }
    }

    pub(super) fn on(&self) -> On {
        if self.name == CUDA { On::Cuda } else { On::Cpu }
    }
}

/// Makes the first session of a graph where it is wanted.
///
/// # Errors
/// When the graph cannot be loaded at all, or not on CUDA where that is a must.
pub fn choose(
    runtime: &Runtime,
    graph: &[u8],
    wanted: Wanted,
    inputs: &[Tensor],
) -> Result<(Engine, Provider), ScoringError> {
    let reason = match wanted {
        Wanted::Cpu => "CPU is what was asked for".to_owned(),
        Wanted::Auto | Wanted::Cuda => match cuda(runtime, graph, inputs) {
            Ok(taken) => return Ok(taken),
            Err(reason) if wanted == Wanted::Cuda => {
                return Err(reason.at("CUDA was asked for and cannot run the whole graph"));
            }
            Err(reason) => reason.to_string(),
        },
    };
    Ok((Engine::new(runtime, graph, On::Cpu, None)?, Provider::cpu(reason)))
}

fn cuda(runtime: &Runtime, graph: &[u8], inputs: &[Tensor]) -> Result<(Engine, Provider), ScoringError> {
    // "Available" is compiled in; whether it can be used shows only when a session is made.
    if !<ep::CUDA as ExecutionProvider>::is_available().unwrap_or(false) {
        return Err(ScoringError::new("this build of ONNX Runtime has no CUDA provider"));
    }
    let engine = Engine::new(runtime, graph, On::Cuda, None)?;
    let nodes = profile::nodes(runtime, graph, On::Cuda, inputs)?;
    let elsewhere: usize =
        nodes.iter().filter(|(provider, _)| *provider != CUDA).map(|(_, count)| count).sum();
    let all: usize = nodes.values().sum();
    if elsewhere > 0 || all == 0 {
        return Err(ScoringError::new(format!("{elsewhere} of {all} nodes ran elsewhere: {nodes:?}")));
    }
    Ok((engine, Provider { name: CUDA, reason: None, nodes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_and_a_command_meet_unless_they_contradict() {
        assert_eq!(Wanted::Auto.meet(Wanted::Cuda).expect("cuda"), Wanted::Cuda);
        assert_eq!(Wanted::Cpu.meet(Wanted::Auto).expect("cpu"), Wanted::Cpu);
        assert_eq!(Wanted::Cpu.meet(Wanted::Cpu).expect("cpu"), Wanted::Cpu);
        assert!(Wanted::Cpu.meet(Wanted::Cuda).is_err());
    }
}
