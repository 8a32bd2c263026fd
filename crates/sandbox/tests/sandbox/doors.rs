//! Which pages and names have access to the sandbox and to the chain behind it.

use reqwest::header::{CONTENT_TYPE, HOST, ORIGIN};
use reqwest::{Method, StatusCode};
use sandbox::{Config, Profile};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;
use tungstenite::client::IntoClientRequest as _;

use crate::stage::{Stage, frozen};
use crate::wallet_signs::Listener;

const APP: &str = "http://127.0.0.1:3999";
const FOREIGN: [&str; 4] = [
    "https://evil.example",
    "http://127.0.0.1:4999",
    "http://localhost.evil.example:3999",
    "null",
];

/// One of each kind of route.
const ROUTES: [(Method, &str); 9] = [
    (Method::GET, "/"),
    (Method::POST, "/"),
    (Method::GET, "/v1/bids?dseq=1"),
    (Method::GET, "/__sim/requests"),
    (Method::GET, "/__sim/state"),
    (Method::POST, "/__sim/advance"),
    (Method::GET, "/code/templates-home"),
    (Method::GET, "/wallet/demo.js"),
    (Method::GET, "/nothing/here"),
];

#[tokio::test]
async fn a_foreign_name_for_this_machine_opens_no_route() {
    let stage = Stage::new(Profile::Latest).await;
    let port = stage.handle.address.port();
    let status = async |method: Method, path: &str, host: String| {
        let request = stage.http.request(method, stage.url(path));
        request.header(HOST, host).send().await.unwrap().status()
    };
    for (method, path) in ROUTES {
        for host in [
            format!("rebound.example:{port}"),
            "127.0.0.1".to_owned(),
            format!("127.0.0.1:{}", port.wrapping_add(1)),
            format!("127.0.0.1:{port}.evil.example"),
        ] {
            let answer = status(method.clone(), path, host.clone()).await;
            assert_eq!(answer, StatusCode::MISDIRECTED_REQUEST, "{path} as {host}");
        }
    }
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let answer = status(Method::GET, "/__sim/state", format!("{host}:{port}")).await;
        assert_eq!(answer, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_neither_read_nor_steer_the_world() {
    let stage = Stage::with(Config {
        app_origins: vec![APP.to_owned()],
        ..frozen(Profile::Latest)
    })
    .await;
    let reads = ["/__sim/state", "/__sim/requests", "/v1/bids?dseq=1", "/"];
    for origin in FOREIGN.into_iter().chain([APP]) {
        for path in reads {
            let request = stage.http.get(stage.url(path)).header(ORIGIN, origin);
            let answer = request.send().await.unwrap().status();
            assert_eq!(answer, StatusCode::FORBIDDEN, "{path} from {origin}");
        }
    }
    let own = stage.handle.base_url.replace("127.0.0.1", "localhost");
    let request = stage.http.get(stage.url("/__sim/state"));
    let answer = request.header(ORIGIN, own).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_stream() {
    let stage = Stage::new(Profile::Latest).await;
    let url = stage.handle.base_url.replace("http://", "ws://");
    let connect = async |origin: Option<&str>| {
        let mut request = url.as_str().into_client_request().unwrap();
        if let Some(origin) = origin {
            let headers = request.headers_mut();
            headers.insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok(_) => 101,
            Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(connect(None).await, 101);
    for origin in FOREIGN {
        assert_eq!(connect(Some(origin)).await, 403, "{origin}");
    }
}

/// A chain, and the sandbox's door in front of it.
async fn chain_behind_a_door() -> (Listener, Stage, String) {
    let (chain, rpc) = Listener::start("0x1869f").await;
    let stage = Stage::with(Config {
        chain_rpc: Some(rpc),
        chain_door: Some(([127, 0, 0, 1], 0).into()),
        app_origins: vec![APP.to_owned()],
        ..frozen(Profile::Latest)
    })
    .await;
    let url = stage.handle.chain_url.clone().unwrap();
    (chain, stage, url)
}

fn transfer() -> Value {
    let params = json!([{ "from": "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "value": "0x1" }]);
    json!({ "jsonrpc": "2.0", "id": 7, "method": "eth_sendTransaction", "params": params })
}

#[tokio::test]
async fn the_chain_hears_programs_our_pages_and_extensions_and_nobody_else() {
    let (chain, stage, url) = chain_behind_a_door().await;
    let call = async |headers: &[(&str, &str)]| {
        let mut request = stage.http.post(&url).json(&transfer());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    for origin in FOREIGN.into_iter().chain([stage.handle.base_url.as_str()]) {
        assert_eq!(call(&[("origin", origin)]).await.status(), 403, "{origin}");
    }
    // A third party's name that points here: the browser takes page and chain for one origin.
    let port = url.rsplit(':').next().unwrap();
    let rebound = format!("evil.example:{port}");
    let origin = format!("http://{rebound}");
    let answer = call(&[("host", &rebound), ("origin", &origin)]).await;
    assert_eq!(answer.status(), 421);
    assert_eq!(call(&[("host", &rebound)]).await.status(), 421);
    assert!(chain.called("eth_sendTransaction").is_empty());

    let known = [
        None,
        Some(APP),
        Some("http://localhost:3999"),
        Some("chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn"),
        Some("moz-extension://0f0f"),
    ];
    for origin in known {
        let headers: Vec<_> = origin.iter().map(|origin| ("origin", *origin)).collect();
        let answer = call(&headers).await;
        assert_eq!(answer.status(), 200, "{origin:?}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["id"], 7, "{origin:?}");
    }
    assert_eq!(chain.called("eth_sendTransaction").len(), known.len());
}

#[tokio::test]
async fn the_chain_takes_nothing_that_a_page_may_send_unasked() {
    let (chain, stage, url) = chain_behind_a_door().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let request = stage.http.post(&url).header(CONTENT_TYPE, kind);
        let answer = request.body(transfer().to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
    }
    // A WebSocket needs no CORS permission, so none is accepted.
    let socket = url.replace("http://", "ws://");
    assert!(tokio_tungstenite::connect_async(socket).await.is_err());
    assert!(chain.called("eth_sendTransaction").is_empty());
}

#[tokio::test]
async fn our_page_may_ask_the_chain_before_it_calls_and_others_may_not() {
    let (_chain, stage, url) = chain_behind_a_door().await;
    let ask = async |origin: &str| {
        let request = stage.http.request(Method::OPTIONS, &url);
        request.header(ORIGIN, origin).send().await.unwrap()
    };
    let answer = ask(APP).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], APP);
    let answer = ask("https://evil.example").await;
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_door_is_on_loopback_and_has_a_chain_behind_it() {
    let start = async |chain_rpc: Option<&str>, door: [u8; 4]| {
        sandbox::Sandbox::start(Config {
            chain_rpc: chain_rpc.map(str::to_owned),
            chain_door: Some((door, 0).into()),
            ..frozen(Profile::Latest)
        })
        .await
        .is_ok()
    };
    assert!(start(Some("http://127.93.4.201:8545"), [127, 0, 0, 1]).await);
    assert!(!start(Some("http://127.93.4.201:8545"), [0, 0, 0, 0]).await);
    assert!(!start(None, [127, 0, 0, 1]).await);
}
