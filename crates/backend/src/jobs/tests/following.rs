//! The follower of the escrow's chain: reorganisations, false answers, catching up, and stray
//! money.

use std::time::Duration;

use domain::deployment::Acceptance;
use domain::escrow::Terms;
use domain::ids::{Address, Hash32};
use domain::money::TokenAmount;

use crate::fakes::World;
use crate::ports::EscrowChain as _;
use crate::storage::chain::{self, KnownBlock, MOST_OF_AN_ORDER, MOST_OF_STRANGERS};
use crate::storage::jobs;
use crate::usecases::{Lies, StrayMoney, sight};

async fn cursor(world: &World) -> KnownBlock {
    let mut connection = world.backend.storage().read().await.unwrap();
    chain::cursor(&mut connection).await.unwrap().unwrap()
}

async fn trouble(world: &World) -> Option<String> {
    let mut connection = world.backend.storage().read().await.unwrap();
    let troubled = jobs::troubled(&mut connection, 1).await.unwrap();
    let follower = troubled.into_iter().find(|job| job.id == "follow_chain");
    follower.and_then(|job| job.last_error)
}

async fn timeline(world: &World, id: domain::ids::OrderId) -> Vec<String> {
    let order = world.order(id).await;
    order
        .timeline
        .into_iter()
        .map(|entry| entry.event)
        .collect()
}

#[tokio::test]
async fn a_chain_that_is_far_ahead_is_caught_up_with_in_one_go() {
    let world = World::new().await;
    world.pass(7).await;
    world.chain.mine(1500);
    world.pass(7).await;
    assert_eq!(cursor(&world).await.number, world.chain.newest_block());
    let mut connection = world.backend.storage().read().await.unwrap();
    let kept = chain::kept(&mut connection).await.unwrap();
    assert_eq!(kept.len(), 513, "the window and the cursor");
}

#[tokio::test]
async fn a_reorganisation_takes_an_unconfirmed_deposit_back() {
    for depth in [1, 3, 40] {
        let world = World::confirming(50).await;
        world.pass(7).await;
        let id = world.funded(1, Acceptance::Automatic).await;
        world.chain.mine(depth - 1);
        world.pass(7).await;
        assert_eq!(world.state(id).await.name(), "awaiting_deposit");
        world.chain.reorganise(depth);
        world.chain.mine(60);
        world.pass(30).await;
        assert_eq!(cursor(&world).await.number, world.chain.newest_block());
        assert_eq!(world.state(id).await.name(), "awaiting_deposit", "{depth}");
        assert_eq!(world.market.count("create"), 0);
        // It is mined again, and counts once.
        let terms = world.prepare(id, Acceptance::Automatic).await;
        world.chain.fund(&terms);
        world.chain.mine(60);
        world.until(id, "active", 120).await;
        let confirmed = timeline(&world, id).await;
        let confirmed = confirmed
            .iter()
            .filter(|event| *event == "deposit_confirmed");
        assert_eq!(confirmed.count(), 1);
    }
}

#[tokio::test]
async fn a_deposit_counts_at_its_depth_and_not_a_block_earlier() {
    let world = World::confirming(12).await;
    world.pass(7).await;
    let id = world.funded(1, Acceptance::Manual).await;
    world.chain.mine(10);
    world.pass(30).await;
    assert_eq!(world.state(id).await.name(), "awaiting_deposit");
    // A head in the future must not produce a block.
    world
        .chain
        .say_newest(Some(world.chain.newest_block() + 100));
    world.pass(30).await;
    assert_eq!(world.state(id).await.name(), "awaiting_deposit");
    world.chain.say_newest(None);
    world.chain.mine(1);
    world.until(id, "bidding", 60).await;
}

#[tokio::test]
async fn a_head_that_goes_back_is_not_believed() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    world.chain.mine(20);
    world.until(id, "bidding", 60).await;
    let before = cursor(&world).await;
    world.chain.say_newest(Some(before.number - 15));
    world.pass(7).await;
    assert_eq!(cursor(&world).await, before, "nothing is taken back");
    assert!(trouble(&world).await.unwrap().contains("behind"));
    assert!(world.chain.distrusted() > 0, "another node is asked");
    world.chain.say_newest(None);
    world.pass(60).await;
    assert_eq!(trouble(&world).await, None);
}

#[tokio::test]
async fn another_chain_undoes_nothing() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    world.chain.mine(5);
    world.until(id, "bidding", 60).await;
    let before = cursor(&world).await;
    world.chain.say_elsewhere(true);
    world.chain.mine(5);
    world.pass(10).await;
    assert_eq!(cursor(&world).await, before);
    assert!(trouble(&world).await.unwrap().contains("chain 1"));
}

#[tokio::test]
async fn a_reorganisation_beyond_the_window_is_told_and_not_followed() {
    let world = World::new().await;
    world.chain.mine(700);
    world.pass(7).await;
    let before = cursor(&world).await;
    world.chain.reorganise(650);
    world.pass(7).await;
    assert_eq!(cursor(&world).await, before);
    assert!(trouble(&world).await.unwrap().contains("new database"));
}

#[tokio::test]
async fn a_deposit_for_other_terms_goes_back_and_its_buyer_is_told() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.quoted(1).await;
    let wanted = world.prepare(id, Acceptance::Automatic).await;
    // First too little, then the right amount with a different salt.
    let short = Terms {
        deposit: TokenAmount::from_micros(1_000),
        ..wanted.clone()
    };
    let twin = Terms {
        salt: Hash32::from_bytes([77; 32]),
        ..wanted.clone()
    };
    for terms in [&short, &twin] {
        world.chain.fund(terms);
    }
    world.pass(130).await;
    assert_eq!(world.state(id).await.name(), "awaiting_deposit");
    for terms in [&short, &twin] {
        let escrow = world.chain.escrow_id(terms);
        assert_eq!(world.chain.on_chain(escrow).refunded, terms.deposit);
    }
    let told = timeline(&world, id).await;
    let told = told
        .iter()
        .filter(|event| *event == "money_strayed")
        .count();
    assert_eq!(told, 2, "each is told once");
    world.chain.fund(&wanted);
    world.until(id, "active", 120).await;
}

#[tokio::test]
async fn a_deposit_long_after_its_order_was_given_up_goes_back() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.quoted(1).await;
    let terms = world.prepare(id, Acceptance::Automatic).await;
    world.until(id, "abandoned", 4 * 3600).await;
    world.clock.advance(Duration::from_secs(3 * 24 * 3600));
    world.chain.fund(&terms);
    world.pass(130).await;
    let escrow = world.chain.escrow_id(&terms);
    assert_eq!(world.chain.on_chain(escrow).refunded, terms.deposit);
    assert_eq!(world.state(id).await.name(), "abandoned");
    assert!(
        timeline(&world, id)
            .await
            .contains(&"money_strayed".to_owned())
    );
}

#[tokio::test]
async fn tokens_without_a_call_are_told_and_what_other_contracts_log_is_not() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.quoted(1).await;
    let terms = world.prepare(id, Acceptance::Automatic).await;
    let ours = world.chain.token_contract();
    world.chain.stray(ours, terms.buyer, 1_500_000);
    // Anyone can deploy a contract that logs a transfer from the buyer.
    let forged = Address::from_bytes([0xaa; 20]);
    for _ in 0..5 {
        world.chain.stray(forged, terms.buyer, 7);
    }
    world.chain.stray(ours, Address::from_bytes([0xbb; 20]), 9);
    world.pass(70).await;
    let order = world.order(id).await;
    let told: Vec<_> = order
        .timeline
        .iter()
        .filter(|entry| entry.event == "money_strayed")
        .map(|entry| entry.title.as_str())
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("1.50 tUSDC came"), "{told:?}");
    // The operator sees them: first what concerns an order, then what only claims to.
    let sight = sight(&world.backend).await.unwrap();
    assert_eq!(sight.strayed.len(), 7);
    assert_eq!(sight.strayed[0].order, Some(id));
    let claimed = |stray: &&StrayMoney| stray.lies == Lies::Claimed;
    assert_eq!(sight.strayed.iter().filter(claimed).count(), 5);
}

#[tokio::test]
async fn a_stranger_s_escrows_with_an_order_s_hash_are_not_the_order_s() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let paid = world.order(id).await.state.paid().unwrap().clone();
    let before = timeline(&world, id).await;
    let ends = world.chain.count("end");
    let dust = |salt: u8| Terms {
        buyer: Address::from_bytes([0xee; 20]),
        deposit: TokenAmount::from_micros(1),
        salt: Hash32::from_bytes([salt; 32]),
        ..paid.terms.clone()
    };
    for salt in 0..3 {
        world.chain.fund(&dust(salt));
    }
    world.pass(130).await;
    assert_eq!(
        timeline(&world, id).await,
        before,
        "nothing is written into it"
    );
    assert_eq!(world.chain.count("end"), ends, "and no gas is spent on it");
    let sight = sight(&world.backend).await.unwrap();
    let dusts: Vec<_> = sight
        .strayed
        .iter()
        .map(|stray| (stray.order, stray.lies))
        .collect();
    assert_eq!(dusts, [(None, Lies::WithItsBuyer); 3]);
}

#[tokio::test]
async fn what_concerns_no_order_is_kept_up_to_a_bound() {
    let world = World::new().await;
    world.pass(7).await;
    let token = Address::from_bytes([0xaa; 20]);
    for n in 0..MOST_OF_STRANGERS + 60 {
        world.chain.stray(token, Address::from_bytes([0xbb; 20]), n);
    }
    world.pass(20).await;
    let mut connection = world.backend.storage().read().await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM chain_events")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(kept, i64::try_from(MOST_OF_STRANGERS).unwrap());
}

#[tokio::test]
async fn what_the_contract_does_not_give_back_is_neither_promised_nor_tried_again() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.quoted(1).await;
    let wanted = world.prepare(id, Acceptance::Automatic).await;
    let dust = Terms {
        deposit: TokenAmount::from_micros(1),
        salt: Hash32::from_bytes([78; 32]),
        ..wanted.clone()
    };
    // As with an escrow that pays on completion, the operator cannot end it.
    world.chain.refuse("end");
    world.chain.fund(&dust);
    world.pass(600).await;
    let mut connection = world.backend.storage().read().await.unwrap();
    let tried: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE purpose = 'return'")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    drop(connection);
    assert_eq!(tried, 0);
    let told = timeline(&world, id).await;
    assert!(!told.contains(&"money_strayed".to_owned()), "{told:?}");
    let sight = sight(&world.backend).await.unwrap();
    assert_eq!(sight.strayed[0].lies, Lies::WithItsBuyer);
}

#[tokio::test]
async fn however_often_a_buyer_pays_past_the_terms_the_order_is_bounded_and_others_are_served() {
    let world = World::new().await;
    world.sweeping().await;
    let id = world.quoted(1).await;
    let wanted = world.prepare(id, Acceptance::Automatic).await;
    for salt in 0..60_u8 {
        world.chain.fund(&Terms {
            deposit: TokenAmount::from_micros(1),
            salt: Hash32::from_bytes([salt; 32]),
            ..wanted.clone()
        });
    }
    world.pass(200).await;
    let told = timeline(&world, id).await;
    let told = told
        .iter()
        .filter(|event| *event == "money_strayed")
        .count();
    assert_eq!(u64::try_from(told).unwrap(), MOST_OF_AN_ORDER);
    // The deposit under the order's own terms still counts.
    world.chain.fund(&wanted);
    world.until(id, "active", 120).await;
}
