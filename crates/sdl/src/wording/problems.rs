//! Findings in English.

use std::fmt;

use super::terms::WithRam;
use crate::problem::{Advice, Limit, Problem, Reference, Running, Structure, Syntax, Text, Value};

/// Number of valid names that are listed when an unknown one is used.
const MOST_NAMED: usize = 8;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(part) => part.fmt(f),
            Self::Syntax(part) => part.fmt(f),
            Self::Structure(part) => part.fmt(f),
            Self::Value(part) => part.fmt(f),
            Self::Reference(part) => part.fmt(f),
            Self::Limit(part) => part.fmt(f),
            Self::Running(part) => part.fmt(f),
            Self::Advice(part) => part.fmt(f),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => write!(
                f,
                "The file is not in UTF-8 here: save it in that encoding."
            ),
            Self::TooLarge => write!(f, "The text is longer than 256 KiB; no deployment is."),
            Self::ControlCharacter => write!(
                f,
                "The text contains a control character, which YAML forbids. Is this a text file?"
            ),
            Self::Empty => write!(f, "The document is empty."),
            Self::NotAMapping => write!(
                f,
                "An SDL document is a mapping with version, services, profiles and deployment."
            ),
            Self::TooDeep => write!(f, "The document is nested too deeply."),
            Self::TooDeepForConsole => {
                write!(f, "Console refuses documents nested more than 100 deep.")
            }
            Self::TooManyAliases => write!(
                f,
                "The document has more entries than anyone should read, each alias (*name) counted with all it stands for."
            ),
            Self::RecursiveAlias => write!(f, "This alias stands inside the value it names."),
            Self::BadMerge => write!(f, "A merge key (<<) takes a mapping or a list of mappings."),
            Self::SecondDocument => write!(
                f,
                "Console refuses a text with more than one document; the command line reads only the first."
            ),
            Self::UnknownTag { tag } => {
                write!(f, "Console does not know the tag “{tag}”. Remove it.")
            }
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fence { mark } => write!(
                f,
                "“{mark}” is no part of an SDL: it is how a page or a chat marks code. Keep only what stands between the marks."
            ),
            Self::Prose { sentence } => {
                write!(
                    f,
                    "“{sentence}” is a sentence, not part of the SDL. Remove it."
                )
            }
            Self::StrangeSpace { space, character } => write!(
                f,
                "A {space} (U+{:04X}) stands in the indentation, as in texts copied from a web page. Only plain spaces indent.",
                u32::from(*character)
            ),
            Self::NoQuotes { what } => write!(
                f,
                "A colon with a space behind it ends a {what} that is not in quotes. Put the whole {what} in quotes."
            ),
            Self::NoColon { line } => write!(
                f,
                "“{line}” has no colon: a key ends with one, and a space before its value."
            ),
            Self::Indentation { info } => {
                write!(
                    f,
                    "The indentation of this line fits no line above it ({info})."
                )
            }
            Self::Other { info } => write!(f, "This is not YAML: {info}."),
        }
    }
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MergeKey => write!(f, "The command line does not read merge keys (<<) here."),
            Self::Missing { key, place } => {
                write!(f, "“{key}” is missing in {}.", Place(place.as_deref()))
            }
            Self::KeyPlaceholder { placeholder } => write!(
                f,
                "“{placeholder}” is a placeholder that a template left in. Put a name in its place."
            ),
            Self::KeyNotAWord => write!(f, "A key must be a single word, not a list or a mapping."),
            Self::DuplicateKey { key, place } => {
                let place = Place(place.as_deref());
                write!(f, "“{key}” stands twice in {place}; keep one.")
            }
            Self::DependsOn => write!(
                f,
                "SDL has no “depends_on”: services start in any order. Remove it."
            ),
            Self::VendorAmd => write!(
                f,
                "Akash knows no vendor “amd”: the command line would silently ask for any nvidia GPU instead."
            ),
            Self::UnknownKey {
                key,
                near: Some(near),
                ..
            } => {
                write!(f, "There is no key “{key}” here. Did you mean “{near}”?")
            }
            Self::UnknownKey {
                key,
                near: None,
                known,
            } => write!(
                f,
                "There is no key “{key}” here. Known are: {}.",
                known.join(", ")
            ),
            Self::NotSingle { key } => write!(f, "“{key}” should be a single value."),
            Self::NullAttribute { key } => write!(
                f,
                "“{key}” has no value: Console asks providers for the word “null”, the command line for nothing. Give it a value or remove it."
            ),
            Self::EmptyText { key } => write!(f, "“{key}” must not be empty."),
            Self::ShortText { key, least } => {
                write!(f, "“{key}” needs at least {least} characters.")
            }
            Self::NoValue { key } => write!(f, "“{key}” needs a value."),
            Self::NotText { key, written } => {
                write!(f, "“{key}” should be text. Put quotes around {written}.")
            }
            Self::Choice { key, known } => {
                write!(f, "“{key}” should be one of: {}.", known.join(", "))
            }
            Self::NotAFlag { key } => write!(f, "“{key}” should be true or false."),
            Self::NotWhole {
                key,
                least,
                most: Some(most),
            } => {
                write!(
                    f,
                    "“{key}” should be a whole number from {least} to {most}."
                )
            }
            Self::NotWhole {
                key,
                least,
                most: None,
            } => {
                write!(f, "“{key}” should be a whole number from {least}.")
            }
            Self::OffNotAlone => write!(f, "“off” must stand alone in next_cases."),
            Self::EmptyNextCases => write!(
                f,
                "An empty next_cases gives Console a manifest whose hash no provider can repeat. Remove it."
            ),
            Self::ValuePlaceholder { placeholder } => write!(
                f,
                "“{placeholder}” is a placeholder that a template left in. Put a value in its place."
            ),
            Self::WrongKind { key, wanted, found } => {
                write!(f, "“{key}” should be {wanted}, not {found}.")
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => write!(f, "The version should be \"2.0\" or \"2.1\", in quotes."),
            Self::ReclamationWindow => write!(
                f,
                "The window should be a whole number above zero with s, m or h behind it: 24h."
            ),
            Self::SizeWithoutUnit => write!(f, "A size should be text with a unit, like 512Mi."),
            Self::SizeSpelling { written, better } => {
                write!(
                    f,
                    "“{written}” is not a size that everyone reads; write {better}."
                )
            }
            Self::NotASize { written } => write!(
                f,
                "“{written}” is not a size. Write a number with Ki, Mi, Gi or Ti behind it, like 512Mi."
            ),
            Self::CpuUnreadable => write!(
                f,
                "CPU should be a number like 0.5 or 2, or thousandths like 500m."
            ),
            Self::CpuNotPositive => write!(f, "CPU should be above zero."),
            Self::CpuFraction => write!(
                f,
                "CPU counts in thousandths; Console would send a fraction of one, which providers cannot read. Use at most three digits behind the point."
            ),
            Self::CpuAttribute { key } => write!(
                f,
                "The command line knows only the CPU attribute “arch”, not “{key}”."
            ),
            Self::GpuUnits => write!(f, "The number of GPUs should be a whole number."),
            Self::GpuWithoutAttributes => write!(f, "GPUs need attributes with a vendor: nvidia."),
            Self::GpuWithoutVendor => write!(f, "GPUs need a vendor: nvidia."),
            Self::GpuAttributesWithoutGpu => write!(
                f,
                "GPU attributes without any GPU: give units, or remove the attributes."
            ),
            Self::GpuMemory { written } => {
                write!(f, "GPU memory should be like 80Gi, not “{written}”.")
            }
            Self::GpuTwice { key } => write!(f, "The GPU “{key}” is listed twice."),
            Self::GpuKey { key } => write!(
                f,
                "The chain refuses the GPU name in “{key}”: use letters, digits, - . / and _."
            ),
            Self::PriceOfZero => write!(f, "The command line refuses a price of zero."),
            Self::PriceAmount => write!(
                f,
                "The amount should be a plain number above zero, with at most 18 digits behind the point."
            ),
            Self::MountPath { volume } => write!(
                f,
                "The volume “{volume}” needs an absolute path to be mounted at: /data."
            ),
            Self::MustBePersistent { class } => write!(
                f,
                "A volume of class {class} must be persistent: true. For a temporary volume remove the attributes."
            ),
            Self::EmptyAttribute => write!(
                f,
                "An empty attribute gives Console a manifest whose hash no provider can repeat. Give it a value, or remove it."
            ),
            Self::PersistentRam => write!(
                f,
                "A volume of class ram lives in memory and cannot be persistent."
            ),
            Self::StorageClass { known } => {
                write!(
                    f,
                    "The storage class should be one of: {}.",
                    known.join(", ")
                )
            }
            Self::VolumeNameTwice { name } => write!(
                f,
                "Two volumes are called “{name}”; give each a name of its own."
            ),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { what, name, known } => {
                write!(f, "There is no {what} “{name}”.")?;
                let known: Vec<&str> = known.iter().take(MOST_NAMED).map(String::as_str).collect();
                match known.as_slice() {
                    [] => Ok(()),
                    known => write!(f, " Known here: {}.", known.join(", ")),
                }
            }
            Self::NoPrice { placement, profile } => write!(
                f,
                "The placement “{placement}” has no price for the compute profile “{profile}”."
            ),
            Self::NothingDeployed => write!(
                f,
                "The document deploys nothing: name a service, a placement, a profile and a count under “deployment”."
            ),
            Self::NotDeployed { service } => {
                write!(f, "The service “{service}” is not under “deployment”.")
            }
            Self::MissingCredential { key } => {
                write!(f, "“{key}” is missing in the credentials.")
            }
            Self::TeeWithoutGpu => write!(
                f,
                "Confidential computing of kind cpu-gpu needs a GPU in the compute profile."
            ),
            Self::TeeConflict {
                placement,
                first,
                second,
            } => write!(
                f,
                "The placement “{placement}” has services with the kinds {first} and {second}; use one kind in a placement."
            ),
            Self::UnusedEndpoint { name } => write!(
                f,
                "No service uses the endpoint “{name}”. Use it with “ip: {name}”, or remove it."
            ),
            Self::EndpointName { name } => write!(
                f,
                "“{name}” is no name for an endpoint: two or more of a to z, 0 to 9, - and _, a letter first."
            ),
            Self::AddressNotGlobal => write!(f, "A leased IP address needs global: true."),
            Self::NoEndpoint { name } => write!(
                f,
                "There is no endpoint “{name}”. Declare it: endpoints: {{{name}: {{kind: ip}}}}."
            ),
            Self::AddressPortTaken { service, endpoint } => write!(
                f,
                "The service “{service}” already uses this port of the endpoint “{endpoint}”."
            ),
            Self::UnnamedVolume { volume } => write!(
                f,
                "To mount the volume “{volume}”, give it that name: Console does not find an unnamed one."
            ),
            Self::NoVolume { profile, volume } => {
                write!(
                    f,
                    "The compute profile “{profile}” has no volume “{volume}”."
                )
            }
            Self::MountTwice { first, second } => {
                write!(
                    f,
                    "The volumes “{first}” and “{second}” are mounted at the same path."
                )
            }
            Self::ReadOnlyRam => write!(f, "A volume of class ram cannot be read-only."),
            Self::NotMounted { volume, service } => write!(
                f,
                "The persistent volume “{volume}” needs a path in the service “{service}”: params.storage.{volume}.mount."
            ),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "One replica may have from 10m to 384 CPU."),
            Self::Memory => write!(f, "One replica may have from 1Mi to 2Ti of memory."),
            Self::Volume => write!(f, "A volume may have from 5Mi to 32Ti."),
            Self::Gpus => write!(f, "One replica may have up to 24 GPUs."),
            Self::Price => write!(f, "The chain refuses a price above 10000000 per block."),
            Self::Group { total } => write!(
                f,
                "All replicas in a placement together may have up to {total}."
            ),
            Self::AttributeName { name } => {
                write!(f, "The chain refuses the attribute name “{name}”.")
            }
            Self::PriceIncomplete => {
                write!(f, "The price should have a denom and an amount above zero.")
            }
            Self::DenomsDiffer => {
                write!(
                    f,
                    "All prices of a document must have the same denomination."
                )
            }
            Self::PlacementName => write!(f, "A placement needs a name."),
        }
    }
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingGlobal => write!(
                f,
                "Providers refuse a deployment without any port open to the internet: one “to” needs global: true."
            ),
            Self::ServiceName { name } => write!(
                f,
                "“{name}” is no name for a service: a to z, 0 to 9 and -, a letter first, no - at the end."
            ),
            Self::NoImage { service } => write!(f, "The service “{service}” needs an image."),
            Self::VariableName { name } => write!(
                f,
                "“{name}” is no name for a variable: letters, digits, _ - and . only, no digit first. Write NAME=value."
            ),
            Self::LineSeparator => write!(
                f,
                "The characters U+2028 and U+2029 give Console a hash that no provider can repeat. Remove them."
            ),
            Self::HostName { host } => write!(
                f,
                "“{host}” is no host name: lower case letters, digits, - and . only."
            ),
            Self::HostNamesRepeated => write!(
                f,
                "“accept” with two “to” repeats its host names, which providers refuse. Put each “to” under a port entry of its own."
            ),
            Self::HostTwice { host } => write!(f, "The host name “{host}” is used twice."),
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IncludeIgnored => write!(
                f,
                "No tool reads “include”: the files named here change nothing. Remove it."
            ),
            Self::DependenciesIgnored => write!(
                f,
                "No tool reads “dependencies”; services start in any order."
            ),
            Self::LongServiceName => write!(
                f,
                "Kubernetes, which providers run, takes service names of at most 63 characters."
            ),
            Self::AliasInText { alias } => write!(
                f,
                "“{alias}” is plain text here, and the program gets it as it stands: an alias stands for its value only where it is the whole item."
            ),
            Self::ExposeWithoutTo => write!(
                f,
                "Nobody can reach this port through Console: it drops a port without “to”."
            ),
            Self::AcceptWithoutEffect => write!(
                f,
                "Host names work only on the public web port: TCP, port 80 outside, open to all. Here they have no effect; the names lead to the service’s port 80, if it has one."
            ),
            Self::UnknownService { service } => write!(
                f,
                "There is no service “{service}”, so nobody can connect. Nothing else checks this name."
            ),
            Self::NoTag => write!(
                f,
                "The image has no tag, so a provider may run any version, or an old copy it still has. Name one."
            ),
            Self::LatestTag => write!(
                f,
                "A provider may run an old copy it still has of “latest”. Name a version."
            ),
            Self::ManyVolumes => write!(
                f,
                "Providers do not bid on a service with more than 4 volumes."
            ),
            Self::GpuModelMissing => write!(
                f,
                "A GPU entry without a model matches no provider. Name one, or leave nvidia empty for any."
            ),
            Self::GpuModelName {
                name,
                ram_gib,
                written,
            } => {
                let with = WithRam(*ram_gib);
                write!(
                    f,
                    "Providers call this card “{name}”{with}; nobody bids on “{written}”."
                )
            }
            Self::UnusedProfile { profile } => {
                write!(f, "No service uses the compute profile “{profile}”.")
            }
            Self::SizeInThousands { written, better } => write!(
                f,
                "Console counts “{written}” in thousands, not in 1024s. {better} is likely meant."
            ),
            Self::DenomNotUact => write!(
                f,
                "The chain takes prices in uact only. Console replaces other denominations; the command line fails."
            ),
            Self::FreePrice => write!(f, "No provider bids at a price of zero."),
            Self::MissingKey { variable } => write!(
                f,
                "{variable} has no key yet. Write the one that its issuer gave you, or remove the variable."
            ),
            Self::GuessableFromOutside { variable, service } => write!(
                f,
                "Anyone can guess {variable}, and {service} is open to the internet. Generate a secret or write your own: until then this cannot be paid."
            ),
            Self::Guessable { variable } => write!(
                f,
                "Anyone can guess {variable}. Generate a secret or write your own."
            ),
        }
    }
}

/// A position in the document; `None` for the whole document.
struct Place<'p>(Option<&'p str>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => write!(f, "the document"),
            Some(path) => write!(f, "“{path}”"),
        }
    }
}
