//! A document as interpreted by one of the two tools.
//!
//! Reading is tolerant: parts that are missing or of the wrong kind are left out, because the
//! [`structure`](crate::structure) check has already reported them. Faults of *values* (sizes, CPU,
//! GPU attributes…) are found here, where they are read.

mod compute;
pub(crate) mod gpu;
mod named;
mod price;
mod read;
mod volume;

pub(crate) use named::{Named, Part};
pub(crate) use read::read;

use std::fmt;

use crate::dialect::Dialect;
use crate::quantity::BadQuantity;
use crate::span::Span;
use crate::spec::{Attribute, Protocol};

/// The version of the language, as far as it affects the meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2_0,
    V2_1,
}

/// A word of the document with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Model<'a> {
    /// The text of the document.
    pub(crate) source: &'a str,
    pub(crate) dialect: Dialect,
    pub(crate) version: Version,
    pub(crate) services: Named<'a, Service<'a>>,
    pub(crate) computes: Named<'a, Compute<'a>>,
    pub(crate) placements: Named<'a, Placement<'a>>,
    pub(crate) deployments: Vec<DeployedService<'a>>,
    pub(crate) endpoints: Vec<Endpoint<'a>>,
}

#[derive(Debug)]
pub(crate) struct Service<'a> {
    pub(super) alike: bool,
    pub(crate) name: Word<'a>,
    pub(crate) image: Option<Word<'a>>,
    pub(crate) command: Option<Vec<&'a str>>,
    pub(crate) args: Option<Vec<&'a str>>,
    pub(crate) env: Option<Vec<Word<'a>>>,
    pub(crate) expose: Vec<Expose<'a>>,
    pub(crate) params: Option<Params<'a>>,
    pub(crate) credentials: Option<Credentials<'a>>,
}

#[derive(Debug)]
pub(crate) struct Expose<'a> {
    pub(super) alike: bool,
    pub(crate) span: Span,
    pub(crate) port: u32,
    pub(crate) port_span: Span,
    /// The port visible from outside; `None` if the document names none.
    pub(crate) external: Option<u32>,
    pub(crate) protocol: Protocol,
    /// The protocol as it is written.
    pub(crate) protocol_text: &'a str,
    pub(crate) to: Vec<To<'a>>,
    pub(crate) accept: Option<Vec<Word<'a>>>,
    pub(crate) accept_span: Span,
    pub(crate) http: HttpOptions<'a>,
}

#[derive(Debug)]
pub(crate) struct To<'a> {
    pub(crate) span: Span,
    pub(crate) service: Word<'a>,
    pub(crate) global: bool,
    pub(crate) ip: Word<'a>,
}

/// Options of the web proxy; `None` if the document sets none.
#[derive(Debug, Default)]
pub(crate) struct HttpOptions<'a> {
    pub(crate) max_body_size: Option<u32>,
    pub(crate) read_timeout: Option<u32>,
    pub(crate) send_timeout: Option<u32>,
    pub(crate) next_tries: Option<u32>,
    pub(crate) next_timeout: Option<u32>,
    pub(crate) next_cases: Option<Vec<&'a str>>,
    pub(crate) proxy_buffer_size: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Params<'a> {
    pub(crate) mounts: Vec<Mount<'a>>,
    pub(crate) permissions: Option<Option<Vec<&'a str>>>,
    pub(crate) tee: Option<Word<'a>>,
}

#[derive(Debug)]
pub(crate) struct Mount<'a> {
    pub(crate) volume: Word<'a>,
    pub(crate) path: Option<Word<'a>>,
    pub(crate) read_only: bool,
    pub(crate) read_only_span: Span,
}

#[derive(Debug)]
pub(crate) struct Credentials<'a> {
    pub(crate) span: Span,
    pub(crate) host: &'a str,
    pub(crate) email: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

#[derive(Debug)]
pub(crate) struct Compute<'a> {
    pub(super) alike: bool,
    pub(crate) name: Word<'a>,
    pub(crate) span: Span,
    pub(crate) cpu: Option<Cpu>,
    pub(crate) memory: Option<Size>,
    /// The volumes in the order in which this dialect sends them.
    pub(crate) volumes: Vec<Volume<'a>>,
    pub(crate) gpu: Option<Gpu>,
}

#[derive(Debug)]
pub(crate) struct Cpu {
    pub(crate) span: Span,
    pub(crate) milli: Result<u64, BadQuantity>,
    pub(crate) attributes: Vec<Attribute>,
}

/// A size in bytes with its position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) span: Span,
    pub(crate) bytes: Result<u64, BadQuantity>,
}

#[derive(Debug)]
pub(crate) struct Volume<'a> {
    pub(crate) span: Span,
    /// The path below `resources`.
    pub(crate) path: VolumePath,
    /// The name as it is written, `None` for an unnamed volume.
    pub(crate) written_name: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) size: Size,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) persistent: bool,
}

/// `storage` for a single volume, `storage[1]` for one in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VolumePath(pub(crate) Option<usize>);

impl fmt::Display for VolumePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("storage"),
            Some(index) => write!(f, "storage[{index}]"),
        }
    }
}

impl Volume<'_> {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| attribute.value.as_str())
    }
}

#[derive(Debug)]
pub(crate) struct Gpu {
    pub(crate) span: Span,
    pub(crate) units: u64,
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Debug)]
pub(crate) struct Placement<'a> {
    pub(super) alike: bool,
    pub(crate) name: Word<'a>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) all_of: Option<Vec<&'a str>>,
    pub(crate) any_of: Option<Vec<&'a str>>,
    /// The prices by compute profile.
    pub(crate) prices: Named<'a, Price<'a>>,
}

#[derive(Debug)]
pub(crate) struct Price<'a> {
    pub(super) alike: bool,
    pub(crate) profile: Word<'a>,
    pub(crate) denom: Word<'a>,
    pub(crate) amount_span: Span,
    /// The amount as this dialect writes it.
    pub(crate) amount: String,
    /// The amount in 10^-18 of the denomination; `None` if it is not a number that fits.
    pub(crate) atto: Option<u128>,
}

#[derive(Debug)]
pub(crate) struct DeployedService<'a> {
    pub(super) alike: bool,
    pub(crate) service: Word<'a>,
    pub(crate) placements: Vec<Deployed<'a>>,
}

#[derive(Debug)]
pub(crate) struct Deployed<'a> {
    pub(crate) placement: Word<'a>,
    pub(crate) profile: Word<'a>,
    pub(crate) count: u32,
    pub(crate) count_span: Span,
}

#[derive(Debug)]
pub(crate) struct Endpoint<'a> {
    pub(crate) name: Word<'a>,
    pub(crate) kind: Word<'a>,
}

impl<'a> Model<'a> {
    /// The text at a span, without quotes.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.source
            .get(span.from..span.to)
            .unwrap_or_default()
            .trim_matches(['"', '\''])
    }

    /// The service with a name.
    pub(crate) fn service(&self, name: &str) -> Option<&Service<'a>> {
        self.services.get(name)
    }

    /// The compute profile with a name.
    pub(crate) fn compute(&self, name: &str) -> Option<&Compute<'a>> {
        self.computes.get(name)
    }

    /// The placement with a name.
    pub(crate) fn placement(&self, name: &str) -> Option<&Placement<'a>> {
        self.placements.get(name)
    }
}

impl<'a> Placement<'a> {
    /// The price for a compute profile.
    pub(crate) fn price(&self, profile: &str) -> Option<&Price<'a>> {
        self.prices.get(profile)
    }
}
