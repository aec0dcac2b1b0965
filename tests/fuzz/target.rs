//! One reader under libFuzzer; IMPACTD_FUZZ names it. `tests/fuzz/run.sh` builds and runs it.

#![no_main]

mod readers;

use std::panic;
use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

struct Target {
    reader: String,
    folder: tempfile::TempDir,
}

static TARGET: OnceLock<Target> = OnceLock::new();

fn target() -> Target {
    let reader = std::env::var("IMPACTD_FUZZ").unwrap_or_default();
    assert!(readers::READERS.contains(&reader.as_str()), "IMPACTD_FUZZ names one of {:?}", readers::READERS);
    // libFuzzer ends at every panic; decoders of other hands may panic where the reader makes an error of that.
    let _ = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    // In memory where the machine offers that.
    let shared = Path::new("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    Target { reader, folder: folder.expect("a folder") }
}

fuzz_target!(|bytes: &[u8]| {
    let target = TARGET.get_or_init(target);
    let run = || readers::exercise(&target.reader, bytes, target.folder.path());
    if let Err(payload) = panic::catch_unwind(run) {
        let words = payload.downcast_ref::<String>().map(String::as_str);
        eprintln!("panic: {}", words.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("?"));
        std::process::abort();
    }
});
