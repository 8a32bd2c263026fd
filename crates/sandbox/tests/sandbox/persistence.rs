//! Stopping and starting again.

use std::time::Duration;

use sandbox::{Config, Profile, Sandbox, StartError};

use crate::stage::{Stage, frozen};

fn kept_in(folder: &tempfile::TempDir) -> Config {
    Config {
        state_file: Some(folder.path().join("sandbox.json")),
        ..frozen(Profile::Latest)
    }
}

#[tokio::test]
async fn a_second_start_shows_the_deployment_of_the_first_still_live() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::with(kept_in(&folder)).await;
    let (created, before) = stage.running().await;
    let height = stage.state().await["height"].clone();
    stage.handle.stop().await;

    let stage = Stage::with(kept_in(&folder)).await;
    let mut after = stage.client.get_deployment(created.dseq).await.unwrap();
    assert_eq!(
        stage.state().await["height"],
        height,
        "time stood still meanwhile"
    );
    // Only the port, and therefore the address of the page, differs.
    let uris = |deployment: &mut akash_client::Deployment| {
        let status = deployment.leases[0].status.as_mut().unwrap();
        std::mem::take(&mut status.services.get_mut("web").unwrap().uris)
    };
    assert_eq!(uris(&mut after).len(), 1);
    let mut before = before;
    uris(&mut before);
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_kill_loses_no_more_than_the_last_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let stage = Stage::with(kept_in(&folder)).await;
    let created = stage.create().await;
    let dseq = format!("\"dseq\":{}", created.dseq);
    // Saving is batched; wait for the file, not for a fixed time.
    for _ in 0..100 {
        if std::fs::read_to_string(&path).unwrap().contains(&dseq) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Dropped, not stopped: nothing is saved at the end.
    drop(stage);
    let stage = Stage::with(kept_in(&folder)).await;
    assert!(stage.client.get_deployment(created.dseq).await.is_ok());
}

#[tokio::test]
async fn a_file_that_is_no_state_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = kept_in(&folder);
    std::fs::write(config.state_file.clone().unwrap(), "not JSON").unwrap();
    let error = Sandbox::start(config).await.unwrap_err();
    assert!(
        error.to_string().ends_with("remove it to start anew"),
        "{error}"
    );
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let config = Config {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Config::default()
    };
    let error = Sandbox::start(config).await.unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(_)));
}
