//! The server's listen address and its public address.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::problems::Problems;
use super::values::{is_loopback, origin, parse};

/// Addresses of `necto serve`, and the folder of its pages.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct HttpOptions {
    /// Address and port to listen on.
    #[arg(long, env = "NECTO_LISTEN", default_value = "127.0.0.1:3000")]
    listen: String,
    /// Address at which people reach this server, like https://necto.example; the listen address, by http,
    /// where not set. Sign-ins are bound to it.
    #[arg(long, env = "NECTO_PUBLIC_URL")]
    public_url: Option<String>,
    /// Folder of the built pages.
    #[arg(long, env = "NECTO_SITE_ROOT")]
    site_root: Option<PathBuf>,
}

/// The server's listen address and its public address.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    /// Address and port to listen on.
    pub(crate) listen: SocketAddr,
    /// Scheme, host and port of the public address, without a trailing slash.
    pub(crate) public_origin: String,
}

impl HttpOptions {
    /// Parses the options.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<Http> {
        let listen = problems.note(self.listen());
        if let Some(url) = &self.public_url {
            problems.note(origin("NECTO_PUBLIC_URL", url));
        }
        let public_origin = self.public_origin();
        if let Some(origin) = &public_origin {
            problems.note(encrypted_on_its_way(origin));
        }
        Some(Http {
            listen: listen?,
            public_origin: public_origin?,
        })
    }

    /// Folder of the built pages; `None` for the default location.
    pub(super) fn site_root(&self) -> Option<&Path> {
        self.site_root.as_deref()
    }

    /// Origin of the public address; `None` if the setting that it comes from is invalid.
    pub(super) fn public_origin(&self) -> Option<String> {
        match &self.public_url {
            Some(url) => origin("NECTO_PUBLIC_URL", url).ok(),
            None => self.listen().ok().map(|listen| format!("http://{listen}")),
        }
    }

    fn listen(&self) -> Result<SocketAddr, String> {
        let expected = "an address with a port, like 127.0.0.1:3000";
        parse("NECTO_LISTEN", &self.listen, expected)
    }
}

/// Requires HTTPS, unless the traffic never leaves this machine.
fn encrypted_on_its_way(origin: &str) -> Result<(), String> {
    if origin.starts_with("https://") || is_loopback(origin) {
        return Ok(());
    }
    Err(format!(
        "NECTO_PUBLIC_URL is {origin}: off this machine, sessions and secrets need https. Put a proxy with a certificate in front, and name its https address here."
    ))
}

#[cfg(test)]
mod tests {
    use crate::config::tests::options;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let problem = |arguments: &[&str]| match options(arguments).check() {
            Ok(_) => String::new(),
            Err(problems) => problems.to_string(),
        };
        for local in [
            "--public-url=http://127.0.0.1:3000",
            "--public-url=http://localhost:3000",
            "--public-url=http://[::1]:3000",
            "--public-url=https://necto.example",
        ] {
            assert_eq!(problem(&[local]), "", "{local}");
        }
        for open in ["--public-url=http://necto.example", "--listen=0.0.0.0:3000"] {
            let problem = problem(&[open]);
            assert!(problem.contains("need https"), "{open}: {problem}");
        }
        let behind_a_proxy = [
            "--listen=0.0.0.0:3000",
            "--public-url=https://necto.example",
        ];
        assert_eq!(problem(&behind_a_proxy), "");
    }
}
