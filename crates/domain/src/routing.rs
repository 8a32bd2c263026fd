//! Ranking bids: floors first, then a total order by the buyer's priority, every rejection
//! explained.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::akash::{Bid, BidState, ProviderAddress};
use crate::money::{UactPerBlock, Usd};
use crate::pricing::{BlockTime, usd_per_hour};
use crate::requirements::{Priority, Region};

/// Requirements that a bid must meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidFloor {
    /// Highest price of a bid for its group, per block.
    pub cap: UactPerBlock,
    /// Region the provider must be in; `None` for anywhere.
    pub region: Option<Region>,
    /// Providers whose bids are allowed; empty for any.
    pub providers: BTreeSet<ProviderAddress>,
    /// Quality to favour among the bids that fit.
    pub priority: Priority,
}

/// A bid with its rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedBid {
    /// Bid with the facts about its provider.
    pub bid: Bid,
    /// Price in dollars per hour.
    pub usd_per_hour: Usd,
    /// Reason why the bid cannot be accepted; `None` if it can.
    pub rejected: Option<String>,
}

/// Uptime over the last seven days assumed for a provider whose uptime is unknown, in hundredths of a per
/// cent.
const ASSUMED_UPTIME_BPS: u32 = 9500;

/// Ranks the bids: acceptable ones first, best first; rejected ones last, each with its reason.
///
/// The order is total and independent of the input's order: the provider's address breaks the last ties.
#[must_use]
pub fn rank_bids(bids: Vec<Bid>, floor: &BidFloor) -> Vec<RankedBid> {
    let mut ranked: Vec<RankedBid> = bids
        .into_iter()
        .map(|bid| RankedBid {
            usd_per_hour: usd_per_hour(bid.price, BlockTime::CONSOLE),
            rejected: rejection(&bid, floor),
            bid,
        })
        .collect();
    ranked.sort_by_cached_key(|ranked| {
        let facts = &ranked.bid.provider;
        let downtime = 10_000
            - facts
                .uptime_7d_bps
                .unwrap_or(ASSUMED_UPTIME_BPS)
                .min(10_000);
        let by_record = (downtime, ranked.bid.price.scaled());
        let by_price = (0, ranked.bid.price.scaled());
        let lead = match floor.priority {
            Priority::Uptime => by_record,
            Priority::Price | Priority::Latency | Priority::Performance => by_price,
        };
        (
            ranked.rejected.is_some(),
            lead,
            downtime,
            ranked.bid.id.clone(),
        )
    });
    ranked
}

/// The best acceptable bid for each of `groups` (numbered from 1); `None` if any group lacks one.
#[must_use]
pub fn best_per_group(ranked: &[RankedBid], groups: u32) -> Option<Vec<Bid>> {
    (1..=groups)
        .map(|gseq| {
            ranked
                .iter()
                .find(|ranked| ranked.rejected.is_none() && ranked.bid.id.gseq == gseq)
                .map(|ranked| ranked.bid.clone())
        })
        .collect()
}

fn rejection(bid: &Bid, floor: &BidFloor) -> Option<String> {
    let facts = &bid.provider;
    match &bid.state {
        BidState::Open => {}
        BidState::Closed => return Some("the provider withdrew it".to_owned()),
        BidState::Lost => return Some("another bid was taken".to_owned()),
        BidState::Active => return Some("already taken".to_owned()),
        BidState::Other(state) => return Some(format!("in the unknown state “{state}”")),
    }
    if !floor.providers.is_empty() && !floor.providers.contains(&bid.id.provider) {
        return Some("not from a provider you chose".to_owned());
    }
    if bid.price > floor.cap {
        let cap = usd_per_hour(floor.cap, BlockTime::CONSOLE);
        return Some(format!("above your maximum of ${cap} an hour"));
    }
    if facts.audited == Some(false) {
        return Some("no auditor vouches for the provider".to_owned());
    }
    if facts.online == Some(false) {
        return Some("the provider does not answer".to_owned());
    }
    if let (Some(wanted), Some(has)) = (floor.region, facts.region.as_deref())
        && !wanted.contains(has)
    {
        return Some(format!("in {has}, not in {wanted}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{BidFloor, best_per_group, rank_bids};
    use crate::akash::{Bid, BidId, BidState, Dseq, ProviderFacts};
    use crate::money::UactPerBlock;
    use crate::requirements::{Priority, Region};

    fn bid(provider: &str, uact: u64) -> Bid {
        Bid {
            id: BidId {
                dseq: Dseq::new(1),
                gseq: 1,
                oseq: 1,
                provider: format!("akash1{provider}").parse().unwrap(),
            },
            state: BidState::Open,
            price: UactPerBlock::from_whole(uact),
            provider: ProviderFacts {
                audited: Some(true),
                online: Some(true),
                ..ProviderFacts::default()
            },
        }
    }

    fn floor() -> BidFloor {
        BidFloor {
            cap: UactPerBlock::from_whole(100),
            region: None,
            providers: [].into(),
            priority: Priority::Price,
        }
    }

    #[test]
    fn the_cheapest_acceptable_bid_comes_first_whatever_the_input_order() {
        let bids = vec![
            bid("cccccc", 50),
            bid("aaaaaa", 50),
            bid("bbbbbb", 20),
            bid("dddddd", 200),
        ];
        let mut reversed = bids.clone();
        reversed.reverse();
        let ranked = rank_bids(bids, &floor());
        assert_eq!(ranked, rank_bids(reversed, &floor()));
        let order: Vec<_> = ranked.iter().map(|r| r.bid.id.provider.as_str()).collect();
        assert_eq!(
            order,
            [
                "akash1bbbbbb",
                "akash1aaaaaa",
                "akash1cccccc",
                "akash1dddddd"
            ]
        );
        assert_eq!(
            ranked[3].rejected.as_deref(),
            Some("above your maximum of $0.06 an hour")
        );
    }

    #[test]
    fn every_rejection_has_its_reason() {
        let mut closed = bid("aaaaaa", 1);
        closed.state = BidState::Closed;
        let mut unaudited = bid("bbbbbb", 1);
        unaudited.provider.audited = Some(false);
        let mut elsewhere = bid("cccccc", 1);
        elsewhere.provider.region = Some("us-west".to_owned());
        let floor = BidFloor {
            region: Some(Region::Eu),
            ..floor()
        };
        let ranked = rank_bids(vec![closed, unaudited, elsewhere], &floor);
        let reasons: Vec<_> = ranked
            .iter()
            .filter_map(|r| r.rejected.as_deref())
            .collect();
        assert_eq!(
            reasons,
            [
                "the provider withdrew it",
                "no auditor vouches for the provider",
                "in us-west, not in eu",
            ]
        );
    }

    #[test]
    fn only_who_was_chosen_is_taken_however_cheap_the_others_are() {
        let chosen = bid("chosen", 90);
        let floor = BidFloor {
            providers: [chosen.id.provider.clone()].into(),
            ..floor()
        };
        let ranked = rank_bids(vec![bid("cheap0", 10), chosen], &floor);
        assert_eq!(ranked[0].bid.id.provider.as_str(), "akash1chosen");
        assert_eq!(ranked[0].rejected, None);
        assert_eq!(
            ranked[1].rejected.as_deref(),
            Some("not from a provider you chose")
        );
    }

    #[test]
    fn uptime_leads_when_the_buyer_asks_for_it() {
        let mut steady = bid("steady", 90);
        steady.provider.uptime_7d_bps = Some(9999);
        let mut cheap = bid("cheap0", 10);
        cheap.provider.uptime_7d_bps = Some(9600);
        let floor = BidFloor {
            priority: Priority::Uptime,
            ..floor()
        };
        let ranked = rank_bids(vec![cheap, steady], &floor);
        assert_eq!(ranked[0].bid.id.provider.as_str(), "akash1steady");
    }

    #[test]
    fn a_deployment_of_two_groups_needs_a_bid_for_each() {
        let mut second = bid("bbbbbb", 10);
        second.id.gseq = 2;
        let one = rank_bids(vec![bid("aaaaaa", 10)], &floor());
        assert_eq!(best_per_group(&one, 2), None);
        let both = rank_bids(vec![bid("aaaaaa", 10), second], &floor());
        assert_eq!(best_per_group(&both, 2).unwrap().len(), 2);
    }
}
