//! Access to the operator's page.

use domain::ids::Address;

use super::problems::Problems;
use super::values::address;

/// Operators of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OperatorOptions {
    /// Wallet addresses, separated by commas, whose owners may open the operator's page.
    #[arg(long, env = "NECTO_OPERATORS", value_delimiter = ',')]
    operators: Vec<String>,
}

impl OperatorOptions {
    /// Parses the options; an empty list means that there are no operators.
    pub(super) fn check(&self, problems: &mut Problems) -> Vec<Address> {
        let named = self.operators.iter().map(|text| text.trim());
        named
            .filter(|text| !text.is_empty())
            .filter_map(|text| problems.note(address("NECTO_OPERATORS", text)))
            .collect()
    }
}
