use super::{CannotUpdate, update};
use crate::Dialect;

const TEXT: &str = r#"version: "2.0"
services:
  db:
    image: postgres:16
    expose:
      - port: 5432
        to:
          - service: web
    params:
      storage:
        data:
          mount: /var/lib/postgresql
  web:
    image: nginx:1.27
    args: ["-v"]
    env:
      - GREETING=hello
    expose:
      - port: 8080
        as: 80
        accept:
          - one.example.com
        to:
          - global: true
profiles:
  compute:
    small:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 1Gi
    stored:
      resources:
        cpu:
          units: 1
        memory:
          size: 1Gi
        storage:
          - size: 1Gi
          - name: data
            size: 5Gi
            attributes:
              persistent: true
              class: beta3
  placement:
    here:
      attributes:
        location-region: us-west
      pricing:
        small:
          denom: uact
          amount: 1000
        stored:
          denom: uact
          amount: 2000
deployment:
  db:
    here:
      profile: stored
      count: 1
  web:
    here:
      profile: small
      count: 1
"#;

/// The text with one part replaced.
fn with(old: &str, new: &str) -> String {
    assert_eq!(TEXT.matches(old).count(), 1, "{old} stands there once");
    TEXT.replace(old, new)
}

#[test]
fn what_a_provider_can_swap_is_an_update_that_names_it() {
    let cases = [
        ("nginx:1.27", "nginx:1.28", "image of web"),
        ("args: [\"-v\"]", "args: [\"-q\"]", "args of web"),
        (
            "args: [\"-v\"]",
            "args: [\"-v\"]\n    command: [\"nginx\"]",
            "command of web",
        ),
        ("GREETING=hello", "GREETING=good day", "env of web"),
        ("one.example.com", "two.example.com", "accept of web"),
        ("mount: /var/lib/postgresql", "mount: /data", "params of db"),
        (
            "image: postgres:16",
            "image: postgres:16\n    credentials: { host: docker.io, username: a, password: secret1 }",
            "credentials of db",
        ),
        (
            "        as: 80\n",
            "        as: 80\n        http_options: { max_body_size: 2097152 }\n",
            "http_options of web",
        ),
    ];
    for (old, new, named) in cases {
        for dialect in Dialect::ALL {
            let update = update(TEXT, &with(old, new), dialect).unwrap();
            let changes: Vec<_> = update.changes.iter().map(ToString::to_string).collect();
            assert_eq!(changes, [named], "{dialect:?}");
            assert_eq!(update.derived.dialect, dialect);
        }
    }
}

#[test]
fn what_the_lease_was_made_for_cannot_change() {
    let cases = [
        ("units: 0.5", "units: 1", "“cpu” of web"),
        ("size: 512Mi", "size: 1Gi", "“memory” of web"),
        ("size: 5Gi", "size: 6Gi", "“storage” of db"),
        ("class: beta3", "class: beta2", "“storage” of db"),
        ("port: 8080", "port: 8081", "“expose” of web"),
        ("as: 80", "as: 81", "“expose” of web"),
        ("- service: web", "- global: true", "“expose” of db"),
        (
            "profile: small\n      count: 1",
            "profile: small\n      count: 2",
            "“count” of web",
        ),
        (
            "amount: 1000",
            "amount: 1001",
            "“pricing” of the placement here",
        ),
        ("us-west", "us-east", "“attributes” of the placement here"),
        (
            "    here:\n      attributes:",
            "    here:\n      signedBy: { anyOf: [akash1auditor] }\n      attributes:",
            "“signedBy” of the placement here",
        ),
    ];
    for (old, new, field) in cases {
        for dialect in Dialect::ALL {
            let refused = update(TEXT, &with(old, new), dialect).unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!(
                    "{field} cannot change while it runs: the lease was made for it. Put it back, \
                     or deploy this text as a new order."
                ),
                "{dialect:?}"
            );
        }
    }
}

#[test]
fn services_and_placements_neither_come_nor_go() {
    let field = |text: &str| match update(TEXT, text, Dialect::Console).unwrap_err() {
        CannotUpdate::NeedsNewLease { field } => field,
        other => panic!("{other}"),
    };
    let gone = with(
        "  web:\n    here:\n      profile: small\n      count: 1\n",
        "",
    );
    let gone = gone.replace("- service: web", "- global: true");
    let gone = format!(
        "{}{}",
        &gone[..gone.find("  web:\n    image").unwrap()],
        &gone[gone.find("profiles:").unwrap()..]
    );
    assert_eq!(field(&gone), "“services” of here (“web”)");
    let elsewhere = TEXT.replace("    here:", "    there:");
    assert_eq!(field(&elsewhere), "“deployment” of the document (“here”)");
}

#[test]
fn several_changes_are_all_named_and_none_at_all_is_no_update() {
    let two = with("nginx:1.27", "nginx:1.28").replace("postgres:16", "postgres:17");
    let two = two.replace("GREETING=hello", "GREETING=bye");
    let changes = update(TEXT, &two, Dialect::Console).unwrap().changes;
    let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["image of db", "image of web", "env of web"]);

    let remarked = format!("# mine\n{TEXT}");
    for text in [TEXT, &remarked] {
        let nothing = update(TEXT, text, Dialect::Console).unwrap_err();
        assert_eq!(nothing, CannotUpdate::Nothing);
    }
}

#[test]
fn a_text_that_cannot_be_deployed_is_refused_with_its_first_fault() {
    // More than any provider accepts: the limits are checked again.
    let refused = update(TEXT, &with("units: 0.5", "units: 500"), Dialect::Console).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("The SDL has a fault in line "),
        "{refused}"
    );
    let refused = update("services: [", TEXT, Dialect::Console).unwrap_err();
    assert_eq!(refused, CannotUpdate::Unreadable);
}
