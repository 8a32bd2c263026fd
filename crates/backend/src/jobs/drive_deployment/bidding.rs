//! Collects bids, and accepts the best one if the buyer chose this with the deposit.

use domain::akash::{Bid, ProviderAddress};
use domain::deployment::{Acceptance, AcceptedBids, Event, Opened, Paid, State};
use domain::routing::best_per_group;
use domain::time::{Seconds, UnixSeconds};

use super::{Drive, Progress, Trouble};
use crate::orders::order::Order;
use crate::orders::ranked_bids::{chosen_providers, ranked_bids};
use crate::storage::bids::{self, SeenBid};

/// Wait for better bids after the first acceptable one.
const SETTLE: Seconds = Seconds(10);

/// Returns the best bid for each group, provided that their sum stays within the cap.
fn best(order: &Order, paid: &Paid, opened: &Opened, seen: &[SeenBid]) -> Option<Vec<Bid>> {
    let ranked = ranked_bids(order, seen.to_vec());
    let bids = best_per_group(&ranked, opened.groups)?;
    let price = bids.iter().map(|bid| bid.price).sum();
    (paid.quote.cap_per_block >= price).then_some(bids)
}

/// Whether waiting longer is unlikely to bring a better bid.
fn settled(order: &Order, paid: &Paid, seen: &[SeenBid], now: UnixSeconds) -> bool {
    let acceptable = ranked_bids(order, seen.to_vec())
        .into_iter()
        .filter(|ranked| ranked.rejected.is_none())
        .map(|ranked| ranked.bid.id)
        .collect::<Vec<_>>();
    let first = seen
        .iter()
        .filter(|seen| acceptable.contains(&seen.bid.id))
        .map(|seen| seen.first_seen_at)
        .min();
    let mut bidders: Vec<_> = seen.iter().map(|seen| &seen.bid.id.provider).collect();
    bidders.sort_unstable();
    bidders.dedup();
    let chosen = chosen_providers(order);
    let everybody = if chosen.is_empty() {
        bidders.len() >= paid.quote.screened_providers as usize
    } else {
        chosen.iter().all(|provider| bidders.contains(&provider))
    };
    everybody || first.is_some_and(|first| now.since(first) >= SETTLE)
}

impl Drive<'_> {
    pub(super) async fn poll_bids(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Bidding { paid, opened, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        if let Err(moved) = self.guard_escrow(order).await? {
            return Ok(moved);
        }
        let seen = self.look_for_bids(order, opened).await?;
        self.notice(order, None).await?;
        let automatic = paid.acceptance == Acceptance::Automatic;
        if automatic
            && settled(order, paid, &seen, self.now())
            && let Some(bids) = best(order, paid, opened, &seen)
        {
            return self.accept(bids).await;
        }
        Ok(Progress::Wait(self.backend.settings().poll.bids))
    }

    pub(super) async fn end_bidding(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Bidding { paid, opened, .. } = &order.state else {
            return Ok(Progress::Moved);
        };
        let seen = bids::of(&mut self.backend.storage().read().await?, order.id).await?;
        let at = self.now();
        if seen.is_empty() {
            return self.record(Event::NoBids { at }).await;
        }
        if paid.acceptance == Acceptance::Manual {
            return self.record(Event::NotPicked { at }).await;
        }
        match best(order, paid, opened, &seen) {
            Some(bids) => self.accept(bids).await,
            None => {
                let whose = if chosen_providers(order).is_empty() {
                    ""
                } else {
                    " of a provider you chose"
                };
                self.give_up(&format!(
                    "No bid{whose} in 5 minutes was under your maximum of ${} an hour.",
                    paid.quote.cap_per_hour
                ))
                .await
            }
        }
    }

    async fn accept(&self, bids: Vec<Bid>) -> Result<Progress, Trouble> {
        let at = self.now();
        let accepted = AcceptedBids { bids, at };
        self.record(Event::BidAccepted { accepted }).await
    }

    /// Asks Akash for bids and stores the new ones, with known facts about their providers.
    pub(super) async fn look_for_bids(
        &self,
        order: &Order,
        opened: &Opened,
    ) -> Result<Vec<SeenBid>, Trouble> {
        let market = &self.backend.ports().market;
        let mut found = market.bids(opened.dseq).await?;
        let known = bids::of(&mut self.backend.storage().read().await?, order.id).await?;
        let mut strangers: Vec<ProviderAddress> = Vec::new();
        for bid in &mut found {
            match known.iter().find(|seen| seen.bid.id == bid.id) {
                Some(seen) => bid.provider = seen.bid.provider.clone(),
                None => strangers.push(bid.id.provider.clone()),
            }
        }
        strangers.sort_unstable();
        strangers.dedup();
        if !strangers.is_empty() {
            // Without facts the bid is ranked as one from an unknown provider; it is still valid.
            match market.providers(&strangers).await {
                Ok(facts) => {
                    for bid in &mut found {
                        if let Some((_, facts)) = facts
                            .iter()
                            .find(|(address, _)| *address == bid.id.provider)
                        {
                            bid.provider = facts.clone();
                        }
                    }
                }
                Err(error) => crate::observe::facts_missing(order.id, &error),
            }
        }
        let changed: Vec<&Bid> = found
            .iter()
            .filter(|bid| !known.iter().any(|seen| seen.bid == **bid))
            .collect();
        if !changed.is_empty() {
            self.store_bids(order, &changed).await?;
        }
        let mut connection = self.backend.storage().read().await?;
        Ok(bids::of(&mut connection, order.id).await?)
    }

    async fn store_bids(&self, order: &Order, changed: &[&Bid]) -> Result<(), Trouble> {
        let mut transaction = self.backend.storage().begin_write().await?;
        for bid in changed {
            bids::upsert(&mut transaction, order.id, bid, self.now()).await?;
        }
        crate::storage::orders::touch(&mut transaction, order.id, self.now()).await?;
        transaction.commit().await?;
        self.backend.announce(order.id);
        Ok(())
    }
}
