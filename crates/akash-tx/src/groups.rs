//! Groups of a deployment as the chain stores them, and their making from an SDL's groups.

use sdl::spec;

use crate::coin::{DecCoin, Denom};
use crate::wire::{wire, wire_enum};

/// A group of resources that one provider serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSpec {
    /// Name of the group, unique within the deployment.
    pub name: String,
    /// Conditions that a provider must meet.
    pub requirements: Requirements,
    /// Resource units of the group, each with its highest price.
    pub resources: Vec<ResourceUnit>,
}

wire!(GroupSpec {
    name: 1,
    requirements: 2,
    resources: 3
});

/// Conditions that a provider must meet to bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirements {
    /// Auditors who must vouch for the provider.
    pub signed_by: SignedBy,
    /// Attributes that the provider must declare.
    pub attributes: Vec<Attribute>,
}

wire!(Requirements {
    signed_by: 1,
    attributes: 2
});

/// Auditors of a group's providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// Addresses of auditors who must all have signed.
    pub all_of: Vec<String>,
    /// Addresses of auditors of whom one must have signed.
    pub any_of: Vec<String>,
}

wire!(SignedBy {
    all_of: 1,
    any_of: 2
});

/// A key with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name of the attribute.
    pub key: String,
    /// Value of the attribute.
    pub value: String,
}

wire!(Attribute { key: 1, value: 2 });

/// The resources of one replica, the number of replicas, and the highest price of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUnit {
    /// Resources of one replica.
    pub resource: Resources,
    /// Number of replicas.
    pub count: u32,
    /// Highest price of one replica per block.
    pub price: DecCoin,
}

wire!(ResourceUnit {
    resource: 1,
    count: 2,
    price: 3
});

/// The resources of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// Number of the unit within its group, from 1.
    pub id: u32,
    /// CPU in thousandths of a core.
    pub cpu: Units,
    /// Memory in bytes.
    pub memory: Units,
    /// Volumes of the replica.
    pub storage: Vec<Volume>,
    /// Number of GPUs, 0 for none, with the acceptable models.
    pub gpu: Units,
    /// Endpoints for access from outside.
    pub endpoints: Vec<Endpoint>,
}

wire!(Resources {
    id: 1,
    cpu: 2,
    memory: 3,
    storage: 4,
    gpu: 5,
    endpoints: 6
});

/// A quantity of a resource with the attributes that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// Quantity in the resource's unit.
    pub quantity: Quantity,
    /// Attributes that the resource must have.
    pub attributes: Vec<Attribute>,
}

wire!(Units {
    quantity: 1,
    attributes: 2
});

/// A whole quantity; the chain writes it as digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// Value of the quantity.
    pub val: u128,
}

wire!(Quantity { val: 1 });

/// A volume of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Name of the volume.
    pub name: String,
    /// Size in bytes.
    pub quantity: Quantity,
    /// Class and persistence.
    pub attributes: Vec<Attribute>,
}

wire!(Volume {
    name: 1,
    quantity: 2,
    attributes: 3
});

/// An endpoint for access from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Kind of the endpoint.
    pub kind: EndpointKind,
    /// Number of a leased IP address, from 1; 0 for the other kinds.
    pub sequence_number: u32,
}

wire!(Endpoint {
    kind: 1,
    sequence_number: 2
});

/// The kinds of [`Endpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// A web address through the provider's proxy.
    SharedHttp,
    /// A port with a number that the provider chooses.
    RandomPort,
    /// A leased IP address.
    LeasedIp,
}

wire_enum!(EndpointKind {
    SharedHttp = 0,
    RandomPort = 1,
    LeasedIp = 2
});

impl From<&spec::GroupSpec> for GroupSpec {
    fn from(group: &spec::GroupSpec) -> Self {
        let auditors = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        Self {
            name: group.name.clone(),
            requirements: Requirements {
                signed_by: SignedBy {
                    all_of: auditors(&group.signed_by.all_of),
                    any_of: auditors(&group.signed_by.any_of),
                },
                attributes: attributes(&group.attributes),
            },
            resources: group.resources.iter().map(Into::into).collect(),
        }
    }
}

impl From<&spec::ResourceUnit> for ResourceUnit {
    fn from(unit: &spec::ResourceUnit) -> Self {
        Self {
            resource: (&unit.resources).into(),
            count: unit.count,
            price: DecCoin {
                denom: Denom::from(unit.price.denom.as_str()),
                atto: unit.price.atto,
            },
        }
    }
}

impl From<&spec::Resources> for Resources {
    fn from(resources: &spec::Resources) -> Self {
        Self {
            id: resources.id,
            cpu: Units::new(resources.cpu_milli, &resources.cpu_attributes),
            memory: Units::new(resources.memory_bytes, &[]),
            storage: resources
                .storage
                .iter()
                .map(|volume| Volume {
                    name: volume.name.clone(),
                    quantity: Quantity::new(volume.bytes),
                    attributes: attributes(&volume.attributes),
                })
                .collect(),
            gpu: Units::new(resources.gpu.units, &resources.gpu.attributes),
            endpoints: resources.endpoints.iter().map(Into::into).collect(),
        }
    }
}

impl From<&spec::Endpoint> for Endpoint {
    fn from(endpoint: &spec::Endpoint) -> Self {
        Self {
            kind: match endpoint.kind {
                spec::EndpointKind::SharedHttp => EndpointKind::SharedHttp,
                spec::EndpointKind::RandomPort => EndpointKind::RandomPort,
                spec::EndpointKind::LeasedIp => EndpointKind::LeasedIp,
            },
            sequence_number: endpoint.sequence_number,
        }
    }
}

impl Units {
    fn new(quantity: u64, with: &[spec::Attribute]) -> Self {
        Self {
            quantity: Quantity::new(quantity),
            attributes: attributes(with),
        }
    }
}

impl Quantity {
    fn new(quantity: u64) -> Self {
        Self {
            val: u128::from(quantity),
        }
    }
}

fn attributes(from: &[spec::Attribute]) -> Vec<Attribute> {
    from.iter()
        .map(|attribute| Attribute {
            key: attribute.key.clone(),
            value: attribute.value.clone(),
        })
        .collect()
}
