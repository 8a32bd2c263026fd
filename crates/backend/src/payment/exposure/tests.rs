//! The caps hold to the dollar, over the whole journey and in two processes at once.

mod drift;
mod journey;
mod parallel;
mod top_ups;

use domain::deployment::Acceptance;
use domain::exposure::{Cap, Caps, Use};
use domain::ids::{Address, OrderId};
use domain::journey::DepositPlan;
use domain::money::Usd;
use domain::time::Seconds;

use super::ledger;
use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::ports::Clock as _;
use crate::usecases::prepare_deposit;
use crate::visitor::{SessionId, VisitorId};
use crate::{Backend, UsecaseError, Visitor};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// Caps for a single wallet.
fn for_a_wallet(cap: Cap) -> Caps {
    Caps {
        wallet: cap,
        ..Caps::NONE
    }
}

/// A cap on the number of deployments.
fn open(most: u64) -> Cap {
    Cap {
        open: Some(most),
        ..Cap::default()
    }
}

/// A visitor with a wallet and a network of its own.
fn visitor(number: u8) -> Visitor {
    Visitor {
        visitor: VisitorId::from_bytes([number; 16]),
        session: SessionId::from_bytes([number; 16]),
        address: Some(Address::from_bytes([number; 20])),
        has_left: false,
        from: Some(format!("203.0.113.{number}").parse().unwrap()),
    }
}

/// Another visitor on the same network as `neighbour`.
fn beside(neighbour: &Visitor, number: u8) -> Visitor {
    Visitor {
        from: neighbour.from,
        ..visitor(number)
    }
}

async fn order_of(world: &World, visitor: &Visitor) -> OrderId {
    world.quoted_for(visitor, Seconds::minutes(5)).await
}

async fn prepare(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<DepositPlan, UsecaseError> {
    let text = sdl::text_hash(SDL);
    prepare_deposit(backend, visitor, id, text, Acceptance::Automatic).await
}

/// A new order of the visitor, up to its terms.
async fn prepared(world: &World, visitor: &Visitor) -> Result<OrderId, UsecaseError> {
    let id = order_of(world, visitor).await;
    prepare(&world.backend, visitor, id).await.map(|_| id)
}

/// A new, paid order of the visitor.
async fn paid(world: &World, visitor: &Visitor) -> Result<OrderId, UsecaseError> {
    let id = order_of(world, visitor).await;
    let plan = prepare(&world.backend, visitor, id).await?;
    world.chain.fund(&plan.terms);
    Ok(id)
}

async fn until(world: &World, visitor: &Visitor, id: OrderId, state: &str, most: u64) {
    for _ in 0..most {
        let order = crate::usecases::show_order(&world.backend, visitor, id).await;
        if order.unwrap().state.name() == state {
            return;
        }
        world.pass(1).await;
    }
    panic!("not {state} after {most} s");
}

async fn taken(world: &World) -> Use {
    let mut connection = world.backend.storage().read().await.unwrap();
    ledger::usage_of_all(&mut connection, world.clock.now())
        .await
        .unwrap()
}
