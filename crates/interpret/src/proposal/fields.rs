//! A proposal's fields, read into the domain's types.

use std::collections::BTreeSet;
use std::str::FromStr;

use domain::money::{Usd, parse_decimal};
use domain::requirements::{PricingModel, Priority, Region, Template, Wish};
use domain::resources::{Bytes, CpuMilli, GpuInterface, GpuModel, GpuRequest, GpuVendor};
use domain::time::Seconds;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::schema::{GPU_PARTS, Shape};

/// Fields that a proposal names; all others are `None`.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) template: Option<Template>,
    pub(super) image: Option<String>,
    pub(super) gpu: Option<GpuRequest>,
    pub(super) cpu: Option<CpuMilli>,
    pub(super) memory: Option<Bytes>,
    pub(super) storage: Option<Bytes>,
    pub(super) persistent: Option<bool>,
    pub(super) replicas: Option<u32>,
    pub(super) ports: Option<Vec<u16>>,
    pub(super) duration: Option<Seconds>,
    pub(super) region: Option<Region>,
    pub(super) exclude_pricing: Option<BTreeSet<PricingModel>>,
    pub(super) priority: Option<Priority>,
    pub(super) limits: Limits,
}

/// The buyer's limits.
#[derive(Debug, Default)]
pub(super) struct Limits {
    per_gpu_hour: Option<Usd>,
    per_hour: Option<Usd>,
    budget: Option<Usd>,
}

type Place = fn(&mut Wish) -> &mut Option<Usd>;

impl Limits {
    /// Each limit with its name in the answer, and its place in a wish.
    pub(super) fn each(&self) -> [(&'static str, Option<Usd>, Place); 3] {
        [
            ("max_usd_per_gpu_hour", self.per_gpu_hour, |wish| {
                &mut wish.max_per_gpu_hour
            }),
            ("max_usd_per_hour", self.per_hour, |wish| {
                &mut wish.max_per_hour
            }),
            ("budget_usd", self.budget, |wish| &mut wish.budget),
        ]
    }
}

/// Maximum number of ports that one of our containers exposes.
const MOST_PORTS: usize = 20;
const LONGEST_IMAGE: usize = 512;

impl Fields {
    /// Reads every field.
    pub(super) fn read(given: &Map<String, Value>, shape: Shape) -> Result<Self, Fault> {
        let mut fields = Self::default();
        for (name, value) in given {
            let name = name.as_str();
            if shape.about().contains(&name) {
                continue;
            }
            if !shape.has(name) {
                return Err(Fault::new(name, "there is no such field in a proposal"));
            }
            if !value.is_null() {
                fields.take(name, value)?;
            }
        }
        Ok(fields)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        match name {
            "template" => self.template = Some(word(name, value)?),
            "image" => {
                let image = value.as_str().filter(|image| image.len() <= LONGEST_IMAGE);
                let image = image
                    .filter(|image| !image.contains(|c: char| c.is_whitespace() || c.is_control()));
                let image = image.ok_or_else(|| Fault::new(name, "must be an image’s name"))?;
                self.image = Some(image.to_owned());
            }
            "gpu" => self.gpu = gpu(value)?,
            "cpu" => self.cpu = Some(CpuMilli(decimal(name, value, 3)?)),
            "memory_gib" => self.memory = Some(gib(name, value)?),
            "storage_gib" => self.storage = Some(gib(name, value)?),
            "persistent" => {
                let flag = value.as_bool();
                self.persistent =
                    Some(flag.ok_or_else(|| Fault::new(name, "must be true or false"))?);
            }
            "replicas" => self.replicas = Some(count(name, value)?),
            "ports" => {
                let ports: Vec<u16> = typed(name, value)?;
                if ports.len() > MOST_PORTS {
                    return Err(Fault::new(name, format!("at most {MOST_PORTS}")));
                }
                self.ports = Some(ports);
            }
            "duration_hours" => {
                let billionths = u128::from(decimal(name, value, 9)?);
                let seconds = billionths * 3600 / 1_000_000_000;
                self.duration = Some(Seconds(u64::try_from(seconds).unwrap_or(u64::MAX)));
            }
            "region" => self.region = Some(word(name, value)?),
            "exclude_pricing" => self.exclude_pricing = Some(typed(name, value)?),
            "priority" => self.priority = Some(typed(name, value)?),
            "max_usd_per_gpu_hour" => self.limits.per_gpu_hour = Some(usd(name, value)?),
            "max_usd_per_hour" => self.limits.per_hour = Some(usd(name, value)?),
            _ => self.limits.budget = Some(usd(name, value)?),
        }
        Ok(())
    }
}

fn gpu(value: &Value) -> Result<Option<GpuRequest>, Fault> {
    let parts = value
        .as_object()
        .ok_or_else(|| Fault::new("gpu", "must be null or an object"))?;
    if let Some(unknown) = parts
        .keys()
        .find(|part| !GPU_PARTS.contains(&part.as_str()))
    {
        return Err(Fault::new(
            &format!("gpu.{unknown}"),
            "there is no such part",
        ));
    }
    let given = |part: &str| parts.get(part).filter(|value| !value.is_null());
    let vendor: Option<GpuVendor> = given("vendor")
        .map(|v| typed("gpu.vendor", v))
        .transpose()?;
    let model: Option<GpuModel> = given("model").map(|v| word("gpu.model", v)).transpose()?;
    let interface: Option<GpuInterface> = given("interface")
        .map(|v| typed("gpu.interface", v))
        .transpose()?;
    Ok(Some(GpuRequest {
        vendor,
        model,
        count: given("count").map_or(Ok(1), |value| count("gpu.count", value))?,
        vram_gib: given("vram_gib")
            .map(|v| count("gpu.vram_gib", v))
            .transpose()?,
        interface,
    }))
}

fn word<T: FromStr>(name: &str, value: &Value) -> Result<T, Fault>
where
    T::Err: std::fmt::Display,
{
    let text = value
        .as_str()
        .ok_or_else(|| Fault::new(name, "must be a text"))?;
    text.parse()
        .map_err(|error: T::Err| Fault::new(name, error.to_string()))
}

fn typed<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, Fault> {
    serde_json::from_value(value.clone()).map_err(|error| Fault::new(name, error.to_string()))
}

/// A number with `decimals` implied digits, read from its decimal text: no floats are involved.
fn decimal(name: &str, value: &Value, decimals: usize) -> Result<u64, Fault> {
    let problem = || Fault::new(name, "must be a positive number without an exponent");
    let text = value.as_number().ok_or_else(problem)?.to_string();
    let number = parse_decimal(&text, decimals).map_err(|_| problem())?;
    u64::try_from(number).map_err(|_| Fault::new(name, "is beyond any use"))
}

fn count(name: &str, value: &Value) -> Result<u32, Fault> {
    u32::try_from(decimal(name, value, 0)?).map_err(|_| Fault::new(name, "is beyond any use"))
}

fn gib(name: &str, value: &Value) -> Result<Bytes, Fault> {
    let billionths = u128::from(decimal(name, value, 9)?);
    let bytes = (billionths << 30) / 1_000_000_000;
    // Whole mebibytes are readable in an SDL; a model's eighth decimal means nothing.
    let whole = bytes >> 20 << 20;
    u64::try_from(if whole > 0 { whole } else { bytes })
        .map(Bytes)
        .map_err(|_| Fault::new(name, "is beyond any use"))
}

fn usd(name: &str, value: &Value) -> Result<Usd, Fault> {
    decimal(name, value, 6).map(Usd::from_micros)
}
