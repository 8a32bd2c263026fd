use super::{Secret, TO_BE_GENERATED, Weakness, generate_secrets, secret_spans, secrets};
use crate::templates::ALL;
use crate::{Dialect, check, derive};

const SHOP: &str = include_str!("../../tests/fixtures/secrets.yaml");

fn numbered() -> impl FnMut() -> String {
    let mut count = 0;
    move || {
        count += 1;
        format!("Drawn-at-{count}-9")
    }
}

#[test]
fn no_template_carries_a_password_that_is_known() {
    for template in ALL {
        let text = template.sdl();
        for secret in secrets(&text) {
            assert_eq!(secret.value, TO_BE_GENERATED, "{}", template.id);
            assert!(secret.can_be_generated, "{}", template.id);
        }
        let filled = generate_secrets(&text, numbered());
        let left = secrets(&filled);
        assert!(
            left.iter().all(|secret| secret.weakness.is_none()),
            "{filled}"
        );
        assert_eq!(check(&filled).unpayable(), None, "{}", template.id);
        assert!(derive(&filled, Dialect::Console).is_ok());
    }
}

#[test]
fn a_guessable_secret_before_the_internet_cannot_be_paid() {
    let report = check(SHOP);
    assert!(report.is_deployable(Dialect::Console), "{report:?}");
    assert_eq!(
        report.unpayable().unwrap(),
        "Line 11: Anyone can guess SHOP_ADMIN_PASSWORD, and web is open to the internet. Generate a \
         secret or write your own: until then this cannot be paid."
    );
    let inside: Vec<&str> = report
        .diagnostics
        .iter()
        .filter(|it| it.code == "guessable-secret-inside")
        .map(|it| it.path.as_str())
        .collect();
    assert_eq!(inside, ["services.db.env[0]"]);
    let missing = report
        .diagnostics
        .iter()
        .find(|it| it.code == "missing-key");
    assert_eq!(missing.unwrap().path, "services.web.env[3]");
    let unreachable = SHOP.replace("global: true", "service: db");
    assert_eq!(check(&unreachable).unpayable(), None);
}

#[test]
fn equal_secrets_stay_equal_and_nothing_else_changes() {
    let filled = generate_secrets(SHOP, numbered());
    let expected = SHOP
        .replace(
            "SHOP_ADMIN_PASSWORD=admin",
            "SHOP_ADMIN_PASSWORD=Drawn-at-1-9",
        )
        .replace("shop:example@db", "shop:Drawn-at-2-9@db")
        .replace(
            "POSTGRES_PASSWORD=example",
            "POSTGRES_PASSWORD=Drawn-at-2-9",
        );
    assert_eq!(filled, expected);
    assert_eq!(check(&filled).unpayable(), None);
    assert_eq!(
        generate_secrets(&filled, numbered()),
        filled,
        "once is enough"
    );
}

#[test]
fn what_an_alias_shares_is_left_and_stays_unpayable() {
    let text = SHOP
        .replace("    env:\n      - SHOP", "    env: &shared\n      - SHOP")
        .replace(
            "    env:\n      - POSTGRES_PASSWORD=example\n",
            "    env: *shared\n",
        );
    let filled = generate_secrets(&text, numbered());
    assert!(check(&filled).unpayable().is_some());
}

#[test]
fn secrets_are_found_where_they_stand() {
    let hidden: Vec<&str> = secret_spans(SHOP)
        .into_iter()
        .map(|span| &SHOP[span.from..span.to])
        .collect();
    assert_eq!(hidden, ["r3gistry-Passw", "admin", "example", "example"]);
    let found = secrets(SHOP);
    assert_eq!(
        found[1],
        Secret {
            service: "web".to_owned(),
            variable: "DATABASE_URL".to_owned(),
            value: "example".to_owned(),
            weakness: Some(Weakness::WellKnown),
            is_exposed: true,
            can_be_generated: true,
        }
    );
    assert!(secret_spans("services: [").is_empty());
}
