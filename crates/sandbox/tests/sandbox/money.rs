//! Deposits, settlement and refunds to the last unit.

use akash_client::{EscrowState, LeaseState};
use domain::money::Usd;
use serde_json::{Value, json};

use crate::stage::{PROFILES, Stage, dseq_text};

/// `uact` with eighteen decimals as one integer.
fn atto(amount: &str) -> u128 {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{fraction:0<18}").parse().unwrap()
}

fn micro_usd(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[tokio::test]
async fn a_closed_deployment_paid_for_its_blocks_and_got_the_rest_back() {
    for profile in PROFILES {
        let stage = Stage::new(profile).await;
        let before = micro_usd(&stage.state().await["balance_micro_usd"]);
        let (created, deployment) = stage.leased().await;
        let price = atto(deployment.leases[0].price.amount.as_str());
        let created_at: u128 = deployment.leases[0].created_at.parse().unwrap();

        stage.advance(3_600).await;
        stage.client.close_deployment(created.dseq).await.unwrap();

        let closed = stage.client.get_deployment(created.dseq).await.unwrap();
        let lease = &closed.leases[0];
        assert_eq!(lease.state, LeaseState::Closed);
        let blocks = lease.closed_on.parse::<u128>().unwrap() - created_at;
        assert_eq!(blocks, 600);
        let escrow = &closed.escrow_account.state;
        assert_eq!(escrow.state, EscrowState::Closed);
        let paid = atto(escrow.transferred[0].amount.as_str());
        assert_eq!(paid, price * blocks);
        assert_eq!(atto(escrow.funds[0].amount.as_str()), 0);
        let after = micro_usd(&stage.state().await["balance_micro_usd"]);
        let whole_paid = paid.div_ceil(1_000_000_000_000_000_000);
        assert_eq!(u128::from(before - after), whole_paid);
    }
}

#[tokio::test]
async fn the_console_keeps_two_days_of_rent_in_escrow() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, deployment) = stage.leased().await;
    let price = atto(deployment.leases[0].price.amount.as_str());
    stage.advance(60 * 24 * 3_600).await;
    let funds = |deployment: &akash_client::Deployment| {
        atto(deployment.escrow_account.state.funds[0].amount.as_str())
    };
    let later = stage.client.get_deployment(created.dseq).await.unwrap();
    assert_eq!(
        later.leases[0].state,
        LeaseState::Active,
        "it never runs dry by itself"
    );
    assert!(funds(&later) <= price * 600 * 48);
    assert!(later.escrow_account.state.deposits.len() > 1);
}

#[tokio::test]
async fn an_empty_escrow_ends_the_lease_for_lack_of_funds() {
    let stage = Stage::new(PROFILES[0]).await;
    let (created, _) = stage.leased().await;
    let dseq = dseq_text(created.dseq);
    let settings = stage.url(&format!("/v2/deployment-settings/{dseq}"));
    let patched = stage
        .http
        .patch(settings)
        .header("x-api-key", sandbox::DEFAULT_API_KEY)
        .json(&json!({ "data": { "autoTopUpEnabled": false } }))
        .send()
        .await
        .unwrap();
    assert!(patched.status().is_success());
    let body = json!({ "funds_micro_usd": 10 });
    stage.sim(&format!("escrow/{dseq}"), body).await;
    stage.advance(3_600).await;
    let ended = stage.client.get_deployment(created.dseq).await.unwrap();
    assert_eq!(ended.leases[0].state, LeaseState::InsufficientFunds);
    let escrow = &ended.escrow_account.state;
    assert_eq!(escrow.state, EscrowState::Overdrawn);
    assert_eq!(
        escrow.transferred[0].amount.as_str(),
        "10.000000000000000000"
    );
}

#[tokio::test]
async fn a_runtime_limit_closes_the_deployment_where_the_service_knows_one() {
    for (profile, live) in [(PROFILES[0], 1), (PROFILES[1], 0)] {
        let stage = Stage::new(profile).await;
        let mut wanted = crate::stage::new(crate::stage::WEB);
        wanted.runtime_limit_hours = Some(2);
        let created = stage.client.create_deployment(&wanted).await.unwrap();
        stage.advance(60).await;
        let bids = stage.client.bids(created.dseq).await.unwrap();
        stage.lease(&created, &bids[0]).await;
        stage.advance(7_100).await;
        assert_eq!(stage.state().await["live_deployments"], 1);
        stage.advance(120).await;
        assert_eq!(stage.state().await["live_deployments"], live, "{profile:?}");
    }
}

#[tokio::test]
async fn a_deposit_moves_money_into_the_escrow() {
    let stage = Stage::new(PROFILES[1]).await;
    let created = stage.create().await;
    let deployment = stage
        .client
        .deposit(created.dseq, Usd::from_micros(1_250_000))
        .await
        .unwrap();
    let funds = deployment.escrow_account.state.funds[0].amount.as_str();
    assert_eq!(funds, "1750000.000000000000000000");
    let balances = stage.client.balances().await.unwrap();
    assert_eq!(balances.balance.as_str(), "998250000");
    assert_eq!(balances.deployments.as_str(), "1750000");
    assert_eq!(balances.total.as_str(), "1000000000");
}

#[tokio::test]
async fn a_lease_without_a_manifest_is_closed_after_five_minutes() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, bids) = stage.with_bids().await;
    stage.arm("manifest_not_delivered").await;
    let wish = crate::stage::wish(&bids[0]);
    let refused = stage.client.create_lease(&created.manifest, &[wish]).await;
    assert!(matches!(
        refused,
        Err(akash_client::Error::ManifestNotDelivered(_))
    ));
    stage.advance(301).await;
    let ended = stage.client.get_deployment(created.dseq).await.unwrap();
    let reason = ended.leases[0].reason.as_deref();
    assert_eq!(reason, Some("lease_closed_reason_manifest_timeout"));
}
