//! The operator's caps also apply to payments by auto-sign.

use domain::auto_sign::Verdict;
use domain::exposure::{Cap, Caps};

use super::{LIMITS, STATED, arm, ask, doubts, is_paid, keeping, usdc};
use crate::fakes::World;

#[tokio::test]
async fn auto_sign_takes_the_last_place_and_asks_where_none_is_left() {
    let one = Cap {
        open: Some(1),
        ..Cap::default()
    };
    let world = World::with_caps(Caps {
        wallet: one,
        ..Caps::NONE
    })
    .await;
    keeping(&world, usdc(10));
    arm(&world, LIMITS).await;
    let first = ask(&world, STATED).await;
    assert!(is_paid(&first), "{:?}", first.auto_sign);
    let second = ask(&world, STATED).await;
    assert!(matches!(second.auto_sign, Some(Verdict::Asks { .. })));
    assert_eq!(
        doubts(&second),
        [
            "Necto pays Akash for this test network: up to 1 deployment per wallet. You can start the \
          next one when one ends"
        ]
    );
    world.pass(60).await;
    assert_eq!(world.market.open(), 1);
}
