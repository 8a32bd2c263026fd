//! Tests every argument of every server function.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use app::api::PLAIN_FORMS;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::auto_sign::Pace;
use domain::deployment::Acceptance;
use domain::escrow::TopUp;
use domain::ids::{EscrowId, OrderId};
use domain::money::TokenAmount;
use domain::requirements::Wish;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Map, Value, json};

use super::corpus::{CORPUS, all, in_address};
use super::stored::{Leaf, leaves, with};
use super::world::{ADDRESS, World};

/// Arguments with which each function succeeds; each text in them is replaced by hostile text in turn.
fn arguments(order: OrderId, own: &str) -> BTreeMap<String, Value> {
    let of_all = declared().into_iter().map(|(name, taken)| {
        let body = taken.iter().map(|(argument, kind)| {
            let value = told(&name, argument, own).unwrap_or_else(|| usual(kind, order));
            (argument.clone(), value)
        });
        let body = Value::Object(body.collect());
        (name, body)
    });
    of_all.collect()
}

/// A value for an argument that its function accepts only in a certain form.
fn told(name: &str, argument: &str, own: &str) -> Option<Value> {
    Some(Value::from(match (name, argument) {
        ("use_template", "template") | ("open_template", "id") => "web-node",
        ("rename_template", "template") => own,
        ("delete_template", "template") => "own:00000000000000000000000000000000",
        ("use_template", _) | ("describe_plain", "sentence" | "sdl") => "",
        ("report_transaction", "kind") => "fund",
        ("open_market", "query") => "?gpu=h100",
        (_, "signature") => "0x00",
        _ => return None,
    }))
}

/// A value of that type, with text wherever the type allows it.
fn usual(kind: &str, order: OrderId) -> Value {
    let hash = format!("0x{}", "11".repeat(32));
    match kind {
        "OrderId" => json!(order),
        "String" => json!("version: \"2.0\""),
        "Ask" => json!({ "kind": "words", "text": "run nginx for 2 hours", "origin": "page" }),
        "Wish" => wish(),
        "WishFields" => fields(),
        "Address" => json!(ADDRESS),
        "EscrowId" | "TxHash" | "Hash32" | "TextHash" => json!(hash),
        "TokenAmount" => json!("1000"),
        "Acceptance" => json!(Acceptance::Manual),
        "bool" => json!(true),
        "Pace" => json!(Pace::AtOnce),
        "TopUp" => json!(TopUp {
            escrow: EscrowId::from_bytes([7; 32]),
            buyer: ADDRESS,
            amount: TokenAmount::from_micros(1000),
            deposited: TokenAmount::from_micros(1000),
        }),
        "u16" | "u32" | "u64" | "Seconds" | "UnixSeconds" => json!(1),
        "Vec<BidId>" => {
            json!([{ "dseq": "1", "gseq": 1, "oseq": 1, "provider": "akash1cheap00000" }])
        }
        "PolicyLimits" => json!({ "per_order": "1000000", "per_day": "2000000", "lasts": 86_400 }),
        "SpendPolicy" => json!({
            "buyer": ADDRESS, "payees": [ADDRESS], "max_rate": "1", "max_fee_bps": 0, "min_run_time": 300,
            "max_heartbeat_window": 86_400, "max_per_order": "1000000", "max_per_day": "2000000", "max_open": 5,
            "expiry": 1, "nonce": 0,
        }),
        other => match other
            .strip_prefix("Option<")
            .and_then(|inner| inner.strip_suffix('>'))
        {
            Some(inner) => usual(inner, order),
            None => panic!("say in `usual` what a {other} may be"),
        },
    }
}

/// A form with every field filled in.
fn fields() -> Value {
    let form = serde_json::to_value(Wish::default()).unwrap();
    let names = form.as_object().unwrap().keys().cloned();
    let names = names.chain(["gpu_model", "gpu_count", "vram", "duration_unit"].map(str::to_owned));
    Value::Object(names.map(|name| (name, Value::from(""))).collect())
}

/// A wish with text wherever a wish allows it.
pub(super) fn wish() -> Value {
    let wish = Wish {
        image: Some("nginx:1.27".to_owned()),
        env: [("NAME".to_owned(), "value".to_owned())].into(),
        inferred: [("image".to_owned(), "said so".to_owned())].into(),
        ..Wish::default()
    };
    serde_json::to_value(wish).unwrap()
}

/// The functions declared in the source, each with its arguments and their types.
fn declared() -> BTreeMap<String, Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/api");
    let mut declared = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        let source = source.replace("#[server(default)]", "");
        for piece in source.split("#[server(").skip(1) {
            let Some((_, rest)) = piece.split_once("endpoint = \"") else {
                continue;
            };
            let (name, rest) = rest.split_once('"').unwrap();
            let (_, rest) = rest.split_once("pub async fn ").unwrap();
            let (_, rest) = rest.split_once('(').unwrap();
            let (arguments, _) = rest.split_once(") -> ").unwrap();
            declared.insert(name.to_owned(), named(arguments));
            let takes_json = piece.split(')').next().unwrap().contains("input = Json");
            assert_eq!(
                takes_json,
                !PLAIN_FORMS.contains(&name),
                "`PLAIN_FORMS` and {name}"
            );
        }
    }
    declared
}

/// Parses names and types from `a: A, b: B<C, D>`.
fn named(arguments: &str) -> Vec<(String, String)> {
    let mut depth = 0_i32;
    let pieces = arguments.split(|letter| {
        match letter {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    let pairs = pieces.filter_map(|piece| piece.split_once(':'));
    pairs
        .map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned()))
        .collect()
}

#[test]
fn arguments_are_read_from_the_source() {
    let read = named("\n    order: OrderId,\n    pairs: Vec<(A, B)>,\n    name: String,\n");
    let expected = [
        ("order", "OrderId"),
        ("pairs", "Vec<(A, B)>"),
        ("name", "String"),
    ];
    assert_eq!(
        read,
        expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()))
    );
}

#[tokio::test]
async fn every_server_function_is_tried() {
    let _world = World::new().await;
    let registered: BTreeSet<String> = server_fn_paths()
        .map(|(path, _)| path.trim_start_matches("/api/").to_owned())
        .collect();
    let tried: BTreeSet<String> = arguments(OrderId::from_bytes([1; 16]), "own-x")
        .into_keys()
        .collect();
    assert_eq!(
        registered, tried,
        "a function is declared where `declared` does not look"
    );
}

#[tokio::test]
async fn no_argument_of_a_server_function_becomes_markup() {
    let world = World::new().await;
    world.sign_in().await;
    let (order, own) = draft_and_template(&world).await;
    let texts: Vec<String> = CORPUS
        .iter()
        .map(|one| (*one).to_owned())
        .chain([all()])
        .collect();
    let mut found = Vec::new();
    let mut asked = 0_u32;
    for (name, body) in arguments(order, &own) {
        // These end the session that the others need, and take no text.
        if ["sign_out", "end_all_sessions"].contains(&name.as_str()) {
            continue;
        }
        let mut places = leaves(&body);
        places.push(Leaf::whole());
        for place in &places {
            for text in &texts {
                let hostile = with(&body, place, text);
                let answer = world.call(&name, &hostile).await;
                asked += 1;
                for what in answer.markup() {
                    found.push(format!("{name} {place:?}: {what}"));
                }
            }
            if PLAIN_FORMS.contains(&name.as_str()) {
                for text in [all(), CORPUS[0].to_owned()] {
                    let form = form_of(&with(&body, place, &text));
                    let referer = format!("http://127.0.0.1:3000/?x={}", in_address(&text));
                    for referer in [
                        referer.as_str(),
                        "javascript:necto-canary(1)",
                        "//evil.example/",
                    ] {
                        let path = format!("/api/{name}");
                        let answer = world.submit(&path, form.clone(), referer).await;
                        asked += 1;
                        for what in answer.markup() {
                            found.push(format!("{name} {place:?} as a form: {what}"));
                        }
                    }
                }
            }
        }
    }
    assert!(asked > 2_000, "only {asked} questions were asked");
    // Pages show what the calls left behind.
    let (pages, shown) = super::parameters::pages_with_everything(&world).await;
    found.extend(shown);
    assert!(pages > 10, "only {pages} pages were looked at");
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[tokio::test]
async fn a_function_takes_its_own_language_only() {
    let world = World::new().await;
    for (name, body) in arguments(OrderId::from_bytes([1; 16]), "own-x") {
        let own = if PLAIN_FORMS.contains(&name.as_str()) {
            FORM
        } else {
            "application/json"
        };
        for kind in [
            Some("application/json"),
            Some("text/plain"),
            Some(FORM),
            Some("multipart/form-data"),
            None,
        ] {
            let mut request = Request::post(format!("/api/{name}"));
            if let Some(kind) = kind {
                request = request.header(header::CONTENT_TYPE, kind);
            }
            let answer = world
                .send(request.body(Body::from(body.to_string())).unwrap())
                .await;
            let refused = answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
            assert_eq!(
                refused,
                kind != Some(own),
                "{name} as {kind:?}: {}",
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn a_plain_form_that_fails_leads_back_to_its_page_with_the_reason() {
    let world = World::new().await;
    let page = "http://127.0.0.1:3000/templates/web-node?x=1";
    let answer = world
        .submit("/api/use_template", "template=nothing".to_owned(), page)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.body.is_empty());
    let location = answer.headers[header::LOCATION].to_str().unwrap();
    assert!(
        location.starts_with("/templates/web-node?x=1&"),
        "{location}"
    );
    let shown = world.get(location).await.text();
    assert!(shown.contains("There is no template"), "{shown}");
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Creates a priced draft of the visitor's, and a template saved from it.
pub(super) async fn draft_and_template(world: &World) -> (OrderId, String) {
    let words = "run nginx:1.27 on port 80 with 1 vCPU, 1 GB memory and 1 GB storage for 2 hours";
    let order = describe(world, words).await;
    let form = format!("order={order}&name=Mine");
    let answer = world.submit("/api/save_template", form, "/").await;
    let page = answer.headers.get("location").unwrap().to_str().unwrap();
    let own = page.trim_start_matches("/templates/").to_owned();
    (order, own)
}

/// Describes a workload; returns the order.
pub(super) async fn describe(world: &World, words: &str) -> OrderId {
    let ask = json!({ "ask": { "kind": "words", "text": words } });
    let answer = world.call("describe", &ask).await;
    let lines = answer.text();
    let order = lines.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        line.pointer("/order/id")?.as_str()?.parse().ok()
    });
    order.unwrap_or_else(|| panic!("no order in {lines}"))
}

/// Encodes the body's fields as a form, nested one level deep in brackets.
fn form_of(body: &Value) -> String {
    let empty = Map::new();
    let mut pairs = Vec::new();
    for (name, value) in body.as_object().unwrap_or(&empty) {
        match value {
            Value::Object(inner) => pairs.extend(inner.iter().map(|(field, value)| {
                format!(
                    "{name}%5B{}%5D={}",
                    in_address(field),
                    in_address(&plain(value))
                )
            })),
            value => pairs.push(format!(
                "{}={}",
                in_address(name),
                in_address(&plain(value))
            )),
        }
    }
    pairs.join("&")
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
