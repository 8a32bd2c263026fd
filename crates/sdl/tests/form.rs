//! What a form shows and changes in texts that other forms are known to handle wrongly.

#![expect(clippy::unwrap_used, reason = "test code")]

use sdl::edit::{self, Change, Form};
use sdl::{Dialect, Severity};

/// A text with this service and these volumes in place of the usual ones.
fn document(endpoints: &str, expose: &str, storage: &str) -> String {
    format!(
        r#"version: "2.0"
{endpoints}services:
  edge: # in front
    image: ghcr.io/acme/edge:2.1.0
{expose}  queue:
    image: redis:7.4.2
    expose:
      - port: 6379 # of the queue, for nobody outside
profiles:
  compute:
    edge:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
{storage}    queue:
      resources:
        cpu:
          units: 0.25
        memory:
          size: 256Mi
        storage:
          size: 1Gi
  placement:
    anywhere:
      pricing:
        edge:
          denom: uact
          amount: 900
        queue:
          denom: uact
          amount: 300
deployment:
  edge:
    anywhere:
      profile: edge
      count: 2
  queue:
    anywhere:
      profile: queue
      count: 1
"#
    )
}

const WEB: &str = "    expose:
      - port: 8000
        as: 80
        to:
          - global: true
";

const VOLUME: &str = "          - size: 2Gi\n";

fn form(text: &str) -> Form {
    edit::form(text).expect("it can be read")
}

fn changed(text: &str, change: &Change) -> String {
    edit::apply(text, &edit::edits(text, change).expect("it can be made"))
}

fn is_deployable(text: &str) -> bool {
    sdl::check(text).is_deployable(Dialect::Console)
}

/// Every change that a form makes when each of its fields is left as it is.
fn unchanged(form: &Form) -> Vec<Change> {
    let mut changes = Vec::new();
    for service in &form.services {
        let name = || service.name.clone();
        let profile = || service.profile.clone();
        changes.push(Change::Image {
            service: name(),
            image: service.image.clone(),
        });
        changes.push(Change::Replicas {
            service: name(),
            placement: service.placement.clone(),
            count: service.count,
        });
        changes.push(Change::Cpu {
            profile: profile(),
            milli: service.cpu_milli.unwrap(),
        });
        changes.push(Change::Memory {
            profile: profile(),
            bytes: service.memory_bytes.unwrap(),
        });
        for (volume, shown) in service.volumes.iter().enumerate() {
            changes.push(Change::Storage {
                profile: profile(),
                volume,
                bytes: shown.bytes.unwrap(),
            });
        }
        for (index, shown) in service.ports.iter().enumerate() {
            changes.push(Change::Port {
                service: name(),
                index,
                port: shown.port.try_into().unwrap(),
                external: shown.external.map(|port| port.try_into().unwrap()),
            });
        }
        changes.push(Change::Price {
            placement: service.placement.clone(),
            profile: profile(),
            amount: service.price.as_deref().unwrap().parse().unwrap(),
        });
    }
    changes
}

#[test]
fn a_port_that_nobody_may_reach_is_shown_and_saving_unchanged_leaves_the_text() {
    let text = document("", WEB, VOLUME);
    let form = form(&text);
    let names: Vec<&str> = form.services.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["edge", "queue"]);
    let [port] = form.services[1].ports.as_slice() else {
        panic!("{:?}", form.services[1].ports);
    };
    assert_eq!(
        (port.port, port.external, port.is_global),
        (6379, None, false)
    );
    let changes = unchanged(&form);
    assert!(changes.len() > 10);
    for change in changes {
        assert_eq!(edit::edits(&text, &change), Ok(Vec::new()), "{change:?}");
    }
    // What Console makes of it is reported, and is no fault.
    let report = sdl::check(&text);
    assert!(report.is_deployable(Dialect::Console));
    let told = report
        .diagnostics
        .iter()
        .any(|it| it.severity != Severity::Error && it.path.starts_with("services.queue.expose"));
    assert!(told, "{:?}", report.diagnostics);
}

#[test]
fn a_persistent_volume_alone_is_the_only_one_and_stays_it() {
    let params = "    params:
      storage:
        ledger:
          mount: /var/lib/edge
";
    let storage = "          - name: ledger
            size: 40Gi
            attributes:
              persistent: true
              class: beta2
";
    let text = document("", &format!("{WEB}{params}"), storage);
    assert!(is_deployable(&text));
    let shown = &form(&text).services[0].volumes;
    let [volume] = shown.as_slice() else {
        panic!("{shown:?}");
    };
    assert_eq!(
        (volume.name.as_str(), volume.bytes, volume.is_persistent),
        ("ledger", Some(40 << 30), true)
    );
    for change in unchanged(&form(&text)) {
        assert_eq!(edit::edits(&text, &change), Ok(Vec::new()), "{change:?}");
    }
    let larger = changed(
        &text,
        &Change::Storage {
            profile: "edge".to_owned(),
            volume: 0,
            bytes: 60 << 30,
        },
    );
    assert_eq!(larger, text.replace("size: 40Gi", "size: 60Gi"));
    assert!(is_deployable(&larger));
}

#[test]
fn of_two_ports_with_one_number_the_right_one_goes() {
    let port = |protocol: &str| {
        format!(
            "      - port: 53 # {protocol}\n        as: 53\n        proto: {protocol}\n        to:\n          - global: true\n"
        )
    };
    let (udp, tcp) = (port("udp"), port("tcp"));
    let text = document("", &format!("    expose:\n{udp}{tcp}"), VOLUME);
    assert!(is_deployable(&text));
    let shown = |text: &str| -> Vec<(u32, bool)> {
        let form = form(text);
        let ports = form.services[0].ports.iter();
        ports.map(|port| (port.port, port.is_udp)).collect()
    };
    assert_eq!(
        shown(&text),
        [(53, true), (53, false)],
        "they can be told apart"
    );
    for (index, gone, left) in [(0, &udp, (53, false)), (1, &tcp, (53, true))] {
        let service = "edge".to_owned();
        let after = changed(&text, &Change::RemovePort { service, index });
        assert_eq!(after, text.replace(gone.as_str(), ""));
        assert_eq!(shown(&after), [left]);
        assert!(is_deployable(&after));
    }
}

/// The parts of a text with leased addresses.
const GAME: &str = "      - port: 27020 # the only one on that address
        as: 27020
        proto: udp
        to:
          - global: true
            ip: game
";

#[test]
fn the_last_port_of_a_leased_address_takes_its_declaration_along() {
    let remove = |index| Change::RemovePort {
        service: "edge".to_owned(),
        index,
    };
    let only = "endpoints:\n  game: # leased\n    kind: ip\n";
    let text = document(only, &format!("{WEB}{GAME}"), VOLUME);
    assert!(is_deployable(&text));
    let after = changed(&text, &remove(1));
    assert_eq!(after, document("", WEB, VOLUME), "other comments stay");
    assert!(is_deployable(&after));
    assert_eq!(
        changed(&text, &remove(0)),
        document(only, &format!("    expose:\n{GAME}"), VOLUME),
        "another port leaves it alone"
    );

    // One of the two addresses.
    let two = format!("{only}  voice:\n    kind: ip\n");
    let voice = GAME.replace("27020", "27021").replace("game", "voice");
    let text = document(&two, &format!("{WEB}{GAME}{voice}"), VOLUME);
    assert!(is_deployable(&text));
    let rest = document(
        "endpoints:\n  voice:\n    kind: ip\n",
        &format!("{WEB}{voice}"),
        VOLUME,
    );
    assert_eq!(changed(&text, &remove(1)), rest);

    // Two ports of one address: it stays until the second is removed.
    let second = GAME.replace("27020", "27021");
    let text = document(only, &format!("{WEB}{GAME}{second}"), VOLUME);
    let first_gone = changed(&text, &remove(1));
    assert_eq!(
        first_gone,
        document(only, &format!("{WEB}{second}"), VOLUME)
    );
    assert_eq!(changed(&first_gone, &remove(1)), document("", WEB, VOLUME));
}

#[test]
fn in_braces_the_declaration_goes_as_well() {
    let text = document(
        "endpoints: {game: {kind: ip}, voice: {kind: ip}}\n",
        &format!("{WEB}{GAME}"),
        VOLUME,
    );
    let after = changed(
        &text,
        &Change::RemovePort {
            service: "edge".to_owned(),
            index: 1,
        },
    );
    let rest = document("endpoints: {voice: {kind: ip}}\n", WEB, VOLUME);
    assert_eq!(after, rest);
}
