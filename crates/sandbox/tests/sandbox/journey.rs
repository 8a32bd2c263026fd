//! From nothing to a running service and back, on both profiles.

use std::time::Duration;

use akash_client::{
    AccessScope, BidState, DeploymentState, Error, LeaseState, PricedSpec, Screening,
    ScreeningPrice, ScreeningRequest, ScreeningRequirements, ScreeningResource, SignedBy,
};
use domain::akash::ProviderAddress;
use serde_json::json;

use crate::stage::{PROFILES, Stage, WEB, new, wish};

const AUDITOR: &str = "akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63";

#[tokio::test]
async fn a_deployment_gets_bids_runs_answers_and_is_closed() {
    for profile in PROFILES {
        let stage = Stage::new(profile).await;
        let created = stage.create().await;
        assert!(stage.client.bids(created.dseq).await.unwrap().is_empty());

        stage.advance(60).await;
        let bids = stage.client.bids(created.dseq).await.unwrap();
        assert!(bids.len() >= 8, "{} bids", bids.len());
        assert!(bids.iter().all(|bid| bid.bid.state == BidState::Open));

        stage.lease(&created, &bids[0]).await;
        let young = stage.client.get_deployment(created.dseq).await.unwrap();
        assert_eq!(young.leases[0].state, LeaseState::Active);
        assert_eq!(young.leases[0].price, bids[0].bid.price);

        stage.advance(30).await;
        let deployment = stage.client.get_deployment(created.dseq).await.unwrap();
        let status = deployment.leases[0].status.as_ref().unwrap();
        let web = &status.services["web"];
        assert_eq!((web.available, web.total), (1, 1));
        let page = stage.http.get(format!("http://{}", web.uris[0]));
        let page = page.send().await.unwrap();
        assert!(page.status().is_success());
        assert!(page.text().await.unwrap().contains("Simulated"));

        let states: Vec<BidState> = stage
            .client
            .bids(created.dseq)
            .await
            .unwrap()
            .into_iter()
            .map(|bid| bid.bid.state)
            .collect();
        assert_eq!(states[0], BidState::Active);
        assert!(states[1..].iter().all(|state| *state == BidState::Lost));

        stage.client.close_deployment(created.dseq).await.unwrap();
        stage.client.close_deployment(created.dseq).await.unwrap();
        let closed = stage.client.get_deployment(created.dseq).await.unwrap();
        assert_eq!(closed.deployment.state, DeploymentState::Closed);
        assert_eq!(
            closed.leases[0].reason.as_deref(),
            Some("lease_closed_owner")
        );
        assert!(
            stage
                .client
                .list_all_deployments()
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(stage.state().await["live_deployments"], 0);
    }
}

#[tokio::test]
async fn a_provider_reports_the_status_of_a_lease_through_the_proxy() {
    let stage = Stage::new(PROFILES[1]).await;
    let (_, deployment) = stage.running().await;
    let lease = &deployment.leases[0];
    let provider = stage.client.provider(&lease.id.provider).await.unwrap();
    let token = stage
        .client
        .create_jwt(
            &lease.id.provider,
            &[AccessScope::Status],
            Duration::from_secs(60),
        )
        .await
        .unwrap();
    let status = stage
        .client
        .lease_status(&lease.id, &provider.host_uri, &token)
        .await
        .unwrap();
    assert_eq!(status.services["web"].available, 1);

    stage.advance(61).await;
    let late = stage
        .client
        .lease_status(&lease.id, &provider.host_uri, &token)
        .await;
    assert_eq!(late, Err(Error::Unauthorized("JWT is expired".to_owned())));
}

#[tokio::test]
async fn prices_screening_and_bids_agree() {
    let stage = Stage::new(PROFILES[1]).await;
    let screened = screen(&stage, AUDITOR).await;
    let (_, bids) = stage.with_bids().await;
    for bid in &bids {
        let provider = &bid.bid.id.provider;
        assert!(screened.providers.iter().any(|s| s.owner == *provider));
    }
    let addresses: Vec<ProviderAddress> =
        bids.iter().map(|bid| bid.bid.id.provider.clone()).collect();
    let providers = stage.client.providers(&addresses).await.unwrap();
    assert_eq!(providers.len(), bids.len());
    assert!(providers.iter().all(|p| p.is_audited && p.is_online));

    // The priced month is in the middle of the bids.
    let spec = PricedSpec {
        cpu: 500,
        memory: 512 << 20,
        storage: 512 << 20,
    };
    let priced = stage.client.pricing(&[spec]).await.unwrap();
    let monthly_cents: f64 = priced[0].akash.as_str().parse::<f64>().unwrap() * 100.0;
    let mut bid_cents: Vec<f64> = bids
        .iter()
        .map(|bid| bid.bid.price.amount.as_str().parse::<f64>().unwrap() * 438_292.8 / 10_000.0)
        .collect();
    bid_cents.sort_by(f64::total_cmp);
    assert!(
        bid_cents[0] < monthly_cents * 1.1,
        "{bid_cents:?} against {monthly_cents}"
    );
    assert!(bid_cents[bid_cents.len() - 1] > monthly_cents * 0.9);
}

async fn screen(stage: &Stage, auditor: &str) -> Screening {
    let request = ScreeningRequest {
        requirements: ScreeningRequirements {
            signed_by: SignedBy {
                all_of: Vec::new(),
                any_of: vec![auditor.to_owned()],
            },
            attributes: Vec::new(),
        },
        resources: vec![ScreeningResource {
            resource: json!({
                "id": 1, "cpu": { "units": { "val": "500" } },
                "memory": { "quantity": { "val": "536870912" } },
                "gpu": { "units": { "val": "0" } },
                "storage": [{ "name": "default", "quantity": { "val": "536870912" } }],
                "endpoints": [],
            }),
            count: 1,
            price: ScreeningPrice {
                denom: "uact".to_owned(),
                amount: "10000".to_owned(),
            },
        }],
        timezone: "Europe/Berlin".to_owned(),
        reclamation_window: None,
    };
    stage.client.bid_screening(&request).await.unwrap()
}

#[tokio::test]
async fn an_auditor_nobody_was_signed_by_leaves_no_provider() {
    let stage = Stage::new(PROFILES[1]).await;
    assert!(screen(&stage, "akash1nobody").await.providers.is_empty());
}

#[tokio::test]
async fn every_bidder_of_a_gpu_names_the_model_it_offers() {
    let stage = Stage::new(PROFILES[1]).await;
    let sdl = WEB.replace(
        "        storage:\n",
        "        gpu:\n          units: 1\n          attributes:\n            vendor:\n              nvidia:\n                - model: h100\n        storage:\n",
    );
    let created = stage.client.create_deployment(&new(&sdl)).await.unwrap();
    stage.advance(60).await;
    let bids = stage.client.bids(created.dseq).await.unwrap();
    assert_eq!(bids.len(), 2);
    for bid in &bids {
        let gpu = &bid.bid.resources_offer[0].resources.gpu;
        assert!(
            gpu.attributes[0]
                .key
                .starts_with("vendor/nvidia/model/h100/ram/80Gi")
        );
    }
    let prices = stage.client.gpu_prices().await.unwrap();
    let h100: Vec<_> = prices.models.iter().filter(|m| m.model == "h100").collect();
    assert_eq!(h100.len(), 2, "SXM and PCIe");
    assert!(h100.iter().all(|model| model.price.is_some()));
    let models = stage.client.gpu_models().await.unwrap();
    assert!(models[0].models.iter().any(|model| model.name == "h100"));
}

#[tokio::test]
async fn an_update_keeps_resources_and_rolls_new_pods_out() {
    for profile in PROFILES {
        let stage = Stage::new(profile).await;
        let (created, _) = stage.running().await;
        let newer = WEB.replace("1.27.4", "1.28.0");
        let updated = stage
            .client
            .update_deployment(created.dseq, &newer)
            .await
            .unwrap();
        let status = updated.leases[0].status.as_ref().unwrap();
        assert_eq!(status.services["web"].available, 1, "the old pod stays up");
        let larger = WEB.replace("units: 0.5", "units: 2");
        let refused = stage.client.update_deployment(created.dseq, &larger).await;
        assert!(
            matches!(refused, Err(Error::Invalid(text)) if text.starts_with("manifest cross-validation error"))
        );
        // The chain accepted the hash before the provider looked at the manifest.
        let after = stage.client.get_deployment(created.dseq).await.unwrap();
        assert_ne!(after.deployment.hash, updated.deployment.hash);
        let back = stage.client.update_deployment(created.dseq, &newer).await;
        let back = back.unwrap().deployment.hash;
        assert_eq!(back, updated.deployment.hash, "what runs is declared again");
    }
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_seen_in_the_version() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, _) = stage.running().await;
    let version = || async {
        let seen = stage.client.get_deployment(created.dseq).await.unwrap();
        seen.deployment.hash
    };
    let before = version().await;
    for (fault, lands) in [
        ("lost", false),
        ("server_error", false),
        ("landed_then_lost", true),
    ] {
        let on = json!({ "name": fault, "on": "update" });
        stage.sim("scenario", on).await;
        let newer = WEB.replace("1.27.4", "1.28.0");
        let lost = stage.client.update_deployment(created.dseq, &newer).await;
        assert!(
            matches!(lost, Err(Error::Ambiguous(_))),
            "{fault}: {lost:?}"
        );
        assert_eq!(version().await != before, lands, "{fault}");
    }
    stage.arm("update_turned_down").await;
    let older = stage.client.update_deployment(created.dseq, WEB).await;
    assert!(matches!(older, Err(Error::Invalid(_))), "{older:?}");
    assert_eq!(version().await, before, "declared, though nobody runs it");
    stage
        .client
        .update_deployment(created.dseq, WEB)
        .await
        .unwrap();
    stage.client.close_deployment(created.dseq).await.unwrap();
    let over = stage.client.update_deployment(created.dseq, WEB).await;
    assert!(matches!(over, Err(Error::Invalid(text)) if text == "Deployment closed"));
}

#[tokio::test]
async fn two_bids_cannot_both_win_and_a_repeated_lease_call_is_harmless() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, bids) = stage.with_bids().await;
    stage.lease(&created, &bids[0]).await;
    stage.lease(&created, &bids[0]).await;
    // Any lease call for a leased deployment only delivers again, whichever bid it names.
    stage.lease(&created, &bids[1]).await;
    let deployment = stage.client.get_deployment(created.dseq).await.unwrap();
    assert_eq!(deployment.leases.len(), 1);
    assert_eq!(deployment.leases[0].id.provider, bids[0].bid.id.provider);
}

#[tokio::test]
async fn an_expired_bid_cannot_be_accepted() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, bids) = stage.with_bids().await;
    stage.advance(360).await;
    let late = stage
        .client
        .create_lease(&created.manifest, &[wish(&bids[0])])
        .await;
    assert!(matches!(late, Err(Error::BidNotOpen(_))), "{late:?}");
}

#[tokio::test]
async fn a_foreign_manifest_is_refused() {
    let stage = Stage::new(PROFILES[0]).await;
    let (_, bids) = stage.with_bids().await;
    let refused = stage.client.create_lease("[]", &[wish(&bids[0])]).await;
    assert_eq!(
        refused.unwrap_err(),
        Error::Invalid("manifest version validation failed".to_owned())
    );
}

#[tokio::test]
async fn the_same_seed_and_requests_make_the_same_world() {
    let mut worlds = Vec::new();
    for _ in 0..2 {
        let stage = Stage::new(PROFILES[1]).await;
        let (_, bids) = stage.with_bids().await;
        let offers: Vec<String> = bids
            .iter()
            .map(|bid| format!("{} {}", bid.bid.id.provider, bid.bid.price.amount))
            .collect();
        worlds.push(offers);
    }
    assert_eq!(worlds[0], worlds[1]);
}

#[tokio::test]
async fn an_sdl_that_is_wrong_is_refused_with_what_is_wrong() {
    let stage = Stage::new(PROFILES[1]).await;
    let broken = WEB.replace("profile: web", "profile: nope");
    let refused = stage.client.create_deployment(&new(&broken)).await;
    let Err(Error::Invalid(text)) = refused else {
        panic!("{refused:?}");
    };
    assert!(text.starts_with("Invalid SDL: "), "{text}");
    assert_eq!(stage.state().await["live_deployments"], 0);
}
