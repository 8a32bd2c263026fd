//! The answer as JSON, with the field names of a prompts file, and the fields as people read them.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::money::Usd;
use domain::requirements::{
    Assumption, DeployToAkash, PricingModel, Requirements, Wish, WishError,
};
use domain::resources::{Bytes, CpuMilli, GpuRequest};
use domain::time::Seconds;
use serde_json::{Map, Number, Value, json};

use crate::understanding::Understanding;

/// Result of [`domain::requirements::Wish::complete`].
pub type Completed<'a> = Result<&'a (Requirements, Vec<Assumption>), &'a WishError>;

/// The answer as one JSON object.
///
/// Sizes are in GiB (`memory_gib`, `storage_gib`, `gpu.vram_gib`), `cpu` in virtual CPUs,
/// `duration_hours` in hours, money in US dollars; numbers are exact decimals. A field that was
/// neither stated nor assumed is null, empty or absent. `assumptions` lists every field that is
/// filled without having been stated, `evidence` the quoted words of the stated ones, `set_aside`
/// the orders that were ignored, `error` why the wish cannot be completed, if so.
#[must_use]
pub fn to_prompt_json(u: &Understanding, completed: Completed<'_>) -> Value {
    let mut out = match completed {
        Ok((requirements, _)) => of_requirements(requirements),
        Err(_) => of_wish(&u.wish),
    };
    let mut assumptions: Vec<Value> = Vec::new();
    if let Ok((requirements, assumed)) = completed {
        assumptions.extend(assumed.iter().map(
            |a| json!({"field": answer_field(&a.field), "value": a.value, "reason": a.reason}),
        ));
        let quiet = quiet_defaults(u, requirements);
        for (field, value, reason) in quiet {
            let listed = assumptions.iter().any(|a| a["field"] == field);
            if !listed {
                assumptions.push(json!({"field": field, "value": value, "reason": reason}));
            }
        }
    }
    out.insert("unclear".to_owned(), json!(u.unclear));
    out.insert("question".to_owned(), json!(u.question));
    out.insert("set_aside".to_owned(), json!(u.set_aside));
    out.insert("assumptions".to_owned(), Value::Array(assumptions));
    out.insert("evidence".to_owned(), json!(u.evidence));
    let error = completed
        .err()
        .filter(|_| !u.unclear)
        .map(ToString::to_string);
    out.insert("error".to_owned(), json!(error));
    Value::Object(out)
}

/// Name of a requirement in the answer.
pub(crate) fn answer_field(field: &str) -> &str {
    match field {
        "memory" => "memory_gib",
        "storage" => "storage_gib",
        "duration" => "duration_hours",
        "budget" => "budget_usd",
        "max_per_hour" => "max_usd_per_hour",
        "max_per_gpu_hour" => "max_usd_per_gpu_hour",
        field => field,
    }
}

/// Values that the requirements leave implicit, stated explicitly.
fn quiet_defaults(
    u: &Understanding,
    requirements: &Requirements,
) -> Vec<(&'static str, String, &'static str)> {
    let mut quiet = Vec::new();
    let mut add = |field, value: String, reason| {
        if u.evidence_for(field).is_none() {
            quiet.push((field, value, reason));
        }
    };
    if let (Some(gpu), true) = (&requirements.gpu, u.wish.gpu.is_some()) {
        add(
            "gpu.count",
            gpu.count.to_string(),
            "one card where no number was named",
        );
    }
    add(
        "replicas",
        requirements.replicas.to_string(),
        "one copy where no number was named",
    );
    let persistent = if requirements.persistent { "yes" } else { "no" };
    add(
        "persistent",
        persistent.to_owned(),
        "nothing says that data must outlive a restart",
    );
    add("priority", "price".to_owned(), "no priority was named");
    if requirements.deploy_to_akash == DeployToAkash::Automatic {
        add(
            "deploy_to_akash",
            "automatic".to_owned(),
            "the routing decides and says why",
        );
    }
    quiet
}

fn of_requirements(r: &Requirements) -> Map<String, Value> {
    let as_wish = Wish {
        template: r.template,
        image: r.image.clone(),
        gpu: r.gpu.clone(),
        no_gpu: r.gpu.is_none(),
        cpu: Some(r.cpu),
        memory: Some(r.memory),
        storage: Some(r.storage),
        persistent: Some(r.persistent),
        replicas: Some(r.replicas),
        ports: r.ports.clone(),
        env: r.env.clone(),
        duration: Some(r.duration),
        region: r.region,
        providers: r.providers.clone(),
        max_per_gpu_hour: r.max_per_gpu_hour,
        max_per_hour: r.max_per_hour,
        budget: r.budget,
        exclude_pricing: r.exclude_pricing.clone(),
        priority: Some(r.priority),
        deploy_to_akash: r.deploy_to_akash,
        inferred: BTreeMap::new(),
    };
    of_wish(&as_wish)
}

fn of_wish(wish: &Wish) -> Map<String, Value> {
    let entries = [
        ("template", json!(wish.template)),
        ("image", json!(wish.image)),
        ("gpu", wish.gpu.as_ref().map_or(Value::Null, gpu_json)),
        ("cpu", wish.cpu.map_or(Value::Null, cpu_json)),
        ("memory_gib", wish.memory.map_or(Value::Null, gib_json)),
        ("storage_gib", wish.storage.map_or(Value::Null, gib_json)),
        ("persistent", json!(wish.persistent)),
        ("replicas", json!(wish.replicas)),
        ("ports", json!(wish.ports)),
        ("env", json!(wish.env)),
        (
            "duration_hours",
            wish.duration.map_or(Value::Null, hours_json),
        ),
        ("region", json!(wish.region)),
        (
            "max_usd_per_gpu_hour",
            wish.max_per_gpu_hour.map_or(Value::Null, usd_json),
        ),
        (
            "max_usd_per_hour",
            wish.max_per_hour.map_or(Value::Null, usd_json),
        ),
        ("budget_usd", wish.budget.map_or(Value::Null, usd_json)),
        ("exclude_pricing", json!(wish.exclude_pricing)),
        ("priority", json!(wish.priority)),
        ("deploy_to_akash", json!(wish.deploy_to_akash)),
    ];
    // A prompts file has no such field, so it is in the answer only if providers were named.
    let providers = (!wish.providers.is_empty()).then(|| ("providers", json!(wish.providers)));
    entries
        .into_iter()
        .chain(providers)
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

fn gpu_json(gpu: &GpuRequest) -> Value {
    json!({
        "vendor": gpu.vendor,
        "model": gpu.model,
        "count": gpu.count,
        "vram_gib": gpu.vram_gib,
        "interface": gpu.interface,
    })
}

fn cpu_json(cpu: CpuMilli) -> Value {
    exact(&cpu.to_string())
}

fn usd_json(usd: Usd) -> Value {
    exact(trimmed(&usd.to_string()))
}

fn gib_json(bytes: Bytes) -> Value {
    exact(&quotient(bytes.0, 1 << 30))
}

fn hours_json(duration: Seconds) -> Value {
    exact(&quotient(duration.0, 3600))
}

/// `dividend / divisor` as a decimal of at most nine places.
fn quotient(dividend: u64, divisor: u64) -> String {
    let billion = 1_000_000_000_u128;
    let scaled = u128::from(dividend) * billion / u128::from(divisor);
    let text = format!("{}.{:09}", scaled / billion, scaled % billion);
    trimmed(&text).to_owned()
}

fn trimmed(decimal: &str) -> &str {
    match decimal.contains('.') {
        true => decimal.trim_end_matches('0').trim_end_matches('.'),
        false => decimal,
    }
}

fn exact(decimal: &str) -> Value {
    Number::from_str(decimal).map_or(Value::Null, Value::Number)
}

/// The stated fields of a wish and their values for people, in display order.
pub(crate) fn stated_fields(wish: &Wish) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |field: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push((field.to_owned(), value));
        }
    };
    add("template", wish.template.map(|t| t.title().to_owned()));
    add("image", wish.image.clone());
    add("gpu", wish.gpu.as_ref().map(ToString::to_string));
    add("gpu", wish.no_gpu.then(|| "none".to_owned()));
    add("cpu", wish.cpu.map(|cpu| format!("{cpu} vCPU")));
    add("memory_gib", wish.memory.map(|m| m.to_string()));
    add("storage_gib", wish.storage.map(|s| s.to_string()));
    add(
        "persistent",
        wish.persistent
            .map(|p| if p { "yes" } else { "no" }.to_owned()),
    );
    add("replicas", wish.replicas.map(|n| n.to_string()));
    add(
        "ports",
        (!wish.ports.is_empty()).then(|| joined(&wish.ports)),
    );
    // Values may be secrets: the names are enough to recognise them.
    let names: Vec<_> = wish.env.keys().collect();
    add("env", (!names.is_empty()).then(|| joined(&names)));
    add("duration_hours", wish.duration.map(Seconds::in_words));
    add("region", wish.region.map(|r| r.to_string()));
    let providers: Vec<_> = wish.providers.iter().collect();
    add(
        "providers",
        (!providers.is_empty()).then(|| joined(&providers)),
    );
    add(
        "max_usd_per_gpu_hour",
        wish.max_per_gpu_hour
            .map(|usd| format!("${usd} per GPU-hour")),
    );
    add(
        "max_usd_per_hour",
        wish.max_per_hour.map(|usd| format!("${usd} per hour")),
    );
    add(
        "budget_usd",
        wish.budget.map(|usd| format!("${usd} in total")),
    );
    let excluded: Vec<_> = wish
        .exclude_pricing
        .iter()
        .map(|kind| pricing_word(*kind))
        .collect();
    add(
        "exclude_pricing",
        (!excluded.is_empty()).then(|| joined(&excluded)),
    );
    add(
        "priority",
        wish.priority
            .map(|p| crate::slots::priority::word(p).to_owned()),
    );
    let akash = match wish.deploy_to_akash {
        DeployToAkash::Automatic => None,
        DeployToAkash::Always => Some("always"),
        DeployToAkash::Never => Some("never"),
    };
    add("deploy_to_akash", akash.map(str::to_owned));
    out
}

fn pricing_word(kind: PricingModel) -> &'static str {
    match kind {
        PricingModel::Spot => "spot",
        PricingModel::Token => "token",
        PricingModel::Fixed => "fixed",
    }
}

fn joined<T: ToString>(items: &[T]) -> String {
    let texts: Vec<_> = items.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
