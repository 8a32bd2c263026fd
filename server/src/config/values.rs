//! Parsers for numbers, addresses and secrets. Each error is a sentence that names the variable.

use std::net::IpAddr;
use std::str::FromStr;

use domain::ids::Address;
use http::Uri;
use secrecy::{ExposeSecret, SecretString};

/// Parses a value; `expected` describes a valid one in the error.
pub(super) fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{name} is “{text}”: expected {expected}."))
}

/// Requires a secret to be set. The error contains `expected`, never the secret.
pub(super) fn present(
    name: &str,
    secret: Option<SecretString>,
    expected: &str,
) -> Result<SecretString, String> {
    filled(secret).ok_or_else(|| format!("{name} is not set: {expected}."))
}

/// Returns an optional secret; a blank one counts as missing.
pub(super) fn filled(secret: Option<SecretString>) -> Option<SecretString> {
    secret.filter(|secret| !secret.expose_secret().trim().is_empty())
}

/// Parses the address of a contract, which must be set.
pub(super) fn contract(name: &str, text: Option<&str>) -> Result<Address, String> {
    let text = text.ok_or_else(|| {
        format!("{name} is not set: the contract's address (`necto chain deploy` prints it).")
    })?;
    address(name, text)
}

/// Parses the address of an account or a contract.
pub(super) fn address(name: &str, text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| format!("{name}: {error}."))
}

/// Parses an http or https URL and removes trailing slashes.
pub(super) fn url(name: &str, text: &str) -> Result<String, String> {
    let problem = || format!("{name} is “{text}”: expected an address like https://host.");
    let uri: Uri = text.parse().map_err(|_| problem())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(problem()),
    }
}

/// Parses one or more URLs, separated by commas.
pub(super) fn urls(name: &str, text: &str) -> Result<String, String> {
    let urls: Result<Vec<_>, _> = text.split(',').map(|one| url(name, one.trim())).collect();
    Ok(urls?.join(","))
}

/// Parses a URL that consists of scheme, host and port only.
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

/// Whether a URL points to this machine.
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
