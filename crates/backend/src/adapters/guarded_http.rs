//! Reads text from one configured host and from no other.
//!
//! Names are resolved here and only public addresses are connected to, so that no name can lead to
//! this machine or its network, however it resolves the second time. Redirects are not followed,
//! nothing is decompressed, and time and size are limited.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use thiserror::Error;

use crate::ports::TemplateSourceError;

/// Time limit for establishing a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// An address that cannot be a source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "“{0}” is no address that templates can be read from: use https://host/path of a public host"
)]
pub struct BadSource(String);

/// Reads from the host of one base address.
#[derive(Debug, Clone)]
pub(super) struct GuardedHttp {
    client: Client,
    base: Url,
}

/// An answer of the host.
pub(super) enum Answer {
    /// The known text is still current.
    NotModified,
    /// New text, complete, with the tag for the next request if there is one.
    Text { text: String, etag: Option<String> },
}

impl GuardedHttp {
    /// Makes a reader for addresses below `base`. This machine is contacted only if `base` itself
    /// names it. An answer that is incomplete after `patience` is abandoned.
    pub(super) fn below(base: &str, patience: Duration) -> Result<Self, BadSource> {
        let bad = || BadSource(base.to_owned());
        let url = Url::parse(&format!("{}/", base.trim_end_matches('/'))).map_err(|_| bad())?;
        let names_here = url.host_str() == Some("localhost");
        let here = names_here || literal(&url).is_some_and(|ip| ip.is_loopback());
        if !may_be_asked(&url, here) {
            return Err(bad());
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let client = Client::builder()
            .user_agent(concat!("necto/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT)
            .timeout(patience)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { here }))
            .build()
            .map_err(|_| bad())?;
        Ok(Self { client, base: url })
    }

    /// Reads `path` below the base, up to `most_bytes`. `path` consists of plain parts only.
    pub(super) async fn read(
        &self,
        path: &str,
        known: Option<&str>,
        most_bytes: usize,
    ) -> Result<Answer, TemplateSourceError> {
        let url = self
            .base
            .join(path)
            .ok()
            .filter(|url| url.origin() == self.base.origin())
            .ok_or(TemplateSourceError::Elsewhere)?;
        let mut call = self.client.get(url);
        if let Some(known) = known {
            call = call.header(IF_NONE_MATCH, known);
        }
        let mut response = call.send().await.map_err(failure)?;
        match response.status() {
            StatusCode::NOT_MODIFIED => return Ok(Answer::NotModified),
            status if status.is_redirection() => return Err(TemplateSourceError::Elsewhere),
            status if !status.is_success() => {
                return Err(TemplateSourceError::Status(status.as_u16()));
            }
            _ => {}
        }
        let header = |name| response.headers().get(name)?.to_str().ok();
        if header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            return Err(TemplateSourceError::Unreadable);
        }
        let etag = header(ETAG).map(str::to_owned);
        let too_large = |length: u64| usize::try_from(length).is_ok_and(|n| n > most_bytes);
        if response.content_length().is_some_and(too_large) {
            return Err(TemplateSourceError::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if bytes.len() + chunk.len() > most_bytes {
                return Err(TemplateSourceError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(bytes).map_err(|_| TemplateSourceError::Unreadable)?;
        Ok(Answer::Text { text, etag })
    }
}

fn failure(error: reqwest::Error) -> TemplateSourceError {
    let refused = |error: &(dyn std::error::Error + 'static)| error.is::<NotPublic>();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if refused(error) {
            return TemplateSourceError::Elsewhere;
        }
        cause = error.source();
    }
    if error.is_timeout() {
        TemplateSourceError::TooSlow
    } else {
        TemplateSourceError::Unreachable
    }
}

/// The name has no permitted address.
#[derive(Debug, Error)]
#[error("the name leads to no public address")]
struct NotPublic;

/// Resolves names to public addresses only.
#[derive(Debug)]
pub(super) struct PublicOnly {
    /// `true` if this machine itself was configured: its loopback addresses are then permitted as
    /// well.
    pub(super) here: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let here = self.here;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| is_public(address.ip()) || (here && address.ip().is_loopback()))
                .collect();
            if allowed.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether a web address may be requested, before its name is resolved by [`PublicOnly`]. A literal
/// IP address is not resolved, so it is checked here. `here`: whether this machine may be
/// contacted.
pub(super) fn may_be_asked(url: &Url, here: bool) -> bool {
    let is_web = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    is_web
        && url.has_host()
        && literal(url).is_none_or(|ip| is_public(ip) || (here && ip.is_loopback()))
}

/// Returns the literal IP address in place of a name, if it is one.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse().ok()
}

/// Whether an address belongs to the internet, and not to this machine, its network, its cloud or
/// another address in disguise.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b == 18 || b == 19);
    let relay = a == 192 && b == 88 && c == 99;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || protocols
        || benchmark
        || relay)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = ip.to_ipv4() {
        return is_public_v4(inner) && ip.to_ipv4_mapped().is_some();
    }
    let [first, second, ..] = ip.segments();
    // Global unicast is 2000::/3; tunnels within it hide other addresses, and documentation ranges
    // mean nothing.
    first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{GuardedHttp, is_public};

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for ip in [
            "1.1.1.1",
            "140.82.121.3",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn no_base_address_names_another_machine_nearby() {
        for base in [
            "http://169.254.169.254/latest",
            "http://[::ffff:10.0.0.1]/x",
            // A number is an address as well: this one is 10.0.0.1.
            "http://167772161/",
            "http://user@github.example/",
            "ftp://host.example/",
            "file:///etc/passwd",
            "nothing",
        ] {
            assert!(GuardedHttp::below(base, Duration::ZERO).is_err(), "{base}");
        }
        assert!(GuardedHttp::below("http://127.0.0.1:4010/code", Duration::ZERO).is_ok());
        assert!(GuardedHttp::below("https://api.github.com/repos/a/b", Duration::ZERO).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_followed() {
        use super::{NotPublic, PublicOnly};
        use reqwest::dns::Resolve as _;
        let name = "localhost".parse().unwrap();
        let Err(refused) = (PublicOnly { here: false }).resolve(name).await else {
            panic!("this machine was found");
        };
        assert!(refused.is::<NotPublic>());
    }
}
