//! Faults of a document: one code for each sentence, with the sentence's arguments.
//!
//! No other module contains text for people about a finding; it is in [`wording`](crate::wording).

/// A fault, or a reason for advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Text(Text),
    Syntax(Syntax),
    Structure(Structure),
    Value(Value),
    Reference(Reference),
    Limit(Limit),
    Running(Running),
    Advice(Advice),
}

macro_rules! parts {
    ($($part:ident),*) => {
        $(impl From<$part> for Problem {
            fn from(part: $part) -> Self {
                Self::$part(part)
            }
        })*
    };
}

parts!(
    Text, Syntax, Structure, Value, Reference, Limit, Running, Advice
);

/// A text that cannot be read as one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    NotUtf8,
    TooLarge,
    ControlCharacter,
    Empty,
    NotAMapping,
    TooDeep,
    TooDeepForConsole,
    TooManyAliases,
    RecursiveAlias,
    BadMerge,
    SecondDocument,
    UnknownTag { tag: String },
}

/// Mistakes that make a text invalid as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Syntax {
    Fence { mark: String },
    Prose { sentence: String },
    StrangeSpace { space: Space, character: char },
    NoQuotes { what: Scalar },
    NoColon { line: String },
    Indentation { info: String },
    Other { info: String },
}

/// Keys, and the kinds of their values. A `place` of `None` is the whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Structure {
    MergeKey,
    Missing {
        key: String,
        place: Option<String>,
    },
    KeyPlaceholder {
        placeholder: String,
    },
    KeyNotAWord,
    DuplicateKey {
        key: String,
        place: Option<String>,
    },
    DependsOn,
    VendorAmd,
    UnknownKey {
        key: String,
        near: Option<&'static str>,
        known: Vec<&'static str>,
    },
    NotSingle {
        key: String,
    },
    NullAttribute {
        key: String,
    },
    EmptyText {
        key: String,
    },
    ShortText {
        key: String,
        least: usize,
    },
    NoValue {
        key: String,
    },
    NotText {
        key: String,
        written: String,
    },
    Choice {
        key: String,
        known: &'static [&'static str],
    },
    NotAFlag {
        key: String,
    },
    NotWhole {
        key: String,
        least: u64,
        most: Option<u64>,
    },
    OffNotAlone,
    EmptyNextCases,
    ValuePlaceholder {
        placeholder: String,
    },
    WrongKind {
        key: String,
        wanted: Kind,
        found: Kind,
    },
}

/// Values that a tool cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Version,
    ReclamationWindow,
    SizeWithoutUnit,
    SizeSpelling { written: String, better: String },
    NotASize { written: String },
    CpuUnreadable,
    CpuNotPositive,
    CpuFraction,
    CpuAttribute { key: String },
    GpuUnits,
    GpuWithoutAttributes,
    GpuWithoutVendor,
    GpuAttributesWithoutGpu,
    GpuMemory { written: String },
    GpuTwice { key: String },
    GpuKey { key: String },
    PriceOfZero,
    PriceAmount,
    MountPath { volume: String },
    MustBePersistent { class: String },
    EmptyAttribute,
    PersistentRam,
    StorageClass { known: &'static [&'static str] },
    VolumeNameTwice { name: String },
}

/// Names that lead nowhere, or lead to the same target twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    Unknown {
        what: Named,
        name: String,
        known: Vec<String>,
    },
    NoPrice {
        placement: String,
        profile: String,
    },
    NothingDeployed,
    NotDeployed {
        service: String,
    },
    MissingCredential {
        key: &'static str,
    },
    TeeWithoutGpu,
    TeeConflict {
        placement: String,
        first: String,
        second: String,
    },
    UnusedEndpoint {
        name: String,
    },
    EndpointName {
        name: String,
    },
    AddressNotGlobal,
    NoEndpoint {
        name: String,
    },
    AddressPortTaken {
        service: String,
        endpoint: String,
    },
    UnnamedVolume {
        volume: String,
    },
    NoVolume {
        profile: String,
        volume: String,
    },
    MountTwice {
        first: String,
        second: String,
    },
    ReadOnlyRam,
    NotMounted {
        volume: String,
        service: String,
    },
}

/// Limits of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    Cpu,
    Memory,
    Volume,
    Gpus,
    Price,
    Group { total: Total },
    AttributeName { name: String },
    PriceIncomplete,
    DenomsDiffer,
    PlacementName,
}

/// Reasons for a provider to refuse to run a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Running {
    NothingGlobal,
    ServiceName { name: String },
    NoImage { service: String },
    VariableName { name: String },
    LineSeparator,
    HostName { host: String },
    HostNamesRepeated,
    HostTwice { host: String },
}

/// Mistakes that all tools accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Advice {
    IncludeIgnored,
    DependenciesIgnored,
    LongServiceName,
    AliasInText {
        alias: String,
    },
    ExposeWithoutTo,
    AcceptWithoutEffect,
    UnknownService {
        service: String,
    },
    NoTag,
    LatestTag,
    ManyVolumes,
    GpuModelMissing,
    GpuModelName {
        name: String,
        ram_gib: Option<u32>,
        written: String,
    },
    UnusedProfile {
        profile: String,
    },
    SizeInThousands {
        written: String,
        better: String,
    },
    DenomNotUact,
    FreePrice,
    MissingKey {
        variable: String,
    },
    GuessableFromOutside {
        variable: String,
        service: String,
    },
    Guessable {
        variable: String,
    },
}

/// Characters that look like spaces but do not indent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    NoBreak,
    OtherWidth,
    WithoutWidth,
}

/// Scalars that lack quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Item,
    Value,
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Single,
    Word,
    Text,
    List,
    Mapping,
}

/// Targets of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Service,
    ComputeProfile,
    Placement,
}

/// A resource whose total is limited for all replicas in a placement together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    Cpu,
    Gpus,
    Memory,
}

/// Action of a fix, shown as the label of its button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remedy {
    ChangeTo { value: String },
    ChangeToName { name: String },
    ChangeToGpu { name: String, ram_gib: Option<u32> },
    Rename { key: &'static str },
    AddQuotes,
    RemoveQuotes,
    QuoteAll { what: Scalar },
    AddColon { word: String },
    KeepTheSdl,
    PlainSpaces,
    MakePersistent,
    MakeTemporary,
}
