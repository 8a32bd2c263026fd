//! The addresses at which an order's workload answers.

use super::order::Order;

/// Maximum number of a provider's addresses that are probed; it could report any number.
pub(crate) const MAX_ADDRESSES: usize = 8;

/// Returns the addresses that the provider assigned. Host names that the buyer brought may lead
/// elsewhere by now, for example to the deployment that follows this one.
pub(crate) fn assigned(order: &Order) -> Vec<&str> {
    let all = order.services.iter().flat_map(|service| &service.uris);
    all.map(String::as_str)
        .filter(|address| !is_brought(address, &order.sdl))
        .take(MAX_ADDRESSES)
        .collect()
}

/// Whether the address's host is named in the SDL.
fn is_brought(address: &str, sdl: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next().unwrap_or(host);
    sdl.contains(host)
}
