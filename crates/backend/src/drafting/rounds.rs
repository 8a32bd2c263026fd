//! A round of drafting for an order: queries the market, then stores the findings unless the buyer
//! has changed the order meanwhile.

use domain::auto_sign::Verdict;
use domain::deployment::{Event, State};
use domain::ids::EscrowId;
use domain::journey::{SdlSource, ThinkingKind, ThinkingStep};
use domain::requirements::{Assumption, Requirements};

use super::deciding::decide;
use super::draft::{draft_requirements, draft_sdl};
use super::outcome::{Findings, Outcome};
use super::thoughts::Thoughts;
use crate::orders::changes;
use crate::orders::order::OrderSecret;
use crate::payment::auto_sign::nothing_spent;
use crate::storage::transactions;
use crate::{Backend, Order, UsecaseError, observe};

/// Drafts `order` as it is, prices it and stores the result. Returns the order as it is stored
/// afterwards; a change that the buyer made meanwhile takes precedence over the result.
pub(crate) async fn run_round(
    backend: &Backend,
    order: &Order,
    thoughts: &mut Thoughts,
) -> Result<Order, UsecaseError> {
    let completed = order.wish.complete();
    let findings = match (order.sdl_source, &completed) {
        (SdlSource::Generated, Ok((requirements, _))) => {
            if let Some(decided) = decide(backend, requirements, thoughts).await
                && let Err(error) = decided.store(backend, order.id).await
            {
                // The order continues; its page says that nothing was compared.
                observe::decision_not_kept(order.id, &error);
            }
            draft_requirements(backend, &order.wish, requirements, thoughts).await
        }
        (SdlSource::Generated, Err(error)) => {
            let sentence = error.to_string();
            thoughts.add(ThinkingKind::Refused, sentence.clone(), None);
            Findings {
                sdl: None,
                market: None,
                outcome: Outcome::refused(sentence),
            }
        }
        (SdlSource::Edited | SdlSource::Imported, _) => {
            draft_sdl(backend, &order.wish, &order.sdl, thoughts).await
        }
    };
    let decided = match order.sdl_source {
        SdlSource::Imported => None,
        SdlSource::Generated | SdlSource::Edited => completed.ok(),
    };
    store(backend, order, findings, decided, thoughts.steps()).await
}

/// Ends a round early, without querying the market.
pub(crate) async fn store_refusal(
    backend: &Backend,
    order: &Order,
    message: String,
    steps: &[ThinkingStep],
) -> Result<Order, UsecaseError> {
    let findings = Findings {
        sdl: None,
        market: None,
        outcome: Outcome::refused(message),
    };
    store(backend, order, findings, None, steps).await
}

/// Returns the event that has to happen before the draft of `order` may be changed.
///
/// # Errors
/// [`UsecaseError::Conflict`] once money is in escrow or may be in transit to it.
pub(crate) async fn reopening(
    backend: &Backend,
    order: &Order,
) -> Result<Vec<Event>, UsecaseError> {
    match &order.state {
        State::Drafted => Ok(Vec::new()),
        State::Quoted { .. } => Ok(vec![Event::DraftChanged]),
        State::AwaitingDeposit { escrow, .. } => {
            nothing_spent(backend, &order.state).await?;
            nothing_deposited(backend, order, *escrow).await?;
            Ok(vec![Event::DraftChanged])
        }
        state => Err(UsecaseError::Conflict(format!(
            "This order can no longer be changed: it is {}. Start a new one instead.",
            state.name().replace('_', " ")
        ))),
    }
}

/// Returns the steps that remain true if only the market is queried again.
pub(crate) fn understood_steps(order: &Order) -> Vec<ThinkingStep> {
    let from_words = |kind| {
        matches!(
            kind,
            ThinkingKind::Reading
                | ThinkingKind::Considered
                | ThinkingKind::Understood
                | ThinkingKind::SetAside
                | ThinkingKind::Assumed
                | ThinkingKind::Asked
        )
    };
    let steps = order.steps.iter().filter(|step| from_words(step.kind));
    steps.cloned().collect()
}

/// Refuses a change while a deposit sent by the buyer's wallet may still arrive.
///
/// # Errors
/// [`UsecaseError::Conflict`] in that case.
pub(crate) async fn nothing_deposited(
    backend: &Backend,
    order: &Order,
    escrow: EscrowId,
) -> Result<(), UsecaseError> {
    let reported = transactions::of(&mut backend.storage().read().await?, order.id).await?;
    let sent = reported
        .iter()
        .any(|transaction| transaction.kind == "fund");
    if sent || backend.ports().chain.escrow(escrow).await?.is_some() {
        return Err(UsecaseError::Conflict(
            "Your deposit is on its way, so the order stays as it is. Wait for it to arrive; \
             closing the order returns it."
                .to_owned(),
        ));
    }
    Ok(())
}

async fn store(
    backend: &Backend,
    asked: &Order,
    findings: Findings,
    decided: Option<(Requirements, Vec<Assumption>)>,
    steps: &[ThinkingStep],
) -> Result<Order, UsecaseError> {
    let fresh = OrderSecret::fresh(backend.ports().random.as_ref());
    let stored = changes::edit(backend, asked.id, |order| {
        let same_question = order.wish == asked.wish
            && order.sdl == asked.sdl
            && order.sdl_source == asked.sdl_source;
        if !same_question || !order.state.is_editable() {
            return Ok(Vec::new());
        }
        order.steps = steps.to_vec();
        if let Some((requirements, assumptions)) = decided.clone() {
            order.requirements = Some(requirements);
            order.assumptions = assumptions;
        }
        Ok(conclude(order, findings.clone(), &fresh))
    });
    Ok(stored.await?)
}

fn conclude(order: &mut Order, findings: Findings, fresh: &OrderSecret) -> Vec<Event> {
    if let Outcome::Unanswered(notice) = findings.outcome {
        // An earlier price is valid until it expires, for the SDL that it was made for.
        order.notice = Some(notice);
        if let Some(sdl) = findings.sdl.filter(|_| order.sdl.is_empty()) {
            order.take_generated(&sdl, fresh);
        }
        return Vec::new();
    }
    if let Some(sdl) = findings.sdl {
        order.take_generated(&sdl, fresh);
    }
    order.market = findings.market;
    // A buyer who cancelled a payment once is asked about every price of this order.
    order.auto_sign = order
        .auto_sign
        .take()
        .filter(|said| *said == Verdict::Cancelled);
    order.notice = None;
    order.refusal = None;
    let without_quote = match order.state {
        State::Quoted { .. } => vec![Event::DraftChanged],
        _ => Vec::new(),
    };
    match findings.outcome {
        Outcome::Quoted(quote) => vec![Event::Quoted { quote }],
        Outcome::Refused(refusal) => {
            order.refusal = Some(refusal);
            without_quote
        }
        Outcome::MarketOnly | Outcome::Unanswered(_) => without_quote,
    }
}
