//! Resources that a deployment requests: groups of resource units, parsed from the chain's JSON.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::amount::Uact;

/// A group: resources that are hosted together by one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Placement it belongs to.
    #[serde(default)]
    pub(crate) name: String,
    /// Required auditors and attributes.
    #[serde(default)]
    pub(crate) requirements: Requirements,
    /// Kinds of resources.
    pub(crate) resources: Vec<Unit>,
}

/// Required auditors and attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Requirements {
    /// Auditors that must vouch for the provider.
    #[serde(alias = "signedBy")]
    pub(crate) signed_by: SignedBy,
    /// Attributes by key and value.
    #[serde(deserialize_with = "null_as_empty")]
    pub(crate) attributes: Vec<Attribute>,
}

/// Auditors: all of these, or any of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SignedBy {
    #[serde(alias = "allOf", deserialize_with = "null_as_empty")]
    pub(crate) all_of: Vec<String>,
    #[serde(alias = "anyOf", deserialize_with = "null_as_empty")]
    pub(crate) any_of: Vec<String>,
}

/// A key with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attribute {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// One kind of resource, with its count and its maximum price per block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) resource: Resource,
    pub(crate) count: u64,
    pub(crate) price: Price,
}

/// A price limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) denom: String,
    pub(crate) amount: Uact,
}

/// Resources of one replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    #[serde(default)]
    pub(crate) id: u64,
    pub(crate) cpu: Units,
    pub(crate) memory: Quantity,
    #[serde(default)]
    pub(crate) gpu: Units,
    #[serde(deserialize_with = "null_as_empty", default)]
    pub(crate) storage: Vec<Volume>,
    #[serde(deserialize_with = "null_as_empty", default)]
    pub(crate) endpoints: Vec<Endpoint>,
}

/// A count with attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Units {
    pub(crate) units: Val,
    #[serde(deserialize_with = "null_as_empty")]
    pub(crate) attributes: Vec<Attribute>,
}

/// A size with attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quantity {
    #[serde(alias = "size")]
    pub(crate) quantity: Val,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) attributes: Vec<Attribute>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Volume {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(alias = "size")]
    pub(crate) quantity: Val,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) attributes: Vec<Attribute>,
}

/// A number that the chain writes as text in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Val {
    #[serde(with = "decimal_text")]
    pub(crate) val: u64,
}

/// An endpoint: 0 shared HTTP, 1 random port, 2 leased IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    #[serde(default, deserialize_with = "endpoint_kind")]
    pub(crate) kind: u8,
    #[serde(default)]
    pub(crate) sequence_number: u64,
}

impl Endpoint {
    /// A leased IP address.
    pub(crate) const LEASED_IP: u8 = 2;
}

impl Group {
    /// Maximum price of the group per block.
    pub(crate) fn price_limit(&self) -> Uact {
        self.resources
            .iter()
            .map(|unit| unit.price.amount.times(unit.count))
            .fold(Uact::ZERO, Uact::plus)
    }

    /// Sums a quantity over all replicas.
    pub(crate) fn total(&self, part: impl Fn(&Resource) -> u64) -> u64 {
        self.resources
            .iter()
            .map(|unit| part(&unit.resource).saturating_mul(unit.count))
            .fold(0, u64::saturating_add)
    }
}

impl Resource {
    pub(crate) fn cpu_milli(&self) -> u64 {
        self.cpu.units.val
    }

    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory.quantity.val
    }

    pub(crate) fn gpus(&self) -> u64 {
        self.gpu.units.val
    }

    pub(crate) fn ephemeral_bytes(&self) -> u64 {
        self.volumes(|volume| volume.persistent_class().is_none() && !volume.is_ram())
    }

    pub(crate) fn persistent_bytes(&self, class: &str) -> u64 {
        self.volumes(|volume| volume.persistent_class() == Some(class))
    }

    pub(crate) fn leased_ips(&self) -> u64 {
        let ips = self
            .endpoints
            .iter()
            .filter(|e| e.kind == Endpoint::LEASED_IP);
        ips.count() as u64
    }

    fn volumes(&self, which: impl Fn(&Volume) -> bool) -> u64 {
        self.storage
            .iter()
            .filter(|volume| which(volume))
            .map(|volume| volume.quantity.val)
            .fold(0, u64::saturating_add)
    }

    /// Returns the resource as offered in a bid.
    pub(crate) fn offered(&self, gpu_key: Option<&str>) -> Value {
        let attributes = |list: &[Attribute]| json!(list);
        let gpu_attributes = match gpu_key {
            Some(key) => json!([{ "key": key, "value": "true" }]),
            None => json!([]),
        };
        let storage: Vec<Value> = self
            .storage
            .iter()
            .map(|volume| {
                json!({ "name": volume.name, "quantity": volume.quantity,
                    "attributes": attributes(&volume.attributes) })
            })
            .collect();
        let endpoints: Vec<Value> = self
            .endpoints
            .iter()
            .map(|endpoint| {
                let kind = match endpoint.kind {
                    0 => "SHARED_HTTP",
                    1 => "RANDOM_PORT",
                    _ => "LEASED_IP",
                };
                json!({ "kind": kind, "sequence_number": endpoint.sequence_number })
            })
            .collect();
        json!({
            "cpu": { "units": self.cpu.units, "attributes": attributes(&self.cpu.attributes) },
            "gpu": { "units": self.gpu.units, "attributes": gpu_attributes },
            "memory": { "quantity": self.memory.quantity, "attributes": attributes(&self.memory.attributes) },
            "storage": storage,
            "endpoints": endpoints,
        })
    }
}

impl Volume {
    fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| attribute.value.as_str())
    }

    /// Class of a volume that survives restarts.
    pub(crate) fn persistent_class(&self) -> Option<&str> {
        (self.attribute("persistent") == Some("true"))
            .then(|| self.attribute("class").unwrap_or("default"))
    }

    pub(crate) fn is_ram(&self) -> bool {
        self.attribute("class") == Some("ram")
    }
}

fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Parses an endpoint's kind: manifests have a number, the chain's JSON has a name.
fn endpoint_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(name) if name == "RANDOM_PORT" => 1,
        Value::String(name) if name == "LEASED_IP" => Endpoint::LEASED_IP,
        Value::Number(number) => number.as_u64().map_or(0, |kind| kind.min(2) as u8),
        _ => 0,
    })
}

mod decimal_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| D::Error::custom(format!("{text:?} is not a whole number")))
    }
}
