//! SDL files that buyers bring.

use domain::deployment::State;
use domain::journey::{OrderView, SdlSource, ThinkingKind};
use domain::requirements::Wish;
use domain::time::Seconds;

use super::{ask, asked, has_step, quote_of, refusal_of, visitor, world};
use crate::usecases::{Request, change_wish, save_sdl};

/// Two services in one group: a web server with two copies, and a worker with a GPU.
const TWO_SERVICES: &str = r#"
version: "2.0"
services:
  web:
    image: nginx:1.27
    expose:
      - port: 80
        to:
          - global: true
  worker:
    image: ghcr.io/acme/worker:3
    expose:
      - port: 9000
        to:
          - service: web
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 1Gi
    worker:
      resources:
        cpu:
          units: 4
        memory:
          size: 16Gi
        storage:
          size: 20Gi
        gpu:
          units: 2
          attributes:
            vendor:
              nvidia:
                - model: h100
                - model: a100
  placement:
    somewhere:
      pricing:
        web:
          denom: uact
          amount: 100
        worker:
          denom: uact
          amount: 9000
deployment:
  web:
    somewhere:
      profile: web
      count: 2
  worker:
    somewhere:
      profile: worker
      count: 1
"#;

fn import(text: &str) -> Request {
    Request::Sdl {
        text: text.to_owned(),
        duration: Some(Seconds::hours(6)),
    }
}

fn lines(view: &OrderView) -> Vec<&str> {
    let market = view.market.as_ref().unwrap();
    market.lines.iter().map(|line| line.what.as_str()).collect()
}

#[tokio::test]
async fn an_imported_file_is_priced_by_all_that_it_asks_for() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, import(TWO_SERVICES)).await;
    assert_eq!(view.sdl, TWO_SERVICES, "it is taken as it is");
    assert_eq!(view.sdl_source, SdlSource::Imported);
    assert_eq!(view.requirements, None);
    assert_eq!(view.name, "web + worker");
    assert_eq!(
        lines(&view),
        ["2 × h100 or a100", "5 vCPU, 17 GiB memory, 22 GiB storage",]
    );
    let quote = quote_of(&view);
    assert_eq!(quote.duration, Seconds::hours(6));
    // Two a100 at $1.00 each, and $73 a month for the rest.
    assert_eq!(quote.typical_per_hour.to_string(), "2.099934");
    let market = view.market.as_ref().unwrap();
    assert_eq!(market.sdl_cap.to_string(), "9200");
    assert!(quote.cap_per_block <= market.sdl_cap);
}

#[tokio::test]
async fn a_price_limit_in_the_file_that_is_too_low_is_said() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let stingy = TWO_SERVICES.replace("amount: 9000", "amount: 500");
    let view = asked(&world, &visitor, import(&stingy)).await;
    assert_eq!(quote_of(&view).cap_per_block.to_string(), "700");
    assert!(has_step(
        &view,
        ThinkingKind::Checked,
        "so it may be that nobody bids"
    ));
}

#[tokio::test]
async fn a_faulty_file_is_kept_and_can_be_put_right() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let faulty = TWO_SERVICES.replace("size: 512Mi", "size: lots");
    let (_, view) = ask(&world, &visitor, import(&faulty)).await;
    assert_eq!(view.sdl, faulty);
    let refusal = refusal_of(&view);
    assert!(refusal.contains("in line 23"), "{refusal}");
    assert_eq!(world.market.count("screen"), 0);
    let view = save_sdl(&world.backend, &visitor, view.id, TWO_SERVICES.to_owned())
        .await
        .unwrap();
    assert_eq!(view.sdl_source, SdlSource::Imported);
    quote_of(&view);
}

#[tokio::test]
async fn what_is_not_an_sdl_is_one_clear_sentence() {
    let world = world().await;
    let visitor = visitor(&world).await;
    for text in [
        "just words",
        "{ not: [yaml",
        "version: \"2.0\"\n",
        "\u{0}\u{1}",
        "[]",
    ] {
        let view = asked(&world, &visitor, import(text)).await;
        let refusal = refusal_of(&view);
        assert!(refusal.starts_with("The SDL has"), "{text:?}: {refusal}");
        assert_eq!(view.sdl, text.replace('\0', "\u{FFFD}"));
    }
}

#[tokio::test]
async fn an_imported_file_can_be_run_for_longer_but_not_for_ever() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, import(TWO_SERVICES)).await;
    let lasting = |duration| Wish {
        duration: Some(duration),
        ..view.wish.clone()
    };
    let backend = &world.backend;
    let error = change_wish(backend, &visitor, view.id, lasting(Seconds::days(400)))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Duration must be between 5 minutes and 366 days; you asked for 400 d."
    );
    let longer = change_wish(backend, &visitor, view.id, lasting(Seconds::hours(9)))
        .await
        .unwrap();
    assert_eq!(quote_of(&longer).duration, Seconds::hours(9));
    assert_eq!(longer.sdl, TWO_SERVICES);
}

#[tokio::test]
async fn an_imported_file_runs_for_a_day_where_nobody_said() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let request = Request::Sdl {
        text: TWO_SERVICES.to_owned(),
        duration: None,
    };
    let view = asked(&world, &visitor, request).await;
    assert_eq!(quote_of(&view).duration, Seconds::days(1));
    assert!(matches!(view.state, State::Quoted { .. }));
}
