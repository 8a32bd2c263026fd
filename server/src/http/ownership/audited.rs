//! Security events: each is reported, and none reveals more than it may.

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use domain::ids::OrderId;
use domain::journey::SessionList;
use serde_json::json;

use super::site::{Content, Site};
use super::{ALICE, BOB, SECRET};
use crate::http::tests::log::Log;

fn audit(log: &Log) -> Vec<String> {
    let text = log.text();
    let lines = text.lines().filter(|line| line.contains(" audit: "));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn security_events_are_told_and_counted_without_tokens_words_or_signatures() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let site = Site::new().await;
    let mut alice = site.browser_at("203.0.113.7");
    let message = alice
        .asked_for("challenge", json!({ "address": ALICE }))
        .await;
    let nonce = message.as_str().unwrap();
    let nonce = nonce
        .split("Nonce: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let nonce = nonce.to_owned();
    let forged = format!("{BOB}");
    let asks = json!({ "message": message, "signature": forged });
    let refused = alice.send("sign_in", Content::Json(asks)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let before = alice.token().unwrap().to_owned();
    alice.sign_in(ALICE).await;
    let order: OrderId = alice.order(&site.document(SECRET)).await;
    let during = alice.token().unwrap().to_owned();
    let sessions = alice.asked_for("open_sessions", json!({})).await;
    let sessions: SessionList = serde_json::from_value(sessions).unwrap();
    let session = sessions.sessions[0].id.clone();
    let mut bob = site.browser_at("2001:db8:7::1");
    let foreign = bob
        .send("open_order", Content::Json(json!({ "order": order })))
        .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    bob.get("/operator").await;
    alice.get("/operator").await;
    alice.asked_for("sign_out", json!({})).await;
    let from_elsewhere = Request::post("/api/sign_out")
        .header(HOST, "127.0.0.1:3000")
        .header(ORIGIN, "https://evil.example")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let refused = alice.answered(from_elsewhere).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let lines = audit(&log);
    for (event, and) in [
        ("sign_in_refused", "other_signer"),
        ("signed_in", "203.0.113.7"),
        ("not_theirs", "2001:db8:7::/64"),
        ("not_signed_in", "2001:db8:7::/64"),
        ("not_an_operator", "203.0.113.7"),
        ("signed_out", "203.0.113.7"),
        ("cross_site", "203.0.113.7"),
    ] {
        let told =
            |line: &String| line.contains(&format!("event=\"{event}\"")) && line.contains(and);
        assert!(lines.iter().any(told), "{event} with {and}: {lines:#?}");
    }
    let all = lines.join("\n");
    for (what, text) in [
        ("a token", before.as_str()),
        ("a token", during.as_str()),
        ("a session's id", session.as_str()),
        ("a nonce", nonce.as_str()),
        ("what somebody wrote", SECRET),
        ("an image", "nginx"),
        ("an order's id", &order.to_string()),
    ] {
        assert!(!all.contains(text), "{what}: {all}");
    }
    // The signature, here the address of the real signer, appears in no line.
    let account = |line: &&String| line.contains(&forged);
    assert_eq!(lines.iter().filter(account).count(), 0, "{all}");
    let metrics = bob.get("/metrics").await.body;
    for event in ["signed_in", "signed_out", "cross_site", "not_an_operator"] {
        let counted = format!("necto_security_events_total{{event=\"{event}\"}} 1\n");
        assert!(metrics.contains(&counted), "{event}: {metrics}");
    }
}
