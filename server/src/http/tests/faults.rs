//! A client's mistake is never a server error: malformed requests to every function, route and page.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;

use super::world::World;
use crate::http::routes;

/// Bodies that are no function's arguments.
fn bodies() -> Vec<Vec<u8>> {
    let nested = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let texts = [
        "",
        "null",
        "[]",
        "{",
        "\"text\"",
        "0",
        "{\"order\":1}",
        "{\"order\":\"no id\",\"text\":null}",
        "{\"order\":\"\\u0000\",\"text\":\"\\u0000\"}",
        "{\"ask\":{\"kind\":\"nothing\"}}",
        "{\"ask\":{\"kind\":\"words\",\"text\":7}}",
        "{\"address\":\"0x\"}",
        "{\"amount\":\"-1\"}",
        "{\"amount\":\"340282366920938463463374607431768211456\"}",
        "{\"after\":-1}",
        "{\"session\":\"zz\"}",
        "{\"policy\":{},\"signature\":null}",
        "order=%ff&order=%00&text",
        "%%%&=&&a[b][c][d]=1",
        "template=own%3Azz&name=%0a",
        "sentence=%f0%28%8c%28",
        "fields[gpu_count]=-1&sentence=",
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    bodies.extend([nested, vec![0xff, 0xfe, 0x00], vec![b'a'; 1024 * 1024 + 1]]);
    bodies
}

/// Malformed ends of an address.
const QUERIES: [&str; 7] = [
    "?order=%ff",
    "?order=no-id&after=-1&__err=%00",
    "?__err=AAAA&__path=%2F",
    "?template=own%3Azz&gpu=%00&hours=1e99",
    "?a[b]=1&a[b]=2&%=",
    "?after=18446744073709551616",
    "?",
];

fn must_not_be_ours(what: &str, status: StatusCode) {
    // 503 means that an outside service is away, as all are in this world.
    let is_ours = status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
    assert!(!is_ours, "{what} answers {status}");
}

async fn send(world: &World, method: Method, path: &str, kind: &str, body: Vec<u8>) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .header(header::ACCEPT, "application/json");
    world
        .send(request.body(Body::from(body)).unwrap())
        .await
        .status
}

#[tokio::test]
async fn arguments_that_nothing_can_be_made_of_are_the_senders_fault() {
    let world = World::new().await;
    world.sign_in().await;
    let functions: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    for path in functions {
        for (number, body) in bodies().into_iter().enumerate() {
            for kind in [
                "application/json",
                "application/x-www-form-urlencoded",
                "text/plain",
            ] {
                let status = send(&world, Method::POST, path, kind, body.clone()).await;
                must_not_be_ours(&format!("{path} with body {number} as {kind}"), status);
            }
        }
    }
}

#[tokio::test]
async fn addresses_that_nothing_can_be_made_of_are_the_senders_fault() {
    let world = World::new().await;
    let routes = [
        routes::with_session(),
        routes::for_everybody(),
        routes::for_browsers(),
    ];
    let routes = routes
        .into_iter()
        .flatten()
        .map(|(path, _)| path.to_owned());
    let pages = generate_route_list(app::App);
    let pages = pages.iter().map(|page| page.path().to_owned());
    let long = "x".repeat(3000);
    // An open stream does not end.
    let ends = |path: &String| path != "/api/market/events";
    for path in routes.chain(pages).filter(ends) {
        for id in ["no-id", "%ff%00", "..%2f..", "own:zz", long.as_str()] {
            for query in QUERIES {
                let address = path.replace("{id}", id) + query;
                for method in [Method::GET, Method::POST] {
                    let body = b"{".to_vec();
                    let status = send(&world, method.clone(), &address, "application/json", body);
                    must_not_be_ours(&format!("{method} {address}"), status.await);
                }
            }
            if !path.contains("{id}") {
                break;
            }
        }
    }
}
