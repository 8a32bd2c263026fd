//! Access control over HTTP, against the whole router: everyone who ever had to do with an order's browser,
//! times everything that can be requested.

mod audited;
mod limits;
mod site;
mod verbs;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use domain::ids::Address;
use http::StatusCode;
use leptos::server_fn;
use leptos_axum::generate_route_list;
use serde_json::{Value, json};

use site::{Browser, Site};
use verbs::{About, PAGES, Page, ROUTES, Subject, VERBS};

const ALICE: Address = Address::from_bytes([0xa1; 20]);
const BOB: Address = Address::from_bytes([0xb0; 20]);
const MALLORY: Address = Address::from_bytes([0x3a; 20]);

/// Text that occurs in Alice's documents and nowhere else.
const SECRET: &str = "greeting-of-alice-5417";

/// Alice's data, created after she signed in, as everything is that could be stolen later.
#[derive(Debug)]
struct Belongings {
    paid: Subject,
    draft: Subject,
}

impl Belongings {
    fn all(&self) -> [&Subject; 2] {
        [&self.paid, &self.draft]
    }

    async fn of(site: &Site, alice: &mut Browser) -> Self {
        let paid = alice.order(&site.document(SECRET)).await;
        let template = alice.template_of(&paid).await;
        site.pay(alice, &paid).await;
        let draft = alice.order(&site.document(SECRET)).await;
        Self {
            paid: Subject::new(paid, template.clone()),
            draft: Subject::new(draft, template),
        }
    }

    /// Reads all of it as its owner.
    async fn seen_by(&self, owner: &mut Browser) -> Vec<Value> {
        let mut seen = Vec::new();
        for subject in self.all() {
            let mut view = owner
                .asked_for("open_order", json!({ "order": subject.order }))
                .await;
            view.as_object_mut().unwrap().remove("now");
            seen.push(view);
        }
        let template = json!({ "id": subject_template(&self.draft) });
        seen.push(owner.asked_for("open_template", template).await);
        seen
    }
}

fn subject_template(subject: &Subject) -> &str {
    &subject.template
}

/// Tries every request on everything of Alice's, as someone else.
async fn attack(who: &str, mut browser: Browser, has: &Belongings) {
    let account = browser.asked_for("session", json!({})).await["address"].clone();
    for subject in has.all() {
        for verb in VERBS.iter().filter(|verb| verb.about != About::Session) {
            let answer = browser.send(verb.path, verb.asks(subject)).await;
            let (status, path) = (answer.status, verb.path);
            assert!(
                !answer.body.contains(SECRET),
                "{who}: {path} shows Alice's text"
            );
            match verb.about {
                About::Order | About::Template => assert!(
                    matches!(status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED),
                    "{who}: {path} answers {status}: {}",
                    answer.body
                ),
                About::Account if account.is_null() => {
                    assert!(
                        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
                        "{who}: {path} answers {status}"
                    );
                }
                _ => {
                    let alice = ALICE.to_string();
                    assert!(!answer.body.contains(&alice), "{who}: {path} names Alice");
                }
            }
        }
        for route in ROUTES {
            let answer = browser.get(&route.path(subject)).await;
            assert!(
                !answer.body.contains(SECRET),
                "{who}: {} shows Alice's text",
                route.path
            );
            if route.names_an_order() {
                assert!(
                    matches!(
                        answer.status,
                        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED
                    ),
                    "{who}: {} answers {}",
                    route.path,
                    answer.status
                );
            }
        }
        for address in PAGES.iter().flat_map(|page| page.addresses(subject)) {
            let answer = browser.get(&address).await;
            let order = subject.order.to_string();
            assert!(
                !answer.body.contains(SECRET),
                "{who}: {address} shows Alice's text"
            );
            assert!(
                answer.body.matches(&order).count() == 0 || address.contains(&order),
                "{who}: {address} names Alice's order"
            );
        }
    }
}

#[tokio::test]
async fn nobody_but_the_account_reaches_what_it_pays_for_or_drafts() {
    let site = Site::new().await;
    // The attacker signs in, out, and in again from the left session: the chain by which a planted cookie
    // once shared its visitor with the next person to sign in.
    let mut first = site.browser();
    first.get("/").await;
    let left_by_mallory = first.again();
    first.sign_in(MALLORY).await;
    first.sign_out().await;
    let mut planted = left_by_mallory;
    planted.sign_in(MALLORY).await;
    // Alice uses the attacker's browser, signs in and creates her orders.
    let mut alice = first;
    let left_by_alice = alice.again();
    alice.sign_in(ALICE).await;
    let has = Belongings::of(&site, &mut alice).await;
    let mut elsewhere = site.browser();
    elsewhere.sign_in(ALICE).await;
    let before = has.seen_by(&mut elsewhere).await;

    attack("a garbage cookie", site.browser_with(&"f".repeat(64)), &has).await;
    attack("nobody", site.browser(), &has).await;
    attack("the planted session", planted, &has).await;
    attack(
        "the cookie from before the sign-in",
        left_by_alice.again(),
        &has,
    )
    .await;
    let mut from_left = left_by_alice;
    from_left.sign_in(MALLORY).await;
    attack("another session of the visitor", from_left, &has).await;
    let dead = alice.again();
    alice.sign_out().await;
    attack("the cookie that was signed out", dead, &has).await;
    attack("her browser, signed out", alice.again(), &has).await;
    alice.sign_in(BOB).await;
    attack("another wallet in her browser", alice, &has).await;

    assert_eq!(
        has.seen_by(&mut elsewhere).await,
        before,
        "nothing was changed"
    );
}

#[tokio::test]
async fn the_account_can_do_all_of_it_from_any_browser() {
    let site = Site::new().await;
    let mut alice = site.browser();
    alice.sign_in(ALICE).await;
    let has = Belongings::of(&site, &mut alice).await;
    let mut elsewhere = site.browser();
    elsewhere.sign_in(ALICE).await;
    let desk = elsewhere.get(&format!("/?order={}", has.draft.order)).await;
    assert!(desk.status.is_success() && desk.body.contains(SECRET));
    let about_things = |about| matches!(about, About::Order | About::Template);
    for verb in VERBS.iter().filter(|verb| about_things(verb.about)) {
        let mut answers = Vec::new();
        for subject in has.all() {
            let answer = elsewhere.send(verb.path, verb.asks(subject)).await;
            let read = !answer.body.contains("could not be read");
            let status = answer.status;
            let sensible = status.is_success()
                || status.is_redirection()
                || [StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
            answers.push((read && sensible, status, answer.body));
            if verb.is_last_of(subject) {
                break;
            }
        }
        assert!(
            answers.iter().all(|(fine, ..)| *fine),
            "{}: {answers:?}",
            verb.path
        );
    }
    for route in ROUTES.iter().filter(|route| route.names_an_order()) {
        let answer = elsewhere.get(&route.path(&has.paid)).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path);
    }
}

#[tokio::test]
async fn an_open_stream_ends_with_its_session_and_tells_nothing_after_it() {
    let site = Site::new().await;
    let mut alice = site.browser();
    alice.sign_in(ALICE).await;
    let has = Belongings::of(&site, &mut alice).await;
    for stream in ["logs", "events"] {
        let mut browser = site.browser();
        browser.sign_in(ALICE).await;
        let path = format!("/api/orders/{}/{stream}", has.paid.order);
        let mut open = browser.open(&path).await;
        let first = open.next().await.unwrap();
        assert!(
            first.contains("event: line") || first.contains("event: change"),
            "{first}"
        );
        browser.sign_out().await;
        site.stage.workloads_say(&["printed after the sign-out"]);
        site.stage.pass(Duration::from_secs(30)).await;
        let rest = open.rest().await;
        assert!(rest.contains("event: ended"), "{stream}: {rest}");
        assert!(
            !rest.contains("printed after the sign-out"),
            "{stream}: {rest}"
        );
    }
}

#[tokio::test]
async fn a_stream_ends_when_another_account_signs_in_there() {
    let site = Site::new().await;
    let mut alice = site.browser();
    alice.sign_in(ALICE).await;
    let has = Belongings::of(&site, &mut alice).await;
    let mut open = alice
        .open(&format!("/api/orders/{}/events", has.paid.order))
        .await;
    open.next().await.unwrap();
    alice.sign_in(BOB).await;
    let rest = open.rest().await;
    assert!(rest.contains("event: ended"), "{rest}");
}

/// Fails for a new server function, route or page until it is listed with its subject.
#[tokio::test]
async fn the_lists_of_what_can_be_asked_for_are_complete() {
    let registered: BTreeSet<String> = server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.trim_start_matches("/api/").to_owned())
        .collect();
    let listed: BTreeSet<String> = VERBS.iter().map(|verb| verb.path.to_owned()).collect();
    assert_eq!(
        registered, listed,
        "server functions, and the list in verbs.rs"
    );
    let served: BTreeSet<&str> = super::routes::with_session()
        .iter()
        .chain(&super::routes::for_everybody())
        .chain(&super::routes::for_browsers())
        .map(|(path, _)| *path)
        .collect();
    assert_eq!(
        served,
        ROUTES.iter().map(|route| route.path).collect(),
        "routes"
    );
    let pages: BTreeSet<String> = generate_route_list(app::App)
        .iter()
        .map(|page| page.path().to_owned())
        .collect();
    let listed: BTreeSet<String> = PAGES
        .iter()
        .map(|page: &Page| page.path.to_owned())
        .collect();
    assert_eq!(pages, listed, "pages");
}
