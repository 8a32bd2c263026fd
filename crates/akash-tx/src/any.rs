//! A message together with the name of its type.

use crate::wire::wire;

/// The bytes of a message with the name of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Any {
    /// Name of the type: `/` with package and message.
    pub type_url: String,
    /// Bytes of the message.
    pub value: Vec<u8>,
}

wire!(Any {
    type_url: 1,
    value: 2
});
