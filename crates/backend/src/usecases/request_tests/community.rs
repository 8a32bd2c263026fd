//! The community's templates through the real adapter, from the sandbox's repository with its
//! faults.

use std::sync::Arc;
use std::time::Duration;

use domain::prose::{Block, Inline};
use domain::templates::{TemplateId, TemplatePage, TemplateShelf};
use sandbox::{Config, Handle, Sandbox};
use serde_json::json;

use super::{World, visitor, world};
use crate::adapters::template_repository::{TemplateRepository, TemplateRepositorySettings};
use crate::drafting::templates;
use crate::ports::{Library as _, TemplateSource};
use crate::usecases::{Request, describe, list_orders, list_templates, open_template, show_order};
use crate::{Backend, UsecaseError, Visitor};

struct Stage {
    world: World,
    backend: Backend,
    source: Arc<dyn TemplateSource>,
    sandbox: Handle,
    http: reqwest::Client,
    visitor: Visitor,
}

async fn stage() -> Stage {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let at = &sandbox.base_url;
    let source: Arc<dyn TemplateSource> = Arc::new(
        TemplateRepository::new(TemplateRepositorySettings {
            api: format!("{at}/code/templates-tree/repos/akash-network/awesome-akash"),
            raw: format!("{at}/code/templates-raw/akash-network/awesome-akash"),
            home: "https://code.example/templates".to_owned(),
            branch: "master".to_owned(),
            patience: Duration::from_millis(700),
        })
        .unwrap(),
    );
    let world = world().await;
    let visitor = visitor(&world).await;
    let second = world.second_backend().await;
    let mut ports = second.ports().clone();
    ports.templates = Some(source.clone());
    let backend = Backend::new(ports, second.storage().clone(), second.settings().clone());
    Stage {
        world,
        backend,
        source,
        sandbox,
        http: reqwest::Client::builder().build().unwrap(),
        visitor,
    }
}

impl Stage {
    async fn confirm(&self) -> bool {
        templates::confirm(&self.backend, self.source.as_ref())
            .await
            .unwrap()
    }

    async fn arm(&self, fault: &str, at: &str) {
        let url = format!("{}/__sim/scenario", self.sandbox.base_url);
        let wish = json!({ "name": fault, "venue": at, "times": 1 });
        let answer = self.http.post(url).json(&wish).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    async fn shelf(&self) -> TemplateShelf {
        list_templates(&self.backend, &self.visitor).await.unwrap()
    }

    async fn open(&self, id: &str) -> Result<TemplatePage, UsecaseError> {
        let id: TemplateId = id.parse().unwrap();
        open_template(&self.backend, &self.visitor, &id).await
    }
}

#[tokio::test]
async fn folders_of_the_repository_stand_on_the_shelf_filed_as_it_files_them() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    templates::read_ahead(&stage.backend, &stage.source)
        .await
        .unwrap();
    let shelf = stage.shelf().await;
    let theirs = shelf.cards.iter().filter(|card| !card.is_core());
    let theirs: Vec<_> = theirs
        .map(|card| {
            (
                card.id.to_string(),
                card.title.as_str(),
                card.category.as_str(),
            )
        })
        .collect();
    let expected = [
        ("community:ai~chat-ui", "Chat UI", "AI"),
        ("community:ghost", "Ghost blog", "Blogging"),
        ("community:notes", "Notes", "Tools"),
        ("community:split", "Split stack", "Tools"),
        ("community:valheim", "Valheim server", "Games"),
    ];
    assert_eq!(
        theirs,
        expected.map(|(id, title, category)| (id.to_owned(), title, category))
    );
    let ghost = shelf
        .cards
        .iter()
        .find(|card| card.title == "Ghost blog")
        .unwrap();
    let says = "A publishing platform with an editor, members and newsletters.";
    assert_eq!(ghost.summary.as_deref(), Some(says));
    assert_eq!(shelf.community.unwrap().confirmed_at, Some(shelf.now));
    // The second time nothing has changed, which is an answer as well.
    stage.world.clock.advance(Duration::from_secs(3600));
    assert!(stage.confirm().await);
    assert_eq!(
        stage.shelf().await.community.unwrap().confirmed_at,
        Some(stage.backend.ports().clock.now())
    );
}

#[tokio::test]
async fn what_was_read_once_is_shown_with_its_age_while_the_source_is_down() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    let page = stage.open("community:ghost").await.unwrap();
    let read_at = page.origin.unwrap().read_at;
    for fault in [
        "silent",
        "slow",
        "lost",
        "html",
        "maintenance",
        "garbage",
        "broken_body",
        "huge",
        "elsewhere",
        "rate_limited",
    ] {
        stage.world.clock.advance(Duration::from_secs(60));
        stage.arm(fault, "templates-tree").await;
        assert!(!stage.confirm().await, "{fault}");
        let shelf = stage.shelf().await;
        assert_eq!(shelf.cards.len(), 14, "{fault}");
        let trouble = shelf.community.unwrap().trouble.unwrap();
        assert!(
            trouble.ends_with("It is tried again by itself."),
            "{trouble}"
        );
        let origin = stage.open("community:ghost").await.unwrap().origin.unwrap();
        assert_eq!(origin.read_at, read_at);
        assert!(
            origin
                .stale
                .unwrap()
                .ends_with("This may not be its newest state.")
        );
    }
    assert!(stage.confirm().await);
    let origin = stage.open("community:ghost").await.unwrap().origin.unwrap();
    assert_eq!(origin.stale, None);
    assert_eq!(
        origin.url,
        "https://code.example/templates/tree/master/ghost"
    );
}

#[tokio::test]
async fn a_file_that_is_no_file_is_one_sentence_and_nothing_is_kept() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    for (fault, says) in [
        ("huge", "its source sends more than any template needs."),
        (
            "elsewhere",
            "its source leads to an address that is not asked.",
        ),
        (
            "maintenance",
            "its source sends something else than what was asked for.",
        ),
        ("html", "its source answers with status 502."),
        ("lost", "its source cannot be reached."),
        ("broken_body", "its source cannot be reached."),
    ] {
        // This template has no description: only its document is requested.
        stage.arm(fault, "templates-raw").await;
        let error = stage.open("community:valheim").await.unwrap_err();
        assert_eq!(error.status(), 503);
        let sentence = error.to_string();
        assert!(sentence.contains(says), "{fault}: {sentence}");
    }
    let page = stage.open("community:valheim").await.unwrap();
    // Finally read, with its fault named.
    assert!(page.remarks[0].is_fault, "{:?}", page.remarks);
}

#[tokio::test]
async fn a_hostile_description_loses_everything_but_its_words() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    let page = stage.open("community:notes").await.unwrap();
    let json = serde_json::to_string(&page.about).unwrap();
    for gone in [
        "<script",
        "<img",
        "<iframe",
        "<form",
        "<style",
        "javascript:",
        "data:",
        "tracker.example",
        "@evil",
    ] {
        assert!(!json.contains(gone), "{gone} in {json}");
    }
    // A link that claims to lead elsewhere shows where it really leads.
    let links = page.about.iter().flat_map(|block| match block {
        Block::List { items, .. } => items.concat(),
        _ => Vec::new(),
    });
    let links: Vec<_> = links
        .filter_map(|block| match block {
            Block::Paragraph { text } => Some(text),
            _ => None,
        })
        .flatten()
        .filter_map(|part| match part {
            Inline::Link { host, text, .. } => Some((text, host)),
            _ => None,
        })
        .collect();
    assert_eq!(links, [("your bank".to_owned(), "evil.example".to_owned())]);
}

#[tokio::test]
async fn files_under_include_are_named_and_written_in_on_request() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    let page = stage.open("community:split").await.unwrap();
    assert_eq!(page.includes, ["services.yaml"]);
    let request = Request::TemplateWithIncludes("community:split".parse().unwrap());
    let lines = describe(&stage.backend, &stage.visitor, request)
        .await
        .unwrap();
    let _: Vec<_> = futures::StreamExt::collect(lines).await;
    let orders = list_orders(&stage.backend, &stage.visitor).await.unwrap();
    let order = show_order(&stage.backend, &stage.visitor, orders.orders[0].id)
        .await
        .unwrap();
    assert_eq!(sdl::services(&order.sdl), ["cache", "front"]);
    assert!(order.state.quote().is_some(), "{order:?}");
}

#[tokio::test]
async fn what_the_tree_lists_and_nobody_should_take_is_not_there() {
    let stage = stage().await;
    assert!(stage.confirm().await);
    for id in [
        "community:linked",
        "community:huge",
        "community:outside",
        "community:nothing",
    ] {
        let error = stage.open(id).await.unwrap_err();
        assert_eq!(error.status(), 404, "{id}: {error}");
    }
}

#[tokio::test]
async fn a_model_that_looks_for_templates_finds_the_same_shelf_and_can_propose_only_what_is_built_in()
 {
    let stage = stage().await;
    assert!(stage.confirm().await);
    let library = crate::drafting::agent::library_of(&stage.backend);
    let found = library.templates("a blog with a database").await;
    let rows = found["templates"].as_array().unwrap();
    let ghost = rows
        .iter()
        .find(|row| row["title"] == "Ghost blog")
        .unwrap();
    assert_eq!(ghost["page"], "/templates/community:ghost");
    assert!(ghost["template"].is_null(), "{ghost}");
    let postgres = rows
        .iter()
        .find(|row| row["title"] == "PostgreSQL")
        .unwrap();
    assert_eq!(postgres["template"], "postgres");
}
