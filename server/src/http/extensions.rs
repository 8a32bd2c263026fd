//! Request extensions by which layers pass on what they found out.

use backend::sessions::Unstored;
use domain::network::AddressPrefix;

/// Source of the request; `None` without a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source(pub(super) Option<AddressPrefix>);

/// The session to be stored once there is something worth keeping.
#[derive(Clone, Debug)]
pub(super) struct Beginning(pub(super) Unstored);
