//! Sentences of the timeline: what happened, and what it means for the buyer's money.

use domain::deployment::{CloseReason, Event, State, StrayFate};
use domain::ids::TxHash;
use domain::journey::TimelineEntry;
use domain::pricing::{BlockTime, usd_per_hour};
use domain::time::UnixSeconds;

/// Returns the entry for `event`, which turned `was` into `is`.
pub(crate) fn narrate(was: &State, event: &Event, is: &State, now: UnixSeconds) -> TimelineEntry {
    let (title, detail) = sentences(was, event, is);
    TimelineEntry {
        // The event log numbers its entries itself.
        seq: 0,
        at: now,
        event: event.name().to_owned(),
        state: is.name().to_owned(),
        title,
        detail,
        tx: transaction(event),
    }
}

fn transaction(event: &Event) -> Option<TxHash> {
    match event {
        Event::DepositConfirmed { deposited } => Some(deposited.tx),
        Event::ActivationConfirmed { activation } => Some(activation.tx),
        Event::EscrowEnded { settlement } | Event::SettlementConfirmed { settlement } => {
            Some(settlement.tx)
        }
        Event::MoneyStrayed { tx, .. } => Some(*tx),
        _ => None,
    }
}

fn sentences(was: &State, event: &Event, is: &State) -> (String, Option<String>) {
    let said = |title: &str| (title.to_owned(), None);
    match event {
        Event::DraftChanged => said("Draft changed. The earlier price no longer holds."),
        Event::Quoted { quote } => (
            format!(
                "Priced for {}: expected about {} tUSDC, maximum {}.",
                quote.duration.in_words(),
                quote.expected(),
                quote.maximum()
            ),
            Some(format!(
                "{} providers could host it. {} tUSDC is to be set aside; what is not used comes back.",
                quote.screened_providers, quote.deposit
            )),
        ),
        Event::QuoteExpired => said("The price expired. Nothing was charged."),
        Event::DepositPrepared { terms, .. } => (
            format!("Waiting for your deposit of {} tUSDC.", terms.deposit),
            None,
        ),
        Event::DepositCancelled => {
            said("You cancelled the deposit before signing it. Nothing was charged.")
        }
        Event::AutoSigned { terms, under, .. } => (
            format!("Paying {} tUSDC from your prepaid balance.", terms.deposit),
            Some(format!(
                "Auto-sign, under the policy {} you signed: at most {} tUSDC an order and {} a day. \
                 {} is left of today.",
                under.policy.shortened(),
                under.per_order,
                under.per_day,
                under.left_today
            )),
        ),
        Event::PaymentAnnounced { deposit, under, .. } => (
            format!("Auto-sign is about to pay {deposit} tUSDC from your prepaid balance."),
            Some(format!(
                "Under the policy {} you signed. Until then you can cancel it.",
                under.policy.shortened()
            )),
        ),
        Event::PaymentCancelled => said("You cancelled the payment. Nothing was charged."),
        Event::DepositConfirmed { deposited } => (
            format!("Your deposit of {} tUSDC is in escrow.", deposited.amount),
            Some("It pays for nothing until the workload is about to start.".to_owned()),
        ),
        Event::OpenRequested { .. } => said("Opening the deployment on Akash."),
        Event::Opened { opened } => (
            "Open on Akash; providers are bidding.".to_owned(),
            Some(format!("Deployment {}.", opened.dseq)),
        ),
        Event::BidAccepted { accepted } => (
            format!(
                "Bid accepted at ${} an hour.",
                usd_per_hour(accepted.price(), BlockTime::CONSOLE)
            ),
            Some(
                accepted
                    .bids
                    .iter()
                    .map(|bid| {
                        let address = bid.id.provider.to_string();
                        bid.provider.name.clone().unwrap_or(address)
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        ),
        Event::ActivationConfirmed { activation } => (
            format!(
                "The escrow pays ${} an hour from now.",
                activation.rate.usd_per_hour()
            ),
            Some("If the provider does not take your workload, nothing is charged.".to_owned()),
        ),
        Event::LeaseStarted { .. } => (
            "Leased. The provider starts your workload.".to_owned(),
            Some(
                "Starting is charged, too: the escrow pays by the second since it began."
                    .to_owned(),
            ),
        ),
        Event::Ready { at } => (
            "Running: everything you asked for is ready.".to_owned(),
            is.running().map(|running| {
                let took = at.since(running.activation.at).in_words();
                format!("That took {took} from the moment the escrow began to pay.")
            }),
        ),
        Event::ToppedUp { amount } => (format!("Topped up by {amount} tUSDC."), None),
        Event::PaymentFailed { reason, .. } => (
            "A payment failed: the deployment is on hold.".to_owned(),
            Some(format!(
                "{reason} It runs until what is in escrow is used up, takes no updates, and is then \
                 closed. Top up to go on."
            )),
        ),
        Event::UpdateRequested { update } => (
            format!("Updating: {}.", update.changes.join(", ")),
            Some("The lease and its price stay as they are.".to_owned()),
        ),
        Event::Updated { changes, .. } => (
            format!("Updated: {}.", changes.join(", ")),
            Some("The provider replaces what ran before.".to_owned()),
        ),
        Event::UpdateRefused { reason, .. } => (
            "The update was not taken; what ran before runs on.".to_owned(),
            Some(reason.clone()),
        ),
        Event::NoBids { .. }
        | Event::NotPicked { .. }
        | Event::CloseRequested { .. }
        | Event::BudgetSpent { .. }
        | Event::Finished { .. }
        | Event::LeaseLost { .. }
        | Event::StepFailed { .. } => closing(is),
        Event::EscrowEnded { settlement } => (
            "The escrow was ended on chain.".to_owned(),
            Some(format!(
                "{} tUSDC paid for usage, {} tUSDC went back to your wallet.",
                settlement.released, settlement.refunded
            )),
        ),
        Event::Closed { .. } if was.opened().is_some() => said("Closed on Akash."),
        Event::Closed { .. } => said("Nothing is left open on Akash."),
        Event::SettlementConfirmed { settlement } => (
            format!(
                "Settled. {} tUSDC is back in your wallet.",
                settlement.refunded
            ),
            Some(format!("{} tUSDC paid for usage.", settlement.released)),
        ),
        Event::Stuck { cause } => (
            "Waiting for our operator. Your money stays in escrow.".to_owned(),
            Some(cause.clone()),
        ),
        Event::Resumed { note, .. } => (
            "Our operator looked at it; it goes on.".to_owned(),
            Some(note.clone()),
        ),
        Event::RunningLow { left } => (
            format!("Less than {} is left of what you paid.", left.in_words()),
            Some(
                "Add money to go on; otherwise it closes by itself and you get the change."
                    .to_owned(),
            ),
        ),
        Event::MoneyStrayed { amount, fate, .. } => (
            format!("{amount} came that this order does not wait for."),
            Some(
                match fate {
                    StrayFate::GoesBack => "It goes back to your wallet whole.",
                    StrayFate::OperatorOwes => {
                        "It was sent to the contract without a call, where nobody can spend it; \
                         our operator was told. Deposit with the button on this page."
                    }
                }
                .to_owned(),
            ),
        ),
        Event::Abandoned { why } => (why.clone(), None),
    }
}

/// Says why the order is being closed, and what is paid.
fn closing(is: &State) -> (String, Option<String>) {
    let State::Closing { why, running, .. } = is else {
        return ("It is being closed.".to_owned(), None);
    };
    let money = match (running, why) {
        (None, _) => "Nothing is charged; the whole deposit goes back to your wallet.",
        (Some(_), CloseReason::BudgetSpent) => "What is left of the deposit goes back to you.",
        (Some(_), _) => "You pay for the time it ran; the rest goes back to your wallet.",
    };
    (why.sentence(), Some(money.to_owned()))
}

#[cfg(test)]
mod tests {
    use domain::deployment::{Event, State};
    use domain::time::UnixSeconds;

    use super::narrate;

    #[test]
    fn an_entry_says_what_happened_and_what_it_means_for_the_money() {
        let entry = narrate(
            &State::Drafted,
            &Event::QuoteExpired,
            &State::Drafted,
            UnixSeconds(7),
        );
        assert_eq!(entry.title, "The price expired. Nothing was charged.");
        assert_eq!(
            (entry.at, entry.state.as_str()),
            (UnixSeconds(7), "drafted")
        );
    }
}
