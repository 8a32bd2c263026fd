//! Connection limits: in total, and per address.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use domain::network::AddressPrefix;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::config::{ConnectionLimits, TrustedProxies};

/// Counts open connections. Cheap to clone; all clones share one count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    connections: usize,
    by_address: HashMap<AddressPrefix, usize>,
    turned_away: u64,
}

impl Door {
    /// Number of open connections.
    pub(crate) fn connections(&self) -> usize {
        self.inside().connections
    }

    /// Number of connections that were closed at once because a limit was reached.
    pub(crate) fn turned_away(&self) -> u64 {
        self.inside().turned_away
    }

    /// Admits one more connection, unless there are already `most` in total or `most_of_one` of this address.
    fn enter(&self, most: usize, address: Option<(AddressPrefix, usize)>) -> Option<Place> {
        let mut inside = self.inside();
        let of_one = address.map_or(0, |(address, _)| {
            inside.by_address.get(&address).copied().unwrap_or(0)
        });
        let most_of_one = address.map_or(usize::MAX, |(_, most)| most);
        if inside.connections >= most || of_one >= most_of_one {
            inside.turned_away += 1;
            return None;
        }
        inside.connections += 1;
        let address = address.map(|(address, _)| address);
        if let Some(address) = address {
            inside.by_address.insert(address, of_one + 1);
        }
        Some(Place {
            door: self.clone(),
            address,
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Nothing panics while the lock is held, and the counts would be right even then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, released when it ends.
#[derive(Debug)]
struct Place {
    door: Door,
    address: Option<AddressPrefix>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        inside.connections -= 1;
        if let Some(address) = self.address
            && let Some(count) = inside.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                inside.by_address.remove(&address);
            }
        }
    }
}

/// Admits connections, and sets how long each waits for its client to read.
#[derive(Debug, Clone)]
pub(crate) struct Doorkeeper {
    door: Door,
    proxies: TrustedProxies,
    most: usize,
    most_per_address: usize,
    unread: Duration,
}

impl Doorkeeper {
    /// Creates the limiter of one listener; several listeners may share a `Door`.
    pub(crate) fn new(door: Door, limits: &ConnectionLimits) -> Self {
        Self {
            door,
            proxies: limits.proxies.clone(),
            most: limits.most,
            most_per_address: limits.most_per_address,
            unread: limits.unread,
        }
    }

    fn let_in(&self, stream: TcpStream) -> io::Result<Guest> {
        let peer = stream.peer_addr()?.ip().to_canonical();
        // A proxy carries many clients; so may this machine, if it runs a proxy that is not configured.
        let counted = !peer.is_loopback() && !self.proxies.contains(peer);
        let address = counted.then(|| (AddressPrefix::of(peer), self.most_per_address));
        let place = self
            .door
            .enter(self.most, address)
            .ok_or_else(|| io::Error::other("too many connections"))?;
        stream.set_nodelay(true)?;
        Ok(Guest {
            stream,
            unread: self.unread,
            stalled: None,
            _place: place,
        })
    }
}

impl<S> Accept<TcpStream, S> for Doorkeeper {
    type Stream = Guest;
    type Service = S;
    type Future = Ready<io::Result<(Guest, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.let_in(stream).map(|guest| (guest, service)))
    }
}

/// An admitted connection. Its place is released when it ends; it also ends if the client reads nothing for
/// too long.
#[derive(Debug)]
pub(crate) struct Guest {
    stream: TcpStream,
    unread: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Guest {
    /// Fails a write that has waited too long for the client to read.
    fn patient<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let unread = self.unread;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(unread)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.patient(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.patient(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{AddressPrefix, Door};

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_does_not_take_everybodys_place() {
        let door = Door::default();
        let enter = |from: &str| door.enter(4, Some((AddressPrefix::of(address(from)), 2)));
        let first = enter("203.0.113.9").unwrap();
        let _second = enter("203.0.113.9").unwrap();
        assert!(enter("203.0.113.9").is_none());
        let _other = enter("203.0.113.10").unwrap();
        let _by_the_proxy = door.enter(4, None).unwrap();
        assert!(enter("203.0.113.11").is_none(), "the house is full");
        assert_eq!((door.connections(), door.turned_away()), (4, 2));
        drop(first);
        let _again = enter("203.0.113.9").unwrap();
        assert_eq!(door.connections(), 4);
    }

    #[test]
    fn who_has_left_leaves_nothing_behind() {
        let door = Door::default();
        let places: Vec<_> = (0..200_u8)
            .filter_map(|last| {
                door.enter(
                    1000,
                    Some((AddressPrefix::of(IpAddr::from([192, 0, 2, last])), 2)),
                )
            })
            .collect();
        assert_eq!(places.len(), 200);
        drop(places);
        assert_eq!(door.connections(), 0);
        assert!(door.inside().by_address.is_empty());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        assert_eq!(
            AddressPrefix::of(address("2001:db8:1:2:3:4:5:6")),
            AddressPrefix::of(address("2001:db8:1:2::9"))
        );
        assert_ne!(
            AddressPrefix::of(address("2001:db8:1:2::9")),
            AddressPrefix::of(address("2001:db8:1:3::9"))
        );
    }
}
