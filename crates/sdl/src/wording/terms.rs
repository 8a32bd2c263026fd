//! Fixes, and the parts that sentences are composed of, in English.

use std::fmt;

use crate::problem::{Kind, Named, Remedy, Scalar, Space, Total};

/// The memory of a card, if it has to be written beside its name.
pub(super) struct WithRam(pub(super) Option<u32>);

impl fmt::Display for WithRam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(gib) => write!(f, " with “ram: {gib}Gi”"),
        }
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBreak => "no-break space",
            Self::OtherWidth => "space that is not the plain one",
            Self::WithoutWidth => "character without width",
        })
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Item => "item",
            Self::Value => "value",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Single => "a single value",
            Self::Word => "a single word",
            Self::Text => "text",
            Self::List => "a list",
            Self::Mapping => "a mapping",
        })
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::ComputeProfile => "compute profile",
            Self::Placement => "placement",
        })
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "19200 CPU",
            Self::Gpus => "1200 GPUs",
            Self::Memory => "100Ti of memory",
        })
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChangeTo { value } => write!(f, "Change to {value}"),
            Self::ChangeToName { name } => write!(f, "Change to “{name}”"),
            Self::ChangeToGpu { name, ram_gib } => {
                write!(f, "Change to {name}{}", WithRam(*ram_gib))
            }
            Self::Rename { key } => write!(f, "Rename to “{key}”"),
            Self::AddQuotes => write!(f, "Put quotes around it"),
            Self::RemoveQuotes => write!(f, "Remove the quotes"),
            Self::QuoteAll { what } => write!(f, "Put the whole {what} in quotes"),
            Self::AddColon { word } => write!(f, "Put a colon behind “{word}”"),
            Self::KeepTheSdl => write!(f, "Keep only the SDL"),
            Self::PlainSpaces => write!(f, "Put plain spaces"),
            Self::MakePersistent => write!(f, "Make it persistent"),
            Self::MakeTemporary => write!(f, "Set persistent to false"),
        }
    }
}
