use proptest::prelude::*;

use super::{Choice, Decision, Market, Outcome, VenueReport, VenueState, route};
use crate::money::Usd;
use crate::offers::tokens::TokenRates;
use crate::offers::{
    Availability, CardsMilli, Decimal, Interruption, ListedPrice, Listing, Offer, Provenance,
    Record, Venue, cost_order, normalize,
};
use crate::requirements::{DeployToAkash, PricingModel, Priority, Region};
use crate::resources::{GpuInterface, GpuRequest};
use crate::route::{AkashRules, Criteria, GpuRule, Weights, akash_suitability};
use crate::time::{Seconds, UnixSeconds};

const NOW: UnixSeconds = UnixSeconds(1_790_612_322);

fn micros(micros: u64) -> ListedPrice {
    ListedPrice::PerShapeHour(Decimal::from_usd(Usd::from_micros(micros)))
}

fn listing(shape: &str, gpu: &str, price_micros: u64) -> Listing {
    Listing {
        most_cards: Some(8),
        observed_at: NOW,
        ..Listing::new(Venue::RunPod, shape, gpu, micros(price_micros))
    }
}

fn offer(listing: Listing) -> Offer {
    normalize(listing, &TokenRates::default()).unwrap()
}

fn h100(shape: &str, micros: u64) -> Offer {
    offer(listing(shape, "H100 SXM", micros))
}

fn criteria(count: u32) -> Criteria {
    Criteria {
        gpu: Some(GpuRequest {
            vendor: None,
            model: Some("h100".parse().unwrap()),
            count,
            vram_gib: None,
            interface: None,
        }),
        region: None,
        max_per_gpu_hour: None,
        max_per_hour: None,
        budget: None,
        duration: Seconds::hours(10),
        exclude_pricing: [].into(),
        venues: [].into(),
        providers: [].into(),
        priority: Priority::Price,
    }
}

fn decide(criteria: Criteria, offers: Vec<Offer>) -> Decision {
    let weights = Weights::of(criteria.priority);
    let akash = akash_suitability(&criteria, DeployToAkash::Automatic, &AkashRules::default());
    let market = Market {
        offers,
        ..Market::default()
    };
    route(criteria, market, weights, akash, NOW)
}

fn reasons(criteria: Criteria, offer: Offer) -> Vec<String> {
    let decision = decide(criteria, vec![offer]);
    match &decision.entries[0].outcome {
        Outcome::Rejected(reasons) => reasons.iter().map(ToString::to_string).collect(),
        Outcome::Fits(_) => Vec::new(),
    }
}

fn chosen(decision: &Decision) -> Option<&str> {
    decision
        .recommended()
        .map(|entry| entry.offer.shape.as_str())
}

#[test]
fn every_constraint_turns_away_with_its_own_reason() {
    let plain = || criteria(1);
    let with = |change: fn(&mut Criteria)| {
        let mut criteria = plain();
        change(&mut criteria);
        criteria
    };
    let row = || listing("row", "H100 SXM", 2_500_000);
    let cases: Vec<(Criteria, Listing, &[&str])> = vec![
        (plain(), row(), &[]),
        (
            plain(),
            listing("row", "RTX 4090", 500_000),
            &["rtx4090, not h100"],
        ),
        (
            plain(),
            listing("row", "Gaudi2", 500_000),
            &["“Gaudi2” is not a card Necto knows"],
        ),
        (
            with(|c| c.max_per_gpu_hour = Some(Usd::from_micros(2_000_000))),
            row(),
            &["$2.50 per GPU asked and hour, above $2.00"],
        ),
        (
            with(|c| c.budget = Some(Usd::from_micros(20_000_000))),
            row(),
            &["$25.00 in all, above $20.00"],
        ),
        (
            with(|c| c.region = Some(Region::Eu)),
            row(),
            &["place not stated, eu asked"],
        ),
        (
            with(|c| c.region = Some(Region::Eu)),
            Listing {
                place: Some("us-west-2".to_owned()),
                ..row()
            },
            &["in us-west-2, not surely in eu"],
        ),
        (
            with(|c| c.exclude_pricing = [PricingModel::Spot].into()),
            Listing {
                pricing_model: PricingModel::Spot,
                ..row()
            },
            &["spot pricing, which is not wanted"],
        ),
        (
            with(|c| c.gpu.as_mut().unwrap().interface = Some(GpuInterface::Pcie)),
            row(),
            &["sxm, not pcie"],
        ),
        (
            with(|c| c.gpu.as_mut().unwrap().vram_gib = Some(94)),
            row(),
            &["80 GiB of memory, 94 asked"],
        ),
        (criteria(16), row(), &["8 GPU at most, 16 asked"]),
        (
            criteria(4),
            Listing {
                availability: Availability::Free(3),
                ..row()
            },
            &["3 free now, 4 asked"],
        ),
        (
            plain(),
            Listing {
                availability: Availability::None,
                ..row()
            },
            &["0 free now, 1 asked"],
        ),
        (
            with(|c| c.venues = [Venue::Akash].into()),
            row(),
            &["not among the venues allowed"],
        ),
        (
            with(|c| c.providers = ["akash1x".to_owned()].into()),
            row(),
            &["not among the providers allowed"],
        ),
        (
            with(|c| {
                c.gpu = None;
                c.max_per_hour = Some(Usd::from_micros(1_000_000));
            }),
            row(),
            &["the workload needs no GPU", "$2.50 an hour, above $1.00"],
        ),
        (
            plain(),
            Listing {
                cards: CardsMilli(500),
                most_cards: None,
                ..listing("row", "H100", 1_200_000)
            },
            &["0.5 of a card, not a whole one"],
        ),
    ];
    for (criteria, listing, expected) in cases {
        assert_eq!(reasons(criteria, offer(listing)), expected);
    }
}

#[test]
fn a_node_of_eight_for_one_card_costs_the_node() {
    let node = offer(Listing {
        cards: CardsMilli::whole(8),
        most_cards: None,
        ..listing("node", "H100 SXM", 20_000_000)
    });
    let mut one = criteria(1);
    one.max_per_gpu_hour = Some(Usd::from_micros(3_000_000));
    assert_eq!(
        reasons(one, node.clone()),
        ["$20.00 per GPU asked and hour, above $3.00"]
    );
    let decision = decide(criteria(1), vec![node, h100("single", 2_600_000)]);
    assert_eq!(
        decision.entries[0].offer.shape, "node",
        "the table is by cost of a card"
    );
    assert_eq!(
        chosen(&decision),
        Some("single"),
        "the choice is by what is paid"
    );
}

#[test]
fn stored_prices_and_price_lists_are_never_recommended() {
    let of = |shape: &str, micros, provenance| Offer {
        provenance,
        ..h100(shape, micros)
    };
    let all = vec![
        of("tariff", 1_000_000, Provenance::Tariff),
        of("recorded", 1_500_000, Provenance::Recorded),
        of("live", 2_500_000, Provenance::Live),
    ];
    assert_eq!(chosen(&decide(criteria(1), all.clone())), Some("live"));
    let stored = decide(criteria(1), all[..2].to_vec());
    assert_eq!(stored.choice, Choice::OnPaper { entry: 1 });
    assert_eq!(stored.recommended(), None);
    let tariff = decide(criteria(1), all[..1].to_vec());
    assert_eq!(tariff.choice, Choice::Nothing);
    assert_eq!(
        tariff.choice_reason(),
        "Only published price lists fit, and nobody stands behind them."
    );
}

#[test]
fn what_nobody_measured_lowers_the_confidence_and_never_wins() {
    let steady = Offer {
        record: Record {
            uptime_bps: Some(9990),
            ..Record::default()
        },
        ..h100("steady", 3_000_000)
    };
    let silent = h100("silent", 2_000_000);
    let mut asked = criteria(1);
    assert_eq!(
        chosen(&decide(asked.clone(), vec![silent.clone(), steady.clone()])),
        Some("silent")
    );
    asked.priority = Priority::Uptime;
    let decision = decide(asked, vec![silent, steady]);
    assert_eq!(chosen(&decision), Some("steady"));
    let confidence = |at: usize| decision.entries[at].fit().unwrap().score.confidence_bps;
    assert_eq!((confidence(0), confidence(1)), (2000, 5500));
}

#[test]
fn the_cheapest_of_which_nothing_else_is_known_is_called_just_that() {
    let decision = decide(
        criteria(1),
        vec![h100("cheap", 2_000_000), h100("dear", 4_000_000)],
    );
    assert_eq!(
        decision.choice_reason(),
        "Cheapest of 2 matching offers; nothing else is known of it."
    );
    let words: Vec<String> = decision
        .entries
        .iter()
        .map(|entry| entry.fit().unwrap().score.in_words())
        .collect();
    assert_eq!(
        words,
        [
            "Cheapest; nothing else is known of it. Score 80 of 100.",
            "Nothing besides its price is known of it. Score 40 of 100.",
        ]
    );
    let known = Offer {
        availability: Availability::Free(8),
        record: Record {
            uptime_bps: Some(10_000),
            latency_ms: Some(5),
            reputation_bps: Some(10_000),
            interruption: Some(Interruption {
                label: "none".to_owned(),
                midpoint_bps: 0,
                basis: "test".to_owned(),
            }),
        },
        ..h100("known", 2_100_000)
    };
    let decision = decide(criteria(1), vec![h100("silent", 2_000_000), known]);
    assert_eq!(
        chosen(&decision),
        Some("known"),
        "five per cent more buys all there is to know"
    );
    assert_eq!(
        decision.choice_reason(),
        "Best of 2 matching offers; price counts most."
    );
}

#[test]
fn a_known_interruption_band_counts_against_an_offer() {
    let risky = Offer {
        record: Record {
            interruption: Some(Interruption {
                label: ">20%".to_owned(),
                midpoint_bps: 6000,
                basis: "us-west-2, Linux".to_owned(),
            }),
            ..Record::default()
        },
        ..h100("risky", 2_000_000)
    };
    let decision = decide(criteria(1), vec![risky, h100("plain", 2_010_000)]);
    assert_eq!(chosen(&decision), Some("plain"));
}

#[test]
fn the_document_holds_the_grounds_and_says_who_was_missing() {
    let asked = criteria(1);
    let weights = Weights::of(asked.priority);
    let akash = akash_suitability(&asked, DeployToAkash::Automatic, &AkashRules::default());
    let market = Market {
        offers: vec![
            h100("a", 2_000_000),
            offer(listing("b", "RTX 4090", 400_000)),
        ],
        venues: vec![VenueReport {
            venue: Venue::Nosana,
            state: VenueState::Missing {
                reason: "no answer within 2 s".to_owned(),
            },
        }],
        ..Market::default()
    };
    let text = route(asked, market, weights, akash, NOW)
        .to_json()
        .canonical();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["made_at"], "2026-09-28T16:18:42Z");
    assert_eq!(document["choice"]["offer"], "runpod/a");
    assert_eq!(document["choice"]["usd_total"], 20);
    assert_eq!(document["version"], 2);
    assert_eq!(document["unknown_counts"], 0.5);
    assert_eq!(document["ranking"][0]["score"], 0.8);
    assert_eq!(document["ranking"][0]["confidence"], 0.6);
    assert_eq!(
        document["rejections"][0]["reasons"][0]["code"],
        "other-model"
    );
    assert_eq!(
        document["offers"][0]["arithmetic"],
        "$2/h = $2.00 per GPU-hour"
    );
    assert_eq!(document["venues"][0]["reason"], "no answer within 2 s");
    assert_eq!(document["weights"]["price"], 0.6);
}

#[test]
fn akash_suits_by_the_operator_s_rules_and_says_why_not() {
    let asked = criteria(1);
    let judge = |buyer, rules: &AkashRules| akash_suitability(&asked, buyer, rules);
    assert!(judge(DeployToAkash::Automatic, &AkashRules::default()).suits);
    let strict = AkashRules {
        gpu: GpuRule::Never,
        longest: Some(Seconds::hours(1)),
        ..AkashRules::default()
    };
    let refused = judge(DeployToAkash::Automatic, &strict);
    assert_eq!(
        refused.reasons,
        [
            "Workloads with a GPU do not go to Akash here.",
            "It runs 10 h; what runs over 1 h does not go to Akash here.",
        ]
    );
    assert!(judge(DeployToAkash::Always, &strict).suits);
    assert!(!judge(DeployToAkash::Never, &AkashRules::default()).suits);
}

/// Markets of H100 offers with arbitrary prices, free cards and uptime.
fn markets() -> impl Strategy<Value = Vec<Offer>> {
    let one = (
        300_000_u64..20_000_000,
        prop::option::of(0_u32..10),
        prop::option::of(5000_u32..10_000),
        prop::option::of(1_u32..400),
    );
    prop::collection::vec(one, 1..25).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(at, (micros, free, uptime_bps, latency_ms))| Offer {
                availability: free.map_or(Availability::Unknown, Availability::Free),
                record: Record {
                    uptime_bps,
                    latency_ms,
                    ..Record::default()
                },
                // Neighbours share a price, so that ties occur.
                ..h100(&format!("s{at}"), micros / 500_000 * 500_000 + 500_000)
            })
            .collect()
    })
}

fn priorities() -> impl Strategy<Value = Priority> {
    prop::sample::select(vec![
        Priority::Price,
        Priority::Latency,
        Priority::Uptime,
        Priority::Performance,
    ])
}

proptest! {
    #[test]
    fn the_order_is_total_and_indifferent_to_the_input(
        (offers, shuffled) in markets().prop_flat_map(|offers| (Just(offers.clone()), Just(offers).prop_shuffle())),
        priority in priorities(),
        count in 1_u32..9,
    ) {
        let asked = Criteria { priority, ..criteria(count) };
        let one = decide(asked.clone(), offers);
        prop_assert_eq!(one.to_json().canonical(), decide(asked, shuffled).to_json().canonical());
        let prices: Vec<Usd> = one.entries.iter().filter(|e| e.fit().is_some()).map(|e| e.offer.usd_per_gpu_hour).collect();
        prop_assert!(prices.is_sorted());
    }

    #[test]
    fn no_two_offers_are_equal_and_every_two_agree_on_who_is_first(offers in markets()) {
        for a in &offers {
            for b in &offers {
                let order = cost_order(a, b);
                prop_assert_eq!(order, cost_order(b, a).reverse());
                prop_assert_eq!(order.is_eq(), a.id == b.id);
                for c in &offers {
                    let chained = order.is_le() && cost_order(b, c).is_le();
                    prop_assert!(!chained || cost_order(a, c).is_le());
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_moves_nothing_that_does(
        offers in markets(),
        priority in priorities(),
        count in 1_u32..9,
        micros in 300_000_u64..15_000_000,
    ) {
        let asked = Criteria { priority, ..criteria(count) };
        let fitting = |decision: &Decision| {
            let of = |at: &usize| {
                let entry = &decision.entries[*at];
                (entry.offer.id.clone(), entry.fit().cloned())
            };
            decision.by_score.iter().map(of).collect::<Vec<_>>()
        };
        let before = decide(asked.clone(), offers.clone());
        prop_assert_eq!(&before, &decide(asked.clone(), offers.clone()), "the same again");
        let mut more = offers;
        more.push(offer(listing("another", "A100 SXM4 80GB", micros)));
        let after = decide(asked, more);
        prop_assert_eq!(fitting(&before), fitting(&after));
    }

    #[test]
    fn a_cheaper_offer_never_stands_worse(
        offers in markets(),
        priority in priorities(),
        which: prop::sample::Index,
        cut in 1_u64..99,
    ) {
        let asked = Criteria { priority, ..criteria(1) };
        let at = which.index(offers.len());
        let id = offers[at].id.clone();
        let place = |decision: &Decision| {
            let is_it = |at: usize| decision.entries[at].offer.id == id;
            let by_cost = (0..decision.entries.len()).find(|at| is_it(*at));
            (by_cost, decision.by_score.iter().position(|at| is_it(*at)))
        };
        let before = place(&decide(asked.clone(), offers.clone()));
        let mut cheaper = offers;
        let price = cheaper[at].usd_per_gpu_hour.scaled_up(100 - cut, 100);
        cheaper[at].usd_per_gpu_hour = price;
        cheaper[at].usd_per_hour = price;
        let after = place(&decide(asked, cheaper));
        prop_assert!(after.0 <= before.0 && after.1 <= before.1, "{before:?} became {after:?}");
    }

    #[test]
    fn what_nobody_measured_lowers_every_score_and_the_whole_needs_all_of_it(
        offers in markets(),
        priority in priorities(),
    ) {
        let asked = Criteria { priority, ..criteria(1) };
        for entry in decide(asked, offers).entries {
            let Some(fit) = entry.fit() else { continue };
            let score = &fit.score;
            let known = || score.parts.iter().filter_map(|part| Some((part.weight_bps, part.value_bps?)));
            let weight: u64 = known().map(|(weight, _)| u64::from(weight)).sum();
            let mean = known().map(|(weight, value)| u64::from(weight) * u64::from(value)).sum::<u64>() / weight;
            prop_assert!(u64::from(score.score_bps) <= mean);
            if weight < 10_000 {
                prop_assert!(u64::from(score.score_bps) < mean.max(1), "{score:?}");
                prop_assert!(score.score_bps < 10_000 && !score.in_words().contains("100 of 100"));
            } else {
                prop_assert_eq!(u64::from(score.score_bps), mean);
            }
        }
    }

    #[test]
    fn every_offer_fits_or_says_why_not(offers in markets(), count in 1_u32..12) {
        let decision = decide(criteria(count), offers.clone());
        prop_assert_eq!(decision.entries.len(), offers.len());
        for entry in &decision.entries {
            if let Outcome::Rejected(reasons) = &entry.outcome {
                prop_assert!(!reasons.is_empty());
            }
        }
        let fits = decision.entries.iter().filter(|entry| entry.fit().is_some()).count();
        prop_assert_eq!(decision.by_score.len(), fits);
    }
}
