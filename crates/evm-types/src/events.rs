//! Reading the escrow's events from a log.

use alloy_primitives::B256;
use alloy_sol_types::SolEventInterface;
use thiserror::Error;

pub use crate::bindings::AkashEscrow::AkashEscrowEvents as EscrowEvent;

/// A log of the escrow whose topic is that of an event but whose contents are not.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the log with topic {topic} is not the event it names: {reason}")]
pub struct EventError {
    /// The event's topic.
    pub topic: B256,
    /// Reason why the rest of the log does not match that event.
    pub reason: String,
}

/// Reads a log that the escrow contract wrote. `None` if it is none of the events in [`EscrowEvent`] (a change of
/// role, say).
///
/// # Errors
///
/// If the topic is one of them and the rest of the log does not match it.
pub fn decode_escrow_event(
    topics: &[B256],
    data: &[u8],
) -> Result<Option<EscrowEvent>, EventError> {
    let Some(topic) = topics.first().copied() else {
        return Ok(None);
    };
    if EscrowEvent::SELECTORS.binary_search(&topic.0).is_err() {
        return Ok(None);
    }
    EscrowEvent::decode_raw_log(topics, data)
        .map(Some)
        .map_err(|error| EventError {
            topic,
            reason: error.to_string(),
        })
}
