//! SDL files used in practice, deployed and closed.

use std::path::Path;

use akash_client::Error;

use crate::contract::shared_folder;
use crate::stage::{PROFILES, Stage, new};

#[tokio::test]
async fn real_sdl_files_are_deployed_and_closed() {
    let Some(folder) = shared_folder().map(|folder| folder.join("sdl/corpus/awesome")) else {
        println!("skipped: no corpus");
        return;
    };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let stage = Stage::new(PROFILES[1]).await;
    let (mut ran, mut without_bids, mut refused) = (0, 0, 0);
    for text in &files {
        let created = match stage.client.create_deployment(&new(text)).await {
            Ok(created) => created,
            Err(Error::Invalid(_)) => {
                refused += 1;
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        stage.advance(60).await;
        let bids = stage.client.bids(created.dseq).await.unwrap();
        if bids.is_empty() {
            without_bids += 1;
        } else {
            lease_every_group(&stage, &created, &bids).await;
            stage.advance(30).await;
            let deployment = stage.client.get_deployment(created.dseq).await.unwrap();
            let status = deployment.leases[0].status.as_ref().unwrap();
            assert!(status.services.values().all(|s| s.available == s.total));
            ran += 1;
        }
        stage.client.close_deployment(created.dseq).await.unwrap();
    }
    println!("{ran} ran, {without_bids} found no bid, {refused} refused");
    assert!(ran >= 20, "only {ran} ran");
    assert_eq!(stage.state().await["live_deployments"], 0);
}

async fn lease_every_group(
    stage: &Stage,
    created: &akash_client::CreatedDeployment,
    bids: &[akash_client::BidWithEscrow],
) {
    let groups: std::collections::BTreeSet<u32> = bids.iter().map(|bid| bid.bid.id.gseq).collect();
    let wishes: Vec<domain::akash::BidId> = groups
        .iter()
        .filter_map(|gseq| bids.iter().find(|bid| bid.bid.id.gseq == *gseq))
        .map(crate::stage::wish)
        .collect();
    for _ in 0..3 {
        let leased = stage.client.create_lease(&created.manifest, &wishes).await;
        match leased {
            Ok(_) => return,
            Err(Error::ManifestNotDelivered(_)) => stage.advance(2).await,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the manifest was never delivered");
}

fn collect(folder: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}
