//! Where lines of the log go and how they look: to stderr, as text or JSON, one event a line. Where systemd's journal
//! takes them, each begins with its priority, and the journal's own clock stamps it.

use std::fmt;
use std::os::unix::fs::MetadataExt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Begins to log.
///
/// # Errors
/// When the filter is none.
pub fn start(filter: &str, json: bool) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| {
        format!("server.log: '{filter}' is neither error, warn, info, debug nor a filter: {e}")
    })?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails only when a subscriber is set already, which then logs instead.
    let _ = match (json, to_journal()) {
        (true, _) => logs.json().with_span_list(false).flatten_event(true).try_init(),
        (false, true) => logs.event_format(Prioritised(Format::default().without_time())).try_init(),
        (false, false) => logs.try_init(),
    };
    Ok(())
}

/// Whether stderr is the stream that systemd's journal reads: `JOURNAL_STREAM` names its device and inode.
fn to_journal() -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
    let is = |about: std::fs::Metadata| named == format!("{}:{}", about.dev(), about.ino());
    std::fs::metadata("/proc/self/fd/2").is_ok_and(is)
}

/// Text behind a priority as syslog(3) numbers them.
struct Prioritised(Format<Full, ()>);

impl<S, N> FormatEvent<S, N> for Prioritised
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
