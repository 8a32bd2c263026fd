//! Values of settings: numbers, addresses and secrets, each with a sentence that names its variable if it is wrong.

use std::net::IpAddr;
use std::str::FromStr;

use domain::ids::Address;
use http::Uri;
use secrecy::{ExposeSecret, SecretString};

/// A value of a type that reads itself; `expected` describes it in the sentence about a wrong one.
pub(super) fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{name} is “{text}”: expected {expected}."))
}

/// A secret that must be set. The sentence about a missing one holds `expected`, and none holds the secret.
pub(super) fn present(
    name: &str,
    secret: Option<SecretString>,
    expected: &str,
) -> Result<SecretString, String> {
    filled(secret).ok_or_else(|| format!("{name} is not set: {expected}."))
}

/// A secret that may be missing; blank is missing.
pub(super) fn filled(secret: Option<SecretString>) -> Option<SecretString> {
    secret.filter(|secret| !secret.expose_secret().trim().is_empty())
}

/// A contract's address, which must be set.
pub(super) fn contract(name: &str, text: Option<&str>) -> Result<Address, String> {
    let text = text.ok_or_else(|| {
        format!("{name} is not set: the contract's address (`necto chain deploy` prints it).")
    })?;
    address(name, text)
}

/// An account's or a contract's address.
pub(super) fn address(name: &str, text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| format!("{name}: {error}."))
}

/// An http or https address, without slashes at its end.
pub(super) fn url(name: &str, text: &str) -> Result<String, String> {
    let problem = || format!("{name} is “{text}”: expected an address like https://host.");
    let uri: Uri = text.parse().map_err(|_| problem())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(problem()),
    }
}

/// One address or several, separated by commas.
pub(super) fn urls(name: &str, text: &str) -> Result<String, String> {
    let urls: Result<Vec<_>, _> = text.split(',').map(|one| url(name, one.trim())).collect();
    Ok(urls?.join(","))
}

/// Scheme, host and port alone.
pub(super) fn origin(name: &str, text: &str) -> Result<String, String> {
    let url = url(name, text)?;
    let uri: Uri = url
        .parse()
        .map_err(|_| format!("{name} is “{text}”: expected an address like https://host."))?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(format!(
            "{name} is “{text}”: expected scheme, host and port only, like https://host."
        ));
    }
    Ok(url)
}

/// Whether an address is one of this machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some(host) = url
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
    else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
