//! How the process is, as Linux tells in `/proc/self`. What cannot be read is left out.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::host;

/// Parts of a second in which Linux tells times to programs, on every machine that this one runs on.
const TICKS_PER_SECOND: f64 = 100.0;

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
        if let Some(times) = times() {
            let help = "When the process was started, seconds since 1970";
            let mut metric =
                to.encode_descriptor("process_start_time_seconds", help, None, MetricType::Gauge)?;
            metric.encode_gauge(&times.started)?;
            let help = "Seconds of processor time";
            let mut metric = to.encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?;
            metric.encode_counter::<NoLabelSet, _, u64>(&times.spent, None)?;
        }
        Ok(())
    }
}

/// Seconds: since 1970 of the start, and of processors.
struct Times {
    started: f64,
    spent: f64,
}

fn times() -> Option<Times> {
    let told = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name may hold anything but ends with the last parenthesis; the third field follows it.
    let fields: Vec<&str> = told.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    let machine = fs::read_to_string("/proc/stat").ok()?;
    let booted = machine.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse::<f64>().ok()?;
    Some(Times {
        started: booted + ticks(22)? / TICKS_PER_SECOND,
        spent: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
    })
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
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let times = times().expect("times");
        // The moment of the boot is told in whole seconds.
        assert!((now.as_secs_f64() - times.started) > -2.0 && times.spent >= 0.0);
        assert!(now.as_secs_f64() - times.started < 86_400.0, "{}", times.started);
        assert!(threads().is_some_and(|count| count >= 1) && open_files().is_some_and(|count| count >= 3));
    }
}
