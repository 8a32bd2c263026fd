//! Faults, and how the client handles them.

use std::time::Duration;

use akash_client::{BidState, Error, LeaseState};
use sandbox::DEFAULT_API_KEY;
use serde_json::{Value, json};

use crate::stage::{
    PROFILES, Stage, WEB, client_for, client_with, dseq_text, new, short_timeouts, wish,
};

#[tokio::test]
async fn a_lost_answer_is_ambiguous_and_the_deployment_is_there_to_be_adopted() {
    for profile in PROFILES {
        for fault in ["landed_then_lost", "landed_then_silent", "broken_body"] {
            let stage = Stage::new(profile).await;
            let on = json!({ "name": fault, "on": "create" });
            stage.sim("scenario", on).await;
            let url = &stage.handle.base_url;
            let hasty = client_with(url, DEFAULT_API_KEY, &stage.http, short_timeouts());
            let lost = hasty.create_deployment(&new(WEB)).await;
            assert!(
                matches!(lost, Err(Error::Ambiguous(_))),
                "{fault}: {lost:?}"
            );
            let there = stage.client.list_all_deployments().await.unwrap();
            assert_eq!(there.len(), 1, "{fault}");
        }
    }
}

#[tokio::test]
async fn a_call_that_was_lost_on_the_way_did_nothing() {
    let stage = Stage::new(PROFILES[1]).await;
    let on = json!({ "name": "lost", "on": "create" });
    stage.sim("scenario", on).await;
    let lost = stage.client.create_deployment(&new(WEB)).await;
    assert!(matches!(lost, Err(Error::Ambiguous(_))), "{lost:?}");
    assert!(
        stage
            .client
            .list_all_deployments()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn each_refusal_is_told_apart() {
    let stage = Stage::new(PROFILES[1]).await;
    type Is = fn(&Error) -> bool;
    let cases: [(&str, Is); 10] = [
        ("unauthorized", |e| {
            *e == Error::Unauthorized("Invalid API key".to_owned())
        }),
        ("rate_limited", |e| {
            *e == Error::RateLimited {
                retry_after: Some(Duration::from_secs(7)),
            }
        }),
        ("cloudflare", |e| {
            *e == Error::RateLimited { retry_after: None }
        }),
        ("server_error", |e| matches!(e, Error::Ambiguous(_))),
        ("database_timeout", |e| matches!(e, Error::Ambiguous(_))),
        ("html", |e| matches!(e, Error::Ambiguous(_))),
        (
            "operator_funds",
            |e| matches!(e, Error::OperatorFunds(text) if text.starts_with("Not enough balance to cover")),
        ),
        (
            "operator_top_up",
            |e| matches!(e, Error::OperatorFunds(text) if text.ends_with("try again in a moment.")),
        ),
        ("wallet_provisioning", |e| matches!(e, Error::Conflict(_))),
        (
            "invalid_sdl",
            |e| matches!(e, Error::Invalid(text) if text.starts_with("Invalid SDL")),
        ),
    ];
    for (fault, is) in cases {
        stage.arm(fault).await;
        let refused = stage.client.create_deployment(&new(WEB)).await.unwrap_err();
        assert!(is(&refused), "{fault}: {refused:?}");
    }
    assert_eq!(stage.state().await["live_deployments"], 0);
    stage.create().await;
}

#[tokio::test]
async fn a_read_that_fails_is_unavailable_not_ambiguous() {
    let stage = Stage::new(PROFILES[1]).await;
    let created = stage.create().await;
    for fault in ["unavailable", "lost", "html"] {
        stage
            .sim("scenario", json!({ "name": fault, "on": "bids" }))
            .await;
        let refused = stage.client.bids(created.dseq).await;
        assert!(
            matches!(refused, Err(Error::Unavailable(_))),
            "{fault}: {refused:?}"
        );
    }
    let on = json!({ "name": "garbage", "on": "bids" });
    stage.sim("scenario", on).await;
    let refused = stage.client.bids(created.dseq).await;
    assert!(
        matches!(refused, Err(Error::Unexpected { status: 200, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nobody_there_means_nothing_happened() {
    let stage = Stage::new(PROFILES[1]).await;
    let url = stage.handle.base_url.clone();
    let client = client_for(&url, DEFAULT_API_KEY, &stage.http);
    stage.handle.stop().await;
    let refused = client.create_deployment(&new(WEB)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_no_error_or_debug_text_tells_it() {
    let stage = Stage::new(PROFILES[1]).await;
    let key = "ac.sk.production.0123456789abcdef";
    let client = client_for(&stage.handle.base_url, key, &stage.http);
    let refused = client.balances().await.unwrap_err();
    assert!(matches!(refused, Error::Unauthorized(_)));
    let texts = format!("{refused} {refused:?} {client:?}");
    assert!(!texts.contains("0123456789abcdef"), "{texts}");
}

#[tokio::test]
async fn a_manifest_that_was_refused_twice_is_delivered_by_sending_again() {
    for profile in PROFILES {
        let stage = Stage::new(profile).await;
        let (created, bids) = stage.with_bids().await;
        stage
            .sim(
                "scenario",
                json!({ "name": "manifest_no_lease", "times": 2 }),
            )
            .await;
        for _ in 0..2 {
            let refused = stage
                .client
                .create_lease(&created.manifest, &[wish(&bids[0])])
                .await;
            assert!(
                matches!(refused, Err(Error::ManifestNotDelivered(_))),
                "{refused:?}"
            );
        }
        stage.advance(2).await;
        stage.lease(&created, &bids[0]).await;
        let deployment = stage.client.get_deployment(created.dseq).await.unwrap();
        assert_eq!(deployment.leases.len(), 1);
    }
}

#[tokio::test]
async fn no_bids_late_bids_and_bids_that_expire() {
    let stage = Stage::new(PROFILES[1]).await;
    let open_after = async |fault: &str, seconds: u64| {
        stage
            .sim("scenario", json!({ "name": fault, "times": 1 }))
            .await;
        let created = stage.create().await;
        stage.advance(seconds).await;
        let bids = stage.client.bids(created.dseq).await.unwrap();
        bids.iter()
            .filter(|bid| bid.bid.state == BidState::Open)
            .count()
    };
    assert_eq!(open_after("no_bids", 300).await, 0);
    assert_eq!(open_after("late_bids", 80).await, 0);
    assert!(open_after("late_bids", 110).await > 5);
    assert!(open_after("bids_expire", 7).await > 0);
    assert_eq!(open_after("bids_expire", 40).await, 0);
    assert_eq!(open_after("many_bids", 60).await, 20);
    assert!(open_after("dear_bids", 60).await > 5);
}

#[tokio::test]
async fn an_sdl_can_carry_its_own_scenario() {
    let stage = Stage::new(PROFILES[1]).await;
    let sdl = WEB.replace(
        "    expose:\n",
        "    env:\n      - SIM_SCENARIO=no_bids\n    expose:\n",
    );
    let created = stage.client.create_deployment(&new(&sdl)).await.unwrap();
    stage.advance(120).await;
    assert!(stage.client.bids(created.dseq).await.unwrap().is_empty());
    let mut named = new(WEB);
    named.name = Some("sim:no_bids".to_owned());
    let created = stage.client.create_deployment(&named).await.unwrap();
    stage.advance(120).await;
    assert!(stage.client.bids(created.dseq).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_bid_can_vanish_at_the_moment_it_is_accepted() {
    let stage = Stage::new(PROFILES[1]).await;
    stage.arm("bid_closes_before_lease").await;
    let (created, bids) = stage.with_bids().await;
    let refused = stage
        .client
        .create_lease(&created.manifest, &[wish(&bids[0])])
        .await;
    assert!(matches!(refused, Err(Error::BidNotOpen(_))), "{refused:?}");
    stage.lease(&created, &bids[1]).await;
    let deployment = stage.client.get_deployment(created.dseq).await.unwrap();
    assert_eq!(deployment.leases[0].id.provider, bids[1].bid.id.provider);
}

#[tokio::test]
async fn an_offline_provider_neither_bids_nor_leases() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, bids) = stage.with_bids().await;
    let provider = bids[0].bid.id.provider.to_string();
    stage
        .sim(&format!("provider/{provider}"), json!({ "online": false }))
        .await;
    let refused = stage
        .client
        .create_lease(&created.manifest, &[wish(&bids[0])])
        .await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let (_, next) = stage.with_bids().await;
    assert!(
        next.iter()
            .all(|bid| bid.bid.id.provider.as_str() != provider)
    );
}

#[tokio::test]
async fn providers_that_leave_end_the_lease_with_their_reason() {
    for (fault, reason) in [
        ("closed_unstable", "lease_closed_reason_unstable"),
        ("closed_decommission", "lease_closed_reason_decommission"),
        ("closed_elsewhere", "lease_closed_owner"),
    ] {
        let stage = Stage::new(PROFILES[1]).await;
        stage.arm(fault).await;
        let (created, _) = stage.leased().await;
        stage.advance(61).await;
        let ended = stage.client.get_deployment(created.dseq).await.unwrap();
        assert_eq!(ended.leases[0].state, LeaseState::Closed);
        assert_eq!(ended.leases[0].reason.as_deref(), Some(reason));
    }
}

#[tokio::test]
async fn workloads_that_do_not_start_say_so_in_their_status() {
    for (fault, available) in [
        ("crash_loop", Some(0)),
        ("image_pull_back_off", Some(0)),
        ("status_null", None),
        ("uris_null", Some(1)),
    ] {
        let stage = Stage::new(PROFILES[1]).await;
        stage.arm(fault).await;
        let (_, deployment) = stage.running().await;
        let status = deployment.leases[0].status.as_ref();
        let web = status.map(|status| &status.services["web"]);
        assert_eq!(web.map(|web| web.available), available, "{fault}");
        assert!(web.is_none_or(|web| web.uris.is_empty()), "{fault}");
    }
}

#[tokio::test]
async fn the_journal_shows_each_request_once_and_no_key() {
    let stage = Stage::new(PROFILES[1]).await;
    let created = stage.create().await;
    let journal = stage.http.get(stage.url("/__sim/requests"));
    let text = journal.send().await.unwrap().text().await.unwrap();
    assert!(!text.contains(DEFAULT_API_KEY));
    let journal: Vec<Value> = serde_json::from_str(&text).unwrap();
    let creates = journal
        .iter()
        .filter(|entry| entry["method"] == "POST" && entry["path"] == "/v1/deployments");
    assert_eq!(creates.count(), 1);
    assert_eq!(
        stage.state().await["deployments"][0]["dseq"],
        dseq_text(created.dseq)
    );
}

#[tokio::test]
async fn a_fault_can_come_with_the_request_itself() {
    let stage = Stage::new(PROFILES[1]).await;
    let struck = stage
        .http
        .get(stage.url("/v1/providers"))
        .header("x-sim-fault", "rate_limited")
        .send()
        .await
        .unwrap();
    assert_eq!(struck.status(), 429);
    assert_eq!(struck.headers()["retry-after"], "7");
}

#[tokio::test]
async fn a_chain_that_stands_still_makes_no_blocks_until_it_is_cleared() {
    let stage = Stage::new(PROFILES[1]).await;
    stage.arm("height_stuck").await;
    stage.arm("chain_unreachable").await;
    let before = stage.state().await["height"].clone();
    stage.advance(60).await;
    assert_eq!(stage.state().await["height"], before);
    let status = stage.http.get(stage.url("/v1/blockchain-status"));
    let status: Value = status.send().await.unwrap().json().await.unwrap();
    assert_eq!(status["isBlockchainReachable"], false);
    let cleared = stage.http.delete(stage.url("/__sim/scenario")).send().await;
    let state: Value = cleared.unwrap().json().await.unwrap();
    assert_eq!(state["height"], before.as_u64().unwrap() + 10);
}
