//! Whose a row is, in a query's words.

use crate::visitor::Owner;

/// What is true of the rows of an owner, by their `visitor` and `owner`; and who that is, for `$1`.
pub(super) fn belongs_to(owner: Owner) -> (&'static str, String) {
    match owner {
        Owner::Browser(visitor) => ("visitor = $1 AND owner IS NULL", visitor.to_string()),
        Owner::Account(address) => ("owner = $1", address.to_string()),
    }
}
