//! The manifest: the services that the provider runs, and the hash that ties them to the deployment
//! on chain.
//!
//! The hash is the SHA-256 of the manifest's JSON with sorted keys and without spaces, in which a
//! few fields are `null`, a few are omitted, and a few characters are escaped. The JSON is written
//! by hand, because each of these is a rule.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::spec::{Attribute, Endpoint, Protocol, Resources};

/// Services that the providers run, by group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The groups, sorted by name.
    pub groups: Vec<Group>,
}

/// Services that one provider runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The placement's name.
    pub name: String,
    /// The services, sorted by name.
    pub services: Vec<Service>,
}

/// A container with everything it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Name of the service.
    pub name: String,
    /// The container image.
    pub image: String,
    /// Command that replaces the image's entrypoint; `None` keeps the entrypoint.
    pub command: Option<Vec<String>>,
    /// Arguments of the command; `None` if the SDL names none.
    pub args: Option<Vec<String>>,
    /// Environment variables, as the SDL writes them; `None` if it names none.
    pub env: Option<Vec<String>>,
    /// Resources of one replica, with the service's own endpoints.
    pub resources: Resources,
    /// Number of replicas.
    pub count: u32,
    /// Ports of the service, with their access rules.
    pub expose: Vec<Expose>,
    /// Mounts, permissions and confidential computing.
    pub params: Option<Params>,
    /// Log-in for the image's registry.
    pub credentials: Option<Credentials>,
}

/// A port with its access rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expose {
    /// The port the container listens on.
    pub port: u32,
    /// The port visible from outside; 0 means the same port.
    pub external_port: u32,
    /// Protocol of the port: TCP or UDP.
    pub protocol: Protocol,
    /// The service that may connect; empty for none in particular.
    pub service: String,
    /// Open to the internet.
    pub global: bool,
    /// Host names the port answers to.
    pub hosts: Option<Vec<String>>,
    /// Limits of the web proxy.
    pub http_options: HttpOptions,
    /// The leased IP address's name; empty for none.
    pub ip: String,
    /// The leased IP address's number.
    pub endpoint_sequence_number: u32,
}

/// Limits of the provider's web proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the SDL")]
pub struct HttpOptions {
    pub max_body_size: u32,
    pub read_timeout: u32,
    pub send_timeout: u32,
    pub next_tries: u32,
    pub next_timeout: u32,
    pub next_cases: Vec<String>,
    pub proxy_buffer_size: u32,
}

/// Mounts, permissions and confidential computing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// Mounted volumes, sorted by name.
    pub storage: Vec<Mount>,
    /// Facts that the service may read about its deployment; `None` without permissions, `Some(None)` where
    /// they name nothing to read.
    pub permissions: Option<Option<Vec<String>>>,
    /// The kind of confidential computing.
    pub tee: Option<String>,
}

/// A mounted volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name.
    pub name: String,
    /// The path in the container.
    pub path: String,
    /// `true` if the container cannot write to it.
    pub read_only: bool,
}

/// Log-in for an image registry.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the SDL")]
pub struct Credentials {
    pub host: String,
    pub email: String,
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl Manifest {
    /// The JSON that is hashed: sorted keys, no spaces.
    #[must_use]
    pub fn sorted_json(&self) -> String {
        let mut json = Json::default();
        json.list(&self.groups, |json, group| {
            json.object(|json| {
                json.field("name");
                json.text(&group.name);
                json.field("services");
                json.list(&group.services, |json, service| json.service(service));
            });
        });
        json.out
    }

    /// The SHA-256 of [`Self::sorted_json`]: the deployment's hash on chain.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.sorted_json()).into()
    }

    /// The hash as 64 hexadecimal digits.
    #[must_use]
    pub fn hash_hex(&self) -> String {
        hex::encode(self.hash())
    }
}

#[derive(Default)]
struct Json {
    out: String,
}

impl Json {
    fn service(&mut self, service: &Service) {
        self.object(|json| {
            json.field("args");
            json.texts(service.args.as_deref());
            json.field("command");
            json.texts(service.command.as_deref());
            json.field("count");
            json.number(u64::from(service.count));
            json.field("credentials");
            match &service.credentials {
                None => json.out.push_str("null"),
                Some(credentials) => json.object(|json| {
                    for (key, value) in [
                        ("email", &credentials.email),
                        ("host", &credentials.host),
                        ("password", &credentials.password),
                        ("username", &credentials.username),
                    ] {
                        json.field(key);
                        json.text(value);
                    }
                }),
            }
            json.field("env");
            json.texts(service.env.as_deref());
            json.field("expose");
            json.list(&service.expose, |json, expose| json.expose(expose));
            json.field("image");
            json.text(&service.image);
            json.field("name");
            json.text(&service.name);
            if let Some(params) = &service.params {
                json.field("params");
                json.params(params);
            }
            json.field("resources");
            json.resources(&service.resources);
        });
    }

    fn expose(&mut self, expose: &Expose) {
        self.object(|json| {
            json.field("endpointSequenceNumber");
            json.number(u64::from(expose.endpoint_sequence_number));
            json.field("externalPort");
            json.number(u64::from(expose.external_port));
            json.field("global");
            json.flag(expose.global);
            json.field("hosts");
            json.texts(expose.hosts.as_deref());
            json.field("httpOptions");
            json.http_options(&expose.http_options);
            json.field("ip");
            json.text(&expose.ip);
            json.field("port");
            json.number(u64::from(expose.port));
            json.field("proto");
            json.text(expose.protocol.name());
            json.field("service");
            json.text(&expose.service);
        });
    }

    fn http_options(&mut self, options: &HttpOptions) {
        self.object(|json| {
            json.field("maxBodySize");
            json.number(u64::from(options.max_body_size));
            if !options.next_cases.is_empty() {
                json.field("nextCases");
                json.texts(Some(&options.next_cases));
            }
            json.field("nextTimeout");
            json.number(u64::from(options.next_timeout));
            json.field("nextTries");
            json.number(u64::from(options.next_tries));
            if options.proxy_buffer_size != 0 {
                json.field("proxyBufferSize");
                json.number(u64::from(options.proxy_buffer_size));
            }
            json.field("readTimeout");
            json.number(u64::from(options.read_timeout));
            json.field("sendTimeout");
            json.number(u64::from(options.send_timeout));
        });
    }

    fn params(&mut self, params: &Params) {
        self.object(|json| {
            if let Some(read) = &params.permissions {
                json.field("permissions");
                json.object(|json| {
                    if let Some(read) = read {
                        json.field("read");
                        json.texts(Some(read));
                    }
                });
            }
            json.field("storage");
            if params.storage.is_empty() {
                json.out.push_str("null");
            } else {
                json.list(&params.storage, |json, mount| {
                    json.object(|json| {
                        json.field("mount");
                        json.text(&mount.path);
                        json.field("name");
                        json.text(&mount.name);
                        json.field("readOnly");
                        json.flag(mount.read_only);
                    });
                });
            }
            if let Some(tee) = &params.tee {
                json.field("tee");
                json.object(|json| {
                    json.field("attestation");
                    json.flag(true);
                    json.field("type");
                    json.text(tee);
                });
            }
        });
    }

    fn resources(&mut self, resources: &Resources) {
        self.object(|json| {
            json.field("cpu");
            json.units(resources.cpu_milli, &resources.cpu_attributes);
            json.field("endpoints");
            json.list(&resources.endpoints, |json, endpoint| {
                json.endpoint(*endpoint);
            });
            json.field("gpu");
            json.units(resources.gpu.units, &resources.gpu.attributes);
            json.field("id");
            json.number(u64::from(resources.id));
            json.field("memory");
            json.object(|json| json.value("size", resources.memory_bytes));
            json.field("storage");
            json.list(&resources.storage, |json, volume| {
                json.object(|json| {
                    json.attributes(&volume.attributes);
                    json.field("name");
                    json.text(&volume.name);
                    json.value("size", volume.bytes);
                });
            });
        });
    }

    fn units(&mut self, units: u64, attributes: &[Attribute]) {
        self.object(|json| {
            json.attributes(attributes);
            json.value("units", units);
        });
    }

    fn attributes(&mut self, attributes: &[Attribute]) {
        if attributes.is_empty() {
            return;
        }
        self.field("attributes");
        self.list(attributes, |json, attribute| {
            json.object(|json| {
                for (key, value) in [("key", &attribute.key), ("value", &attribute.value)] {
                    if !value.is_empty() {
                        json.field(key);
                        json.text(value);
                    }
                }
            });
        });
    }

    fn endpoint(&mut self, endpoint: Endpoint) {
        self.object(|json| {
            if endpoint.kind.number() != 0 {
                json.field("kind");
                json.number(u64::from(endpoint.kind.number()));
            }
            json.field("sequence_number");
            json.number(u64::from(endpoint.sequence_number));
        });
    }

    /// Writes a quantity in the form `"size":{"val":"500"}`.
    fn value(&mut self, name: &str, value: u64) {
        self.field(name);
        self.object(|json| {
            json.field("val");
            json.text(&value.to_string());
        });
    }

    fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.out.push('{');
        fields(self);
        self.out.push('}');
    }

    /// Writes the name of the next field, preceded by a comma if necessary.
    fn field(&mut self, name: &str) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.text(name);
        self.out.push(':');
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.out.push('[');
        for (index, value) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            item(self, value);
        }
        self.out.push(']');
    }

    fn texts(&mut self, texts: Option<&[String]>) {
        match texts {
            None => self.out.push_str("null"),
            Some(texts) => self.list(texts, |json, text| json.text(text)),
        }
    }

    fn flag(&mut self, flag: bool) {
        self.out.push_str(if flag { "true" } else { "false" });
    }

    fn number(&mut self, number: u64) {
        write!(self.out, "{number}").expect("writing to a string succeeds");
    }

    /// Writes a text, escaped as the provider's JSON library does.
    fn text(&mut self, text: &str) {
        self.out.push('"');
        let mut plain = 0;
        for (at, c) in text.char_indices() {
            let escape = match c {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                    self.out.push_str(&text[plain..at]);
                    write!(self.out, "\\u{:04x}", c as u32).expect("writing to a string succeeds");
                    plain = at + c.len_utf8();
                    continue;
                }
                _ => continue,
            };
            self.out.push_str(&text[plain..at]);
            self.out.push_str(escape);
            plain = at + c.len_utf8();
        }
        self.out.push_str(&text[plain..]);
        self.out.push('"');
    }
}
