//! Origin of a request.

use serde::{Deserialize, Serialize};

/// Origin of a request: something that another site's page can trigger is not the buyer's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Written by the buyer on Necto's page.
    #[default]
    Page,
    /// Words that came with a link, whether the buyer changed them or not.
    Link,
    /// A plain form, which any page can make a browser send and which shows no price.
    PlainForm,
}
