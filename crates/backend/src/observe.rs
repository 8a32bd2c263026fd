//! What is worth knowing, one function an event: what is logged, and with which fields.
//!
//! Never a secret, never the buyer's words.

use domain::ids::OrderId;
use domain::journey::TimelineEntry;

pub(crate) fn order_changed(order: OrderId, entry: &TimelineEntry) {
    tracing::info!(%order, event = entry.event, state = entry.state, "order changed");
}

pub(crate) fn job_failed(job: &str, attempts: u64, error: &dyn std::fmt::Display) {
    tracing::warn!(job, attempts, %error, "job failed and is tried again");
}

pub(crate) fn job_died(job: &str, error: &dyn std::fmt::Display) {
    tracing::error!(job, %error, "job given up, an operator has to look at it");
}

pub(crate) fn claim_lost(job: &str) {
    tracing::warn!(job, "claim lost, somebody else goes on with the job");
}

pub(crate) fn queue_failed(error: &dyn std::fmt::Display) {
    tracing::error!(%error, "the job queue cannot be read");
}

pub(crate) fn heartbeat_failed(order: OrderId, error: &dyn std::fmt::Display) {
    tracing::warn!(%order, %error, "heartbeat to the escrow failed");
}

pub(crate) fn orphan_closed(dseq: domain::akash::Dseq, name: &str) {
    tracing::warn!(%dseq, name, "closed a deployment that no live order owns");
}

pub(crate) fn operator_funds(order: OrderId, message: &str) {
    tracing::error!(%order, message, "the Console account cannot pay");
}
