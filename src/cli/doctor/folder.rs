//! What lies in the results folder: whether it can be written, what is in it, whether it is sound. Nothing is made or
//! changed, but for one small file that goes at once.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::Check;
use crate::access::{Protection, open_bind};
use crate::clock::now;
use crate::config::Server;
use crate::host;
use crate::limits::{DISK_LOW_BYTES, SYNC_SLOW_SECONDS};
use crate::pretrade::LimitsShelf;
use crate::store::Archive;
use crate::store::ledger::{self, AccessBook, LedgerError};

/// The folder, or the nearest one above it that is there.
fn nearest(data: &Path) -> &Path {
    let there = data.ancestors().find(|folder| folder.is_dir());
    // What is relative to here has no parent to look at.
    there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub fn writable(data: &Path) -> Check {
    const NAME: &str = "folder";
    if data.exists() && !data.is_dir() {
        return Check::fail(NAME, format!("{}: is no folder", data.display()), "name another with --data");
    }
    let folder = nearest(data);
    let probe = folder.join(format!(".impactd-doctor-{}", std::process::id()));
    let begun = Instant::now();
    let tried = File::create_new(&probe).and_then(|mut file| {
        file.write_all(b"impactd")?;
        file.sync_all()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let gone = fs::remove_file(&probe);
    match tried.and(gone) {
        Err(error) => {
            let advice = "let the daemon's user write there";
            Check::fail(NAME, format!("{}: cannot be written: {error}", folder.display()), advice)
        }
        Ok(()) if seconds > SYNC_SLOW_SECONDS => {
            let advice = "every batch of events waits for that: give --data a faster disk";
            Check::warn(NAME, format!("{}: a synced write took {seconds:.3} s", folder.display()), advice)
        }
        Ok(()) if data.is_dir() => {
            let ms = 1e3 * seconds;
            Check::ok(NAME, format!("{}: can be written, and synced in {ms:.1} ms", data.display()))
        }
        Ok(()) => Check::ok(NAME, format!("{}: is not there yet, and can be made", data.display())),
    }
}

pub fn disk(data: &Path, journal_max: u64) -> Check {
    const NAME: &str = "disk";
    let disk = match host::disk(nearest(data)) {
        Ok(disk) => disk,
        Err(error) => return Check::fail(NAME, error.to_string(), "see whether the disk is mounted"),
    };
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let found = format!("{:.1} GiB free, {:.0} %", gib(disk.free_bytes), 100.0 * disk.free_share());
    if disk.free_bytes < DISK_LOW_BYTES {
        return Check::fail(NAME, found, "free some space, or give --data another disk");
    }
    if disk.is_low() {
        return Check::warn(NAME, found, "the daemon is degraded like this: free some space");
    }
    if disk.free_bytes < journal_max {
        let advice = format!(
            "the journal may grow to {:.1} GiB: free some space, or lower live.journal_max",
            gib(journal_max)
        );
        return Check::warn(NAME, found, advice);
    }
    Check::ok(NAME, found)
}

pub fn archive(data: &Path) -> Check {
    const NAME: &str = "archive";
    if !data.join("manifest.json").exists() {
        return Check::ok(NAME, "no results yet; the daemon is ready once it has its first day");
    }
    match Archive::open(data) {
        Ok(archive) => {
            let dates = archive.catalogues();
            let span = dates.first_key_value().zip(dates.last_key_value());
            let span = span.map(|((first, _), (last, _))| format!(", {first} to {last}"));
            Check::ok(NAME, format!("{} dates{}", dates.len(), span.unwrap_or_default()))
        }
        Err(error) => Check::fail(NAME, error.to_string(), "run the batch of those dates again"),
    }
}

/// Reads the whole journal: as long as a start of the daemon takes.
pub fn journal(data: &Path) -> Check {
    const NAME: &str = "journal";
    let Ok(file) = fs::metadata(data.join(ledger::FOLDER).join("journal.sqlite")) else {
        return Check::ok(NAME, "none yet");
    };
    match ledger::check(data) {
        Ok(chunks) => {
            let mib = file.len() as f64 / f64::from(1 << 20);
            Check::ok(NAME, format!("sound, {chunks} chunks of events, {mib:.1} MiB"))
        }
        Err(LedgerError::Damaged { path, what }) => {
            let advice =
                "stop the daemon, set the file aside, restore the last copy, and have feeds send again";
            Check::fail(NAME, format!("{}: {what}", path.display()), advice)
        }
        Err(error) => Check::fail(NAME, error.to_string(), "see whether the daemon's user may read it"),
    }
}

pub fn limits(server: &Server) -> Check {
    const NAME: &str = "limits";
    match LimitsShelf::open(server.limits.as_deref(), &server.data) {
        Ok(shelf) => Check::ok(NAME, format!("{}, can be taken", shelf.state().source.replace('_', "-"))),
        Err(error) => Check::fail(NAME, error, "correct the file; the daemon does not start with it"),
    }
}

/// Keys, the audit's chain, and whether the address may be listened on with them.
pub fn keys(server: &Server) -> Check {
    const NAME: &str = "keys";
    let usable = match usable_keys(&server.data) {
        Ok(usable) => usable,
        Err(error) => {
            let advice =
                "set the file aside or restore it from a copy; keys are made anew with impactd keys create";
            return Check::fail(NAME, error, advice);
        }
    };
    let protection = Protection {
        keys: usable > 0,
        tls: server.tls.is_some(),
        tls_in_front: server.tls_in_front,
        insecure: server.insecure,
    };
    if let Err(what) = open_bind(server.listen, protection) {
        return Check::fail(NAME, what, "the daemon does not start like this");
    }
    let found = format!("{usable} can be used");
    match (server.listen.ip().is_loopback(), usable) {
        (false, 0) => Check::warn(NAME, found, "anyone who reaches the port may do everything"),
        (true, 0) => Check::ok(NAME, format!("{found}: open to whoever is on this machine")),
        _ => Check::ok(NAME, found),
    }
}

fn usable_keys(data: &Path) -> Result<usize, String> {
    if !AccessBook::exists(data) {
        return Ok(0);
    }
    let book = AccessBook::open(data).map_err(|e| e.to_string())?;
    book.verify().map_err(|e| e.to_string())?;
    let (now, keys) = (now(), book.keys().map_err(|e| e.to_string())?);
    let counts = |end: Option<crate::tape::Nanos>| end.is_none_or(|end| end > now);
    Ok(keys.iter().filter(|key| counts(key.expires_at) && counts(key.revoked_at)).count())
}
