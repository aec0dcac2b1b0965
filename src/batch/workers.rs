//! The process-wide pool on which files are parsed and symbol-days analysed.

/// Starts the pool, with a worker a core unless another number is named. A pool that runs already stays.
///
/// A worker's panic must not take the process down, as it would on a pool that starts by itself: who waits for its
/// result tells that there is none.
pub fn start_workers(threads: Option<usize>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).panic_handler(|_| {});
    // Fails only where there is one, or where the system gives no threads, which the pool then tells by itself.
    let _ = pool.build_global();
}
