//! Schemas of the answers requested from a model, with the names and units of the answer's JSON.

use domain::requirements::{Region, Template};
use serde_json::{Map, Value, json};

/// The fields of a proposal. Environment, venue and everything that moves money are not among them.
const FIELDS: &[&str] = &[
    "template",
    "image",
    "gpu",
    "cpu",
    "memory_gib",
    "storage_gib",
    "persistent",
    "replicas",
    "ports",
    "duration_hours",
    "region",
    "max_usd_per_gpu_hour",
    "max_usd_per_hour",
    "budget_usd",
    "exclude_pricing",
    "priority",
];

/// The parts of `gpu`.
pub(super) const GPU_PARTS: &[&str] = &["vendor", "model", "count", "vram_gib", "interface"];

/// Kind of proposal that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Values that the buyer said.
    Answer,
    /// Values for open fields.
    Refinement,
}

impl Shape {
    /// Whether a proposal of this kind may name the field.
    pub(super) fn has(self, field: &str) -> bool {
        FIELDS.contains(&field) && (self == Self::Answer || !ONLY_SAID.contains(&field))
    }

    /// Entries of the proposal besides its fields.
    pub(super) const fn about(self) -> &'static [&'static str] {
        match self {
            Self::Answer => &[
                "evidence",
                "assumptions",
                "question",
                "set_aside",
                "unclear",
            ],
            Self::Refinement => &["reasons"],
        }
    }
}

/// Fields that cannot be refined, because only the buyer's words decide them.
const ONLY_SAID: &[&str] = &[
    "image",
    "region",
    "exclude_pricing",
    "max_usd_per_gpu_hour",
    "max_usd_per_hour",
    "budget_usd",
];

/// The schema of the first answer: values that the buyer said, with quotes.
#[must_use]
pub fn extraction_schema() -> Value {
    let mut properties = properties(Shape::Answer);
    let pairs = |second: &str| {
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, second: {"type": "string"}},
                "required": ["field", second],
            },
        })
    };
    properties.insert("evidence".to_owned(), pairs("text"));
    properties.insert("assumptions".to_owned(), pairs("reason"));
    properties.insert("question".to_owned(), json!({"type": ["string", "null"]}));
    properties.insert("unclear".to_owned(), json!({"type": "boolean"}));
    let orders = json!({"type": "array", "items": {"type": "string"}});
    properties.insert("set_aside".to_owned(), orders);
    json!({
        "type": "object",
        "properties": properties,
        "required": ["evidence"],
        "additionalProperties": false,
    })
}

/// The schema of a refinement: values for open fields, with reasons.
#[must_use]
pub fn refinement_schema() -> Value {
    let mut properties = properties(Shape::Refinement);
    let reasons = json!({"type": "object", "additionalProperties": {"type": "string"}});
    properties.insert("reasons".to_owned(), reasons);
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn properties(shape: Shape) -> Map<String, Value> {
    FIELDS
        .iter()
        .filter(|field| shape.has(field))
        .map(|field| ((*field).to_owned(), property(field)))
        .collect()
}

fn property(field: &str) -> Value {
    let number =
        |meaning: &str| json!({"type": ["number", "null"], "minimum": 0, "description": meaning});
    let one_of = |names: Vec<&str>| json!({"type": ["string", "null"], "enum": names});
    match field {
        "template" => one_of(Template::ALL.iter().map(|template| template.id()).collect()),
        "image" => {
            json!({"type": ["string", "null"], "description": "only a name the buyer wrote"})
        }
        "gpu" => json!({
            "type": ["object", "null"],
            "properties": {
                "vendor": one_of(vec!["nvidia", "amd"]),
                "model": {"type": ["string", "null"], "description": "lower case without spaces: h100, rtx4090"},
                "count": {"type": "integer", "minimum": 1},
                "vram_gib": {"type": ["integer", "null"]},
                "interface": one_of(vec!["sxm", "pcie", "nvl"]),
            },
        }),
        "cpu" => number("virtual CPUs of one replica"),
        "memory_gib" => number("GiB of memory of one replica"),
        "storage_gib" => number("GiB of storage of one replica"),
        "persistent" => json!({"type": ["boolean", "null"]}),
        "replicas" => json!({"type": ["integer", "null"], "minimum": 1}),
        "ports" => {
            json!({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535}})
        }
        "duration_hours" => number("a day is 24, a weekend 48, a week 168, a month 720"),
        "region" => one_of(Region::ALL.iter().map(|region| region.id()).collect()),
        "exclude_pricing" => {
            json!({"type": "array", "items": {"type": "string", "enum": ["spot", "token", "fixed"]}})
        }
        "priority" => one_of(vec!["price", "latency", "uptime", "performance"]),
        _ => number("US dollars at most; only where the buyer said so"),
    }
}
