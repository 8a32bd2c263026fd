//! Reads a model from the tree.

use std::collections::BTreeMap;

use super::{
    Credentials, Deployed, DeployedService, Endpoint, Expose, HttpOptions, Model, Mount, Named,
    Params, Part, Service, To, Version, Word,
};
use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::number::Decimal;
use crate::problem::{Remedy, Structure, Value};
use crate::schema::{COMMAND_LINE_PROTOCOLS, TEE_TYPES, VERSIONS};
use crate::spec::Protocol;
use crate::yaml::scalar::{self, Go, Js};
use crate::yaml::{Entry, Ref};

/// Reads the document as `dialect` does and records faulty values. `None` if the dialect finds no
/// version by which to read the rest. Parts that both dialects read the same way are taken from the
/// other dialect's model of the same document.
pub(crate) fn read<'a>(
    root: Ref<'a, '_>,
    dialect: Dialect,
    text: &'a str,
    other: Option<Model<'a>>,
    findings: &mut Findings,
) -> Option<Model<'a>> {
    let mut reader = Reader { dialect, findings };
    let version = reader.version(root)?;
    let profiles = sections(root, "profiles");
    reader.reclamation(root);
    let (services, computes, placements, deployments) = match other {
        Some(model) => (
            model.services.into_parts(),
            model.computes.into_parts(),
            model.placements.into_parts(),
            model.deployments,
        ),
        None => (Vec::new(), Vec::new(), Vec::new(), Vec::new()),
    };
    Some(Model {
        source: text,
        dialect,
        version,
        services: Named::new(parts(services, sections(root, "services"), |entry| {
            reader.service(entry)
        })),
        computes: Named::new(parts(computes, below(&profiles, "compute"), |entry| {
            reader.compute(entry)
        })),
        placements: Named::new(parts(placements, below(&profiles, "placement"), |entry| {
            reader.placement(entry)
        })),
        deployments: parts(deployments, sections(root, "deployment"), |entry| {
            reader.deployed_service(entry)
        }),
        endpoints: named(sections(root, "endpoints"))
            .map(|entry| Endpoint {
                name: name(entry),
                kind: reader.word(entry.value.get("kind")).unwrap_or_default(),
            })
            .collect(),
    })
}

/// Reads the parts of a section, except those that the other dialect has read the same way.
fn parts<'a, 't, T: Part<'a>>(
    mut read: Vec<T>,
    nodes: Vec<Ref<'a, 't>>,
    mut part: impl FnMut(Entry<'a, 't>) -> T,
) -> Vec<T> {
    if read.is_empty() {
        return named(nodes).map(part).collect();
    }
    if read.iter().all(Part::is_alike) {
        return read;
    }
    for (known, entry) in read.iter_mut().zip(named(nodes)) {
        if !known.is_alike() {
            *known = part(entry);
        }
    }
    read
}

pub(super) struct Reader<'f> {
    pub(super) dialect: Dialect,
    pub(super) findings: &'f mut Findings,
}

/// The values of a key at the top, where the command line merges duplicate keys.
fn sections<'a, 't>(root: Ref<'a, 't>, key: &str) -> Vec<Ref<'a, 't>> {
    root.entries()
        .into_iter()
        .flatten()
        .filter(|entry| !entry.merged && entry.key.scalar() == Some(key))
        .map(|entry| entry.value)
        .collect()
}

fn below<'a, 't>(nodes: &[Ref<'a, 't>], key: &str) -> Vec<Ref<'a, 't>> {
    nodes.iter().filter_map(|node| node.get(key)).collect()
}

/// The entries of mappings by name, a later one replacing an earlier one of the same name.
pub(super) fn named<'a, 't: 'a>(
    nodes: impl IntoIterator<Item = Ref<'a, 't>>,
) -> impl Iterator<Item = Entry<'a, 't>> {
    let mut nodes = nodes.into_iter().peekable();
    let first = nodes.next();
    let is_one = nodes.peek().is_none();
    let single = first.filter(|node| is_one && node.is_distinct());
    let rest = first.filter(|_| single.is_none());
    let several = rest.map(|first| one_by_name(std::iter::once(first).chain(nodes)));
    let single = single.and_then(Ref::entries);
    single
        .into_iter()
        .flatten()
        .chain(several.into_iter().flatten())
}

fn one_by_name<'a, 't>(nodes: impl Iterator<Item = Ref<'a, 't>>) -> Vec<Entry<'a, 't>> {
    let mut entries: Vec<Entry<'a, 't>> = Vec::new();
    // Searching through a few is cheaper than keeping their positions.
    const FEW: usize = 12;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in nodes.filter_map(Ref::entries).flatten() {
        let Some(name) = entry.key.scalar() else {
            continue;
        };
        if entries.len() == FEW {
            let names = entries.iter().filter_map(|entry| entry.key.scalar());
            places = names.zip(0..).collect();
        }
        let known = if entries.len() < FEW {
            entries
                .iter()
                .position(|known| known.key.scalar() == Some(name))
        } else {
            places.get(name).copied()
        };
        match known {
            Some(at) if !entry.merged => entries[at] = entry,
            Some(_) => {}
            None => {
                if entries.len() >= FEW {
                    places.insert(name, entries.len());
                }
                entries.push(entry);
            }
        }
    }
    entries
}

pub(super) fn name<'a>(entry: Entry<'a, '_>) -> Word<'a> {
    Word {
        text: entry.key.scalar().unwrap_or_default(),
        span: entry.key.span(),
    }
}

impl<'a> Reader<'_> {
    pub(super) fn who(&self) -> Who {
        self.dialect.into()
    }

    /// A scalar as text: as written, and empty if it is null.
    pub(super) fn word(&self, node: Option<Ref<'a, '_>>) -> Option<Word<'a>> {
        let node = node?;
        let text = match self.dialect {
            Dialect::Go if scalar::go(node) == Some(Go::Null) => "",
            Dialect::Go => node.command_line_scalar()?,
            Dialect::Console => node.scalar()?,
        };
        Some(Word {
            text,
            span: node.span(),
        })
    }

    fn words(&self, node: Option<Ref<'a, '_>>) -> Option<Vec<Word<'a>>> {
        Some(
            self.items(node?)?
                .filter_map(|(_, item)| self.word(Some(item)))
                .collect(),
        )
    }

    /// The items of a list with their positions. The command line skips empty ones.
    pub(super) fn items<'t>(
        &self,
        node: Ref<'a, 't>,
    ) -> Option<impl Iterator<Item = (usize, Ref<'a, 't>)> + use<'a, 't>> {
        let skips = self.dialect == Dialect::Go;
        let items = node.items()?.enumerate();
        Some(items.filter(move |(_, item)| !skips || scalar::go(*item) != Some(Go::Null)))
    }

    pub(super) fn texts(&self, node: Option<Ref<'a, '_>>) -> Option<Vec<&'a str>> {
        let words = self.words(node)?;
        Some(words.into_iter().map(|word| word.text).collect())
    }

    fn flag(&self, node: Option<Ref<'a, '_>>) -> bool {
        node.is_some_and(|node| match self.dialect {
            Dialect::Console => scalar::js(node) == Some(Js::Bool(true)),
            Dialect::Go => scalar::go_flag(node) == Some(true),
        })
    }

    /// A whole number; `None` if the document has none. The structure check has already refused
    /// anything else.
    fn number(&self, node: Option<Ref<'a, '_>>) -> Option<u32> {
        let node = node?;
        match self.dialect {
            Dialect::Go => scalar::go_uint32(node),
            Dialect::Console => match scalar::js(node)? {
                Js::Number(number) => number
                    .to_integer()
                    .map(|number| u32::try_from(number.max(0)).unwrap_or(u32::MAX)),
                _ => None,
            },
        }
    }

    fn version(&mut self, root: Ref<'a, '_>) -> Option<Version> {
        if !root.is_mapping() {
            return None;
        }
        let node = root
            .entries()?
            .find(|entry| entry.key.scalar() == Some("version"))
            .map(|entry| entry.value);
        let Some(node) = node else {
            // Console's refusal comes from the structure check.
            self.findings.refuse(
                self.who(),
                "missing",
                "version".to_owned(),
                root.span(),
                Structure::Missing {
                    key: "version".to_owned(),
                    place: None,
                },
            );
            return (self.dialect == Dialect::Console).then_some(Version::V2_0);
        };
        let text = node.scalar().unwrap_or_default();
        match self.dialect {
            Dialect::Console => {
                let known =
                    matches!(scalar::js(node), Some(Js::Text(text)) if VERSIONS.contains(&text));
                if !known {
                    let wanted = if text.starts_with("2.1") {
                        "\"2.1\""
                    } else {
                        "\"2.0\""
                    };
                    let span = node.span();
                    self.findings
                        .refuse(
                            Who::Console,
                            "version",
                            "version".to_owned(),
                            span,
                            Value::Version,
                        )
                        .replace(
                            Remedy::ChangeTo {
                                value: wanted.to_owned(),
                            },
                            span,
                            wanted,
                        );
                }
                Some(if text == "2.1" {
                    Version::V2_1
                } else {
                    Version::V2_0
                })
            }
            Dialect::Go => match go_version(text) {
                Some((2, 0, 0)) => Some(Version::V2_0),
                Some(version) if version >= (2, 1, 0) => Some(Version::V2_1),
                _ => {
                    self.findings.refuse(
                        Who::CommandLine,
                        "version",
                        "version".to_owned(),
                        node.span(),
                        Value::Version,
                    );
                    None
                }
            },
        }
    }

    fn reclamation(&mut self, root: Ref<'a, '_>) {
        let Some(section) = root.get("reclamation") else {
            return;
        };
        let node = section.get("min_window");
        let window = self.word(node).unwrap_or_default().text;
        let refused = match (self.dialect, node) {
            // Missing parts are reported by the structure check.
            (Dialect::Console, None) => false,
            (Dialect::Console, Some(node)) => {
                !(matches!(scalar::js(node), Some(Js::Text(_))) && is_whole_duration(window))
            }
            (Dialect::Go, _) => !is_go_duration(window),
        };
        if refused {
            let code = if node.is_some() {
                "min-window"
            } else {
                "missing"
            };
            self.findings.refuse(
                self.who(),
                code,
                "reclamation.min_window".to_owned(),
                node.unwrap_or(section).span(),
                Value::ReclamationWindow,
            );
        }
    }

    fn service(&mut self, entry: Entry<'a, '_>) -> Service<'a> {
        let node = entry.value;
        let name = name(entry);
        let service = Service {
            alike: false,
            name,
            image: self.word(node.get("image")),
            command: self.texts(node.get("command")),
            args: self.texts(node.get("args")),
            env: self.words(node.get("env")),
            expose: node
                .get("expose")
                .and_then(|list| self.items(list))
                .into_iter()
                .flatten()
                .map(|(index, item)| self.expose(item, name.text, index))
                .collect(),
            params: node
                .get("params")
                .filter(|node| node.is_mapping())
                .map(|node| self.params(node, name.text)),
            credentials: node
                .get("credentials")
                .filter(|node| node.is_mapping())
                .map(|node| self.credentials(node)),
        };
        // Parts with limits of their own in one dialect are read in both.
        let alike = node.is_alike()
            && service.params.is_none()
            && service.expose.iter().all(|expose| expose.alike);
        Service { alike, ..service }
    }

    fn credentials(&self, node: Ref<'a, '_>) -> Credentials<'a> {
        let text = |key| self.word(node.get(key)).unwrap_or_default().text;
        Credentials {
            span: node.span(),
            host: text("host"),
            email: text("email"),
            username: text("username"),
            password: text("password"),
        }
    }

    fn expose(&mut self, node: Ref<'a, '_>, service: &str, index: usize) -> Expose<'a> {
        let span_of = |key| node.get(key).map_or(node.span(), Ref::span);
        let protocol = self.word(node.get("proto")).unwrap_or_default();
        let known = if protocol.text.eq_ignore_ascii_case("udp") {
            Some(Protocol::Udp)
        } else {
            (protocol.text.is_empty() || protocol.text.eq_ignore_ascii_case("tcp"))
                .then_some(Protocol::Tcp)
        };
        if known.is_none() && self.dialect == Dialect::Go {
            self.findings.refuse(
                Who::CommandLine,
                "choice",
                format!("services.{service}.expose[{index}].proto"),
                protocol.span,
                Structure::Choice {
                    key: "proto".to_owned(),
                    known: COMMAND_LINE_PROTOCOLS,
                },
            );
        }
        let http = node.get("http_options");
        Expose {
            alike: known.is_some() && http.is_none(),
            span: node.span(),
            port: self.number(node.get("port")).unwrap_or_default(),
            port_span: span_of("port"),
            external: self.number(node.get("as")),
            protocol: known.unwrap_or(Protocol::Tcp),
            protocol_text: protocol.text,
            to: node
                .get("to")
                .and_then(|list| self.items(list))
                .into_iter()
                .flatten()
                .map(|(_, item)| To {
                    span: item.span(),
                    service: self.word(item.get("service")).unwrap_or_default(),
                    global: self.flag(item.get("global")),
                    ip: self.word(item.get("ip")).unwrap_or_default(),
                })
                .collect(),
            accept: self.words(node.get("accept")),
            accept_span: span_of("accept"),
            http: self.http_options(http, service, index),
        }
    }

    fn http_options(
        &mut self,
        node: Option<Ref<'a, '_>>,
        service: &str,
        index: usize,
    ) -> HttpOptions<'a> {
        let Some(node) = node else {
            return HttpOptions::default();
        };
        let mut bounded = |key: &str, most: u32| {
            let value = self.number(node.get(key));
            if value.is_some_and(|value| value > most) && self.dialect == Dialect::Go {
                self.findings.refuse(
                    Who::CommandLine,
                    "number",
                    format!("services.{service}.expose[{index}].http_options.{key}"),
                    node.get(key).map_or(node.span(), Ref::span),
                    Structure::NotWhole {
                        key: key.to_owned(),
                        least: 0,
                        most: Some(most.into()),
                    },
                );
            }
            value
        };
        HttpOptions {
            max_body_size: bounded("max_body_size", 104_857_600),
            read_timeout: bounded("read_timeout", 60_000),
            send_timeout: bounded("send_timeout", 60_000),
            proxy_buffer_size: bounded("proxy_buffer_size", 1_048_576),
            next_tries: self.number(node.get("next_tries")),
            next_timeout: self.number(node.get("next_timeout")),
            next_cases: self.texts(node.get("next_cases")),
        }
    }

    fn params(&mut self, node: Ref<'a, '_>, service: &str) -> Params<'a> {
        let tee = self
            .word(node.get("tee"))
            .filter(|tee| !tee.text.is_empty());
        if let Some(tee) = tee
            && self.dialect == Dialect::Go
            && !TEE_TYPES.contains(&tee.text)
        {
            self.findings.refuse(
                Who::CommandLine,
                "choice",
                format!("services.{service}.params.tee"),
                tee.span,
                Structure::Choice {
                    key: "tee".to_owned(),
                    known: TEE_TYPES,
                },
            );
        }
        Params {
            mounts: named(node.get("storage"))
                .map(|entry| Mount {
                    volume: name(entry),
                    path: self.mount_path(entry, service),
                    read_only: self.flag(entry.value.get("readOnly")),
                    read_only_span: entry
                        .value
                        .get("readOnly")
                        .map_or(entry.key.span(), Ref::span),
                })
                .collect(),
            permissions: node
                .get("permissions")
                .filter(|node| node.is_mapping())
                .map(|node| self.texts(node.get("read"))),
            tee,
        }
    }

    fn mount_path(&mut self, entry: Entry<'a, '_>, service: &str) -> Option<Word<'a>> {
        let volume = entry.key.scalar().unwrap_or_default();
        let node = entry.value.get("mount");
        let path = self.word(node);
        let refused = match self.dialect {
            Dialect::Console => node.is_some_and(
                |node| !matches!(scalar::js(node), Some(Js::Text(text)) if text.starts_with('/')),
            ),
            Dialect::Go => !path.is_some_and(|path| path.text.starts_with('/')),
        };
        if refused {
            self.findings.refuse(
                self.who(),
                "mount-path",
                format!("services.{service}.params.storage.{volume}.mount"),
                node.map_or(entry.key.span(), Ref::span),
                Value::MountPath {
                    volume: volume.to_owned(),
                },
            );
        }
        path.filter(|path| !path.text.is_empty())
    }

    fn deployed_service(&mut self, entry: Entry<'a, '_>) -> DeployedService<'a> {
        DeployedService {
            alike: entry.value.is_alike(),
            service: name(entry),
            placements: named([entry.value])
                .map(|placed| {
                    let count = placed.value.get("count");
                    Deployed {
                        placement: name(placed),
                        profile: self.word(placed.value.get("profile")).unwrap_or(Word {
                            text: "",
                            span: placed.key.span(),
                        }),
                        count: self.number(count).unwrap_or_default(),
                        count_span: count.map_or(placed.key.span(), Ref::span),
                    }
                })
                .collect(),
        }
    }
}

/// Reads a version as the command line does: `2.0`, `v2`, `2.1.0`; leading zeros are dropped.
fn go_version(text: &str) -> Option<(u64, u64, u64)> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts = text.splitn(3, '.');
    let mut next = |first: bool| match parts.next() {
        Some(part) if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => {
            part.parse::<u64>().ok()
        }
        Some(_) => None,
        None => (!first).then_some(0),
    };
    Some((next(true)?, next(false)?, next(false)?))
}

/// A whole number above zero with one unit: what Console accepts as a time window.
fn is_whole_duration(text: &str) -> bool {
    let Some(digits) = text.strip_suffix(['s', 'm', 'h']) else {
        return false;
    };
    digits.starts_with(|first: char| ('1'..='9').contains(&first))
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A duration above zero as the command line reads one: `1h30m`, `1.5h`, `90s`.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut above_zero = false;
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - digits.len()];
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"]
            .into_iter()
            .find(|unit| digits.starts_with(unit));
        let (Some(number), Some(unit)) = (Decimal::parse(number), unit) else {
            return false;
        };
        above_zero |= number.is_positive();
        rest = &digits[unit.len()..];
    }
    above_zero
}
