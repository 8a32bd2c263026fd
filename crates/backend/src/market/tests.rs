//! Eight venues over real sockets, six of them broken in six ways.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::offers::Venue;
use domain::offers::tokens::TokenRates;
use domain::requirements::DeployToAkash;
use domain::resources::GpuRequest;
use domain::route::{AkashRules, Criteria, VenueState, Weights, akash_suitability, route};
use domain::time::Seconds;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{LiveMarket, MarketEvent};
use crate::adapters::clock;
use crate::adapters::price_sources::{SourceSettings, http_sources};

const VAST: &str =
    r#"{"offers":[{"id":1,"gpu_name":"H100 SXM","gpu_ram":81559,"num_gpus":1,"dph_total":2.1}]}"#;
const IONET: &str = r#"{"data":{"hardware":[{"id":"h","name":"H100","num_cards":1,"sold_out":false,"price":2.4}]}}"#;
const NEGATIVE: &str = r#"{"data":{"gpuTypes":[{"id":"NVIDIA H100 PCIe","displayName":"H100 PCIe","memoryInGb":80,"securePrice":-2.5,"communityPrice":0}]}}"#;

/// How a played venue answers.
#[derive(Clone, Copy)]
enum Plays {
    Answers(&'static str),
    Status(&'static str),
    Hangs,
}

/// Listens on a free port and answers every request alike.
async fn play(plays: Plays) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let _read = stream.read(&mut request).await;
                let (status, body) = match plays {
                    Plays::Answers(body) => ("200 OK", body),
                    Plays::Status(status) => (status, "no"),
                    Plays::Hangs => {
                        // Longer than any deadline of the test; the runtime ends it.
                        tokio::time::sleep(Duration::from_secs(30)).await;
                        return;
                    }
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _written = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

async fn market(venues: &[(Venue, Plays)]) -> LiveMarket {
    let mut bases = BTreeMap::new();
    for (venue, plays) in venues {
        bases.insert(*venue, play(*plays).await);
    }
    let settings = SourceSettings {
        bases,
        lambda_key: Some("key".to_owned().into()),
        simulated: None,
    };
    let clock = clock::system();
    #[expect(clippy::disallowed_methods, reason = "a test has no shared client")]
    let http = reqwest::Client::new();
    let mut sources = http_sources(&settings, &http, &clock);
    sources.retain(|source| venues.iter().any(|(venue, _)| *venue == source.venue()));
    assert_eq!(sources.len(), venues.len());
    LiveMarket::new(sources, clock)
}

fn criteria() -> Criteria {
    Criteria {
        gpu: Some(GpuRequest {
            vendor: None,
            model: Some("h100".parse().unwrap()),
            count: 1,
            vram_gib: None,
            interface: None,
        }),
        region: None,
        max_per_gpu_hour: None,
        max_per_hour: None,
        budget: None,
        duration: Seconds::hours(1),
        exclude_pricing: [].into(),
        venues: [].into(),
        providers: [].into(),
        priority: domain::requirements::Priority::Price,
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test is about real time")]
async fn six_broken_venues_do_not_hold_up_two_healthy_ones() {
    let market = market(&[
        (Venue::Akash, Plays::Hangs),
        (Venue::AwsSpot, Plays::Status("500 Internal Server Error")),
        (
            Venue::AwsOnDemand,
            Plays::Answers("<html>maintenance</html>"),
        ),
        (Venue::RunPod, Plays::Answers(NEGATIVE)),
        (Venue::Nosana, Plays::Answers("[{\"slug\":\"x\"")),
        (
            Venue::Lambda,
            Plays::Status("429 Too Many Requests\r\nretry-after: 30"),
        ),
        (Venue::VastAi, Plays::Answers(VAST)),
        (Venue::IoNet, Plays::Answers(IONET)),
    ])
    .await;
    let mut events = market.events();
    let began = Instant::now();
    let waiting = tokio::spawn({
        let market = market.clone();
        async move { market.wait(Duration::from_secs(2)).await }
    });
    let mut first_rows = None;
    while first_rows.is_none() {
        if let MarketEvent::Answered { offers: 1.., .. } = events.recv().await.unwrap() {
            first_rows = Some(began.elapsed());
        }
    }
    waiting.await.unwrap();
    let all = began.elapsed();
    println!("first rows after {first_rows:?}, a snapshot after {all:?}");
    assert!(
        first_rows.unwrap() < Duration::from_millis(300),
        "{first_rows:?}"
    );
    assert!(all < Duration::from_millis(2500), "{all:?}");

    let asked = criteria();
    let akash = akash_suitability(&asked, DeployToAkash::Automatic, &AkashRules::default());
    let weights = Weights::of(asked.priority);
    let snapshot = market.snapshot(&TokenRates::default());
    let decision = route(asked, snapshot, weights, akash, clock::system().now());
    let missing: BTreeMap<&str, &str> = decision
        .venues
        .iter()
        .filter_map(|report| match &report.state {
            VenueState::Missing { reason } => Some((report.venue.id(), reason.as_str())),
            VenueState::Answered { .. } | VenueState::Stale { .. } => None,
        })
        .collect();
    assert_eq!(missing["akash"], "it has not answered yet");
    assert_eq!(missing["aws-spot"], "it answered with status 500");
    assert!(missing["aws-on-demand"].starts_with("the answer is not readable"));
    assert!(missing["nosana"].starts_with("the answer is not readable"));
    assert_eq!(missing["lambda"], "it asks for fewer questions for 30 s");
    assert_eq!(missing.len(), 5);
    let held: Vec<String> = decision
        .quarantined
        .iter()
        .map(|row| format!("{}: {}", row.venue, row.reason))
        .collect();
    assert_eq!(held, ["runpod: the price is negative"]);
    assert_eq!(decision.recommended().unwrap().offer.venue, Venue::VastAi);
    assert_eq!(decision.by_score.len(), 2);
}

#[tokio::test]
async fn rows_are_served_from_memory_while_they_are_fresh() {
    let market = market(&[(Venue::VastAi, Plays::Answers(VAST))]).await;
    market.wait(Duration::from_secs(2)).await;
    let mut events = market.events();
    market.wait(Duration::from_secs(2)).await;
    assert!(
        events.try_recv().is_err(),
        "nobody is asked twice within a minute"
    );
    assert_eq!(market.snapshot(&TokenRates::default()).offers.len(), 1);
}
