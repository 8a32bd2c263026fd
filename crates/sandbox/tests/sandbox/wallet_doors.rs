//! Which pages may use the demo wallet, and from where.

use reqwest::header::{HOST, ORIGIN};
use sandbox::{Config, Profile, Sandbox};
use serde_json::{Value, json};

use crate::stage::{Stage, frozen};

const APP: &str = "http://127.0.0.1:3999";

async fn stage() -> Stage {
    Stage::with(Config {
        app_origins: vec![APP.to_owned()],
        ..frozen(Profile::Latest)
    })
    .await
}

async fn post(stage: &Stage, path: &str, origin: Option<&str>, body: Value) -> (u16, Value) {
    let mut request = stage.http.post(stage.url(path)).json(&body);
    if let Some(origin) = origin {
        request = request.header(ORIGIN, origin);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[tokio::test]
async fn only_configured_pages_may_ask() {
    let stage = stage().await;
    let ask = json!({ "method": "eth_accounts", "params": [] });
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let (status, _) = post(&stage, "/wallet/rpc", origin, ask.clone()).await;
        assert_eq!(status, 403, "{origin:?}");
    }
    let (status, answer) = post(&stage, "/wallet/rpc", Some(APP), ask).await;
    assert_eq!((status, answer), (200, json!({ "result": [] })));
}

#[tokio::test]
async fn a_page_cannot_decide_for_its_user() {
    let stage = stage().await;
    let id = "0123456789abcdef0123456789abcdef";
    let ask = json!({ "method": "personal_sign", "params": ["0x00", "0x00"] });
    let (status, _) = post(&stage, &format!("/wallet/requests/{id}"), Some(APP), ask).await;
    assert_eq!(status, 200);
    for path in ["/wallet/view", "/wallet/decide"] {
        let body = json!({ "id": id, "approve": true });
        let (status, _) = post(&stage, path, Some(APP), body).await;
        assert_eq!(status, 403, "{path}");
    }
}

#[tokio::test]
async fn another_page_cannot_read_the_answer() {
    let stage = Stage::with(Config {
        app_origins: vec![APP.to_owned(), "http://127.0.0.1:3998".to_owned()],
        ..frozen(Profile::Latest)
    })
    .await;
    let path = "/wallet/requests/0123456789abcdef0123456789abcdef";
    let ask = json!({ "method": "eth_requestAccounts" });
    post(&stage, path, Some(APP), ask).await;
    let result = format!("{path}/result");
    let (_, answer) = post(&stage, &result, Some("http://127.0.0.1:3998"), json!({})).await;
    assert_eq!(answer["error"]["code"], -32602);
    let (_, answer) = post(&stage, &result, Some(APP), json!({})).await;
    assert_eq!(answer, json!({ "state": "waiting", "shown": false }));
}

#[tokio::test]
async fn a_rejected_request_ends_with_4001_and_cannot_be_decided_again() {
    let stage = stage().await;
    let id = "0123456789abcdef0123456789abcdef";
    let path = format!("/wallet/requests/{id}");
    let ask = json!({ "method": "eth_requestAccounts" });
    post(&stage, &path, Some(APP), ask.clone()).await;
    let own = stage.handle.base_url.clone();
    let no = json!({ "id": id, "approve": false });
    let (status, _) = post(&stage, "/wallet/decide", Some(&own), no.clone()).await;
    assert_eq!(status, 200);
    let (status, _) = post(&stage, "/wallet/decide", Some(&own), no).await;
    assert_eq!(status, 409);
    let (_, answer) = post(&stage, &format!("{path}/result"), Some(APP), json!({})).await;
    assert_eq!(answer["error"]["code"], 4001);
}

#[tokio::test]
async fn a_foreign_name_for_this_machine_opens_nothing() {
    let stage = stage().await;
    for path in ["/wallet/demo.js", "/wallet/confirm"] {
        let request = stage.http.get(stage.url(path));
        let response = request
            .header(HOST, "rebound.example")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 421, "{path}");
    }
}

#[tokio::test]
async fn the_script_may_be_loaded_by_other_origins_and_the_confirm_page_never_framed() {
    let stage = stage().await;
    let script = stage
        .http
        .get(stage.url("/wallet/demo.js"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        script.headers()["cross-origin-resource-policy"],
        "cross-origin"
    );
    assert!(
        script.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );
    let page = stage
        .http
        .get(stage.url("/wallet/confirm"))
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    assert!(page.text().await.unwrap().contains("Simulated"));
}

#[tokio::test]
async fn a_preflight_of_a_configured_page_is_answered() {
    let stage = stage().await;
    let request = stage
        .http
        .request(reqwest::Method::OPTIONS, stage.url("/wallet/rpc"))
        .header(ORIGIN, APP)
        .header("access-control-request-method", "POST");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["access-control-allow-origin"], APP);
    assert_eq!(
        response.headers()["access-control-allow-headers"],
        "content-type"
    );
}

#[tokio::test]
async fn a_chain_that_is_not_on_this_machine_is_refused() {
    for url in [
        "https://rpc.example.org",
        "http://10.0.0.7:8545",
        "nonsense",
    ] {
        let config = Config {
            chain_rpc: Some(url.to_owned()),
            ..frozen(Profile::Latest)
        };
        assert!(Sandbox::start(config).await.is_err(), "{url}");
    }
}

#[tokio::test]
async fn other_origins_cannot_steer_the_world() {
    let stage = stage().await;
    let body = json!({ "seconds": 1 });
    let (status, _) = post(&stage, "/__sim/advance", Some(APP), body.clone()).await;
    assert_eq!(status, 403);
    let (status, _) = post(&stage, "/__sim/advance", None, body).await;
    assert_eq!(status, 200);
}
