//! The ports on which the parts listen.

use anyhow::Result;

use crate::loopback;

/// The chosen ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ports {
    /// Port of the server.
    pub(super) page: u16,
    /// Port of the sandbox.
    pub(super) sandbox: u16,
    /// Port of the local chain.
    pub(super) chain: u16,
}

impl Ports {
    /// Takes the wanted ports, or the next free ones with a message.
    pub(super) fn choose(page: u16, sandbox: u16, chain: u16) -> Result<Self> {
        let page = take("Necto", page)?;
        let sandbox = take_other("The sandbox", sandbox, &[page])?;
        let chain = take_other("The chain", chain, &[page, sandbox])?;
        Ok(Self {
            page,
            sandbox,
            chain,
        })
    }
}

fn take(what: &str, wanted: u16) -> Result<u16> {
    take_other(what, wanted, &[])
}

fn take_other(what: &str, wanted: u16, taken: &[u16]) -> Result<u16> {
    let mut port = loopback::free_port(wanted)?;
    while taken.contains(&port) {
        port = loopback::free_port(port.saturating_add(1))?;
    }
    if port != wanted {
        println!("      Port {wanted} is in use; {what} listens on {port} instead");
    }
    Ok(port)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_three_never_share_a_port() {
        let free = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = free.local_addr().expect("is bound").port();
        drop(free);
        let ports = Ports::choose(port, port, port).expect("ports are free");
        assert_ne!(ports.page, ports.sandbox);
        assert_ne!(ports.page, ports.chain);
        assert_ne!(ports.sandbox, ports.chain);
    }
}
