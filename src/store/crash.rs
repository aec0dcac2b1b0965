//! Named points at which a test may have the daemon die as if its power were cut. In: `IMPACTD_CRASH_AT=name` or
//! `name:3`, the third time it is passed. Development builds only; in others a point is nothing.

/// The points, in the order in which a batch and then its session pass them.
pub const POINTS: [&str; 11] = [
    "before_append",
    "in_transaction",
    "before_commit",
    "after_commit",
    "before_ack",
    "after_ack",
    "at_checkpoint",
    "before_landing",
    "in_landing",
    "after_landing",
    "before_forget",
];

/// Dies here if a test asked for it.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static ARMED: LazyLock<Option<(String, AtomicUsize)>> = LazyLock::new(|| {
        let text = std::env::var("IMPACTD_CRASH_AT").ok()?;
        let (name, nth) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), AtomicUsize::new(nth.parse().ok()?)))
    });
    debug_assert!(POINTS.contains(&name), "{name} is not in the list of points");
    if let Some((armed, left)) = &*ARMED
        && armed == name
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        // No destructor runs and nothing is flushed.
        std::process::abort();
    }
}

/// Nothing, in builds for use.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point(_name: &str) {}
