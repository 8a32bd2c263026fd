//! [`Reach`] over single requests to public addresses, whose answers are not read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

use super::guarded_http::{PublicOnly, may_be_asked};
use crate::ports::Reach;

/// Time after which a host counts as not answering.
const PATIENCE: Duration = Duration::from_secs(8);

/// Statuses with which a provider's ingress itself answers, without a workload behind it.
const ENTRANCE: [StatusCode; 4] = [
    StatusCode::NOT_FOUND,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// Probes addresses on the internet.
#[derive(Debug, Clone)]
pub struct PublicReach {
    client: Client,
    /// `true` if this machine may be probed as well, because the outside world is simulated on it.
    here: bool,
}

impl PublicReach {
    /// Makes a prober. `here`: whether addresses of this machine are probed as well, which only
    /// simulated runs need.
    ///
    /// # Errors
    /// If no client can be created.
    pub fn new(here: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("necto/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .no_proxy()
            // Providers sign their own certificates. Nothing confidential is sent, and nothing is
            // concluded except that the address answered.
            .tls_danger_accept_invalid_certs(true)
            .dns_resolver(Arc::new(PublicOnly { here }))
            .build()?;
        Ok(Self { client, here })
    }

    /// Returns the address if it may be probed.
    fn allowed(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        may_be_asked(&url, self.here).then_some(url)
    }

    /// Returns the status of the answer, if any. The rest of the answer is dropped unread.
    async fn status(&self, address: &str) -> Option<StatusCode> {
        let url = self.allowed(address)?;
        let answer = self.client.get(url).send().await.ok()?;
        Some(answer.status())
    }
}

#[async_trait]
impl Reach for PublicReach {
    async fn answers(&self, address: &str) -> bool {
        self.status(address).await.is_some()
    }

    async fn serves(&self, address: &str) -> bool {
        self.status(address)
            .await
            .is_some_and(|status| !ENTRANCE.contains(&status))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::PublicReach;
    use crate::ports::Reach as _;

    /// Answers one request after another with `answer`; if empty, hangs up without an answer.
    async fn somebody(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _read = stream.read(&mut request).await.unwrap();
                stream.write_all(answer).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn any_answer_is_one_and_silence_is_none() {
        let reach = PublicReach::new(true).unwrap();
        let broken = somebody(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        assert!(reach.answers(&broken).await);
        let dead = somebody(b"").await;
        assert!(!reach.answers(&dead).await);
    }

    #[tokio::test]
    async fn what_the_entrance_says_itself_is_no_workload() {
        let reach = PublicReach::new(true).unwrap();
        for (answer, serves) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..], true),
            (
                b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n",
                true,
            ),
            (
                b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
                false,
            ),
            (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", false),
            (b"", false),
        ] {
            assert_eq!(reach.serves(&somebody(answer).await).await, serves);
        }
    }

    #[tokio::test]
    async fn addresses_of_this_machine_and_its_network_are_not_asked() {
        let here = somebody(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let reach = PublicReach::new(false).unwrap();
        assert!(!reach.answers(&here).await);
        assert!(!reach.answers(&here.replace("127.0.0.1", "localhost")).await);
        for address in [
            "http://169.254.169.254/latest/meta-data",
            "http://[::ffff:127.0.0.1]/",
            "http://10.0.0.1/",
            "http://2130706433/",
            "http://user@provider.example/",
            "file:///etc/passwd",
            "gopher://provider.example/",
            "nothing",
        ] {
            assert!(reach.allowed(address).is_none(), "{address}");
        }
        assert!(reach.allowed("https://provider.example:8443/").is_some());
    }
}
