//! What a layer tells those behind it about a request.

use backend::sessions::Unstored;
use domain::network::AddressPrefix;

/// From where a request came, as an extension of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source(pub(super) Option<AddressPrefix>);

/// The session that begins with the first thing worth keeping, as an extension of the request.
#[derive(Clone, Debug)]
pub(super) struct Beginning(pub(super) Unstored);
