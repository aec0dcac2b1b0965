//! What the machine offers, asked of the operating system: room on a disk, files that may be open.

use std::fs;
use std::io;
use std::path::Path;

use crate::limits::{DISK_LOW_BYTES, DISK_LOW_PERCENT};

/// Room on the disk under a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that this process may still write.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

impl Disk {
    /// The share that is free, from 0 to 1.
    #[must_use]
    pub fn free_share(&self) -> f64 {
        if self.total_bytes == 0 { 0.0 } else { self.free_bytes as f64 / self.total_bytes as f64 }
    }

    /// Whether so little is free that somebody should look.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.free_bytes < DISK_LOW_BYTES || 100.0 * self.free_share() < DISK_LOW_PERCENT
    }
}

/// The disk under a folder.
///
/// # Errors
/// When the operating system refuses.
pub fn disk(folder: &Path) -> io::Result<Disk> {
    let told = rustix::fs::statvfs(folder)?;
    let bytes = |blocks: u64| blocks.saturating_mul(told.f_frsize);
    Ok(Disk { free_bytes: bytes(told.f_bavail), total_bytes: bytes(told.f_blocks) })
}

/// File descriptors that this process may have open; none where nothing is told.
#[must_use]
pub fn files_max() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        soft => soft.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_tells() {
        let disk = disk(&std::env::temp_dir()).expect("a disk");
        assert!(disk.total_bytes >= disk.free_bytes && (0.0..=1.0).contains(&disk.free_share()));
        let low = |free_gib: u64, total_gib: u64| {
            Disk { free_bytes: free_gib << 30, total_bytes: total_gib << 30 }.is_low()
        };
        assert!(!low(1, 10) && low(0, 10) && !low(50, 1000) && low(49, 1000));
        assert!(files_max().is_some_and(|files| files >= 64));
        assert!(super::disk(Path::new("/nowhere/at/all")).is_err());
    }
}
