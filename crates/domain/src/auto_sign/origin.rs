//! Where a request came from.

use serde::{Deserialize, Serialize};

/// Where a request came from: what a page of another's making can bring about is not what a buyer decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Written by the buyer on Necto's page.
    #[default]
    Page,
    /// Words that a link brought along, changed or not.
    Link,
    /// A plain form: a browser sends one for whatever page it is on, without showing a price.
    PlainForm,
}
