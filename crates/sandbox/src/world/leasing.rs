//! Leases: accepting bids, delivering manifests, rolling out updates.

use serde_json::Value;

use crate::clock::Moment;
use crate::definition::Definition;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::refusal::{BID_GONE, ORDER_GONE, PROVIDER_DOWN, Refusal};

use super::{BidOutcome, Deployment, Lease, Profile, World};

/// A bid to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseWish {
    pub(crate) dseq: u64,
    pub(crate) gseq: u64,
    pub(crate) oseq: u64,
    pub(crate) provider: String,
}

/// The outcome of delivering a manifest to a provider.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Delivery {
    /// It has arrived.
    Done,
    /// The provider does not know the lease yet; it will at this simulated time.
    NotYet(u64),
}

impl World {
    /// Whether a deployment has a lease that is not closed, in which case a lease call only
    /// delivers.
    pub(crate) fn has_lease(&self, dseq: u64) -> bool {
        self.deployments
            .get(&dseq)
            .is_some_and(|deployment| deployment.running().next().is_some())
    }

    /// Checks that a lease call can succeed, before its transaction is made.
    pub(crate) fn check_wishes(
        &mut self,
        wishes: &[LeaseWish],
        now: Moment,
    ) -> Result<(), Refusal> {
        for wish in wishes {
            if let Some(deployment) = self.deployments.get_mut(&wish.dseq)
                && deployment.has(Fault::BidClosesBeforeLease)
            {
                deployment
                    .faults
                    .retain(|fault| *fault != Fault::BidClosesBeforeLease);
                withdraw(deployment, wish);
            }
            let deployment = self.deployment(wish.dseq)?;
            self.known_provider(deployment, wish)?;
            let order = usize::try_from(wish.gseq)
                .ok()
                .and_then(|gseq| deployment.orders.get(gseq.checked_sub(1)?))
                .filter(|order| wish.oseq == 1 && order.lease.is_none())
                .filter(|_| deployment.is_active())
                .ok_or_else(|| Refusal::bad_request(ORDER_GONE))?;
            let is_open = order.bids.iter().any(|bid| {
                bid.provider == wish.provider
                    && bid.arrives_ms <= now.sim_ms
                    && bid.state(deployment, now) == "open"
            });
            if !is_open {
                return Err(Refusal::bad_request(BID_GONE));
            }
            if self.profile == Profile::Latest && !self.answers(&wish.provider) {
                return Err(Refusal::unavailable(PROVIDER_DOWN));
            }
        }
        Ok(())
    }

    fn known_provider(&self, deployment: &Deployment, wish: &LeaseWish) -> Result<(), Refusal> {
        // The extra bidders are not on any list, but can be accepted as well.
        let bids = deployment.orders.iter().flat_map(|order| &order.bids);
        if self.provider(&wish.provider).is_some()
            || bids.into_iter().any(|bid| bid.provider == wish.provider)
        {
            return Ok(());
        }
        Err(Refusal::not_found(format!(
            "Provider {} not found",
            wish.provider
        )))
    }

    /// Whether a provider answers; unlisted ones do.
    pub(crate) fn answers(&self, address: &str) -> bool {
        self.provider(address).is_none_or(|p| self.is_online(p))
    }

    /// Includes the transaction that creates the leases.
    pub(crate) fn lease(&mut self, wishes: &[LeaseWish], now: Moment) -> Result<(), Refusal> {
        self.check_wishes(wishes, now)?;
        let height = self.height(now);
        for wish in wishes {
            let seed = self.seed;
            let pace = u64::from(self.pace);
            let deployment = self
                .deployments
                .get_mut(&wish.dseq)
                .ok_or_else(|| Refusal::not_found("Deployment not found"))?;
            deployment.settle(height);
            let ordinal = deployment.ordinal.to_string();
            let index = usize::try_from(wish.gseq - 1).expect("the order was found by it");
            let order = &mut deployment.orders[index];
            let mut price = None;
            for bid in &mut order.bids {
                if bid.provider == wish.provider {
                    bid.outcome = Some(BidOutcome::Won);
                    price = Some(bid.price);
                } else if bid.outcome.is_none() {
                    bid.outcome = Some(BidOutcome::Lost);
                }
            }
            let mut dice = Dice::new(seed, &["lease", &ordinal, &wish.gseq.to_string()]);
            order.lease = Some(Lease {
                provider: wish.provider.clone(),
                price: price.ok_or_else(|| Refusal::bad_request(BID_GONE))?,
                created_ms: now.sim_ms,
                learned_ms: now.sim_ms + dice.between(0, 6_000) / pace,
                manifest_ms: None,
                end: None,
                reclaimed_ms: None,
            });
        }
        if let Some(first) = wishes.first() {
            self.top_up_to_target(first.dseq, now);
        }
        Ok(())
    }

    /// Sends the manifest to a deployment's providers, one after another.
    pub(crate) fn deliver(
        &mut self,
        dseq: u64,
        manifest: Option<&str>,
        now: Moment,
    ) -> Result<Delivery, Refusal> {
        let profile = self.profile;
        let providers: Vec<String> = self
            .deployment(dseq)?
            .running()
            .map(|(_, lease)| lease.provider.clone())
            .collect();
        for provider in providers {
            let answers = self.answers(&provider);
            let deployment = self
                .deployments
                .get_mut(&dseq)
                .expect("it was there two lines above");
            if !answers {
                return Err(undelivered(profile, dseq, &provider));
            }
            let same = manifest.is_none_or(|text| is_same(text, &deployment.definition.manifest));
            if !same {
                return Err(Refusal::unprocessable("manifest version validation failed"));
            }
            let lease = deployment
                .orders
                .iter_mut()
                .filter_map(|order| order.lease.as_mut())
                .find(|lease| lease.end.is_none() && lease.provider == provider)
                .expect("it was among the running ones");
            if now.sim_ms < lease.learned_ms {
                return Ok(Delivery::NotYet(lease.learned_ms));
            }
            lease.manifest_ms.get_or_insert(now.sim_ms);
        }
        Ok(Delivery::Done)
    }

    /// Whether this is recorded on chain as what the deployment runs.
    pub(crate) fn is_declared(&self, dseq: u64, next: &Definition) -> Result<bool, Refusal> {
        let deployment = self.deployment(dseq)?;
        if !deployment.is_active() {
            return Err(Refusal::bad_request("Deployment closed"));
        }
        Ok(deployment.declared() == next.hash)
    }

    /// Declares on chain what a deployment is to run. The chain accepts any hash.
    pub(crate) fn declare(&mut self, dseq: u64, next: &Definition) -> Result<(), Refusal> {
        let deployment = self.still_active(dseq)?;
        deployment.declared = Some(next.hash.clone());
        Ok(())
    }

    /// Delivers a new manifest to a deployment's providers, which run it from then on.
    pub(crate) fn roll_out(
        &mut self,
        dseq: u64,
        definition: Definition,
        sdl: String,
        refused: bool,
        now: Moment,
    ) -> Result<(), Refusal> {
        let profile = self.profile;
        let silent = self
            .deployment(dseq)?
            .running()
            .map(|(_, lease)| lease.provider.clone())
            .find(|provider| !self.answers(provider));
        if let Some(provider) = silent {
            return Err(undelivered(profile, dseq, &provider));
        }
        let deployment = self.still_active(dseq)?;
        if refused || !deployment.definition.has_same_resources(&definition) {
            return Err(Refusal::unprocessable(
                "manifest cross-validation error: resources of the group cannot change in an update",
            ));
        }
        if deployment.definition.hash != definition.hash {
            deployment.generation += 1;
            deployment.rolled_out_ms = Some(now.sim_ms);
        }
        deployment.declared = None;
        deployment.definition = definition;
        deployment.sdl = sdl;
        Ok(())
    }

    fn still_active(&mut self, dseq: u64) -> Result<&mut Deployment, Refusal> {
        let deployment = self
            .deployments
            .get_mut(&dseq)
            .ok_or_else(|| Refusal::not_found("Deployment not found"))?;
        match deployment.is_active() {
            true => Ok(deployment),
            false => Err(Refusal::bad_request("Deployment closed")),
        }
    }

    /// Returns an existing deployment.
    pub(crate) fn deployment(&self, dseq: u64) -> Result<&Deployment, Refusal> {
        self.deployments
            .get(&dseq)
            .ok_or_else(|| Refusal::not_found("Deployment not found"))
    }
}

fn withdraw(deployment: &mut Deployment, wish: &LeaseWish) {
    let bids = deployment
        .orders
        .iter_mut()
        .flat_map(|order| &mut order.bids);
    for bid in bids.filter(|bid| bid.provider == wish.provider) {
        bid.outcome.get_or_insert(BidOutcome::Closed);
    }
}

fn undelivered(profile: Profile, dseq: u64, provider: &str) -> Refusal {
    match profile {
        Profile::August2026 => Refusal::unavailable(PROVIDER_DOWN),
        Profile::Latest => Refusal::manifest_not_delivered(dseq, provider, PROVIDER_DOWN),
    }
}

/// Whether two manifests are equivalent; the provider decodes them before it compares.
fn is_same(sent: &str, stored: &str) -> bool {
    let decode = |text: &str| serde_json::from_str::<Value>(text).ok();
    decode(sent).is_some_and(|sent| Some(sent) == decode(stored))
}
