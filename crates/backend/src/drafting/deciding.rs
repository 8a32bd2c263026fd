//! Decides where a workload should go: asks the venues, weighs their answers, and records the
//! reasons.

use std::time::Duration;

use domain::ids::{Hash32, OrderId};
use domain::journey::ThinkingKind;
use domain::market::{RoutedOffer, RoutingView};
use domain::offers::counted;
use domain::requirements::Requirements;
use domain::route::{
    Choice, Criteria, Decision, Entry, VenueState, Weights, akash_suitability, route,
};
use sha2::{Digest, Sha256};
use tokio::sync::broadcast::error::RecvError;

use super::thoughts::Thoughts;
use crate::Backend;
use crate::market::MarketEvent;
use crate::storage::{StorageError, decisions};

/// Maximum wait for venues without rows. Slower ones are reported as missing.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Number of other offers in the summary.
const ALTERNATIVES: usize = 4;

/// A decision, ready to be stored.
pub(crate) struct Decided {
    summary: RoutingView,
    document: String,
}

impl Decided {
    /// Stores the decision with its order, replacing an earlier one.
    pub(crate) async fn store(
        &self,
        backend: &Backend,
        order: OrderId,
    ) -> Result<(), StorageError> {
        let mut transaction = backend.storage().begin_write().await?;
        decisions::put(&mut transaction, order, &self.summary, &self.document).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Asks the market and decides. `None` if no GPU is requested, since only GPUs are compared, or if
/// no venue is configured.
pub(crate) async fn decide(
    backend: &Backend,
    requirements: &Requirements,
    thoughts: &mut Thoughts,
) -> Option<Decided> {
    let criteria = Criteria::of(requirements);
    if criteria.gpu.is_none() || !backend.market().has_venues() {
        return None;
    }
    scan(backend, thoughts).await;
    let rules = &backend.settings().akash_rules;
    let akash = akash_suitability(&criteria, requirements.deploy_to_akash, rules);
    let weights = Weights::of(criteria.priority);
    let now = backend.ports().clock.now();
    let decision = route(criteria, backend.market().snapshot(), weights, akash, now);
    let document = decision.to_json().canonical();
    let digest = Hash32::from_bytes(Sha256::digest(&document).into());
    let summary = summary(&decision, digest);
    tell(&summary, thoughts);
    Some(Decided { summary, document })
}

/// Reports the venues' answers as they arrive.
async fn scan(backend: &Backend, thoughts: &mut Thoughts) {
    let mut events = backend.market().events();
    let waiting = backend.market().wait(PATIENCE);
    tokio::pin!(waiting);
    loop {
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Ok(event) => tell_event(&event, thoughts),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            () = &mut waiting => break,
        }
    }
    while let Ok(event) = events.try_recv() {
        tell_event(&event, thoughts);
    }
}

fn tell_event(event: &MarketEvent, thoughts: &mut Thoughts) {
    let sentence = match event {
        MarketEvent::Asking(_) => return,
        MarketEvent::Answered {
            venue,
            offers,
            took,
        } => {
            let tenths = took.as_millis().div_ceil(100);
            let title = venue.title();
            format!(
                "Scanned {title}: {} in {}.{} s.",
                counted(u64::from(*offers)),
                tenths / 10,
                tenths % 10
            )
        }
        MarketEvent::Failed { venue, reason } => {
            format!("Scanned {}: no new offers, {reason}.", venue.title())
        }
    };
    thoughts.add(ThinkingKind::Scanned, sentence, None);
}

fn tell(summary: &RoutingView, thoughts: &mut Thoughts) {
    let missing: Vec<String> = summary
        .missing
        .iter()
        .map(|(venue, reason)| format!("{}: {reason}", venue.title()))
        .collect();
    thoughts.add(
        ThinkingKind::Scanned,
        format!(
            "Compared {}; {} {}.",
            counted(u64::from(summary.compared)),
            summary.fitting,
            if summary.fitting == 1 { "fits" } else { "fit" },
        ),
        (!missing.is_empty()).then(|| format!("missing: {}", missing.join("; "))),
    );
}

fn summary(decision: &Decision, digest: Hash32) -> RoutingView {
    let by_score = || {
        decision
            .by_score
            .iter()
            .filter_map(|at| decision.entries.get(*at))
    };
    let chosen = match decision.choice {
        Choice::Recommended { entry } => Some(entry),
        Choice::OnPaper { .. } | Choice::Nothing => None,
    };
    let others = decision.by_score.iter().filter(|at| Some(**at) != chosen);
    let others = others.filter_map(|at| decision.entries.get(*at));
    RoutingView {
        made_at: decision.made_at,
        recommended: decision.recommended().and_then(routed),
        deployable: by_score()
            .find(|entry| {
                let offer = &entry.offer;
                offer.venue.is_deployable_here() && offer.provenance.is_recommendable()
            })
            .and_then(routed),
        alternatives: others.take(ALTERNATIVES).filter_map(routed).collect(),
        reason: decision.choice_reason(),
        akash: decision.akash.reasons.clone(),
        compared: count(decision.entries.len()),
        fitting: count(decision.by_score.len()),
        missing: decision
            .venues
            .iter()
            .filter_map(|report| match &report.state {
                VenueState::Missing { reason } => Some((report.venue, reason.clone())),
                VenueState::Answered { .. } | VenueState::Stale { .. } => None,
            })
            .collect(),
        digest,
    }
}

fn routed(entry: &Entry) -> Option<RoutedOffer> {
    let fit = entry.fit()?;
    let offer = &entry.offer;
    Some(RoutedOffer {
        venue: offer.venue,
        shape: offer.shape.clone(),
        provider: offer.akash_provider(),
        gpu: offer.gpu.title(),
        place: offer.place.as_ref().map(|place| place.label.clone()),
        usd_per_gpu_hour: offer.usd_per_gpu_hour,
        cost_per_hour: fit.cost_per_hour,
        score_bps: fit.score.score_bps,
        confidence_bps: fit.score.confidence_bps,
        arithmetic: offer.arithmetic.clone(),
        link: offer.link.clone(),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
