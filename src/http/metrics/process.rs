//! How the process is, as Linux tells in `/proc/self`. What cannot be read is left out.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use crate::host;

/// The process, looked at when asked.
#[derive(Debug)]
pub struct Process;

impl Collector for Process {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let told = [
            ("process_resident_memory_bytes", "Resident memory", resident_bytes()),
            ("process_open_fds", "Open file descriptors", open_files()),
            ("process_max_fds", "File descriptors that may be open", host::files_max()),
            ("process_threads", "Threads", threads()),
        ];
        for (name, help, value) in told {
            let Some(value) = value.and_then(|value| i64::try_from(value).ok()) else { continue };
            to.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<u64> {
    let kilobytes = status("VmRSS:")?;
    kilobytes.checked_mul(1024)
}

fn threads() -> Option<u64> {
    status("Threads:")
}

fn status(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

fn open_files() -> Option<u64> {
    // The listing itself holds one.
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1 << 20));
        assert!(threads().is_some_and(|count| count >= 1) && open_files().is_some_and(|count| count >= 3));
    }
}
