//! The keys of an SDL document: where each is allowed, and its meaning.
//!
//! One table drives the check of the document's structure, the completion of keys and values, and
//! the help shown on hover. A new key is added here first.

use crate::yaml::{Places, same};

/// Kind of value allowed at a position in the document.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text with a minimum number of characters (Console's rule).
    Text { least: usize },
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of a few words.
    Choices(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A port number.
    Port,
    /// A whole number from `least`, up to `most` if there is a limit.
    Whole { least: u64, most: Option<u64> },
    /// The next cases of a proxy: `off` alone, or any of the others.
    NextCases,
    /// A mapping with the keys of an object.
    Object(&'static Object),
    /// A mapping whose keys are names chosen by the author.
    Named(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// One item, or a list of them.
    OneOrList(&'static Shape),
    /// A mapping with unrestricted keys.
    Free,
    /// A value read by its own rules when it is needed.
    Special,
}

/// A mapping with known keys.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) keys: &'static [Key],
    /// The positions of the required keys; no object has 32 keys.
    pub(crate) required: Places,
    /// Treatment of unknown keys by the command line. (Console refuses each of them.)
    pub(crate) on_command_line: OnCommandLine,
}

/// Way in which the command line reads a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnCommandLine {
    /// As a whole, ignoring unknown keys.
    Ignores,
    /// As a whole, refusing unknown keys.
    Refuses,
    /// Key by key: it refuses unknown keys and merge keys, and tolerates duplicate keys.
    KeyByKey,
}

/// A key of an [`Object`].
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// Console refuses a document without it.
    pub(crate) required: bool,
    /// Console accepts it without a value.
    pub(crate) nullable: bool,
    /// Meaning of the key, for people.
    pub(crate) help: &'static str,
}

impl Object {
    /// The key with this name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.place(name).map(|at| &self.keys[at])
    }

    /// The position of the key with this name among the keys.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| same(key.name, name))
    }
}

const fn key(name: &'static str, shape: Shape, help: &'static str) -> Key {
    Key {
        name,
        shape,
        required: false,
        nullable: false,
        help,
    }
}

const fn required(name: &'static str, shape: Shape, help: &'static str) -> Key {
    Key {
        required: true,
        ..key(name, shape, help)
    }
}

const fn nullable(name: &'static str, shape: Shape, help: &'static str) -> Key {
    Key {
        nullable: true,
        ..key(name, shape, help)
    }
}

/// See [`Object::required`].
const fn required_of(keys: &[Key]) -> Places {
    let mut required = Places::NONE;
    let mut at = 0;
    while at < keys.len() {
        if keys[at].required {
            required = required.and(at);
        }
        at += 1;
    }
    required
}

const fn tolerant(keys: &'static [Key]) -> Object {
    Object {
        keys,
        required: required_of(keys),
        on_command_line: OnCommandLine::Ignores,
    }
}

const fn key_by_key(keys: &'static [Key]) -> Object {
    Object {
        keys,
        required: required_of(keys),
        on_command_line: OnCommandLine::KeyByKey,
    }
}

const TEXT: Shape = Shape::Text { least: 0 };

/// The versions of the language that both tools read.
pub(crate) const VERSIONS: &[&str] = &["2.0", "2.1"];
/// Words for the protocol of an exposed port, as Console accepts them.
pub(crate) const PROTOCOLS: &[&str] = &["TCP", "UDP", "tcp", "udp"];
/// Kinds of endpoints.
pub(crate) const ENDPOINT_KINDS: &[&str] = &["ip"];
/// Words for the protocol as the command line writes them.
pub(crate) const COMMAND_LINE_PROTOCOLS: &[&str] = &["TCP", "UDP"];
/// Reasons for a proxy to try another replica.
pub(crate) const NEXT_CASES: &[&str] = &[
    "error", "timeout", "500", "502", "503", "504", "403", "404", "429", "off",
];
/// Kinds of confidential computing.
pub(crate) const TEE_TYPES: &[&str] = &["cpu", "cpu-gpu"];
/// Interfaces of a GPU.
pub(crate) const GPU_INTERFACES: &[&str] = &["pcie", "sxm"];
/// Denominations that Console's schema knows.
pub(crate) const DENOMS: &[&str] = &["uact", "uakt"];
/// Storage classes that providers offer.
pub(crate) const STORAGE_CLASSES: &[&str] = &["beta1", "beta2", "beta3", "default", "ram"];

/// The whole document.
pub(crate) static DOCUMENT: Object = key_by_key(&[
    required(
        "version",
        Shape::Special,
        "The version of the language, quoted: \"2.0\" (or \"2.1\").",
    ),
    key(
        "include",
        Shape::Texts,
        "Reserved for a list of files. No tool reads it.",
    ),
    required(
        "services",
        Shape::Named(&Shape::Object(&SERVICE)),
        "The containers to run, each under a name of its own.",
    ),
    required(
        "profiles",
        Shape::Object(&PROFILES),
        "What the services need (compute) and where they may run at which price (placement).",
    ),
    required(
        "deployment",
        Shape::Named(&Shape::Named(&Shape::Object(&DEPLOYED))),
        "Which service runs in which placement, with which compute profile, how many times.",
    ),
    key(
        "endpoints",
        Shape::Named(&Shape::Object(&ENDPOINT)),
        "Public IP addresses to lease, by name.",
    ),
    key(
        "reclamation",
        Shape::Object(&RECLAMATION),
        "How much warning a provider must give before it takes its resources back.",
    ),
]);

static SERVICE: Object = tolerant(&[
    required(
        "image",
        Shape::Text { least: 1 },
        "The container image, best with an explicit tag: nginx:1.27.",
    ),
    nullable(
        "command",
        Shape::Texts,
        "Replaces the image's entrypoint: a list of words.",
    ),
    nullable("args", Shape::Texts, "Arguments for the command: a list."),
    nullable(
        "env",
        Shape::Texts,
        "Environment variables: a list of NAME=value.",
    ),
    nullable(
        "expose",
        Shape::List(&Shape::Object(&EXPOSE)),
        "The ports the service listens on and who may reach them.",
    ),
    key(
        "dependencies",
        Shape::List(&Shape::Object(&DEPENDENCY)),
        "Reserved. No tool reads it; services start in any order.",
    ),
    key(
        "params",
        Shape::Object(&PARAMS),
        "Mount points of volumes, permissions and confidential computing.",
    ),
    key(
        "credentials",
        Shape::Object(&CREDENTIALS),
        "Log-in for a private image registry. The provider sees it.",
    ),
]);

static DEPENDENCY: Object = tolerant(&[key("service", TEXT, "The name of a service.")]);

static EXPOSE: Object = tolerant(&[
    required(
        "port",
        Shape::Port,
        "The port the container listens on, 1 to 65535.",
    ),
    key(
        "as",
        Shape::Port,
        "The port others see. 80 over TCP is served as a web address; other ports get a random number.",
    ),
    key("proto", Shape::Choice(PROTOCOLS), "TCP (default) or UDP."),
    key(
        "to",
        Shape::List(&Shape::Object(&EXPOSE_TO)),
        "Who may reach the port: the internet, or other services.",
    ),
    key(
        "accept",
        Shape::Texts,
        "Host names this web port answers to, lower case. Without it the provider makes one up.",
    ),
    key(
        "http_options",
        Shape::Object(&HTTP_OPTIONS),
        "Limits of the provider's web proxy in front of this port.",
    ),
]);

static EXPOSE_TO: Object = tolerant(&[
    key("service", TEXT, "A service of this file that may connect."),
    key(
        "global",
        Shape::Flag,
        "true opens the port to the internet. At least one port must be.",
    ),
    key(
        "ip",
        Shape::Text { least: 1 },
        "The name of a leased IP address under endpoints.",
    ),
]);

static HTTP_OPTIONS: Object = tolerant(&[
    key(
        "max_body_size",
        whole(104_857_600),
        "Largest request body in bytes, up to 104857600 (default 1048576).",
    ),
    key(
        "read_timeout",
        whole(60_000),
        "Milliseconds to wait for a response, up to 60000.",
    ),
    key(
        "send_timeout",
        whole(60_000),
        "Milliseconds to wait while sending, up to 60000.",
    ),
    key(
        "next_tries",
        Shape::Whole {
            least: 0,
            most: None,
        },
        "How many replicas to try (default 3).",
    ),
    key(
        "next_timeout",
        Shape::Whole {
            least: 0,
            most: None,
        },
        "Milliseconds for all tries together; 0 is no limit.",
    ),
    key(
        "next_cases",
        Shape::NextCases,
        "When to try the next replica: error, timeout, a status code, or off alone.",
    ),
    key(
        "proxy_buffer_size",
        whole(1_048_576),
        "Bytes for response headers, up to 1048576.",
    ),
]);

const fn whole(most: u64) -> Shape {
    Shape::Whole {
        least: 0,
        most: Some(most),
    }
}

static PARAMS: Object = tolerant(&[
    key(
        "storage",
        Shape::Named(&Shape::Object(&MOUNT)),
        "Where each volume of the compute profile is mounted, by the volume's name.",
    ),
    key(
        "permissions",
        Shape::Object(&PERMISSIONS),
        "What the service may read about its own deployment.",
    ),
    key(
        "tee",
        Shape::Choice(TEE_TYPES),
        "Confidential computing: cpu, or cpu-gpu (needs a GPU).",
    ),
]);

static MOUNT: Object = tolerant(&[
    key(
        "mount",
        Shape::Special,
        "The absolute path in the container. Persistent volumes need one.",
    ),
    key(
        "readOnly",
        Shape::Flag,
        "true mounts the volume read-only. Not for class ram.",
    ),
]);

static PERMISSIONS: Object = tolerant(&[key(
    "read",
    Shape::Choices(&["deployment", "logs", "events"]),
    "Any of deployment, logs, events.",
)]);

static CREDENTIALS: Object = tolerant(&[
    required(
        "host",
        Shape::Text { least: 1 },
        "The registry's host name: ghcr.io.",
    ),
    required("username", Shape::Text { least: 1 }, "The user name."),
    required(
        "password",
        Shape::Text { least: 6 },
        "The password or token.",
    ),
    key("email", Shape::Text { least: 5 }, "Rarely needed."),
]);

static ENDPOINT: Object = tolerant(&[required(
    "kind",
    Shape::Choice(ENDPOINT_KINDS),
    "ip is the only kind.",
)]);

static RECLAMATION: Object = tolerant(&[required(
    "min_window",
    Shape::Special,
    "The least warning: a whole number and s, m or h, like 24h.",
)]);

static PROFILES: Object = tolerant(&[
    required(
        "compute",
        Shape::Named(&Shape::Object(&COMPUTE)),
        "Sizes of one replica, by the name of the profile.",
    ),
    required(
        "placement",
        Shape::Named(&Shape::Object(&PLACEMENT)),
        "Demands on the provider, and the highest price, by the name of the placement.",
    ),
]);

static COMPUTE: Object = tolerant(&[required(
    "resources",
    Shape::Object(&RESOURCES),
    "CPU, memory, storage and GPU of one replica.",
)]);

static RESOURCES: Object = tolerant(&[
    required("cpu", Shape::Object(&CPU), "CPU of one replica."),
    required("memory", Shape::Object(&MEMORY), "Memory of one replica."),
    required(
        "storage",
        Shape::OneOrList(&Shape::Object(&VOLUME)),
        "Disk of one replica: one volume, or a list of named ones.",
    ),
    key("gpu", Shape::Object(&GPU), "GPUs of one replica."),
]);

static CPU: Object = tolerant(&[
    required(
        "units",
        Shape::Special,
        "CPU cores: 0.5, 2, or thousandths: 500m. At least 10m, at most 384.",
    ),
    key(
        "attributes",
        Shape::Free,
        "arch: amd64 or arm64 is the only attribute both tools know.",
    ),
]);

static MEMORY: Object = tolerant(&[required(
    "size",
    Shape::Special,
    "Memory with an exact suffix: 512Mi, 4Gi. At least 1Mi, at most 2Ti.",
)]);

static VOLUME: Object = tolerant(&[
    key(
        "name",
        TEXT,
        "The volume's name, for params.storage of a service.",
    ),
    required(
        "size",
        Shape::Special,
        "Size with an exact suffix: 1Gi, 100Gi. At least 5Mi, at most 32Ti.",
    ),
    key(
        "attributes",
        Shape::Object(&VOLUME_ATTRIBUTES),
        "Persistence and class; both together.",
    ),
]);

static VOLUME_ATTRIBUTES: Object = Object {
    on_command_line: OnCommandLine::Refuses,
    ..tolerant(&[
        required(
            "class",
            TEXT,
            "beta1 (HDD), beta2 (SSD), beta3 (NVMe), default, or ram (shared memory).",
        ),
        required(
            "persistent",
            Shape::Special,
            "true keeps the data across restarts. false for class ram.",
        ),
    ])
};

static GPU: Object = key_by_key(&[
    key("units", Shape::Special, "How many GPUs, up to 24."),
    key(
        "attributes",
        Shape::Object(&GPU_ATTRIBUTES),
        "Which GPUs will do.",
    ),
]);

static GPU_ATTRIBUTES: Object = key_by_key(&[key(
    "vendor",
    Shape::Object(&GPU_VENDOR),
    "The maker. nvidia is the only one.",
)]);

static GPU_VENDOR: Object = tolerant(&[nullable(
    "nvidia",
    Shape::List(&Shape::Object(&GPU_MODEL)),
    "The models that will do; nothing here means any.",
)]);

static GPU_MODEL: Object = tolerant(&[
    key("model", TEXT, "A model: h100, a100, rtx4090."),
    key("ram", TEXT, "Its memory: 80Gi."),
    key("interface", Shape::Choice(GPU_INTERFACES), "pcie or sxm."),
]);

static PLACEMENT: Object = tolerant(&[
    key(
        "attributes",
        Shape::Free,
        "What the provider must declare, location-region: us-west for example.",
    ),
    key(
        "signedBy",
        Shape::Object(&SIGNED_BY),
        "Auditors who must vouch for the provider.",
    ),
    required(
        "pricing",
        Shape::Named(&Shape::Object(&PRICE)),
        "The highest price per block and replica, by compute profile.",
    ),
]);

static SIGNED_BY: Object = tolerant(&[
    key("allOf", Shape::Texts, "All of these auditors."),
    key("anyOf", Shape::Texts, "Any of these auditors."),
]);

static PRICE: Object = tolerant(&[
    required(
        "denom",
        Shape::Choice(DENOMS),
        "uact: a millionth of an ACT, which is a millionth of a US dollar.",
    ),
    required(
        "amount",
        Shape::Special,
        "The most to pay per block for one replica, in the denomination.",
    ),
]);

static DEPLOYED: Object = tolerant(&[
    required("profile", TEXT, "The name of a compute profile."),
    required(
        "count",
        Shape::Whole {
            least: 1,
            most: None,
        },
        "How many replicas.",
    ),
]);
