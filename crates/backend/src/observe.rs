//! One function per event: the event is logged with its fields and counted by its name. Whatever a
//! job logs is inside its span.
//!
//! Secrets and the buyer's words are never logged. Events are counted by words of ours only, so
//! that `necto_events_total` has as many series as there are events and outcomes, whatever people
//! send.

use domain::akash::Dseq;
use domain::auto_sign::Verdict;
use domain::exposure::{Alert, Entry, Refusal};
use domain::ids::OrderId;
use domain::journey::TimelineEntry;
use domain::money::Usd;
use domain::time::Seconds;
use metrics::SharedString;
use tracing::Span;

/// Name of the counter of all events, by `event` and, if an event has several outcomes, by
/// `outcome`.
pub const EVENT_COUNTER: &str = "necto_events_total";

/// Counts an event with a single outcome.
fn count(event: &'static str) {
    metrics::counter!(EVENT_COUNTER, "event" => event).increment(1);
}

/// Counts an event by its outcome, which is a word of ours.
fn count_as(event: &'static str, outcome: impl Into<SharedString>) {
    metrics::counter!(EVENT_COUNTER, "event" => event, "outcome" => outcome.into()).increment(1);
}

/// The span of one run of a job, around everything logged on its behalf.
pub(crate) fn job(kind: &str, order: Option<OrderId>) -> Span {
    tracing::info_span!("job", kind, order = order.map(tracing::field::display))
}

pub(crate) fn order_changed(order: OrderId, entry: &TimelineEntry, dseq: Option<Dseq>) {
    count_as("order_changed", entry.event.to_string());
    let dseq = dseq.map(Dseq::number);
    tracing::info!(%order, dseq, event = entry.event, state = entry.state, "order changed");
}

pub(crate) fn auto_sign_decided(order: OrderId, verdict: &Verdict) {
    let event = "auto_sign_decided";
    match verdict {
        Verdict::Pays(under) => {
            count_as(event, "pays");
            tracing::info!(%order, policy = %under.policy, "auto-sign pays");
        }
        Verdict::WillPay { under, at } => {
            count_as(event, "will_pay");
            tracing::info!(%order, policy = %under.policy, at = at.0, "auto-sign is about to pay");
        }
        Verdict::Cancelled => {
            count_as(event, "cancelled");
            tracing::info!(%order, "the buyer cancelled auto-sign's payment");
        }
        Verdict::Asks { doubts } => {
            count_as(event, "asks");
            tracing::info!(%order, ?doubts, "auto-sign asks the buyer");
        }
    }
}

pub(crate) fn chain_silent_for_auto_sign(order: OrderId, error: &dyn std::fmt::Display) {
    count("chain_silent_for_auto_sign");
    tracing::warn!(%order, %error, "auto-sign asks: the chain does not answer");
}

pub(crate) fn job_failed(job: &str, attempts: u64, error: &dyn std::fmt::Display) {
    count("job_failed");
    tracing::warn!(job, attempts, %error, "job failed and is tried again");
}

pub(crate) fn job_died(job: &str, error: &dyn std::fmt::Display) {
    count("job_died");
    tracing::error!(job, %error, "job given up, an operator has to look at it");
}

pub(crate) fn claim_lost(job: &str) {
    count("claim_lost");
    tracing::warn!(job, "claim lost, somebody else goes on with the job");
}

pub(crate) fn worker_expired(worker: &str, jobs: u64) {
    count("worker_expired");
    tracing::warn!(
        worker,
        jobs,
        "a worker's time has passed: its jobs are free for others"
    );
}

pub(crate) fn worker_struck_off(worker: &str) {
    count("worker_struck_off");
    tracing::warn!(
        worker,
        "others have taken over from this worker: it begins anew"
    );
}

pub(crate) fn survey_found(orders: u64) {
    count("survey_found");
    tracing::info!(orders, "the list of deployments calls for a closer look");
}

pub(crate) fn queue_failed(error: &dyn std::fmt::Display) {
    count("queue_failed");
    tracing::error!(%error, "the job queue cannot be read");
}

pub(crate) fn not_sent(intent: &str, status: &str, reason: &str) {
    count_as("not_sent", status.to_owned());
    tracing::warn!(
        intent,
        status,
        reason,
        "an intent of the outbox had no effect"
    );
}

pub(crate) fn nonce_taken(intent: &str, nonce: u64) {
    count("nonce_taken");
    tracing::warn!(
        intent,
        nonce,
        "somebody else used the nonce, another one is taken"
    );
}

pub(crate) fn price_raised(intent: &str, nonce: u64, max_fee_wei: u128) {
    count("price_raised");
    tracing::info!(intent, nonce, %max_fee_wei, "a stuck transaction is sent again at a higher price");
}

pub(crate) fn orphan_closed(dseq: Dseq, name: &str) {
    count("orphan_closed");
    tracing::warn!(%dseq, name, "closed a deployment that no live order owns");
}

pub(crate) fn top_up_above_cap(order: OrderId) {
    count("top_up_above_cap");
    tracing::warn!(%order, "a top-up came that is above a cap of the operator's");
}

pub(crate) fn opening_waits(order: OrderId, refusal: &Refusal) {
    count("opening_waits");
    tracing::warn!(
        %order, scope = ?refusal.scope, measure = ?refusal.measure,
        "a paid order waits: a cap of the operator's is used up"
    );
}

pub(crate) fn exposure_corrected(order: OrderId, was: Option<&Entry>, is: &Entry) {
    count("exposure_corrected");
    tracing::warn!(%order, ?was, ?is, "the ledger of the operator's exposure was put right");
}

pub(crate) fn cap_used_up_to(alert: &Alert) {
    let (cap, per_cent) = (alert.measure, alert.per_cent);
    if alert.threshold == 100 {
        count_as("cap_used_up_to", "used_up");
        tracing::error!(
            ?cap,
            per_cent,
            "a cap of the operator's exposure is used up"
        );
    } else {
        count_as("cap_used_up_to", "near");
        tracing::warn!(
            ?cap,
            per_cent,
            "a cap of the operator's exposure comes near"
        );
    }
}

pub(crate) fn console_runs_low(lasts: Seconds, hourly: Usd) {
    count("console_runs_low");
    tracing::error!(hours = lasts.0 / 3600, %hourly, "the Console account runs out soon");
}

pub(crate) fn notes_missing(order: OrderId, error: &dyn std::fmt::Display) {
    count("notes_missing");
    tracing::warn!(%order, %error, "the provider's cluster cannot be asked how a job fares");
}

pub(crate) fn operator_funds(order: OrderId, message: &str) {
    count("operator_funds");
    tracing::error!(%order, message, "the Console account cannot pay");
}

pub(crate) fn templates_not_kept(error: &dyn std::fmt::Display) {
    count("templates_not_kept");
    tracing::error!(%error, "the community's templates cannot be kept or recalled");
}

pub(crate) fn template_source_failed(error: &dyn std::fmt::Display) {
    count("template_source_failed");
    tracing::warn!(%error, "the source of the community's templates failed");
}

pub(crate) fn market_samples_failed(error: &dyn std::fmt::Display) {
    count("market_samples_failed");
    tracing::error!(%error, "prices of the market cannot be kept or recalled");
}

pub(crate) fn decision_not_kept(order: OrderId, error: &dyn std::fmt::Display) {
    count("decision_not_kept");
    tracing::error!(%order, %error, "a routing decision cannot be stored");
}

pub(crate) fn drafting_failed(order: OrderId, error: &dyn std::error::Error) {
    count("drafting_failed");
    let cause = error.source().map(ToString::to_string);
    tracing::error!(%order, %error, cause, "drafting ended early");
}

pub(crate) fn steps_not_kept(order: OrderId, error: &dyn std::fmt::Display) {
    count("steps_not_kept");
    tracing::warn!(%order, %error, "steps of thinking could not be stored while they came");
}

pub(crate) fn own_draft_faulty(fault: &str) {
    count("own_draft_faulty");
    tracing::error!(fault, "a generated SDL does not pass the checks");
}

pub(crate) fn model_failed(error: &dyn std::fmt::Display) {
    count("model_failed");
    tracing::warn!(%error, "the model failed, the rules read instead");
}

pub(crate) fn allowance_unknown(error: &dyn std::fmt::Display) {
    count("allowance_unknown");
    tracing::error!(%error, "what was spent on the model could not be counted");
}

pub(crate) fn market_unanswered(error: &dyn std::fmt::Display) {
    count("market_unanswered");
    tracing::warn!(%error, "the market gave no price");
}

pub(crate) fn relaxation_not_tried(error: &dyn std::fmt::Display) {
    count("relaxation_not_tried");
    tracing::warn!(%error, "suggestions could not be tried on the market");
}

pub(crate) fn limit_not_raised(order: OrderId, error: &dyn std::fmt::Display) {
    count("limit_not_raised");
    tracing::warn!(%order, %error, "akash does not yet let the deployment run as long as is paid for");
}

pub(crate) fn facts_missing(order: OrderId, error: &dyn std::fmt::Display) {
    count("facts_missing");
    tracing::warn!(%order, %error, "nothing is known of the bidding providers");
}

pub(crate) fn log_stream_ended(order: OrderId, error: &dyn std::fmt::Display) {
    count("log_stream_ended");
    tracing::info!(%order, %error, "log stream ended and is opened again");
}

pub(crate) fn chain_reorganised(ancestor: u64, depth: u64, orders: usize) {
    count("chain_reorganised");
    tracing::warn!(
        ancestor,
        depth,
        orders,
        "the chain was reorganised: what was followed beyond the common block is taken back"
    );
}

pub(crate) fn late_deposit_goes_back(order: OrderId, escrow: domain::ids::EscrowId) {
    count("late_deposit_goes_back");
    tracing::warn!(%order, %escrow, "a deposit that no order waits for goes back");
}

pub(crate) fn deposit_stays(order: OrderId, escrow: domain::ids::EscrowId) {
    count("deposit_stays");
    tracing::warn!(%order, %escrow, "the contract does not give a stray deposit back; its buyer can take it");
}

pub(crate) fn chunk_torn(order: OrderId, first: u64, last: u64, why: &dyn std::fmt::Display) {
    count("chunk_torn");
    tracing::error!(%order, first, last, %why, "lines of a log cannot be read");
}

pub(crate) fn logs_not_written(orders: usize, error: &dyn std::fmt::Display) {
    count("logs_not_written");
    tracing::warn!(orders, %error, "logs could not be written together and are written one by one");
}

pub(crate) fn look_failed(error: &dyn std::fmt::Display) {
    count("look_failed");
    tracing::error!(%error, "those who watch orders lost the database");
}

pub(crate) fn watch_failed(order: OrderId, error: &dyn std::fmt::Display) {
    count("watch_failed");
    tracing::error!(%order, %error, "a watcher lost the database");
}

pub(crate) fn storage_refuses(error: &dyn std::fmt::Display) {
    count("storage_refuses");
    tracing::error!(%error, "the database takes no changes");
}

pub(crate) fn operator_resumed(order: OrderId, by: domain::ids::Address) {
    count("operator_resumed");
    tracing::warn!(%order, %by, "an operator let a stuck order go on");
}

pub(crate) fn operator_retried(job: &str, by: domain::ids::Address) {
    count("operator_retried");
    tracing::warn!(job, %by, "an operator asked for a job again");
}

/// An order was deleted or erased because its retention period is over.
pub(crate) fn order_expired(order: OrderId) {
    count("order_expired");
    tracing::info!(%order, "deleted what was kept long enough");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_event_is_counted_as_well_as_logged() {
        let (events, _) = include_str!("observe.rs")
            .split_once("#[cfg(test)]")
            .unwrap();
        let functions = events.split("\npub(crate) fn ").skip(1);
        let spans = functions.clone().filter(|one| one.contains("_span!("));
        assert_eq!(spans.count(), 1, "the span of a job");
        for function in functions.filter(|one| !one.contains("_span!(")) {
            let (name, _) = function.split_once('(').unwrap();
            assert!(function.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
