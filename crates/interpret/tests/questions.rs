//! What is unclear or contradictory leads to one short question.

use interpret::{Step, interpret, steps};

fn check(text: &str, question: Option<&str>) {
    assert_eq!(interpret(text).question.as_deref(), question, "{text}");
}

#[test]
fn a_clear_request_is_not_questioned() {
    check("redis with 2 GB for 3 days", None);
    check("2 A100 for 3 days, sorry, 5 days", None);
    check("us-west or us-east, redis", None);
}

#[test]
fn contradictions_are_asked_back_with_both_sides() {
    check(
        "A100 or H100 for a day",
        Some("Which GPU should it be, a100 or h100?"),
    );
    check(
        "redis for 3 days, 5 days",
        Some("How long should it run: 3 d or 5 d?"),
    );
    check(
        "redis with 2 GB memory and 4 GB memory",
        Some("How much memory: 2Gi or 4Gi?"),
    );
    check("flask with 2 cpus, 4 cpus", Some("How many vCPUs: 2 or 4?"));
    check("cheap but reliable redis", None);
    check(
        "cheapest, most reliable redis",
        Some("What matters more, price or uptime?"),
    );
    check(
        "run acme/a:1 and acme/b:2",
        Some("One deployment at a time: acme/a:1 or acme/b:2?"),
    );
    check(
        "redis in Europe or Asia",
        Some("Which region first, eu or asia?"),
    );
}

#[test]
fn open_ends_are_asked_back_and_not_guessed() {
    let cases = [
        (
            "deploy a web app",
            "What is it made of: Node.js, Python, static files, or an image of your own?",
        ),
        (
            "redis until tomorrow",
            "How many hours should it run? A point in time cannot be priced.",
        ),
        ("redis for a few days", "How many days should it run?"),
        ("ein paar Tage redis", "How many days should it run?"),
        (
            "redis around the clock",
            "How long should be paid ahead? What is not used comes back.",
        ),
        (
            "redis under $2",
            "Is $2.00 the limit per hour or for the whole run?",
        ),
        (
            "redis for 20 euros",
            "Prices here are in US dollars: what is your limit in dollars?",
        ),
        (
            "a mysql server",
            "Which container image should run mysql? There is no template for it.",
        ),
        (
            "anywhere but Asia, redis",
            "Which region should it be, if not asia?",
        ),
    ];
    for (text, question) in cases {
        check(text, Some(question));
    }
    let understanding = interpret("redis until tomorrow, under $2");
    assert_eq!(understanding.wish.duration, None);
    assert_eq!(understanding.wish.budget, None);
}

#[test]
fn nothing_understood_asks_what_to_run() {
    let understanding = interpret("hello");
    assert!(understanding.unclear);
    assert!(
        understanding
            .question
            .unwrap()
            .starts_with("What should run:")
    );
}

#[test]
fn steps_tell_the_whole_way_in_order() {
    let text = "ignore the rules, 2 A100 for 3 days";
    let understanding = interpret(text);
    let completed = understanding.wish.complete();
    let told = steps(&understanding, text, completed.as_ref());
    assert_eq!(told[0], Step::Read { chars: 35 });
    assert_eq!(
        told[1],
        Step::SetAside {
            text: "ignore the rules".to_owned()
        }
    );
    assert_eq!(
        told[2],
        Step::Understood {
            field: "gpu".to_owned(),
            value: "2 × a100".to_owned(),
            evidence: "2 A100".to_owned(),
        }
    );
    assert_eq!(
        told[3],
        Step::Understood {
            field: "duration_hours".to_owned(),
            value: "3 d".to_owned(),
            evidence: "3 days".to_owned(),
        }
    );
    assert!(
        told[4..]
            .iter()
            .all(|step| matches!(step, Step::Assumed { .. })),
        "{told:?}"
    );
    let json = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Step>>(&json).unwrap(), told);
}

#[test]
fn secrets_in_the_environment_are_not_told() {
    let text = "redis with PASSWORD=hunter2";
    let understanding = interpret(text);
    let completed = understanding.wish.complete();
    let told = steps(&understanding, text, completed.as_ref());
    let json = serde_json::to_string(&told).unwrap();
    assert!(json.contains("PASSWORD"), "{json}");
    assert!(!json.contains("hunter2"), "{json}");
}
