//! Identifies the variables of a service that are secrets, and those that can be guessed.

mod known;
mod strength;

use std::ops::Range;

use crate::model::{Service, Word};
pub(crate) use known::can_be_generated;
pub(crate) use strength::weakness;
pub use strength::{Weakness, strong};

/// The placeholder for a secret that is generated for each order.
pub const TO_BE_GENERATED: &str = "<generated>";

/// A secret of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The service that receives it.
    pub service: String,
    /// The variable that carries it.
    pub variable: String,
    /// The secret itself: for an address with credentials, the password in it.
    pub value: String,
    /// Reason why the secret gives no protection; `None` if no weakness is found.
    pub weakness: Option<Weakness>,
    /// `true` if the service can be reached from the internet.
    pub is_exposed: bool,
    /// `true` if Necto can generate one: no other party has to know or issue it.
    pub can_be_generated: bool,
}

/// Whether a variable of this name holds a secret, whatever image uses it.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    known::is_secret_name(name)
}

/// The secrets among the variables of a service, each with its variable and its place in the value.
pub(crate) fn of_service<'m, 'a>(
    service: &'m Service<'a>,
) -> impl Iterator<Item = (&'m Word<'a>, Range<usize>, Secret)> {
    service.env.iter().flatten().flat_map(move |variable| {
        of_variable(service, variable)
            .into_iter()
            .map(move |(part, secret)| (variable, part, secret))
    })
}

/// The secrets in a variable, each with its place in the value.
pub(crate) fn of_variable(
    service: &Service<'_>,
    variable: &Word<'_>,
) -> Vec<(Range<usize>, Secret)> {
    let (name, value) = split(variable.text);
    let is_exposed = service
        .expose
        .iter()
        .any(|port| port.to.iter().any(|to| to.global));
    parts(service, name, value)
        .into_iter()
        .map(|part| {
            let secret = Secret {
                service: service.name.text.to_owned(),
                variable: name.to_owned(),
                value: value[part.clone()].to_owned(),
                weakness: weakness(name, &value[part.clone()]),
                is_exposed,
                can_be_generated: can_be_generated(name),
            };
            (part, secret)
        })
        .collect()
}

/// Name and value of `NAME=value`.
pub(crate) fn split(variable: &str) -> (&str, &str) {
    variable.split_once('=').unwrap_or((variable, ""))
}

/// The parts of a value that are secret.
pub(crate) fn parts(service: &Service<'_>, name: &str, value: &str) -> Vec<Range<usize>> {
    let passwords = known::passwords_in_addresses(value);
    if !passwords.is_empty() || value.contains("://") {
        return passwords;
    }
    let image = service.image.map_or("", |image| image.text);
    if let Some(part) = known::of_image(image, name, value) {
        return vec![part];
    }
    // A switch (`ALLOW_EMPTY_PASSWORD=yes`) is not a secret, and a value composed elsewhere cannot
    // be judged.
    if known::is_secret_name(name) && !known::is_switch(value) && !value.contains("$(") {
        return std::iter::once(0..value.len()).collect();
    }
    Vec::new()
}
