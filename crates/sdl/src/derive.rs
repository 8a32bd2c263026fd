//! Builds groups and manifest from a model that has passed the rules.

use std::collections::BTreeMap;
use std::iter;

use crate::collate;
use crate::dialect::Dialect;
use crate::manifest::{
    Credentials, Expose, Group, HttpOptions, Manifest, Mount, Params, Service as ManifestService,
};
use crate::model::{self, Compute, Deployed, Model, Service, Version};
use crate::spec::{
    Attribute, Endpoint, EndpointKind, Gpu, GroupSpec, Price, Protocol, ResourceUnit, Resources,
    SignedBy, Volume,
};

/// Groups and manifest of a document in one dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Dialect that the document was read in.
    pub dialect: Dialect,
    /// Groups that go on chain.
    pub groups: Vec<GroupSpec>,
    /// Manifest that goes to the provider.
    pub manifest: Manifest,
}

/// Builds groups and manifest. The model must have passed every rule of its dialect.
pub(crate) fn derive(model: &Model<'_>) -> Derived {
    let sequence = sequence_numbers(model);
    let groups = build(model, &sequence, |group, id, service, placed, resources| {
        let resources = Resources {
            id,
            ..resources.clone()
        };
        let expose = exposes(service, &sequence, model.dialect);
        let service = manifest_service(service, placed, resources, expose, model);
        group.services.push(service);
    });
    let (specs, manifest) = groups.map(|group| group.finish(model.dialect)).unzip();
    Derived {
        dialect: model.dialect,
        groups: specs,
        manifest: Manifest { groups: manifest },
    }
}

/// Builds the groups alone, which is all that a price needs. The model must have passed every
/// rule of its dialect.
pub(crate) fn groups(model: &Model<'_>) -> Vec<GroupSpec> {
    let sequence = sequence_numbers(model);
    build(model, &sequence, |_, _, _, _, _| {})
        .map(|group| group.finish(model.dialect).0)
        .collect()
}

/// Builds the groups, in the order of their names, and calls `each` for every service in a
/// placement with the number and the resources of its unit.
fn build<'a>(
    model: &Model<'a>,
    sequence: &BTreeMap<&str, u32>,
    mut each: impl FnMut(&mut Building, u32, &Service<'a>, &Deployed<'a>, &Resources),
) -> impl Iterator<Item = Building> {
    let mut groups: BTreeMap<&str, Building> = BTreeMap::new();
    for Placed {
        service,
        placed,
        compute,
        placement,
        price,
    } in in_order(model)
    {
        let group = groups
            .entry(placed.placement.text)
            .or_insert_with(|| Building::new(placement, model.dialect));
        if let Some(tee) = service.params.as_ref().and_then(|params| params.tee) {
            group.require_tee(tee.text, model.dialect);
        }
        let endpoints = match model.dialect {
            Dialect::Go => endpoints(&exposes(service, sequence, model.dialect)),
            // Console lists the endpoints in the order of the document.
            Dialect::Console => endpoints_as_written(service, sequence),
        };
        let resources = resources(compute, endpoints);
        let shares_units = model.dialect == Dialect::Console || model.version == Version::V2_1;
        let id = group.unit_id(placed, shares_units);
        each(group, id, service, placed, &resources);
        group.add(id, resources, placed, price, model.dialect);
    }
    groups.into_values()
}

/// A service in a placement, with everything that it refers to.
struct Placed<'m, 'a> {
    service: &'m Service<'a>,
    placed: &'m Deployed<'a>,
    compute: &'m Compute<'a>,
    placement: &'m model::Placement<'a>,
    price: &'m model::Price<'a>,
}

/// Every service with every placement it is deployed in, services and placements by name.
fn in_order<'m, 'a>(model: &'m Model<'a>) -> Vec<Placed<'m, 'a>> {
    let mut all: Vec<_> = model
        .deployments
        .iter()
        .filter_map(|deployed| Some((deployed, model.service(deployed.service.text)?)))
        .flat_map(|(deployed, service)| deployed.placements.iter().zip(iter::repeat(service)))
        .filter_map(|(placed, service)| {
            let placement = model.placement(placed.placement.text)?;
            Some(Placed {
                service,
                placed,
                compute: model.compute(placed.profile.text)?,
                placement,
                price: placement.price(placed.profile.text)?,
            })
        })
        .collect();
    all.sort_by(|a, b| {
        by_name(model.dialect, a.service.name.text, b.service.name.text)
            .then_with(|| a.placement.name.text.cmp(b.placement.name.text))
    });
    all
}

fn by_name(dialect: Dialect, a: &str, b: &str) -> std::cmp::Ordering {
    match dialect {
        Dialect::Go => a.cmp(b),
        Dialect::Console => collate::compare(a, b),
    }
}

/// A group while services are added to it.
struct Building {
    spec: GroupSpec,
    services: Vec<ManifestService>,
    /// The unit of each compute profile, by index.
    units: BTreeMap<String, usize>,
    tee: bool,
}

impl Building {
    fn new(placement: &model::Placement<'_>, dialect: Dialect) -> Self {
        let owned = |list: &Option<Vec<&str>>| {
            list.as_ref().map(|list| {
                list.iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>()
            })
        };
        let filled = |list| match dialect {
            // In Console's output the list is never absent.
            Dialect::Console => Some(owned(list).unwrap_or_default()),
            Dialect::Go => owned(list),
        };
        Self {
            spec: GroupSpec {
                name: placement.name.text.to_owned(),
                attributes: placement.attributes.clone(),
                signed_by: SignedBy {
                    all_of: filled(&placement.all_of),
                    any_of: filled(&placement.any_of),
                },
                resources: Vec::new(),
            },
            services: Vec::new(),
            units: BTreeMap::new(),
            tee: false,
        }
    }

    /// Confidential computing is required of the provider as an attribute.
    fn require_tee(&mut self, kind: &str, dialect: Dialect) {
        if std::mem::replace(&mut self.tee, true) {
            return;
        }
        let attributes = &mut self.spec.attributes;
        attributes.push(Attribute::new("tee/type", kind));
        attributes.sort_by(|a, b| by_name(dialect, &a.key, &b.key));
    }

    /// The number of the unit that replicas belong to: that of their profile where units are
    /// shared and it has one, else a new one.
    fn unit_id(&self, placed: &Deployed<'_>, shares_units: bool) -> u32 {
        let shared = self.units.get(placed.profile.text).filter(|_| shares_units);
        let at = shared.copied().unwrap_or(self.spec.resources.len());
        u32::try_from(at + 1).expect("a document has fewer services than 2^32")
    }

    /// Adds replicas to a unit, or makes it.
    fn add(
        &mut self,
        id: u32,
        resources: Resources,
        placed: &Deployed<'_>,
        price: &model::Price<'_>,
        dialect: Dialect,
    ) {
        let at = id as usize - 1;
        if let Some(unit) = self.spec.resources.get_mut(at) {
            unit.count = unit.count.saturating_add(placed.count);
            unit.resources.endpoints.extend(resources.endpoints);
            if dialect == Dialect::Go {
                unit.resources
                    .endpoints
                    .sort_by_key(|endpoint| endpoint.sequence_number);
            }
            return;
        }
        self.units.insert(placed.profile.text.to_owned(), at);
        self.spec.resources.push(ResourceUnit {
            resources: Resources { id, ..resources },
            count: placed.count,
            price: Price {
                denom: price.denom.text.to_owned(),
                amount: price.amount.clone(),
                atto: price.atto.unwrap_or_default(),
            },
        });
    }

    fn finish(mut self, dialect: Dialect) -> (GroupSpec, Group) {
        if dialect == Dialect::Console {
            for unit in &mut self.spec.resources {
                unit.resources.endpoints.sort();
            }
        }
        self.services.sort_by(|a, b| a.name.cmp(&b.name));
        let group = Group {
            name: self.spec.name.clone(),
            services: self.services,
        };
        (self.spec, group)
    }
}

/// The number of each leased IP address: the position of its last use among all uses, by name.
fn sequence_numbers<'a>(model: &Model<'a>) -> BTreeMap<&'a str, u32> {
    let deployed = model
        .deployments
        .iter()
        .filter_map(|deployed| model.service(deployed.service.text));
    let mut names: Vec<&str> = deployed
        .flat_map(|service| &service.expose)
        .flat_map(|expose| &expose.to)
        .filter(|to| match model.dialect {
            Dialect::Console => to.global && !to.ip.text.is_empty(),
            // The command line also counts a rule without an address, unless it is global.
            Dialect::Go => !to.global || !to.ip.text.is_empty(),
        })
        .map(|to| to.ip.text)
        .collect();
    names.sort_unstable();
    (1..)
        .zip(names)
        .map(|(number, name)| (name, number))
        .collect()
}

fn exposes(service: &Service<'_>, sequence: &BTreeMap<&str, u32>, dialect: Dialect) -> Vec<Expose> {
    let mut exposes = unsorted_exposes(service, sequence, dialect);
    exposes.sort_by(|a, b| {
        by_name(dialect, &a.service, &b.service)
            .then(a.port.cmp(&b.port))
            .then(a.protocol.name().cmp(b.protocol.name()))
            .then(b.global.cmp(&a.global))
    });
    exposes
}

fn unsorted_exposes(
    service: &Service<'_>,
    sequence: &BTreeMap<&str, u32>,
    dialect: Dialect,
) -> Vec<Expose> {
    let mut exposes = Vec::new();
    for expose in &service.expose {
        let hosts = expose.accept.as_ref().map(|hosts| {
            hosts
                .iter()
                .map(|host| host.text.to_owned())
                .collect::<Vec<_>>()
        });
        let plain = Expose {
            port: expose.port,
            external_port: expose.external.unwrap_or(0),
            protocol: expose.protocol,
            service: String::new(),
            global: false,
            hosts: hosts.filter(|hosts| dialect == Dialect::Go || !hosts.is_empty()),
            http_options: http_options(&expose.http, dialect),
            ip: String::new(),
            endpoint_sequence_number: 0,
        };
        for to in &expose.to {
            let leased = to.global && !to.ip.text.is_empty();
            exposes.push(Expose {
                service: to.service.text.to_owned(),
                global: to.global,
                ip: to.ip.text.to_owned(),
                endpoint_sequence_number: if leased {
                    sequence.get(to.ip.text).copied().unwrap_or(0)
                } else {
                    0
                },
                ..plain.clone()
            });
        }
        if expose.to.is_empty() && dialect == Dialect::Go {
            exposes.push(plain);
        }
    }
    exposes
}

fn http_options(options: &model::HttpOptions<'_>, dialect: Dialect) -> HttpOptions {
    // The command line takes zero for “not given”.
    let or = |value: Option<u32>, default: u32| match dialect {
        Dialect::Console => value.unwrap_or(default),
        Dialect::Go => value.filter(|value| *value != 0).unwrap_or(default),
    };
    let cases = options
        .next_cases
        .as_ref()
        .filter(|cases| dialect == Dialect::Console || !cases.is_empty());
    HttpOptions {
        max_body_size: or(options.max_body_size, 1_048_576),
        read_timeout: or(options.read_timeout, 60_000),
        send_timeout: or(options.send_timeout, 60_000),
        next_tries: or(options.next_tries, 3),
        next_timeout: or(options.next_timeout, 0),
        next_cases: cases.map_or_else(
            || vec!["error".to_owned(), "timeout".to_owned()],
            |cases| cases.iter().map(|case| (*case).to_owned()).collect(),
        ),
        proxy_buffer_size: or(options.proxy_buffer_size, 0),
    }
}

fn endpoints(exposes: &[Expose]) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for expose in exposes.iter().filter(|expose| expose.global) {
        endpoints.push(way_in(expose.port, expose.external_port, expose.protocol));
        if !expose.ip.is_empty() {
            endpoints.push(leased_ip(expose.endpoint_sequence_number));
        }
    }
    endpoints
}

fn endpoints_as_written(service: &Service<'_>, sequence: &BTreeMap<&str, u32>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for expose in &service.expose {
        for to in expose.to.iter().filter(|to| to.global) {
            let external = expose.external.unwrap_or(0);
            endpoints.push(way_in(expose.port, external, expose.protocol));
            if !to.ip.text.is_empty() {
                let number = sequence.get(to.ip.text).copied();
                endpoints.push(leased_ip(number.unwrap_or(0)));
            }
        }
    }
    endpoints
}

fn way_in(port: u32, external_port: u32, protocol: Protocol) -> Endpoint {
    let outside = match external_port {
        0 => port,
        external => external,
    };
    let is_web = protocol == Protocol::Tcp && outside == 80;
    Endpoint {
        kind: if is_web {
            EndpointKind::SharedHttp
        } else {
            EndpointKind::RandomPort
        },
        sequence_number: 0,
    }
}

fn leased_ip(sequence_number: u32) -> Endpoint {
    Endpoint {
        kind: EndpointKind::LeasedIp,
        sequence_number,
    }
}

fn resources(compute: &Compute<'_>, endpoints: Vec<Endpoint>) -> Resources {
    let cpu = compute.cpu.as_ref();
    Resources {
        id: 0,
        cpu_milli: cpu.and_then(|cpu| cpu.milli.ok()).unwrap_or(0),
        cpu_attributes: cpu.map(|cpu| cpu.attributes.clone()).unwrap_or_default(),
        memory_bytes: compute
            .memory
            .and_then(|memory| memory.bytes.ok())
            .unwrap_or(0),
        storage: compute
            .volumes
            .iter()
            .map(|volume| Volume {
                name: volume.name.to_owned(),
                bytes: volume.size.bytes.unwrap_or(0),
                attributes: volume.attributes.clone(),
            })
            .collect(),
        gpu: compute
            .gpu
            .as_ref()
            .map(|gpu| Gpu {
                units: gpu.units,
                attributes: gpu.attributes.clone(),
            })
            .unwrap_or_default(),
        endpoints,
    }
}

fn manifest_service(
    service: &Service<'_>,
    placed: &Deployed<'_>,
    resources: Resources,
    expose: Vec<Expose>,
    model: &Model<'_>,
) -> ManifestService {
    let dialect = model.dialect;
    // Console drops an empty list.
    let texts = |list: &Option<Vec<&str>>| {
        list.as_ref()
            .filter(|list| dialect == Dialect::Go || !list.is_empty())
            .map(|list| list.iter().map(|text| (*text).to_owned()).collect())
    };
    let env = service
        .env
        .as_ref()
        .map(|env| env.iter().map(|word| word.text).collect::<Vec<_>>());
    ManifestService {
        name: service.name.text.to_owned(),
        image: service.image.unwrap_or_default().text.to_owned(),
        command: texts(&service.command),
        args: texts(&service.args),
        env: texts(&env),
        resources,
        count: placed.count,
        expose,
        params: service.params.as_ref().map(|params| Params {
            storage: mounts(params),
            permissions: params.permissions.as_ref().map(|read| {
                read.as_ref()
                    // The command line omits an empty list.
                    .filter(|read| dialect == Dialect::Console || !read.is_empty())
                    .map(|read| read.iter().map(|text| (*text).to_owned()).collect())
            }),
            tee: params.tee.map(|tee| tee.text.to_owned()),
        }),
        credentials: service
            .credentials
            .as_ref()
            .map(|credentials| manifest_credentials(credentials, model)),
    }
}

fn mounts(params: &model::Params<'_>) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = params
        .mounts
        .iter()
        .map(|mount| Mount {
            name: mount.volume.text.to_owned(),
            path: mount.path.unwrap_or_default().text.to_owned(),
            read_only: mount.read_only,
        })
        .collect();
    mounts.sort_by(|a, b| a.name.cmp(&b.name));
    mounts
}

fn manifest_credentials(credentials: &model::Credentials<'_>, model: &Model<'_>) -> Credentials {
    let trims = model.dialect == Dialect::Go && model.version == Version::V2_1;
    let drops_email = model.dialect == Dialect::Go && model.version == Version::V2_0;
    let text = |text: &str| if trims { text.trim() } else { text }.to_owned();
    Credentials {
        host: text(credentials.host),
        email: if drops_email {
            String::new()
        } else {
            text(credentials.email)
        },
        username: text(credentials.username),
        password: text(credentials.password),
    }
}

impl Derived {
    /// The groups as JSON, in the shape of the dialect's own tool: the chain's names for the
    /// command line, Console's names for Console.
    #[must_use]
    pub fn groups_json(&self) -> serde_json::Value {
        match self.dialect {
            Dialect::Go => {
                serde_json::to_value(&self.groups).expect("groups are plain data with text keys")
            }
            Dialect::Console => self.groups.iter().map(console_group).collect(),
        }
    }
}

fn console_group(group: &GroupSpec) -> serde_json::Value {
    use serde_json::{Value, json};
    let attributes = |list: &[Attribute]| -> Value {
        list.iter()
            .map(|attribute| json!({"key": attribute.key, "value": attribute.value}))
            .collect()
    };
    let unit = |unit: &ResourceUnit| {
        let volumes: Vec<Value> = unit
            .storage
            .iter()
            .map(|volume| {
                json!({
                    "name": volume.name,
                    "quantity": {"val": volume.bytes.to_string()},
                    "attributes": attributes(&volume.attributes),
                })
            })
            .collect();
        let endpoints: Vec<Value> = unit
            .endpoints
            .iter()
            .map(|endpoint| {
                json!({
                    "kind": endpoint.kind.number(),
                    "sequenceNumber": endpoint.sequence_number,
                })
            })
            .collect();
        json!({
            "resource": {
                "id": unit.id,
                "cpu": {
                    "units": {"val": unit.cpu_milli.to_string()},
                    "attributes": attributes(&unit.cpu_attributes),
                },
                "memory": {"quantity": {"val": unit.memory_bytes.to_string()}, "attributes": []},
                "storage": volumes,
                "gpu": {
                    "units": {"val": unit.gpu.units.to_string()},
                    "attributes": attributes(&unit.gpu.attributes),
                },
                "endpoints": endpoints,
            },
            "count": unit.count,
            "price": {"denom": unit.price.denom, "amount": unit.price.amount},
        })
    };
    json!({
        "name": group.name,
        "requirements": {
            "signedBy": {
                "allOf": group.signed_by.all_of.as_deref().unwrap_or_default(),
                "anyOf": group.signed_by.any_of.as_deref().unwrap_or_default(),
            },
            "attributes": attributes(&group.attributes),
        },
        "resources": group.resources.iter().map(unit).collect::<Vec<Value>>(),
    })
}
