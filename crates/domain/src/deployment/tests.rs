use proptest::prelude::*;

use super::{
    Acceptance, AcceptedBids, Activation, ChainSettlement, CloseReason, Deposited, Event, Opened,
    Readiness, Replicas, State, Step, StrayFate, Updating, next_step,
};
use crate::akash::{Bid, BidId, BidState, Dseq, ProviderFacts};
use crate::escrow::{ScaledRate, Terms};
use crate::ids::{Address, Hash32};
use crate::money::{TokenAmount, UactPerBlock, Usd};
use crate::quote::Quote;
use crate::record::ServiceView;
use crate::time::{Seconds, UnixSeconds};

const NOW: UnixSeconds = UnixSeconds(1_000);

fn quote() -> Quote {
    let max_rate = ScaledRate::from_usd_per_hour(Usd::from_micros(3_600_000));
    Quote {
        typical_per_hour: Usd::from_micros(3_000_000),
        cap_per_hour: Usd::from_micros(3_600_000),
        cap_per_block: UactPerBlock::from_whole(6000),
        max_rate,
        duration: Seconds::hours(1),
        deposit: max_rate.required_deposit(Seconds::hours(1)),
        lines: vec![],
        screened_providers: 2,
        quoted_at: NOW,
        expires_at: NOW.after(Seconds::minutes(15)),
    }
}

fn terms() -> Terms {
    Terms {
        buyer: Address::from_bytes([1; 20]),
        payee: Address::from_bytes([2; 20]),
        deposit: quote().deposit,
        max_rate: quote().max_rate,
        activate_by: NOW.after(Seconds::hours(1)),
        heartbeat_window: Seconds::days(1),
        fee_bps: 0,
        order_hash: Hash32::from_bytes([3; 32]),
        salt: Hash32::from_bytes([4; 32]),
    }
}

fn settlement(released: u128, refunded: u128) -> ChainSettlement {
    ChainSettlement {
        released: TokenAmount::from_micros(released),
        refunded: TokenAmount::from_micros(refunded),
        ended_at: NOW,
        tx: Hash32::from_bytes([9; 32]),
    }
}

fn happy_path() -> Vec<Event> {
    let bid = Bid {
        id: BidId {
            dseq: Dseq::new(7),
            gseq: 1,
            oseq: 1,
            provider: "akash1provider".parse().unwrap(),
        },
        state: BidState::Open,
        price: UactPerBlock::from_whole(5000),
        provider: ProviderFacts::default(),
    };
    vec![
        Event::Quoted { quote: quote() },
        Event::DepositPrepared {
            terms: terms(),
            escrow: Hash32::from_bytes([5; 32]),
            acceptance: Acceptance::Manual,
        },
        Event::DepositConfirmed {
            deposited: Deposited {
                amount: quote().deposit,
                tx: Hash32::from_bytes([6; 32]),
                block: 1,
                at: NOW,
            },
        },
        Event::OpenRequested { at: NOW },
        Event::Opened {
            opened: Opened {
                dseq: Dseq::new(7),
                manifest: "[]".to_owned(),
                groups: 1,
                at: NOW,
            },
        },
        Event::BidAccepted {
            accepted: AcceptedBids {
                bids: vec![bid],
                at: NOW,
            },
        },
        Event::ActivationConfirmed {
            activation: Activation {
                rate: ScaledRate::from_usd_per_hour(Usd::from_micros(3_000_000)),
                at: NOW,
                tx: Hash32::from_bytes([8; 32]),
            },
        },
        Event::LeaseStarted { at: NOW },
        Event::CloseRequested {
            at: NOW.after(Seconds(60)),
        },
        Event::Closed {
            at: NOW.after(Seconds(61)),
        },
        Event::SettlementConfirmed {
            settlement: settlement(50_000, 3_550_000),
        },
    ]
}

fn after(events: usize) -> State {
    happy_path()
        .into_iter()
        .take(events)
        .fold(State::Drafted, |state, event| state.apply(event).unwrap())
}

#[test]
fn the_happy_path_visits_every_state_in_order_and_settles() {
    let names: Vec<_> = (0..=happy_path().len()).map(|n| after(n).name()).collect();
    assert_eq!(
        names,
        [
            "drafted",
            "quoted",
            "awaiting_deposit",
            "funded",
            "opening",
            "bidding",
            "activating",
            "leasing",
            "active",
            "closing",
            "settling",
            "settled"
        ]
    );
    let steps: Vec<_> = (0..=happy_path().len())
        .map(|n| next_step(&after(n), NOW))
        .collect();
    assert_eq!(
        steps,
        [
            Step::AwaitBuyer,
            Step::AwaitBuyer,
            Step::WatchDeposit,
            Step::RequestOpen,
            Step::OpenOrAdopt,
            Step::PollBids,
            Step::Activate,
            Step::StartLease,
            Step::Watch,
            Step::Close,
            Step::Settle,
            Step::Finished
        ]
    );
}

#[test]
fn a_quote_past_its_expiry_cannot_be_kept() {
    let late = NOW.after(Seconds::minutes(15));
    assert_eq!(next_step(&after(1), late), Step::ExpireQuote);
    assert_eq!(after(1).apply(Event::QuoteExpired).unwrap(), State::Drafted);
    // The prepared terms are void; the price is not.
    let cancelled = after(2).apply(Event::DepositCancelled).unwrap();
    assert_eq!(cancelled, after(1));
    assert!(after(3).apply(Event::DepositCancelled).is_err());
}

#[test]
fn the_bid_window_ends_after_five_minutes() {
    assert_eq!(
        next_step(&after(5), NOW.after(Seconds(299))),
        Step::PollBids
    );
    assert_eq!(
        next_step(&after(5), NOW.after(Seconds(300))),
        Step::EndBidding
    );
    let State::Closing { why, running, .. } = after(5).apply(Event::NoBids { at: NOW }).unwrap()
    else {
        panic!("no bids must close");
    };
    assert_eq!((why, running), (CloseReason::NoBids, None));
}

#[test]
fn what_runs_is_closed_before_the_paid_time_is_over() {
    let active = after(8);
    let paid_until = NOW.after(Seconds::hours(1));
    assert_eq!(
        next_step(&active, UnixSeconds(paid_until.0 - 31)),
        Step::Watch
    );
    assert_eq!(
        next_step(&active, UnixSeconds(paid_until.0 - 30)),
        Step::SpendBudget
    );
    let topped_up = active
        .apply(Event::ToppedUp {
            amount: TokenAmount::from_micros(3_000_000),
        })
        .unwrap();
    assert_eq!(
        next_step(&topped_up, paid_until),
        Step::WarnBudget(Seconds::hours(1))
    );
}

#[test]
fn a_lease_that_never_started_costs_nothing() {
    let State::Closing {
        ended_at, running, ..
    } = after(7)
        .apply(Event::StepFailed {
            at: NOW.after(Seconds(500)),
            reason: "no manifest".to_owned(),
        })
        .unwrap()
    else {
        panic!("a failed lease must close");
    };
    assert_eq!(ended_at, running.unwrap().activation.at);
}

#[test]
fn the_buyer_s_own_exit_on_chain_still_closes_on_akash_first() {
    let closing = after(8)
        .apply(Event::EscrowEnded {
            settlement: settlement(1, 2),
        })
        .unwrap();
    assert_eq!(next_step(&closing, NOW), Step::Close);
    let settled = closing.apply(Event::Closed { at: NOW }).unwrap();
    assert_eq!(settled.name(), "settled");
}

#[test]
fn a_settled_order_takes_no_more_events() {
    for event in happy_path() {
        let name = event.name();
        let error = after(11).apply(event).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{name} cannot happen to an order that is settled")
        );
    }
}

#[test]
fn states_survive_storage() {
    for events in 0..=happy_path().len() {
        let state = after(events);
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    }
}

fn resumed() -> Event {
    Event::Resumed {
        by: Address::from_bytes([1; 20]),
        note: "looked at it".to_owned(),
    }
}

#[test]
fn the_buyer_is_told_once_at_each_threshold_that_means_something() {
    // One hour was paid for, so being below 24, 6 or one hour is no news.
    assert_eq!(next_step(&after(8), NOW.after(Seconds(60))), Step::Watch);
    let ten_hours = after(8)
        .apply(Event::ToppedUp {
            amount: TokenAmount::from_micros(27_000_000),
        })
        .unwrap();
    let at = |left: Seconds| UnixSeconds(NOW.after(Seconds::hours(10)).0 - left.0);
    assert_eq!(next_step(&ten_hours, at(Seconds::hours(7))), Step::Watch);
    assert_eq!(
        next_step(&ten_hours, at(Seconds::hours(5))),
        Step::WarnBudget(Seconds::hours(6))
    );
    let told = ten_hours
        .apply(Event::RunningLow {
            left: Seconds::hours(6),
        })
        .unwrap();
    assert_eq!(next_step(&told, at(Seconds::hours(5))), Step::Watch);
    assert_eq!(
        next_step(&told, at(Seconds::minutes(59))),
        Step::WarnBudget(Seconds::hours(1))
    );
}

#[test]
fn a_failed_payment_holds_what_runs_until_one_works_or_the_money_is_used_up() {
    let failed = Event::PaymentFailed {
        at: NOW.after(Seconds(60)),
        reason: "refused".to_owned(),
    };
    assert!(after(7).apply(failed.clone()).is_err(), "nothing runs yet");
    let held = after(8).apply(failed.clone()).unwrap();
    assert_eq!(held.held_since(), Some(NOW.after(Seconds(60))));
    assert_eq!(held.name(), "active", "the lease runs on");
    // It ends no later than it would without the failure.
    let end = NOW.after(Seconds::hours(1));
    assert_eq!(next_step(&held, end), Step::SpendBudget);
    let amount = TokenAmount::from_micros(27_000_000);
    let paid = held.apply(Event::ToppedUp { amount }).unwrap();
    assert_eq!(paid.held_since(), None);
    assert_eq!(next_step(&paid, end), Step::Watch);
}

fn service(name: &str, available: u32, total: u32) -> ServiceView {
    ServiceView {
        name: name.to_owned(),
        available,
        total,
        uris: vec![],
        ports: vec![],
    }
}

#[test]
fn leased_is_starting_until_all_of_it_was_ready_and_what_nobody_reports_is_unknown() {
    let leased = after(8);
    let ready = leased.clone().apply(Event::Ready { at: NOW }).unwrap();
    let both = |web, db| [service("web", web, 1), service("db", db, 2)];
    let of = |ready, wanted| Replicas { ready, wanted };
    let starting = |replicas| Some(Readiness::Starting(replicas));
    let cases = [
        // Nothing reported yet, then some but not all.
        (&leased, vec![], false, starting(None)),
        (
            &leased,
            both(0, 0).to_vec(),
            false,
            starting(Some(of(0, 3))),
        ),
        (
            &leased,
            both(1, 1).to_vec(),
            false,
            starting(Some(of(2, 3))),
        ),
        // An extra replica of one service does not offset a missing one of another.
        (
            &leased,
            both(4, 1).to_vec(),
            false,
            starting(Some(of(2, 3))),
        ),
        (
            &ready,
            both(1, 2).to_vec(),
            false,
            Some(Readiness::Running(of(3, 3))),
        ),
        (
            &ready,
            both(0, 2).to_vec(),
            false,
            Some(Readiness::Degraded(of(2, 3))),
        ),
        (&ready, vec![], false, Some(Readiness::Degraded(of(0, 0)))),
        // Without a current report nothing is known, whatever was reported before.
        (&leased, vec![], true, Some(Readiness::Unknown)),
        (&ready, both(1, 2).to_vec(), true, Some(Readiness::Unknown)),
        (&after(7), both(1, 2).to_vec(), false, None),
        (&after(9), both(1, 2).to_vec(), false, None),
    ];
    for (state, services, is_silent, expected) in cases {
        assert_eq!(
            state.readiness(&services, is_silent),
            expected,
            "{} {services:?}",
            state.name()
        );
    }
}

#[test]
fn it_becomes_ready_once_and_anew_after_an_update() {
    let ready = Event::Ready { at: NOW };
    assert!(after(7).apply(ready.clone()).is_err(), "nothing is leased");
    let up = after(8).apply(ready.clone()).unwrap();
    assert!(up.clone().apply(ready.clone()).is_err());
    let all = [service("web", 1, 1)];
    let newer = up.apply(update_requested()).unwrap();
    let newer = newer.apply(updated()).unwrap();
    assert!(
        matches!(newer.readiness(&all, false), Some(Readiness::Starting(_))),
        "the report may be of what ran before"
    );
    assert!(newer.apply(ready).is_ok());
}

fn update_requested() -> Event {
    Event::UpdateRequested {
        update: Updating {
            sdl: "newer".to_owned(),
            changes: vec!["env of web".to_owned()],
            at: NOW,
        },
    }
}

fn updated() -> Event {
    Event::Updated {
        at: NOW,
        manifest: "[{}]".to_owned(),
        changes: vec!["env of web".to_owned()],
    }
}

fn update_refused() -> Event {
    Event::UpdateRefused {
        at: NOW,
        reason: "refused".to_owned(),
    }
}

#[test]
fn only_what_runs_is_updated_and_one_update_at_a_time() {
    for events in (0..=happy_path().len()).filter(|events| *events != 8) {
        let state = after(events);
        assert!(
            state.clone().apply(update_requested()).is_err(),
            "{state:?}"
        );
    }
    let updating = after(8).apply(update_requested()).unwrap();
    assert_eq!(updating.updating().unwrap().sdl, "newer");
    assert_eq!(next_step(&updating, NOW), Step::Watch);
    assert!(updating.clone().apply(update_requested()).is_err());
    let done = updating.clone().apply(updated()).unwrap();
    assert_eq!((done.updating(), done.name()), (None, "active"));
    assert_eq!(done.opened().unwrap().manifest, "[{}]");
    assert!(done.apply(updated()).is_err(), "nothing was on its way");
    let refused = updating.clone().apply(update_refused()).unwrap();
    assert_eq!(refused, after(8), "what ran before runs on");
    assert!(refused.apply(update_refused()).is_err());
    let closing = updating.apply(Event::CloseRequested { at: NOW }).unwrap();
    assert!(closing.apply(updated()).is_err());
}

#[test]
fn what_is_on_hold_takes_no_updates_but_one_on_its_way_comes_to_its_end() {
    let failed = Event::PaymentFailed {
        at: NOW,
        reason: "refused".to_owned(),
    };
    let held = after(8).apply(failed.clone()).unwrap();
    assert!(held.apply(update_requested()).is_err());
    let both = after(8).apply(update_requested()).unwrap();
    let both = both.apply(failed).unwrap();
    assert_eq!(both.apply(updated()).unwrap().held_since(), Some(NOW));
}

fn any_event() -> impl Strategy<Value = Event> {
    let mut events = happy_path();
    events.extend([
        Event::DraftChanged,
        Event::QuoteExpired,
        Event::DepositCancelled,
        Event::NoBids { at: NOW },
        Event::NotPicked { at: NOW },
        Event::ToppedUp {
            amount: TokenAmount::from_micros(5),
        },
        Event::BudgetSpent { at: NOW },
        Event::Finished { at: NOW },
        Event::LeaseLost {
            at: NOW,
            reason: "gone".to_owned(),
        },
        Event::StepFailed {
            at: NOW,
            reason: "failed".to_owned(),
        },
        Event::EscrowEnded {
            settlement: settlement(1, 2),
        },
        Event::Stuck {
            cause: "reorg".to_owned(),
        },
        resumed(),
        Event::RunningLow {
            left: Seconds::hours(1),
        },
        Event::PaymentFailed {
            at: NOW,
            reason: "refused".to_owned(),
        },
        Event::Ready { at: NOW },
        update_requested(),
        updated(),
        update_refused(),
        Event::MoneyStrayed {
            amount: "1 tUSDC".to_owned(),
            fate: StrayFate::GoesBack,
            tx: Hash32::from_bytes([7; 32]),
        },
        Event::Abandoned {
            why: "left".to_owned(),
        },
    ]);
    proptest::sample::select(events)
}

/// Acts as a worker would at each step, from any state to a final one.
fn drive(mut state: State) -> State {
    for _ in 0..20 {
        let event = match next_step(&state, UnixSeconds(u64::MAX / 2)) {
            Step::RequestOpen => Event::OpenRequested { at: NOW },
            Step::OpenOrAdopt | Step::Activate | Step::StartLease => Event::StepFailed {
                at: NOW,
                reason: "driven".to_owned(),
            },
            Step::EndBidding => Event::NoBids { at: NOW },
            Step::SpendBudget => Event::BudgetSpent { at: NOW },
            Step::Close => Event::Closed { at: NOW },
            Step::Settle => Event::SettlementConfirmed {
                settlement: settlement(0, 0),
            },
            Step::AwaitOperator => resumed(),
            Step::WarnBudget(left) => Event::RunningLow { left },
            Step::ExpireQuote => Event::QuoteExpired,
            Step::AbandonUnfunded => Event::Abandoned {
                why: "unfunded".to_owned(),
            },
            Step::AwaitBuyer => Event::Abandoned {
                why: "left".to_owned(),
            },
            Step::WatchDeposit | Step::PollBids | Step::Watch => {
                panic!("time is over, {} waits", state.name())
            }
            Step::Finished => return state,
        };
        state = state.apply(event).unwrap();
    }
    state
}

proptest! {
    #[test]
    fn from_any_history_money_is_never_forgotten_and_the_end_is_reachable(
        events in proptest::collection::vec(any_event(), 0..40)
    ) {
        let mut state = State::Drafted;
        let mut in_escrow = false;
        for event in events {
            if let Ok(next) = state.clone().apply(event.clone()) {
                in_escrow |= matches!(event, Event::DepositConfirmed { .. });
                prop_assert_eq!(next.paid().is_some(), in_escrow, "{} after {}", next.name(), event.name());
                state = next;
            }
        }
        let end = drive(state);
        prop_assert_eq!(end.name(), if in_escrow { "settled" } else { "abandoned" });
    }
}
