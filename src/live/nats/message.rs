//! One message: its headers and body to a batch, the batch into the journal, and what that means for the message.

use async_nats::Message;

use crate::clock::now;
use crate::live::wire::{self, Format, Origin};
use crate::live::{Appended, Events, Live, Refused};
use crate::tape::Calendar;

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is durable, now or since before.
    Durable,
    /// It cannot be taken now; it shall come again.
    Later,
    /// It can never be taken.
    Malformed(String),
}

/// Takes a message in; an unnamed one is known by its stream and its place there.
pub async fn take(live: &Live, source: &str, message: &Message, place: (&str, u64)) -> Verdict {
    match read(source, message, place, live.settings().request.calendar) {
        Err(why) => Verdict::Malformed(why),
        Ok(events) => match live.append(events).await {
            Ok(Appended::Durable(_) | Appended::Again(_)) => Verdict::Durable,
            // None of these will be otherwise next time.
            Err(refused @ (Refused::Conflict(_) | Refused::Gone(_) | Refused::Unfit(_))) => {
                Verdict::Malformed(refused.to_string())
            }
            Err(_) => Verdict::Later,
        },
    }
}

fn read(
    source: &str,
    message: &Message,
    (stream, sequence): (&str, u64),
    calendar: Calendar,
) -> Result<Events, String> {
    let header = |name: &str| {
        let headers = message.headers.as_ref()?;
        let found = headers.iter().find(|(known, _)| known.to_string().eq_ignore_ascii_case(name))?;
        found.1.first().map(|value| value.as_str().to_owned())
    };
    if let Some(coding) = header("Content-Encoding").filter(|coding| coding != "identity") {
        return Err(format!("its Content-Encoding '{coding}' is not taken; send it plain"));
    }
    let format = match header("Content-Type") {
        None => Format::Ndjson,
        Some(media) => Format::of_media_type(&media).ok_or_else(|| {
            let known = Format::ALL.map(Format::media_type).join(", ");
            format!("its Content-Type '{media}' is none of {known}")
        })?,
    };
    let id = header("Nats-Msg-Id").unwrap_or_else(|| format!("{stream}:{sequence}"));
    let source = header("Impactd-Source").unwrap_or_else(|| source.to_owned());
    let origin = Origin::new(&source, Some(&id))?;
    wire::read(format, &message.payload, &origin, (now(), calendar)).map_err(|unread| unread.to_string())
}
