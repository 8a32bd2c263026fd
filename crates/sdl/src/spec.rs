//! Groups of resource units with their prices, as they go on chain.
//!
//! `Serialize` writes the shape of the chain's own JSON; [`Derived::groups_json`] writes the shape
//! of the dialect.
//!
//! [`Derived::groups_json`]: crate::Derived::groups_json

use std::ops::Deref;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

/// A group of resources that one provider serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSpec {
    /// The placement's name.
    pub name: String,
    /// Attributes that the provider must declare.
    pub attributes: Vec<Attribute>,
    /// Auditors who must vouch for the provider.
    pub signed_by: SignedBy,
    /// Resource units of the group, each with its price limit.
    pub resources: Vec<ResourceUnit>,
}

/// A key with a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    /// Name of the attribute.
    pub key: String,
    /// Value of the attribute.
    pub value: String,
}

/// Auditors of a placement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedBy {
    /// All of these must have signed.
    pub all_of: Option<Vec<String>>,
    /// One of these must have signed.
    pub any_of: Option<Vec<String>>,
}

/// Resources of one replica, the number of replicas, and the highest price of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUnit {
    /// The resources of one replica.
    pub resources: Resources,
    /// Number of replicas.
    pub count: u32,
    /// The most to pay per block for one replica.
    pub price: Price,
}

impl Deref for ResourceUnit {
    type Target = Resources;

    fn deref(&self) -> &Resources {
        &self.resources
    }
}

/// A price per block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The denomination: `uact`.
    pub denom: String,
    /// The amount as decimal text, as the dialect writes it.
    pub amount: String,
    /// The amount in 10^-18 of the denomination.
    pub atto: u128,
}

/// Resources of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// The unit's number within its group, from 1.
    pub id: u32,
    /// CPU in thousandths of a core.
    pub cpu_milli: u64,
    /// Attributes that the CPU must have.
    pub cpu_attributes: Vec<Attribute>,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// The volumes, in the order that the provider compares.
    pub storage: Vec<Volume>,
    /// GPUs of one replica; its `units` are 0 for none.
    pub gpu: Gpu,
    /// Endpoints for access from outside.
    pub endpoints: Vec<Endpoint>,
}

/// GPUs of one replica.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gpu {
    /// Number of GPUs; 0 for none.
    pub units: u64,
    /// Acceptable models, as keys like `vendor/nvidia/model/a100/ram/80Gi`.
    pub attributes: Vec<Attribute>,
}

/// An acceptable GPU model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuModel<'a> {
    /// The maker: `nvidia`.
    pub vendor: &'a str,
    /// The model, `*` for any.
    pub model: &'a str,
    /// Memory of the card: `80Gi`; `None` for any.
    pub ram: Option<&'a str>,
    /// Interface of the card: `pcie` or `sxm`; `None` for any.
    pub interface: Option<&'a str>,
}

impl Gpu {
    /// The acceptable models.
    pub fn models(&self) -> impl Iterator<Item = GpuModel<'_>> {
        self.attributes.iter().filter_map(|attribute| {
            let parts: Vec<&str> = attribute.key.split('/').collect();
            let value = |name: &str| {
                parts
                    .iter()
                    .position(|part| *part == name)
                    .and_then(|at| parts.get(at + 1))
                    .copied()
            };
            Some(GpuModel {
                vendor: value("vendor")?,
                model: value("model")?,
                ram: value("ram"),
                interface: value("interface"),
            })
        })
    }
}

/// A volume of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Name of the volume.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Class and persistence.
    pub attributes: Vec<Attribute>,
}

impl Volume {
    /// The storage class; `None` if the document names none.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.attribute("class")
    }

    /// Whether the volume survives a restart.
    #[must_use]
    pub fn is_persistent(&self) -> bool {
        self.attribute("persistent") == Some("true")
    }

    fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| attribute.value.as_str())
    }
}

/// An endpoint for access from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Kind of the endpoint.
    pub kind: EndpointKind,
    /// The number of a leased IP address, from 1; 0 for the other kinds.
    pub sequence_number: u32,
}

/// The kinds of [`Endpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointKind {
    /// A web address through the provider's proxy.
    SharedHttp,
    /// A port whose number the provider chooses.
    RandomPort,
    /// A leased IP address.
    LeasedIp,
}

impl EndpointKind {
    /// Number of the kind on chain.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::SharedHttp => 0,
            Self::RandomPort => 1,
            Self::LeasedIp => 2,
        }
    }
}

/// The protocol of an exposed port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// The Transmission Control Protocol.
    Tcp,
    /// The User Datagram Protocol.
    Udp,
}

impl Protocol {
    /// Name of the protocol in a manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

impl Attribute {
    /// A key with a value.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl Price {
    /// The amount with 18 digits after the point, as the chain writes it.
    #[must_use]
    pub fn amount_on_chain(&self) -> String {
        const ATTO: u128 = 1_000_000_000_000_000_000;
        format!("{}.{:018}", self.atto / ATTO, self.atto % ATTO)
    }
}

/// `{"val":"500"}`: quantities of resources are sent as text.
struct Value(u64);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("val", &self.0.to_string())?;
        map.end()
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.key.is_empty() {
            map.serialize_entry("key", &self.key)?;
        }
        if !self.value.is_empty() {
            map.serialize_entry("value", &self.value)?;
        }
        map.end()
    }
}

impl Serialize for SignedBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("SignedBy", 2)?;
        fields.serialize_field("all_of", &self.all_of)?;
        fields.serialize_field("any_of", &self.any_of)?;
        fields.end()
    }
}

impl Serialize for GroupSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Requirements<'a> {
            signed_by: &'a SignedBy,
            attributes: Option<&'a [Attribute]>,
        }
        let mut fields = serializer.serialize_struct("GroupSpec", 3)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field(
            "requirements",
            &Requirements {
                signed_by: &self.signed_by,
                attributes: (!self.attributes.is_empty()).then_some(&self.attributes),
            },
        )?;
        fields.serialize_field("resources", &self.resources)?;
        fields.end()
    }
}

impl Serialize for ResourceUnit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct OnChain<'a> {
            denom: &'a str,
            amount: String,
        }
        let mut fields = serializer.serialize_struct("ResourceUnit", 3)?;
        fields.serialize_field("resource", &self.resources)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field(
            "price",
            &OnChain {
                denom: &self.price.denom,
                amount: self.price.amount_on_chain(),
            },
        )?;
        fields.end()
    }
}

impl Serialize for Resources {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Units<'a> {
            units: Value,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            attributes: &'a [Attribute],
        }
        #[derive(Serialize)]
        struct Memory {
            size: Value,
        }
        let mut fields = serializer.serialize_struct("Resources", 6)?;
        fields.serialize_field("id", &self.id)?;
        fields.serialize_field(
            "cpu",
            &Units {
                units: Value(self.cpu_milli),
                attributes: &self.cpu_attributes,
            },
        )?;
        fields.serialize_field(
            "memory",
            &Memory {
                size: Value(self.memory_bytes),
            },
        )?;
        fields.serialize_field("storage", &self.storage)?;
        fields.serialize_field(
            "gpu",
            &Units {
                units: Value(self.gpu.units),
                attributes: &self.gpu.attributes,
            },
        )?;
        fields.serialize_field("endpoints", &self.endpoints)?;
        fields.end()
    }
}

impl Serialize for Volume {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("size", &Value(self.bytes))?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &self.attributes)?;
        }
        map.end()
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.kind.number() != 0 {
            map.serialize_entry("kind", &self.kind.number())?;
        }
        map.serialize_entry("sequence_number", &self.sequence_number)?;
        map.end()
    }
}
