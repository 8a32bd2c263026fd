//! Tests every parameter of every route.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::corpus::{CORPUS, all, in_address};
use super::functions::draft_and_template;
use super::world::World;

/// Streams, which never end: their data is JSON within an event, and their refusals are read like any other
/// response.
const STREAMS: [&str; 3] = [
    "/api/market/events",
    "/api/orders/{id}/events",
    "/api/orders/{id}/logs",
];

/// Reports that no worker runs the queue, as is the case here.
pub(super) const UNREADY: &str = "/readyz";

/// The paths of the router, read from the router itself.
pub(super) fn routes(world: &World) -> BTreeSet<String> {
    let printed = format!("{:?}", world.router);
    let mut routes = BTreeSet::new();
    for piece in printed.split("RouteId(").skip(1) {
        if let Some((_, rest)) = piece.split_once("): \"")
            && let Some((path, _)) = rest.split_once('"')
            && path.starts_with('/')
        {
            routes.insert(path.to_owned());
        }
    }
    routes
}

/// The route with its parameter filled in, be it `{*rest}` or `{id}`.
fn filled(route: &str, with: &str) -> String {
    match (route.find('{'), route.find('}')) {
        (Some(from), Some(to)) => format!("{}{with}{}", &route[..from], &route[to + 1..]),
        _ => route.to_owned(),
    }
}

/// Every name by which the source could read a query parameter: all its short plain string literals. The
/// first set holds those that are certainly read that way.
fn names() -> (BTreeSet<String>, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["app/src", "server/src/http", "crates/domain/src/market"] {
        collect(&root.join(folder), &mut files);
    }
    files.push(root.join("crates/domain/src/market.rs"));
    let (mut certain, mut possible) = (BTreeSet::new(), BTreeSet::new());
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        for (at, piece) in source.split('"').enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !piece.is_empty() && piece.len() <= 24 && piece.chars().all(plain) {
                let before = source.split('"').nth(at.saturating_sub(1)).unwrap_or("");
                if before.ends_with(".get(") {
                    certain.insert(piece.to_owned());
                }
                possible.insert(piece.to_owned());
            }
        }
    }
    // Used by plain forms of server functions, and by the streams.
    certain.extend(["__err", "__path", "after"].map(str::to_owned));
    (certain, possible)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// Reads every page of the visitor's that shows something; returns their number and what became markup.
pub(super) async fn pages_with_everything(world: &World) -> (usize, Vec<String>) {
    let (count, found, failed) = look(world).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    (count, found)
}

/// The same, where stored data may be unreadable: a page with an unreadable part says so with its status.
pub(super) async fn pages_with_anything(world: &World) -> (usize, Vec<String>) {
    let (count, found, _) = look(world).await;
    (count, found)
}

/// Returns the number of pages, what became markup on them, and which failed.
async fn look(world: &World) -> (usize, Vec<String>, Vec<String>) {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    let paths = pages(world).await;
    for path in &paths {
        let answer = world.get(path).await;
        if path != UNREADY && answer.status.is_server_error() {
            failed.push(format!("{path}: {} {}", answer.status, answer.text()));
        }
        found.extend(answer.markup().iter().map(|what| format!("{path}: {what}")));
    }
    (paths.len(), found, failed)
}

/// The pages of every route, once for each order and template of the visitor's where it shows one.
pub(super) async fn pages(world: &World) -> Vec<String> {
    let orders = ids(
        &world
            .call("list_orders", &serde_json::json!({}))
            .await
            .text(),
        "orders",
    );
    let shelf = world
        .call("open_shelf", &serde_json::json!({}))
        .await
        .text();
    let shelf: String = serde_json::from_str(&shelf).unwrap();
    let templates = ids(&shelf, "cards");
    let mut pages = Vec::new();
    for route in routes(world) {
        let things = match route.as_str() {
            "/deployments/{id}" | "/api/orders/{id}/decision" => &orders,
            "/templates/{id}" => &templates,
            stream if STREAMS.contains(&stream) => continue,
            _ => {
                assert!(!route.contains("{id}"), "say what {route} shows");
                pages.push(filled(&route, "x"));
                continue;
            }
        };
        pages.extend(things.iter().map(|id| filled(&route, id)));
    }
    pages.extend(orders.iter().map(|id| format!("/?order={id}")));
    pages.extend(templates.iter().map(|id| format!("/deploy?template={id}")));
    pages
}

fn ids(list: &str, of: &str) -> Vec<String> {
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    let of = list[of]
        .as_array()
        .unwrap_or_else(|| panic!("no {of} in {list}"));
    let ids = of
        .iter()
        .filter_map(|one| one["id"].as_str().map(str::to_owned));
    ids.collect()
}

#[tokio::test]
async fn no_parameter_of_a_route_becomes_markup() {
    let world = World::new().await;
    world.sign_in().await;
    let (order, own) = draft_and_template(&world).await;
    let routes = routes(&world);
    for known in [
        "/",
        "/market",
        "/deployments/{id}",
        "/api/orders/{id}/logs",
        "/operator",
        "/healthz",
    ] {
        assert!(routes.contains(known), "{known} is not among {routes:?}");
    }
    let (certain, possible) = names();
    for known in ["say", "order", "template", "gpu", "q"] {
        assert!(
            possible.contains(known),
            "{known} is not among {possible:?}"
        );
    }
    let hostile = in_address(&all());
    let mut found = Vec::new();
    for route in &routes {
        let mut paths: Vec<String> = Vec::new();
        if route.contains('{') {
            paths.extend(CORPUS.iter().map(|one| filled(route, &in_address(one))));
            paths.push(filled(route, &hostile));
        }
        let stream = STREAMS.contains(&route.as_str());
        // An open stream does not end.
        let whole = if stream {
            filled(route, "nothing")
        } else {
            filled(route, &order.to_string())
        };
        if !(stream && whole == *route) {
            paths.extend(certain.iter().flat_map(|name| {
                let whole = &whole;
                CORPUS
                    .iter()
                    .map(move |one| format!("{whole}?{name}={}", in_address(one)))
            }));
            for some in possible.iter().collect::<Vec<_>>().chunks(20) {
                let pairs: Vec<String> = some
                    .iter()
                    .filter(|name| !["order", "template"].contains(&name.as_str()))
                    .map(|name| format!("{name}={hostile}"))
                    .collect();
                paths.push(format!("{whole}?{}", pairs.join("&")));
            }
            paths.push(format!("{whole}?{hostile}={hostile}"));
        }
        for path in paths {
            let answer = world.get(&path).await;
            assert!(
                route == UNREADY || !answer.status.is_server_error(),
                "{path}: {}",
                answer.text()
            );
            found.extend(
                answer
                    .markup()
                    .into_iter()
                    .map(|what| format!("{route}: {what}")),
            );
        }
    }
    // Pages also show what their address names.
    for page in [
        format!("/?order={order}&"),
        format!("/templates/{own}?"),
        "/nothing/here?".to_owned(),
    ] {
        for name in &certain {
            if name != "order" {
                let answer = world.get(&format!("{page}{name}={hostile}")).await;
                found.extend(
                    answer
                        .markup()
                        .into_iter()
                        .map(|what| format!("{page}{name}: {what}")),
                );
            }
        }
    }
    let nowhere = world.get(&format!("/{hostile}")).await;
    found.extend(nowhere.markup());
    found.sort();
    found.dedup();
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}
