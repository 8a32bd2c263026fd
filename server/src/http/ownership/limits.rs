//! Rate limits over HTTP: heavy users are refused in time, and nobody else is affected.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, ORIGIN, RETRY_AFTER, SET_COOKIE};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::ALICE;
use super::site::{Browser, Content, Site};

const DEFAULT: &[&str] = &["--limits=default"];

async fn statuses(browser: &mut Browser, path: &str, times: usize) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(browser.get(path).await.status);
    }
    statuses
}

fn refused(statuses: &[StatusCode]) -> usize {
    let too_many = |status: &&StatusCode| **status == StatusCode::TOO_MANY_REQUESTS;
    statuses.iter().filter(too_many).count()
}

fn words() -> Content {
    Content::Json(json!({ "ask": { "kind": "words", "text": "nginx for an hour" } }))
}

/// Number of stored anonymous sessions.
async fn sessions_stored(site: &Site) -> i64 {
    site.stage.count("sessions WHERE address IS NULL").await
}

#[tokio::test]
async fn a_network_that_asks_too_much_is_refused_and_no_other_notices() {
    let site = Site::with(DEFAULT).await;
    let mut loud = site.browser_at("203.0.113.7");
    let answers = statuses(&mut loud, "/no/such/page", 70).await;
    assert_eq!(refused(&answers), 10, "sixty fit: {answers:?}");
    let mut same = site.browser_at("203.0.113.7");
    assert_eq!(
        refused(&statuses(&mut same, "/", 1).await),
        1,
        "another cookie does not help"
    );
    let mut other = site.browser_at("203.0.113.8");
    assert_eq!(refused(&statuses(&mut other, "/no/such/page", 5).await), 0);
    // One subscriber's IPv6 addresses belong to one network.
    for last in 0..60 {
        let mut browser = site.browser_at(&format!("2001:db8::{last}"));
        assert_eq!(
            refused(&statuses(&mut browser, "/no/such/page", 1).await),
            0
        );
    }
    let mut next = site.browser_at("2001:db8::ffff");
    assert_eq!(refused(&statuses(&mut next, "/no/such/page", 1).await), 1);
    site.stage.pass(std::time::Duration::from_secs(3)).await;
    assert_eq!(refused(&statuses(&mut loud, "/no/such/page", 1).await), 0);
}

#[tokio::test]
async fn what_is_refused_says_so_in_the_callers_own_form() {
    let site = Site::with(DEFAULT).await;
    let browser = site.browser_at("203.0.113.7");
    let mut last = None;
    for _ in 0..70 {
        let request = Request::get("/no/such/page")
            .header(HOST, "127.0.0.1:3000")
            .header(ACCEPT, "text/html");
        last = Some(browser.answered(request.body(Body::empty()).unwrap()).await);
    }
    let page = last.unwrap();
    assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.headers()["ratelimit-policy"], "\"page\";q=60;w=3");
    assert!(page.headers().contains_key(RETRY_AFTER));
    // Another class has its own budget.
    let mut session = site.browser_at("203.0.113.7");
    let read = session.send("session", Content::Json(json!({}))).await;
    assert_eq!(read.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_describes_so_often_and_hears_a_sentence_after_that() {
    let site = Site::with(DEFAULT).await;
    let mut browser = site.browser_at("203.0.113.7");
    browser.get("/").await;
    for _ in 0..7 {
        // The first request starts the session and counts for the network only.
        let answer = browser.send("describe", words()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let answer = browser.send("describe", words()).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let error: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(error["status"], 429);
    let sentence = error["sentence"].as_str().unwrap();
    assert!(sentence.contains("Try again in"), "{sentence}");
    let mut other = site.browser_at("203.0.113.7");
    assert_eq!(other.send("describe", words()).await.status, StatusCode::OK);
    site.stage.pass(std::time::Duration::from_secs(60)).await;
    assert_eq!(
        browser.send("describe", words()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn fresh_cookies_bring_a_network_no_more_sign_ins() {
    let site = Site::with(DEFAULT).await;
    let mut refused = 0;
    for _ in 0..25 {
        let mut browser = site.browser_at("203.0.113.7");
        let asks = Content::Json(json!({ "address": ALICE }));
        let answer = browser.send("challenge", asks).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 5);
    assert_eq!(
        sessions_stored(&site).await,
        20,
        "who is refused has no session"
    );
}

#[tokio::test]
async fn who_only_looks_has_no_session_and_who_keeps_something_has_one() {
    let site = Site::new().await;
    for _ in 0..20 {
        site.browser().get("/").await;
        site.browser().get("/no/such/page").await;
        site.browser().get("/deployments").await;
    }
    assert_eq!(sessions_stored(&site).await, 0);
    let mut browser = site.browser();
    browser.send("session", Content::Json(json!({}))).await;
    assert!(browser.token().is_none(), "a question keeps nothing");
    assert_eq!(sessions_stored(&site).await, 0);
    let id = browser.order(&site.document("kept")).await;
    assert_eq!(sessions_stored(&site).await, 1);
    let mut events = browser.open(&format!("/api/orders/{id}/events")).await;
    assert!(events.next().await.unwrap().contains("event: change"));
    browser.get("/").await;
    let view = browser
        .asked_for("open_order", json!({ "order": id }))
        .await;
    assert_eq!(view["id"], json!(id));
}

#[tokio::test]
async fn two_tabs_that_ask_for_something_first_at_once_both_keep_their_order() {
    let site = Site::new().await;
    let mut first = site.browser();
    first.get("/").await;
    let token = first.token().unwrap().to_owned();
    let mut second = first.again();
    let (one, other) = tokio::join!(
        first.send("describe", words()),
        second.send("describe", words())
    );
    assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK));
    let mut later = site.browser_with(&token);
    let list = later.asked_for("list_orders", json!({})).await;
    assert_eq!(list["orders"].as_array().unwrap().len(), 2);
    assert_eq!(sessions_stored(&site).await, 1);
}

#[tokio::test]
async fn streams_end_where_the_share_ends_and_a_closed_one_makes_room() {
    let options = [
        "--limits=default",
        "--streams-per-session=2",
        "--streams-per-network=3",
    ];
    let site = Site::with(&options).await;
    let mut browser = site.browser_at("203.0.113.7");
    let id = browser.order(&site.document("watched")).await;
    let events = format!("/api/orders/{id}/events");
    let first = browser.open(&events).await;
    let _second = browser.open(&events).await;
    let (status, _) = browser.try_open(&events).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    drop(first);
    let _again = browser.open(&events).await;
    let market = "/api/market/events";
    let _third = browser.open(market).await;
    let (status, _) = browser.try_open(market).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = site.browser_at("203.0.113.8");
    elsewhere.open(market).await;
}

#[tokio::test]
async fn a_process_that_is_full_says_when_to_come_again() {
    let site = Site::with(&["--limits=default", "--streams=1"]).await;
    let mut browser = site.browser_at("203.0.113.7");
    let _open = browser.open("/api/market/events").await;
    let request = Request::get("/api/market/events").header(HOST, "127.0.0.1:3000");
    let elsewhere = site.browser_at("203.0.113.8");
    let full = elsewhere
        .answered(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(full.headers()[RETRY_AFTER], "5");
}

#[tokio::test]
async fn a_plain_form_that_is_refused_leads_back_to_its_page_with_the_sentence() {
    let site = Site::with(DEFAULT).await;
    let browser = site.browser_at("203.0.113.7");
    let mut cookie = String::new();
    let mut location = String::new();
    for _ in 0..8 {
        let request = Request::post("/api/describe_plain")
            .header(HOST, "127.0.0.1:3000")
            .header(ORIGIN, "http://127.0.0.1:3000")
            .header("referer", "http://127.0.0.1:3000/")
            .header(ACCEPT, "text/html")
            .header(COOKIE, &cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("sentence=nginx+for+an+hour"))
            .unwrap();
        let answer = browser.answered(request).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            let set = set.to_str().unwrap().split(';').next().unwrap();
            set.clone_into(&mut cookie);
        }
        answer.headers()["location"]
            .to_str()
            .unwrap()
            .clone_into(&mut location);
    }
    assert!(location.starts_with("/?__path="), "{location}");
    assert!(location.contains("__err="), "{location}");
}

#[tokio::test]
async fn a_browser_keeps_so_many_drafts_and_hears_what_to_do_then() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let document = site.document("many");
    let ask = json!({ "ask": { "kind": "sdl", "text": document, "duration": 3600 } });
    for number in 0..50 {
        let answer = browser.send("describe", Content::Json(ask.clone())).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {answer:?}");
    }
    let answer = browser.send("describe", Content::Json(ask)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.body.contains("You have 50 drafts here"),
        "{answer:?}"
    );
}
