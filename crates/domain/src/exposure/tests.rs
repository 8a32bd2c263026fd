use super::{
    Asked, Caps, Entry, Frees, Measure, Next, Scope, Stage, Standing, Takes, Usage, Use, admit,
    alerts, follow, runs_out_in,
};
use crate::ids::Address;
use crate::money::Usd;
use crate::time::{Seconds, UnixSeconds};

/// 27 September 2028, 22:40 UTC.
const NOW: UnixSeconds = UnixSeconds(1_853_707_200);
const MIDNIGHT: UnixSeconds = UnixSeconds(1_853_712_000);
const FLOOR: Usd = Usd::from_micros(500_000);

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn used(open: u64, locked: &str, day: &str) -> Use {
    Use {
        open,
        locked: usd(locked),
        day: usd(day),
    }
}

fn asked(locked: &str, cost: &str) -> Asked {
    Asked {
        deployments: 1,
        locked: usd(locked),
        cost: usd(cost),
    }
}

fn takes(cost: &str) -> Takes {
    Takes {
        buyer: Address::from_bytes([1; 20]),
        cost: usd(cost),
        locked: usd("2"),
    }
}

#[test]
fn every_cap_is_used_to_its_last_unit_and_no_further() {
    let caps = Caps::TEST_NETWORK;
    let wallet = |used| Usage {
        wallet: used,
        ..Usage::default()
    };
    let network = |used| Usage {
        network: Some(used),
        ..Usage::default()
    };
    let all = |used| Usage {
        all: used,
        ..Usage::default()
    };
    let one = asked("2", "1");
    for (usage, ask, refused) in [
        (wallet(used(4, "0", "24")), one, None),
        (
            wallet(used(5, "0", "0")),
            one,
            Some((Scope::Wallet, Measure::Open)),
        ),
        (wallet(used(0, "248", "0")), one, None),
        (
            wallet(used(0, "248.000001", "0")),
            one,
            Some((Scope::Wallet, Measure::Locked)),
        ),
        (
            wallet(used(0, "0", "24.000001")),
            one,
            Some((Scope::Wallet, Measure::Day)),
        ),
        (network(used(9, "0", "49")), one, None),
        (
            network(used(10, "0", "0")),
            one,
            Some((Scope::Network, Measure::Open)),
        ),
        (all(used(199, "998", "249")), one, None),
        (
            all(used(200, "0", "0")),
            one,
            Some((Scope::All, Measure::Open)),
        ),
        (
            all(used(0, "999", "0")),
            one,
            Some((Scope::All, Measure::Locked)),
        ),
        (
            all(used(0, "0", "249.5")),
            one,
            Some((Scope::All, Measure::Day)),
        ),
    ] {
        let answer = admit(&usage, &caps, ask, NOW);
        let met = answer.err().map(|refusal| (refusal.scope, refusal.measure));
        assert_eq!(met, refused, "{usage:?}");
        assert_eq!(admit(&usage, &Caps::NONE, ask, NOW), Ok(()));
    }
}

#[test]
fn the_buyer_reads_the_cap_and_when_there_is_room_again() {
    let caps = Caps::TEST_NETWORK;
    let refused = |used, ask| {
        let usage = Usage {
            wallet: used,
            ..Usage::default()
        };
        admit(&usage, &caps, ask, NOW).unwrap_err()
    };
    let full = refused(used(5, "0", "0"), asked("2", "1"));
    assert_eq!(
        full.sentence(),
        "Necto pays Akash for this test network: up to 5 deployments and $25.00 a day per wallet. \
         You can start the next one when one ends."
    );
    assert_eq!(full.retry_after(NOW), None);
    let day = refused(used(1, "2", "24.50"), asked("2", "1"));
    assert_eq!(
        day.sentence(),
        "Necto pays Akash for this test network: up to 5 deployments and $25.00 a day per wallet. \
         You can start the next one at 00:00 UTC or when one ends."
    );
    assert_eq!(day.frees, Frees::At(MIDNIGHT));
    assert_eq!(day.retry_after(NOW), Some(Seconds::minutes(80)));
    let alone = refused(Use::default(), asked("2", "48"));
    assert_eq!(
        alone.sentence(),
        "Necto pays Akash for this test network: up to 5 deployments and $25.00 a day per wallet. \
         This one takes up to $48.00 of that: make it smaller or shorter."
    );
    let held = refused(used(1, "249", "0"), asked("2", "1"));
    assert!(
        held.sentence()
            .contains("up to 5 deployments, $250.00 held at Akash and $25.00 a day per wallet."),
        "{}",
        held.sentence()
    );
}

#[test]
fn a_place_is_taken_once_kept_while_it_runs_and_given_back_once() {
    let until = UnixSeconds(NOW.0 + 60);
    let awaited = Standing::Awaited {
        takes: takes("1"),
        until,
    };
    let Next::Ask(reserved) = follow(None, &awaited, FLOOR, NOW) else {
        panic!("a new order asks");
    };
    assert_eq!(follow(Some(&reserved), &awaited, FLOOR, NOW), Next::Keep);
    let Next::Put(held) = follow(Some(&reserved), &Standing::Paid, FLOOR, NOW) else {
        panic!("what is paid in time keeps its place");
    };
    assert_eq!(held.stage, Stage::Held);
    let opening = Standing::Opening { takes: takes("1") };
    assert_eq!(follow(Some(&held), &opening, FLOOR, NOW), Next::Keep);
    let over = Standing::Over { spent: usd("0.6") };
    let Next::Put(spent) = follow(Some(&held), &over, FLOOR, NOW) else {
        panic!("its end gives the place back");
    };
    assert_eq!((spent.stage, spent.spent), (Stage::Over, usd("0.6")));
    assert_eq!(follow(Some(&spent), &over, FLOOR, NOW), Next::Keep);
    let Next::Put(free) = follow(Some(&reserved), &Standing::Nothing, FLOOR, NOW) else {
        panic!("terms that were taken back give the place back");
    };
    assert!(!free.counts(NOW));
    assert_eq!(
        follow(Some(&free), &Standing::Nothing, FLOOR, NOW),
        Next::Keep
    );
}

#[test]
fn a_deposit_that_came_after_its_reservation_asks_again_before_it_is_opened() {
    let reserved = Entry {
        stage: Stage::Reserved { until: NOW },
        ..held("1")
    };
    assert!(!reserved.counts(NOW));
    assert_eq!(
        follow(Some(&reserved), &Standing::Paid, FLOOR, NOW),
        Next::Keep
    );
    let opening = Standing::Opening { takes: takes("1") };
    let asks = follow(Some(&reserved), &opening, FLOOR, NOW);
    assert!(matches!(asks, Next::Ask(entry) if entry.stage == Stage::Held));
}

#[test]
fn a_top_up_that_is_not_let_in_leaves_what_was() {
    let known = held("1");
    let open = Standing::Open {
        takes: takes("3"),
        hourly: usd("0.10"),
    };
    let Next::AskMore(wanted, stays) = follow(Some(&known), &open, FLOOR, NOW) else {
        panic!("more money asks");
    };
    assert_eq!((wanted.cost, stays.cost), (usd("3"), usd("1")));
    assert_eq!(wanted.asks_more().deployments, 0);
}

fn held(cost: &str) -> Entry {
    Entry {
        buyer: Address::from_bytes([1; 20]),
        stage: Stage::Held,
        cost: usd(cost),
        locked: usd("2"),
        floor: FLOOR,
        spent: Usd::ZERO,
        hourly: Usd::ZERO,
        day: 1,
    }
}

#[test]
fn the_operator_is_told_at_half_at_four_fifths_and_at_the_end() {
    for (open, threshold) in [
        (99, 0),
        (100, 50),
        (159, 50),
        (160, 80),
        (199, 80),
        (200, 100),
    ] {
        let told = alerts(&used(open, "0", "0"), &Caps::TEST_NETWORK);
        assert_eq!(told[0].threshold, threshold, "{open}");
    }
    assert!(alerts(&used(900, "0", "0"), &Caps::NONE).is_empty());
    assert_eq!(runs_out_in(usd("10"), usd("2.5")), Some(Seconds::hours(4)));
    assert_eq!(runs_out_in(usd("10"), Usd::ZERO), None);
}
