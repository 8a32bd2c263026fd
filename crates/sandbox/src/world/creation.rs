//! New deployments, and the bids on them.

use crate::amount::Uact;
use crate::clock::Moment;
use crate::definition::Definition;
use crate::dice::Dice;
use crate::fault::{Armed, Fault};
use crate::group::Group;
use crate::offer;
use crate::providers::Provider;
use crate::refusal::{NO_BALANCE, Refusal};

use super::{Bid, BidOutcome, Deployment, Escrow, EscrowState, Order, World};

/// Maximum number of bids that an order accepts.
const MAX_BIDS: usize = 20;
/// Time after which a provider withdraws a bid that was not accepted.
const BID_LIFETIME_MS: u64 = 300_000;

/// A request to create a deployment.
#[derive(Debug, Clone)]
pub(crate) struct NewDeployment {
    pub(crate) definition: Definition,
    pub(crate) sdl: String,
    pub(crate) deposit: Uact,
    pub(crate) name: Option<String>,
    pub(crate) runtime_limit_hours: Option<u32>,
    /// Fault of this request, if it affects deployments.
    pub(crate) fault: Option<Fault>,
}

impl World {
    /// Checks that the account can pay a deposit.
    pub(crate) fn afford(&self, deposit: Uact) -> Result<(), Refusal> {
        if self.balance < deposit {
            return Err(Refusal::payment(NO_BALANCE));
        }
        Ok(())
    }

    /// Includes the transaction that creates a deployment; returns its sequence number.
    pub(crate) fn create(&mut self, new: NewDeployment, now: Moment) -> Result<u64, Refusal> {
        self.afford(new.deposit)?;
        let last = self.deployments.keys().next_back().copied().unwrap_or(0);
        let dseq = now.console_ms.max(last + 1);
        self.created += 1;
        let height = self.height(now);
        let faults = self.faults_of(&new);
        let name = new
            .name
            .unwrap_or_else(|| service_names(&new.definition).join("+"));
        let mut deployment = Deployment {
            ordinal: self.created,
            dseq,
            name,
            sdl: new.sdl,
            created_ms: now.sim_ms,
            closed_ms: None,
            escrow: Escrow {
                state: EscrowState::Open,
                funds: new.deposit,
                transferred: Uact::ZERO,
                settled_height: height,
                deposits: vec![(new.deposit, height)],
            },
            orders: Vec::new(),
            runtime_limit_hours: new.runtime_limit_hours,
            auto_top_up: true,
            faults,
            generation: 1,
            rolled_out_ms: None,
            definition: new.definition,
            declared: None,
        };
        deployment.orders = deployment
            .definition
            .groups
            .iter()
            .enumerate()
            .map(|(index, group)| Order {
                bids: self.bids_on(&deployment, index, group),
                lease: None,
            })
            .collect();
        self.balance = self.balance.less(new.deposit);
        self.deployments.insert(dseq, deployment);
        Ok(dseq)
    }

    fn faults_of(&mut self, new: &NewDeployment) -> Vec<Fault> {
        let in_environment = new
            .definition
            .services
            .iter()
            .flatten()
            .flat_map(|service| service.scenarios.iter().map(String::as_str));
        let in_name = new
            .name
            .as_deref()
            .and_then(|name| name.strip_prefix("sim:"));
        let mut faults = Fault::carried_by(in_environment.chain(in_name));
        faults.extend(Armed::take_for_deployment(&mut self.armed));
        faults.extend(new.fault);
        faults
    }

    fn bids_on(&self, deployment: &Deployment, index: usize, group: &Group) -> Vec<Bid> {
        if deployment.has(Fault::NoBids) {
            return Vec::new();
        }
        let mut bids: Vec<Bid> = self
            .providers()
            .iter()
            .filter_map(|provider| self.bid_of(provider, deployment, index, group))
            .collect();
        if deployment.has(Fault::ManyBids) {
            bids.extend(self.crowd(deployment, &bids));
        }
        if deployment.has(Fault::PriceTie)
            && let Some(price) = bids.iter().map(|bid| bid.price).max()
        {
            bids.iter_mut().for_each(|bid| bid.price = price);
        }
        bids.sort_by(|a, b| (a.arrives_ms, &a.provider).cmp(&(b.arrives_ms, &b.provider)));
        bids.truncate(MAX_BIDS);
        bids
    }

    fn bid_of(
        &self,
        provider: &Provider,
        deployment: &Deployment,
        index: usize,
        group: &Group,
    ) -> Option<Bid> {
        let labels = [
            "bid",
            &deployment.ordinal.to_string(),
            &index.to_string(),
            &provider.address,
        ];
        let mut dice = Dice::new(self.seed, &labels);
        let delay = self.hastened(dice.between(6_000, 45_000));
        let noise = dice.between(980, 1_020);
        let is_absent = provider.flaky && dice.chance(500);
        if is_absent
            || !self.is_online(provider)
            || !offer::fits(provider, &self.in_use(&provider.address), group)
        {
            return None;
        }
        let usual = offer::price(provider, group).permille(noise);
        let limit = group.price_limit();
        if usual > limit {
            return None;
        }
        let price = if deployment.has(Fault::DearBids) {
            usual.times(5).min(limit)
        } else {
            usual
        };
        let lateness = if deployment.has(Fault::LateBids) {
            90_000
        } else {
            0
        };
        let lifetime = if deployment.has(Fault::BidsExpire) {
            20_000
        } else {
            BID_LIFETIME_MS
        };
        let arrives_ms = deployment.created_ms + delay + lateness;
        Some(Bid {
            provider: provider.address.clone(),
            price,
            arrives_ms,
            withdrawn_ms: arrives_ms + lifetime,
            outcome: None,
            gpu_keys: group
                .resources
                .iter()
                .map(|unit| offer::gpu_for(provider, &unit.resource).map(offer::gpu_key))
                .collect(),
            reclamation_seconds: provider.reclamation_seconds,
        })
    }

    /// Returns more bidders than an order accepts, none of them among the listed providers.
    fn crowd(&self, deployment: &Deployment, bids: &[Bid]) -> Vec<Bid> {
        let Some(model) = bids.first() else {
            return Vec::new();
        };
        (0..MAX_BIDS as u64 + 5)
            .map(|number| Bid {
                provider: crate::address::address_of(&format!("one of a crowd, {number}")),
                price: model.price.permille(1_000 + 7 * number),
                arrives_ms: deployment.created_ms + self.hastened(7_000 + 500 * number),
                ..model.clone()
            })
            .collect()
    }
}

impl Deployment {
    /// Applies a fault of bids to existing bids.
    pub(super) fn strike_bids(&mut self, fault: Fault, now: Moment) {
        let open = self
            .orders
            .iter_mut()
            .flat_map(|order| &mut order.bids)
            .filter(|bid| bid.outcome.is_none());
        match fault {
            Fault::NoBids => open.for_each(|bid| bid.outcome = Some(BidOutcome::Closed)),
            Fault::BidsExpire => open.for_each(|bid| {
                bid.withdrawn_ms = bid
                    .withdrawn_ms
                    .min(bid.arrives_ms.max(now.sim_ms) + 20_000);
            }),
            Fault::LateBids => open
                .filter(|bid| bid.arrives_ms > now.sim_ms)
                .for_each(|bid| {
                    bid.arrives_ms += 90_000;
                    bid.withdrawn_ms += 90_000;
                }),
            _ => {}
        }
    }
}

/// Names of the services, in the manifest's order.
fn service_names(definition: &Definition) -> Vec<&str> {
    definition
        .services
        .iter()
        .flatten()
        .map(|service| service.name.as_str())
        .collect()
}
