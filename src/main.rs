//! Arguments in, exit code out; nothing else.

use std::process::ExitCode;

/// Batches of rows are made on one thread and freed on another, thousands a second: the system's allocator would
/// give their pages back and fault them in again each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    impactd::cli::main()
}
