//! Logs and events over the provider proxy.

use std::pin::Pin;
use std::time::Duration;

use akash_client::{
    AccessScope, Client, Deployment, EventFrame, LogFrame, ProviderToken, StreamEnd, StreamMode,
    StreamRequest, service_of_pod,
};
use futures::{Stream, StreamExt};
use sandbox::DEFAULT_API_KEY;
use serde_json::json;

use crate::stage::{PROFILES, Stage, client_with, dseq_text, short_timeouts};

struct Wire {
    client: Client,
    request: StreamRequest,
    token: ProviderToken,
}

impl Wire {
    async fn to(stage: &Stage, deployment: &Deployment, mode: StreamMode) -> Self {
        let lease = deployment.leases[0].id.clone();
        let provider = stage.client.provider(&lease.provider).await.unwrap();
        let scope = [AccessScope::Logs, AccessScope::Events];
        let token = stage
            .client
            .create_jwt(&lease.provider, &scope, Duration::from_secs(1_800))
            .await
            .unwrap();
        let url = &stage.handle.base_url;
        Self {
            client: client_with(url, DEFAULT_API_KEY, &stage.http, short_timeouts()),
            request: StreamRequest {
                lease,
                host_uri: provider.host_uri,
                services: Vec::new(),
                tail: Some(200),
                mode,
            },
            token,
        }
    }

    fn logs(&self) -> Pin<Box<dyn Stream<Item = Result<LogFrame, StreamEnd>> + Send>> {
        Box::pin(
            self.client
                .follow_logs(self.request.clone(), self.token.clone()),
        )
    }

    async fn all_logs(&self) -> (Vec<LogFrame>, StreamEnd) {
        drain(self.logs()).await
    }

    async fn all_events(&self) -> (Vec<EventFrame>, StreamEnd) {
        drain(
            self.client
                .follow_events(self.request.clone(), self.token.clone()),
        )
        .await
    }
}

async fn drain<T>(stream: impl Stream<Item = Result<T, StreamEnd>>) -> (Vec<T>, StreamEnd) {
    let items: Vec<Result<T, StreamEnd>> = stream.collect().await;
    let mut frames = Vec::new();
    for item in items {
        match item {
            Ok(frame) => frames.push(frame),
            Err(end) => return (frames, end),
        }
    }
    panic!("a stream must end with its reason");
}

#[tokio::test]
async fn a_log_is_followed_as_it_grows_and_replays_what_it_showed() {
    let stage = Stage::new(PROFILES[1]).await;
    let (_, deployment) = stage.running().await;
    let wire = Wire::to(&stage, &deployment, StreamMode::Follow).await;
    let mut logs = wire.logs();
    let first = logs.next().await.unwrap().unwrap();
    assert_eq!(service_of_pod(&first.pod, &["web".to_owned()]), Some("web"));
    stage.advance(60).await;
    let mut seen = vec![first.clone()];
    while seen.len() < 30 {
        seen.push(logs.next().await.unwrap().unwrap());
    }
    let again = Wire::to(&stage, &deployment, StreamMode::Snapshot).await;
    let (replayed, end) = again.all_logs().await;
    assert!(
        matches!(end, StreamEnd::Disconnected(_)),
        "logs end like this: {end:?}"
    );
    assert_eq!(replayed[..30], seen[..30]);
}

#[tokio::test]
async fn before_the_container_runs_there_are_no_pods_and_after_the_lease_no_lease() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, deployment) = stage.leased().await;
    let wire = Wire::to(&stage, &deployment, StreamMode::Follow).await;
    assert_eq!(wire.all_logs().await.1, StreamEnd::NoRunningPods);
    stage.client.close_deployment(created.dseq).await.unwrap();
    assert_eq!(wire.all_logs().await.1, StreamEnd::LeaseNotFound);
}

#[tokio::test]
async fn events_tell_how_a_container_started_and_end_in_order() {
    let stage = Stage::new(PROFILES[1]).await;
    let (_, deployment) = stage.running().await;
    let wire = Wire::to(&stage, &deployment, StreamMode::Snapshot).await;
    let (events, end) = wire.all_events().await;
    assert_eq!(end, StreamEnd::Finished);
    let reasons: Vec<&str> = events.iter().map(|event| event.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    );
}

#[tokio::test]
async fn a_crash_loop_shows_in_events_and_logs() {
    let stage = Stage::new(PROFILES[1]).await;
    stage.arm("crash_loop").await;
    let (_, deployment) = stage.running().await;
    stage.advance(60).await;
    let wire = Wire::to(&stage, &deployment, StreamMode::Snapshot).await;
    let (events, _) = wire.all_events().await;
    assert!(
        events
            .iter()
            .any(|event| event.reason == "BackOff" && event.kind == "Warning")
    );
    let (lines, _) = wire.all_logs().await;
    let deaths = lines
        .iter()
        .filter(|line| line.message.starts_with("fatal: "));
    assert!(deaths.count() >= 2);
}

#[tokio::test]
async fn a_job_that_is_done_is_started_again_and_only_its_own_last_line_says_how_it_ended() {
    let stage = Stage::new(PROFILES[1]).await;
    stage.arm("completes").await;
    let (_, deployment) = stage.running().await;
    stage.advance(90).await;
    let wire = Wire::to(&stage, &deployment, StreamMode::Snapshot).await;
    let (events, _) = wire.all_events().await;
    let count = |reason: &str| events.iter().filter(|one| one.reason == reason).count();
    assert!(count("Started") >= 2);
    let (lines, _) = wire.all_logs().await;
    assert!(
        lines
            .iter()
            .any(|line| line.message == "all the work is done")
    );
    // Its command reports no exit code, so the log has none.
    assert!(!lines.iter().any(|line| line.message.contains("exit code")));
}

#[tokio::test]
async fn each_way_a_stream_ends_is_told_apart() {
    let stage = Stage::new(PROFILES[1]).await;
    let (created, deployment) = stage.running().await;
    stage.advance(30).await;
    type Is = fn(&StreamEnd) -> bool;
    let cases: [(&str, Is); 8] = [
        ("stream_broken", |end| {
            matches!(end, StreamEnd::Disconnected(_))
        }),
        ("stream_no_pods", |end| *end == StreamEnd::NoRunningPods),
        ("stream_no_lease", |end| *end == StreamEnd::LeaseNotFound),
        ("stream_unavailable", |end| {
            *end == StreamEnd::ProviderUnavailable
        }),
        ("stream_token_expired", |end| {
            *end == StreamEnd::TokenExpired
        }),
        ("stream_invalid_certificate", |end| {
            *end == StreamEnd::InvalidCertificate(
                "invalidCertificate.unknownCertificate".to_owned(),
            )
        }),
        ("stream_stalled", |end| *end == StreamEnd::Stalled),
        ("stream_long_line", |end| {
            matches!(end, StreamEnd::Disconnected(_))
        }),
    ];
    for (fault, is) in cases {
        let body = json!({ "name": fault, "dseq": dseq_text(created.dseq) });
        stage.sim("scenario", body).await;
        let wire = Wire::to(&stage, &deployment, StreamMode::Follow).await;
        let (_, end) = wire.all_logs().await;
        assert!(is(&end), "{fault}: {end:?}");
        let cleared = stage.http.delete(stage.url("/__sim/scenario")).send().await;
        assert!(cleared.unwrap().status().is_success());
    }
}

#[tokio::test]
async fn buffers_and_bursts_arrive_whole() {
    let stage = Stage::new(PROFILES[1]).await;
    stage.arm("stream_burst").await;
    stage.arm("stream_buffer").await;
    let (_, deployment) = stage.running().await;
    let mut wire = Wire::to(&stage, &deployment, StreamMode::Snapshot).await;
    wire.request.tail = None;
    let (lines, _) = wire.all_logs().await;
    let of_burst = lines
        .iter()
        .filter(|line| line.message.contains("of a burst"));
    assert_eq!(of_burst.count(), 2_000);
}

#[tokio::test]
async fn a_token_for_another_scope_or_an_expired_one_opens_nothing() {
    let stage = Stage::new(PROFILES[1]).await;
    let (_, deployment) = stage.running().await;
    let mut wire = Wire::to(&stage, &deployment, StreamMode::Follow).await;
    wire.token = stage
        .client
        .create_jwt(
            &deployment.leases[0].id.provider,
            &[AccessScope::Status],
            Duration::from_secs(60),
        )
        .await
        .unwrap();
    assert!(matches!(wire.all_logs().await.1, StreamEnd::Refused(_)));
    stage.advance(61).await;
    assert_eq!(wire.all_logs().await.1, StreamEnd::TokenExpired);
}

#[tokio::test]
async fn an_idle_stream_is_kept_alive_by_pings() {
    let stage = Stage::new(PROFILES[1]).await;
    let (_, deployment) = stage.running().await;
    let mut wire = Wire::to(&stage, &deployment, StreamMode::Follow).await;
    wire.request.tail = Some(0);
    let mut logs = wire.logs();
    // Longer than the silence that counts as a stall, had the pings not been answered.
    let nothing = tokio::time::timeout(Duration::from_millis(1_500), logs.next()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    stage.advance(20).await;
    assert!(logs.next().await.unwrap().is_ok());
}
