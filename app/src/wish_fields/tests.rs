use domain::requirements::{Template, Wish};
use domain::resources::Bytes;
use domain::time::Seconds;

use super::WishFields;

fn fields(change: impl FnOnce(&mut WishFields)) -> WishFields {
    let mut fields = WishFields::default();
    change(&mut fields);
    fields
}

#[test]
fn an_empty_form_says_nothing() {
    assert_eq!(WishFields::default().parse(), Ok(Wish::default()));
}

#[test]
fn a_filled_form_survives_the_way_there_and_back() {
    let filled = WishFields {
        template: "web-node".to_owned(),
        image: "node:22".to_owned(),
        gpu_model: "rtx4090".to_owned(),
        gpu_count: "2".to_owned(),
        vram: "24".to_owned(),
        gpu_interface: "pcie".to_owned(),
        cpu: "1.5".to_owned(),
        memory: "1536Mi".to_owned(),
        storage: "2Gi".to_owned(),
        persistent: "no".to_owned(),
        ports: "80, 8080".to_owned(),
        env: "A=b=c\nD=".to_owned(),
        replicas: "3".to_owned(),
        duration: "36".to_owned(),
        duration_unit: "h".to_owned(),
        region: "us-west".to_owned(),
        providers: "akash1aaaaaa, akash1bbbbbb".to_owned(),
        max_per_gpu_hour: "0.50".to_owned(),
        max_per_hour: "2.00".to_owned(),
        budget: "30.00".to_owned(),
        no_spot: "yes".to_owned(),
        no_token: String::new(),
        priority: "uptime".to_owned(),
        deploy_to_akash: "never".to_owned(),
    };
    let wish = filled.parse().unwrap();
    assert_eq!(wish.template, Some(Template::WebNode));
    assert_eq!(wish.env["A"], "b=c");
    assert_eq!(WishFields::from(&wish), filled);
}

#[test]
fn sizes_are_read_as_people_write_them() {
    let cases = [
        ("16", Bytes::gib(16)),
        ("16 Gi", Bytes::gib(16)),
        ("1.5GiB", Bytes::mib(1536)),
        ("512mi", Bytes::mib(512)),
        ("2GB", Bytes(2_000_000_000)),
    ];
    for (text, bytes) in cases {
        let wish = fields(|f| f.memory = text.to_owned()).parse().unwrap();
        assert_eq!(wish.memory, Some(bytes), "{text}");
    }
}

#[test]
fn no_gpu_is_something_that_can_be_said() {
    let wish = fields(|f| f.gpu_count = "0".to_owned()).parse().unwrap();
    assert!(wish.no_gpu && wish.gpu.is_none());
    let wish = fields(|f| f.gpu_model = "RTX 4090".to_owned())
        .parse()
        .unwrap();
    assert_eq!(wish.gpu.unwrap().to_string(), "1 × rtx4090");
}

#[test]
fn a_duration_comes_back_in_the_largest_unit_that_fits() {
    for (seconds, shown) in [
        (604_800, ("1", "w")),
        (86_400 * 3, ("3", "d")),
        (5400, ("90", "min")),
    ] {
        let wish = Wish {
            duration: Some(Seconds(seconds)),
            ..Wish::default()
        };
        let fields = WishFields::from(&wish);
        assert_eq!(
            (fields.duration.as_str(), fields.duration_unit.as_str()),
            shown
        );
        assert_eq!(fields.parse().unwrap().duration, Some(Seconds(seconds)));
    }
}

#[test]
fn what_does_not_fit_is_named_with_an_example() {
    let cases: [(WishFields, &str, &str); 5] = [
        (
            fields(|f| f.cpu = "lots".to_owned()),
            "cpu",
            "CPU is a number of vCPUs like 4 or 0.5, not “lots”.",
        ),
        (
            fields(|f| f.memory = "16 bananas".to_owned()),
            "memory",
            "A size is a number and a unit like 16Gi or 512Mi, not “16 bananas”.",
        ),
        (
            fields(|f| f.ports = "80 0".to_owned()),
            "ports",
            "A port is a number from 1 to 65535, not “0”.",
        ),
        (
            fields(|f| f.env = "novalue".to_owned()),
            "env",
            "Write each variable as NAME=value; “novalue” is not.",
        ),
        (
            fields(|f| f.budget = "-3".to_owned()),
            "budget",
            "“-3” is not an amount: write digits with at most one point, like 12.50",
        ),
    ];
    for (fields, field, sentence) in cases {
        let error = fields.parse().unwrap_err();
        assert_eq!((error.field, error.sentence.as_str()), (field, sentence));
    }
}

#[test]
fn a_form_is_read_by_the_names_of_its_fields() {
    let read = WishFields::from_form(|name| (name == "gpu_model").then(|| "h100".to_owned()));
    assert_eq!(read, fields(|f| f.gpu_model = "h100".to_owned()));
}
