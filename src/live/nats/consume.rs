//! The consumer: messages fetched in small batches, a bounded number under way, in their order.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, PullConsumer, pull};
use async_nats::jetstream::{self, AckKind, Message, stream};
use async_nats::{ConnectOptions, Error};
use futures_util::StreamExt;
use tokio::sync::watch;

use super::State;
use super::message::{self, Verdict};
use crate::limits::{
    NATS_ACK_WAIT_SECONDS, NATS_FETCH_BYTES_MAX, NATS_FETCH_MESSAGES, NATS_FETCH_SECONDS, NATS_IN_FLIGHT,
    NATS_PUT_OFF_SECONDS,
};

/// Follows the stream until told to stop.
///
/// # Errors
/// When the server cannot be reached, has no such stream, or goes away.
pub async fn follow(state: &State, mut stopping: watch::Receiver<bool>) -> Result<(), Error> {
    let consumer = tokio::select! {
        consumer = attach(state) => consumer?,
        _ = stopping.wait_for(|stop| *stop) => return Ok(()),
    };
    state.connected.store(true, Ordering::Relaxed);
    let (stream, durable) = (&state.settings.stream, &state.settings.durable);
    tracing::info!(stream, durable, "the NATS feed is connected");
    while !*stopping.borrow() {
        let fetched = fetch(&consumer);
        let messages = tokio::select! {
            messages = fetched => messages?,
            _ = stopping.wait_for(|stop| *stop) => return Ok(()),
        };
        if messages.is_empty() {
            // Nothing came for a while: whether the server is still there, and how much it holds.
            let pending = consumer.get_info().await?.num_pending;
            state.pending.store(pending + 1, Ordering::Relaxed);
            continue;
        }
        // Appended in the order of the stream, without waiting for one to be durable before the next is queued.
        let mut done = futures_util::stream::iter(messages)
            .map(|message| async move { one(state, &message).await })
            .buffered(NATS_IN_FLIGHT);
        while let Some(done) = done.next().await {
            done?;
        }
    }
    Ok(())
}

async fn attach(state: &State) -> Result<PullConsumer, Error> {
    let settings = &state.settings;
    let options = match &settings.credentials {
        Some(file) => ConnectOptions::with_credentials_file(file).await?,
        None => ConnectOptions::new(),
    };
    let client = options.name("impactd").connect(&settings.url).await?;
    let context = jetstream::new(client);
    let stream = if settings.create {
        let subject = settings.subject.clone().unwrap_or_else(|| format!("{}.>", settings.stream));
        let wanted =
            stream::Config { name: settings.stream.clone(), subjects: vec![subject], ..Default::default() };
        context.get_or_create_stream(wanted).await?
    } else {
        context.get_stream(&settings.stream).await?
    };
    let filter = settings.subject.clone().unwrap_or_default();
    let wanted = pull::Config {
        durable_name: Some(settings.durable.clone()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(NATS_ACK_WAIT_SECONDS),
        filter_subject: filter.clone(),
        ..Default::default()
    };
    let consumer: Consumer<pull::Config> = stream.get_or_create_consumer(&settings.durable, wanted).await?;
    let there = &consumer.cached_info().config;
    if there.filter_subject != filter || there.ack_policy != AckPolicy::Explicit {
        let what = format!(
            "the consumer '{}' is there with subject '{}' and acknowledgement {:?}; name another with nats.durable, or \
             delete it",
            settings.durable, there.filter_subject, there.ack_policy
        );
        return Err(what.into());
    }
    Ok(consumer)
}

async fn fetch(consumer: &PullConsumer) -> Result<Vec<Message>, Error> {
    let asked = consumer.batch().max_messages(NATS_FETCH_MESSAGES).max_bytes(NATS_FETCH_BYTES_MAX);
    let mut coming = asked.expires(Duration::from_secs(NATS_FETCH_SECONDS)).messages().await?;
    let mut messages = Vec::new();
    // The server may take the request with it when it goes: a little past its end nothing more will come.
    let patience = Duration::from_secs(NATS_FETCH_SECONDS + 2);
    while let Some(message) = tokio::time::timeout(patience, coming.next()).await? {
        messages.push(message?);
        if messages.len() == NATS_FETCH_MESSAGES {
            break;
        }
    }
    Ok(messages)
}

async fn one(state: &State, message: &Message) -> Result<(), Error> {
    let info = message.info()?;
    state.pending.store(info.pending + 1, Ordering::Relaxed);
    if info.delivered > 1 {
        state.redelivered.fetch_add(1, Ordering::Relaxed);
    }
    let named = (info.stream, info.stream_sequence);
    match message::take(&state.live, &state.settings.source, message, named).await {
        Verdict::Durable => {
            message.ack().await?;
            state.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        Verdict::Later => {
            state.put_off.fetch_add(1, Ordering::Relaxed);
            let delay = Some(Duration::from_secs(NATS_PUT_OFF_SECONDS));
            message.ack_with(AckKind::Nak(delay)).await?;
        }
        Verdict::Malformed(why) => {
            let subject = message.subject.as_str();
            let why = format!("message {} of stream {}: {why}", named.1, named.0);
            tracing::warn!(subject, why, "a NATS message that cannot be read is ended");
            state.malformed.fetch_add(1, Ordering::Relaxed);
            message.ack_with(AckKind::Term).await?;
            state.note(why);
        }
    }
    Ok(())
}
