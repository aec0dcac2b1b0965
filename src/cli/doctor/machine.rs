//! What the machine gives: open files, the port, the clock; and whether certificates are any.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::time::SystemTime;

use super::Check;
use crate::config::Server;
use crate::host;
use crate::http::Tls;
use crate::limits::{CLOCK_BEHIND_SECONDS, CLOCK_FIRST_SECONDS, FILES_NEEDED};
use crate::store::ledger;

pub fn files() -> Check {
    const NAME: &str = "open files";
    match host::files_max() {
        Some(files) if files < FILES_NEEDED => {
            let advice = format!("set LimitNOFILE={} in the unit, or ulimit -n", 4 * FILES_NEEDED);
            Check::warn(NAME, format!("{files} may be open; {FILES_NEEDED} are needed"), advice)
        }
        Some(files) => Check::ok(NAME, format!("{files} may be open")),
        None => Check::warn(NAME, "the limit cannot be read", "see whether /proc is mounted"),
    }
}

pub fn port(server: &Server) -> Check {
    const NAME: &str = "port";
    let listen = server.listen;
    match TcpListener::bind(listen) {
        Ok(_) => Check::ok(NAME, format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let advice = "if that is the daemon, ask it: impactd doctor --ready --url URL";
            Check::warn(NAME, format!("{listen}: somebody listens already"), advice)
        }
        Err(error) => Check::fail(NAME, format!("{listen}: {error}"), "choose another with server.listen"),
    }
}

pub fn certificates(server: &Server) -> Check {
    const NAME: &str = "certificates";
    match &server.tls {
        None if server.tls_in_front => Check::ok(NAME, "a proxy in front speaks TLS"),
        None => Check::ok(NAME, "none: plain HTTP"),
        Some((certificate, key)) => match Tls::load(certificate, key) {
            Ok(_) => Check::ok(NAME, format!("{} can be taken", certificate.display())),
            Err(error) => Check::fail(NAME, error, "give a PEM chain and the key that belongs to it"),
        },
    }
}

/// Keys expire and sessions end by the clock: it must not be behind what was written by it.
pub fn clock(data: &Path) -> Check {
    const NAME: &str = "clock";
    const ADVICE: &str = "set it by NTP before the daemon starts";
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if since.as_secs() < CLOCK_FIRST_SECONDS {
        return Check::fail(NAME, format!("it tells {} s since 1970: years ago", since.as_secs()), ADVICE);
    }
    let live = data.join(ledger::FOLDER);
    let written = [data.join("manifest.json"), live.join("journal.sqlite"), live.join("access.sqlite")];
    let latest = written.iter().filter_map(|path| std::fs::metadata(path).ok()?.modified().ok()).max();
    let behind = latest.and_then(|latest| latest.duration_since(SystemTime::now()).ok());
    match behind.map(|behind| behind.as_secs()) {
        Some(seconds) if seconds > CLOCK_BEHIND_SECONDS => Check::fail(
            NAME,
            format!("{seconds} s behind what was written last in {}", data.display()),
            ADVICE,
        ),
        _ => Check::ok(NAME, "not behind what was written last"),
    }
}
