use proptest::prelude::*;

use super::{AgeLimits, Standing, Token, TokenPrice, Verdict, Vote, median_price};
use crate::offers::settlement::SettlementRefusal;
use crate::offers::verification::{Feed, FeedAnswer, FeedKind, Verification, verify};
use crate::time::{Seconds, UnixSeconds};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

fn vote(source: &str, usd: &str, age: u64) -> Vote {
    Vote {
        source: source.to_owned(),
        usd: usd.parse().unwrap(),
        at: UnixSeconds(NOW.0 - age),
        via: None,
    }
}

fn unverified() -> Verification {
    Verification::Unverified {
        reason: "no feed".to_owned(),
    }
}

fn price(votes: Vec<Vote>) -> Option<TokenPrice> {
    median_price(Token::Akt, votes, NOW, AgeLimits::default())
}

#[test]
fn the_median_of_those_that_agree_counts_and_the_rest_is_explained() {
    let price = price(vec![
        vote("coingecko", "0.54", 20),
        vote("coinbase", "0.545", 5),
        vote("kraken", "0.541", 10),
        vote("binance", "0.542", 5),
        vote("stuck", "0.54", 4000),
        vote("hacked", "5.40", 3),
    ])
    .unwrap();
    assert_eq!(price.usd.to_string(), "0.5415");
    assert_eq!(price.standing, Standing::Agreed);
    assert_eq!(price.at, UnixSeconds(NOW.0 - 20));
    let said: Vec<String> = price
        .votes
        .iter()
        .map(|(vote, verdict)| format!("{}: {verdict}", vote.source))
        .collect();
    assert_eq!(
        said,
        [
            "binance: counts",
            "coinbase: counts",
            "coingecko: counts",
            "hacked: thrown out: 896.30 % away from the others",
            "kraken: counts",
            "stuck: thrown out: 1 h 6 min old",
        ]
    );
}

#[test]
fn equal_words_and_one_absurd_one_do_not_publish_an_average() {
    let mut votes: Vec<Vote> = ["a", "b", "c", "d"]
        .map(|source| vote(source, "3", 1))
        .into();
    votes.push(vote("e", "1000000", 1));
    let price = price(votes).unwrap();
    assert_eq!(price.usd.to_string(), "3");
    assert!(matches!(price.votes[4].1, Verdict::Outlier { .. }));
}

#[test]
fn one_word_is_shown_but_not_settled_on_and_none_is_no_price() {
    let one = price(vec![vote("coingecko", "0.54", 1)]).unwrap();
    assert_eq!(one.standing, Standing::Degraded);
    assert!(one.is_usable(NOW, AgeLimits::default()));
    assert_eq!(
        one.settlement_refusal(&unverified(), NOW, AgeLimits::default()),
        Some(SettlementRefusal::OneSource)
    );
    let none = vec![vote("a", "0", 1), vote("b", "-1", 1), vote("c", "1", 999)];
    assert_eq!(price(none), None);
    let later = UnixSeconds(NOW.0 + 1000);
    assert!(
        !one.kept_as_last_known()
            .is_usable(later, AgeLimits::default())
    );
}

#[test]
fn only_a_fresh_price_that_nobody_contradicts_is_settled_on() {
    let agreed = price(vec![vote("a", "0.54", 20), vote("b", "0.541", 5)]).unwrap();
    let limits = AgeLimits::default();
    let refused = |price: &TokenPrice, check: &Verification, at: u64| {
        let refusal = price.settlement_refusal(check, UnixSeconds(at), limits);
        refusal.map(|refusal| refusal.to_string())
    };
    assert_eq!(refused(&agreed, &unverified(), NOW.0), None);
    assert_eq!(refused(&agreed, &unverified(), NOW.0 + 280), None);
    assert_eq!(
        refused(&agreed, &unverified(), NOW.0 + 281).as_deref(),
        Some("the price is 5 min 1 s old")
    );
    let usable = |at| agreed.is_usable(UnixSeconds(at), limits);
    assert!(
        usable(NOW.0 + 281) && !usable(NOW.0 + 881),
        "shown longer than it is settled on"
    );
    let last = agreed.clone().kept_as_last_known();
    assert_eq!(
        refused(&last, &unverified(), NOW.0).as_deref(),
        Some("no source answers, this is the last price, 20 s old")
    );
    let feed = Feed {
        kind: FeedKind::Pyth,
        chain: "Ethereum".to_owned(),
        address: "0x00".to_owned(),
        pair: "AKT / USD".to_owned(),
        max_age: Seconds::minutes(15),
        max_deviation_bps: 200,
    };
    let says = |usd: &str| {
        let answer = Ok(FeedAnswer {
            usd: usd.parse().unwrap(),
            confidence: None,
            updated_at: NOW,
            round: None,
        });
        verify(&feed, None, &answer, agreed.usd, NOW)
    };
    assert_eq!(refused(&agreed, &says("0.54"), NOW.0), None);
    assert_eq!(
        refused(&agreed, &says("0.60"), NOW.0).as_deref(),
        Some("a feed on chain disagrees")
    );
}

proptest! {
    #[test]
    fn the_price_lies_between_the_words_that_count_whatever_their_order(
        cents in prop::collection::vec(1_u64..100_000, 1..9),
        turn in 0_usize..9,
    ) {
        let mut votes: Vec<Vote> = cents
            .iter()
            .enumerate()
            .map(|(at, cents)| vote(&format!("s{at}"), &format!("{}e-2", cents), 1))
            .collect();
        let first = price(votes.clone());
        let turn = turn % votes.len();
        votes.rotate_left(turn);
        prop_assert_eq!(&first, &price(votes));
        if let Some(first) = first {
            let kept = first.votes.iter().filter(|(_, verdict)| *verdict == Verdict::Kept);
            let (least, most) = kept.fold((first.usd, first.usd), |(least, most), (vote, _)| {
                (least.min(vote.usd), most.max(vote.usd))
            });
            prop_assert!(least <= first.usd && first.usd <= most);
        }
    }
}
