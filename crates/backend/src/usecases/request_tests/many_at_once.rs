//! Two tabs and fifty concurrent requests: each takes effect once, and no error is reported.

use std::collections::{BTreeMap, BTreeSet};

use domain::deployment::Acceptance;
use domain::ids::{Address, Hash32, OrderId};
use domain::journey::{DepositPlan, OrderView};
use futures::future::{BoxFuture, join_all};

use super::{asked, quote_of, visitor, words, world};
use crate::fakes::World;
use crate::fakes::chain::signature;
use crate::usecases::{
    accept_bid, change_wish, choose_acceptance, close_deployment, keep_draft, prepare_deposit,
    relay_deposit, report_transaction, requote, save_sdl, show_order, update_deployment,
};
use crate::{Backend, UsecaseError, Visitor};

/// More than an impatient user with several tabs ever sends.
const MANY: usize = 50;

/// One of many requests of the same kind.
#[derive(Clone)]
struct Asked {
    backend: Backend,
    visitor: Visitor,
    view: OrderView,
    plan: Option<DepositPlan>,
}

type Call = fn(Asked) -> BoxFuture<'static, Result<(), UsecaseError>>;

/// Every call that changes an order before it is paid, in an order in which each can succeed.
const CALLS: [(&str, Call); 8] = [
    ("change_wish", |it| {
        Box::pin(async move {
            let wish = it.view.wish.clone();
            change_wish(&it.backend, &it.visitor, it.view.id, wish)
                .await
                .map(drop)
        })
    }),
    ("requote", |it| {
        Box::pin(async move {
            requote(&it.backend, &it.visitor, it.view.id)
                .await
                .map(drop)
        })
    }),
    ("keep_draft", |it| {
        Box::pin(async move {
            let text = format!("{}# kept\n", it.view.sdl);
            let over = sdl::text_hash(it.view.shown_sdl());
            keep_draft(&it.backend, &it.visitor, it.view.id, text, over)
                .await
                .map(drop)
        })
    }),
    ("save_sdl", |it| {
        Box::pin(async move {
            let text = format!("{}# saved\n", it.view.sdl);
            save_sdl(&it.backend, &it.visitor, it.view.id, text)
                .await
                .map(drop)
        })
    }),
    ("choose_acceptance", |it| {
        Box::pin(async move {
            choose_acceptance(&it.backend, &it.visitor, it.view.id, Acceptance::Manual)
                .await
                .map(drop)
        })
    }),
    ("prepare_deposit", |it| {
        Box::pin(async move { prepare(&it).await.map(drop) })
    }),
    ("relay_deposit", |it| {
        Box::pin(async move {
            let plan = it.plan.expect("prepared before");
            let signed = signature(&plan.terms, plan.terms.activate_by);
            relay_deposit(&it.backend, &it.visitor, it.view.id, plan.escrow, signed).await
        })
    }),
    ("report_transaction", |it| {
        Box::pin(async move {
            let tx = Hash32::from_bytes([3; 32]);
            report_transaction(&it.backend, &it.visitor, it.view.id, "fund".to_owned(), tx).await
        })
    }),
];

async fn prepare(it: &Asked) -> Result<DepositPlan, UsecaseError> {
    let text = sdl::text_hash(it.view.shown_sdl());
    prepare_deposit(
        &it.backend,
        &it.visitor,
        it.view.id,
        text,
        Acceptance::Manual,
    )
    .await
}

/// Sends the same request fifty times concurrently, each in a task of its own as in the server.
async fn at_once<T: Send + 'static>(
    it: &Asked,
    call: impl Fn(Asked) -> BoxFuture<'static, Result<T, UsecaseError>>,
) -> Vec<Result<T, UsecaseError>> {
    let tasks = (0..MANY).map(|_| tokio::spawn(call(it.clone())));
    let done = join_all(tasks).await;
    done.into_iter().map(Result::unwrap).collect()
}

fn events(view: &OrderView) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for entry in &view.timeline {
        *counted.entry(entry.event.as_str()).or_default() += 1;
    }
    counted
}

async fn seen(it: &Asked, id: OrderId) -> OrderView {
    show_order(&it.backend, &it.visitor, id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_first_preparations_get_one_plan() {
    let world = world().await;
    let visitor = Visitor {
        address: Some(Address::from_bytes([0xbb; 20])),
        ..visitor(&world).await
    };
    let view = asked(&world, &visitor, words("a redis cache")).await;
    quote_of(&view);
    let it = Asked {
        backend: world.backend.clone(),
        visitor,
        view,
        plan: None,
    };
    let plans = at_once(&it, |it| Box::pin(async move { prepare(&it).await })).await;
    let plans: Vec<DepositPlan> = plans.into_iter().map(Result::unwrap).collect();
    let escrows: BTreeSet<_> = plans.iter().map(|plan| plan.escrow).collect();
    assert_eq!(escrows.len(), 1, "one escrow for all");
    assert!(plans.iter().all(|plan| plan.terms == plans[0].terms));
    let view = seen(&it, it.view.id).await;
    assert_eq!(view.state.escrow(), Some(plans[0].escrow));
    assert_eq!(events(&view)["deposit_prepared"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_of_each_changing_call_have_their_effect_once_and_never_fail() {
    let world = world().await;
    let visitor = Visitor {
        address: Some(Address::from_bytes([0xbb; 20])),
        ..visitor(&world).await
    };
    let view = asked(&world, &visitor, words("a redis cache")).await;
    let mut it = Asked {
        backend: world.backend.clone(),
        visitor,
        view,
        plan: None,
    };
    for (name, call) in CALLS {
        if name == "relay_deposit" {
            it.plan = Some(prepare(&it).await.unwrap());
        }
        let before = it.view.clone();
        let answers = at_once(&it, call).await;
        let taken = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(taken > 0, "{name}: {:?}", answers[0]);
        for error in answers.into_iter().filter_map(Result::err) {
            // "The order changed in the meantime" is an answer; an internal error is none.
            assert!(error.status() == 409, "{name}: {error:?}");
        }
        it.view = seen(&it, before.id).await;
        let (was, is) = (events(&before), events(&it.view));
        match name {
            "keep_draft" | "choose_acceptance" | "relay_deposit" | "report_transaction" => {
                assert_eq!(is, was, "{name} is no event");
            }
            "save_sdl" => {
                let added = |event| is.get(event).unwrap_or(&0) - was.get(event).unwrap_or(&0);
                assert_eq!(added("draft_changed"), 1, "{name}");
            }
            "prepare_deposit" => assert_eq!(is["deposit_prepared"], 1, "{name}"),
            _ => {}
        }
    }
    assert_eq!(it.view.acceptance, Some(Acceptance::Manual));
    assert!(it.view.sdl.ends_with("# saved\n"), "{}", it.view.sdl);
    assert_eq!(it.view.sdl.matches("# saved").count(), 1);
    let reported = it.view.transactions.iter();
    assert_eq!(reported.filter(|sent| sent.kind == "fund").count(), 1);
}

/// The same for paid orders: the state, the call, and the single event that it causes.
const CALLS_ONCE_PAID: [(&str, &str, Call); 3] = [
    ("bidding", "bid_accepted", |it| {
        Box::pin(async move {
            let best = it.view.bids.first().expect("somebody bids");
            let picked = vec![best.bid.id.clone()];
            accept_bid(&it.backend, &it.visitor, it.view.id, picked)
                .await
                .map(drop)
        })
    }),
    ("active", "update_requested", |it| {
        Box::pin(async move {
            let text = it.view.sdl.replace("nginx:1.27", "nginx:1.28");
            update_deployment(&it.backend, &it.visitor, it.view.id, text)
                .await
                .map(drop)
        })
    }),
    ("active", "close_requested", |it| {
        Box::pin(async move {
            close_deployment(&it.backend, &it.visitor, it.view.id)
                .await
                .map(drop)
        })
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_of_each_call_on_a_paid_order_have_their_effect_once_and_never_fail() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Manual).await;
    let (backend, visitor) = (world.backend.clone(), world.buyer());
    for (state, event, call) in CALLS_ONCE_PAID {
        world.until(id, state, 60).await;
        world.pass(3).await;
        let it = Asked {
            backend: backend.clone(),
            visitor: visitor.clone(),
            view: world.order(id).await,
            plan: None,
        };
        let answers = at_once(&it, call).await;
        assert!(
            answers.iter().any(Result::is_ok),
            "{event}: {:?}",
            answers[0]
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert_eq!(error.status(), 409, "{event}: {error:?}");
        }
        assert_eq!(events(&seen(&it, id).await)[event], 1, "{event}");
    }
    world.until(id, "settled", 600).await;
}
