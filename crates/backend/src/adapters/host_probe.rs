//! Measures the time to connect to a host: that of the TCP handshake, which is one round trip.
//! Hosts are named by sellers. Only public addresses are connected to, only on the two ports on
//! which providers' gateways answer, and nothing is sent or read.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

use super::guarded_http::is_public;
use crate::ports::{HostProbe, Unmeasured};

/// Time limit for one connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// Number of attempts, of which the fastest counts: delays are not distance.
const TRIES: usize = 3;

/// Ports on which providers' gateways and cloud endpoints answer. Connecting to any other port
/// would be a port scan of a third party's machine on a seller's behalf.
const PORTS: [u16; 2] = [443, 8443];

/// Measures over connections of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpProbe;

#[async_trait]
impl HostProbe for TcpProbe {
    async fn round_trip(&self, host: &str) -> Result<Duration, Unmeasured> {
        let address = public_address(host).await?;
        let mut shortest = None;
        for _ in 0..TRIES {
            let began = Instant::now();
            if let Ok(Ok(_closed_when_dropped)) =
                timeout(PATIENCE, TcpStream::connect(address)).await
            {
                let took = began.elapsed();
                shortest = Some(shortest.map_or(took, |known: Duration| known.min(took)));
            } else if shortest.is_none() {
                return Err(Unmeasured::Silent);
            }
        }
        shortest.ok_or(Unmeasured::Silent)
    }
}

/// Resolves a name once, so that the address that was checked is also the one that is connected to.
async fn public_address(host: &str) -> Result<SocketAddr, Unmeasured> {
    let (name, port) = host.rsplit_once(':').ok_or(Unmeasured::NotAsked)?;
    let port: u16 = port.parse().map_err(|_| Unmeasured::NotAsked)?;
    if !PORTS.contains(&port) {
        return Err(Unmeasured::NotAsked);
    }
    let found = timeout(PATIENCE, lookup_host((name, port))).await;
    let mut found = match found {
        Ok(Ok(found)) => found,
        Ok(Err(_)) | Err(_) => return Err(Unmeasured::Silent),
    };
    found
        .find(|address| is_public(address.ip()))
        .ok_or(Unmeasured::NotAsked)
}

/// Asks a sandbox for the distance of its hosts; for simulated runs only.
#[derive(Debug)]
pub struct SandboxProbe {
    base: String,
    http: reqwest::Client,
}

impl SandboxProbe {
    /// Makes a probe that asks the sandbox at `base`.
    #[must_use]
    pub fn new(base: String, http: reqwest::Client) -> Self {
        Self { base, http }
    }
}

#[async_trait]
impl HostProbe for SandboxProbe {
    async fn round_trip(&self, host: &str) -> Result<Duration, Unmeasured> {
        let began = Instant::now();
        let url = format!("{}/hosts/{host}", self.base);
        let answer = self.http.get(url).timeout(PATIENCE).send().await;
        let took = began.elapsed();
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(took),
            Ok(_) | Err(_) => Err(Unmeasured::Silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TcpProbe, public_address};
    use crate::ports::{HostProbe as _, Unmeasured};

    #[tokio::test]
    async fn nobody_near_is_connected_to_and_no_other_port() {
        for host in [
            "127.0.0.1:8443",
            "localhost:8443",
            "10.0.0.1:443",
            "169.254.169.254:443",
            "[::1]:8443",
            "1.1.1.1:22",
            "1.1.1.1:80",
            "1.1.1.1",
            "nonsense",
            "",
        ] {
            let refused = TcpProbe.round_trip(host).await;
            assert!(
                matches!(refused, Err(Unmeasured::NotAsked | Unmeasured::Silent)),
                "{host}"
            );
            assert!(public_address(host).await.is_err(), "{host}");
        }
        let far = public_address("1.1.1.1:8443").await.unwrap();
        assert_eq!(far.to_string(), "1.1.1.1:8443");
    }
}
