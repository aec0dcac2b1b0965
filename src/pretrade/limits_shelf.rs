//! The limits file being used: read again when it changes, and the last sound one kept when that fails.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::cost::{Limits, parse_limits};
use crate::limits::LIMITS_FILE_MAX_BYTES;
use crate::tape::sha256;

/// The limits that hold where there is no file.
const BUILT_IN: &str = include_str!("../../data/limits.toml");

/// Faults named in a message; all are counted.
const FAULTS_NAMED: usize = 20;

/// Limits with where they are from.
#[derive(Clone, Debug)]
pub struct LimitsState {
    /// The limits.
    pub limits: Arc<Limits>,
    /// Of the bytes they were read from.
    pub sha256: Arc<str>,
    /// `file` or `built_in`.
    pub source: &'static str,
    /// Why a later state of the file could not be taken.
    pub trouble: Option<Arc<str>>,
}

/// What tells one state of a file from another; `None` when there is none. The time a file was modified can be set by
/// anybody who copies it; its inode and the time of its last change of any kind cannot.
type Stamp = Option<(SystemTime, u64, u64, i64, i64)>;

/// Who is told of other limits.
type Told = Box<dyn Fn(&LimitsState) + Send + Sync>;

/// A limits file, or the place where one may appear.
pub struct LimitsShelf {
    path: PathBuf,
    seen: Mutex<(Stamp, LimitsState)>,
    told: OnceLock<Told>,
}

impl fmt::Debug for LimitsShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitsShelf")
            .field("path", &self.path)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl LimitsShelf {
    /// Opens the file that was named, or the one in the results folder, or the built-in limits where there is none.
    ///
    /// # Errors
    /// One message, when a named file is missing or a file is not sound.
    pub fn open(named: Option<&Path>, results: &Path) -> Result<Self, String> {
        let path = named.map_or_else(|| results.join("limits.toml"), Path::to_owned);
        let stamp = stamp(&path);
        if stamp.is_none() && named.is_some() {
            return Err(format!("{}: there is no such limits file", path.display()));
        }
        let state = if stamp.is_some() { read(&path)? } else { built_in()? };
        Ok(Self { path, seen: Mutex::new((stamp, state)), told: OnceLock::new() })
    }

    /// Has somebody told of the limits now, and of every change from now on. Only the first who asks is told; he must
    /// not ask back.
    pub fn told(&self, told: impl Fn(&LimitsState) + Send + Sync + 'static) {
        told(&self.state());
        // Fails when somebody is told already, who goes on being told.
        let _ = self.told.set(Box::new(told));
    }

    /// The limits as they are now. Asks the file system for the file's time; reads it only when that changed.
    #[must_use]
    pub fn state(&self) -> LimitsState {
        let now = stamp(&self.path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.0 != now {
            let fresh = match now {
                Some(_) => read(&self.path),
                None => Err(format!("{} is gone", self.path.display())),
            };
            match fresh {
                Ok(state) => {
                    tracing::info!(sha256 = %state.sha256, "limits loaded");
                    if let Some(told) = self.told.get() {
                        told(&state);
                    }
                    seen.1 = state;
                }
                Err(trouble) => {
                    tracing::error!(%trouble, "limits not loaded: the last sound ones hold");
                    seen.1.trouble = Some(trouble.into());
                }
            }
            seen.0 = now;
        }
        seen.1.clone()
    }
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len(), about.ino(), about.ctime(), about.ctime_nsec()))
}

fn built_in() -> Result<LimitsState, String> {
    sound(BUILT_IN, "built_in", "the built-in limits")
}

fn read(path: &Path) -> Result<LimitsState, String> {
    let refused = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(refused)?;
    file.take(LIMITS_FILE_MAX_BYTES + 1).read_to_string(&mut text).map_err(refused)?;
    if text.len() as u64 > LIMITS_FILE_MAX_BYTES {
        return Err(format!("{}: is longer than {LIMITS_FILE_MAX_BYTES} bytes", path.display()));
    }
    sound(&text, "file", &path.display().to_string())
}

fn sound(text: &str, source: &'static str, name: &str) -> Result<LimitsState, String> {
    let limits = parse_limits(text).map_err(|faults| {
        let named: Vec<String> = faults.iter().take(FAULTS_NAMED).map(ToString::to_string).collect();
        let more = if faults.len() > named.len() {
            format!("; {} faults in all", faults.len())
        } else {
            String::new()
        };
        format!("{name}: {}{more}", named.join("; "))
    })?;
    Ok(LimitsState { limits: Arc::new(limits), sha256: sha256(text).into(), source, trouble: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{CORE_CODES, InForce, rule};
    use crate::tape::Nanos;

    #[test]
    fn the_built_in_limits_are_sound_and_in_force() {
        let limits = built_in().expect("sound").limits;
        for code in CORE_CODES {
            let at = Nanos(1_381_152_600_000_000_000);
            let found = limits.in_force(rule(code).expect("a rule"), "IBM", None, at);
            assert!(matches!(found, InForce::Set { .. }), "{code}");
        }
    }

    #[test]
    fn a_broken_reload_keeps_the_last_sound_limits_and_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limits.toml");
        let shelf = LimitsShelf::open(None, folder.path()).expect("built in");
        assert_eq!(shelf.state().source, "built_in");
        std::fs::write(&path, BUILT_IN).expect("written");
        let (first, source) = (shelf.state().sha256, shelf.state().source);
        assert_eq!((source, shelf.state().trouble), ("file", None));
        std::fs::write(&path, "[[limit]]\n").expect("written");
        let broken = shelf.state();
        assert!(broken.trouble.expect("trouble").contains("line 1"));
        assert_eq!(broken.sha256, first);
        std::fs::remove_file(&path).expect("removed");
        assert!(shelf.state().trouble.expect("trouble").contains("is gone"));
        std::fs::write(&path, format!("{BUILT_IN}\n# changed\n")).expect("written");
        assert!(shelf.state().trouble.is_none() && shelf.state().sha256 != first);
        // Of the same length and time as before.
        let modified = || std::fs::metadata(&path).and_then(|about| about.modified()).expect("a time");
        let (before, time) = (shelf.state().sha256, modified());
        std::fs::write(&path, format!("{BUILT_IN}\n# changes\n")).expect("written");
        let file = File::options().write(true).open(&path).expect("opened");
        file.set_modified(time).expect("set");
        assert_eq!(modified(), time);
        assert_ne!(shelf.state().sha256, before);
        std::fs::write(&path, "").expect("written");
        assert!(shelf.state().trouble.expect("trouble").contains("there is no [[limit]]"));
        assert!(LimitsShelf::open(Some(&folder.path().join("none")), folder.path()).is_err());
        std::fs::write(&path, "nonsense").expect("written");
        assert!(LimitsShelf::open(None, folder.path()).is_err());
    }
}
