//! Ownership of rows, as a query condition.

use crate::visitor::Owner;

/// Returns the condition for an owner's rows, on their `visitor` and `owner`, and the value for
/// `$1`.
pub(super) fn belongs_to(owner: Owner) -> (&'static str, String) {
    match owner {
        Owner::Browser(visitor) => ("visitor = $1 AND owner IS NULL", visitor.to_string()),
        Owner::Account(address) => ("owner = $1", address.to_string()),
    }
}
