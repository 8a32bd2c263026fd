//! Limits concurrent event streams. Each holds its place for as long as its response body lives.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use backend::SessionId;
use domain::network::AddressPrefix;
use futures::StreamExt as _;

use super::rate::Rate;
use super::refusal::{Form, Refusal};
use super::table::Class;
use super::{Admission, Whose};
use crate::config::Limits;

/// Holder of a stream count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Process,
    Network(Option<AddressPrefix>),
    Session(SessionId),
}

/// All open streams of this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams(Arc<Mutex<HashMap<Of, u64>>>);

/// The limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The limit of this process.
    Process,
    /// The share of this network or session.
    Share(Share),
}

/// Holder and size of a share that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    is_network: bool,
    most: u64,
}

impl Full {
    /// Builds the response for the caller.
    pub(super) fn answer(self, admission: &Admission, request: &Request) -> Response {
        match self {
            Self::Process => {
                let sentence = "This server holds as many connections as it can.";
                Refusal::busy(sentence).answer(&Form::of(request))
            }
            Self::Share(share) => {
                let whose = if share.is_network {
                    Whose::Network
                } else {
                    Whose::Asker
                };
                // A place becomes free when another page is closed, which cannot be predicted.
                let rate = Rate::new(share.most, 1);
                admission.refuse(request, Class::Stream, whose, rate, 10)
            }
        }
    }
}

/// An occupied place, released on drop.
#[derive(Debug)]
pub(super) struct Place {
    streams: Streams,
    of: Vec<Of>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut standing = self.streams.standing();
        for of in &self.of {
            leave(&mut standing, *of);
        }
    }
}

fn leave<K: Eq + Hash>(standing: &mut HashMap<K, u64>, of: K) {
    if let Some(number) = standing.get_mut(&of) {
        *number -= 1;
        if *number == 0 {
            standing.remove(&of);
        }
    }
}

impl Streams {
    /// Takes a place from the process's and the network's limits.
    pub(super) fn open(&self, from: Option<AddressPrefix>, limits: &Limits) -> Result<Place, Full> {
        let share = Share {
            is_network: true,
            most: limits.streams_per_network,
        };
        self.take(&[
            (Of::Process, limits.streams, Full::Process),
            (Of::Network(from), share.most, Full::Share(share)),
        ])
    }

    /// Takes a place from the session's limit.
    pub(super) fn open_in(&self, session: SessionId, limits: &Limits) -> Result<Place, Full> {
        let share = Share {
            is_network: false,
            most: limits.streams_per_session,
        };
        self.take(&[(Of::Session(session), share.most, Full::Share(share))])
    }

    fn take(&self, wanted: &[(Of, u64, Full)]) -> Result<Place, Full> {
        let mut standing = self.standing();
        for (of, most, full) in wanted {
            if standing.get(of).is_some_and(|number| number >= most) {
                return Err(*full);
            }
        }
        for (of, ..) in wanted {
            *standing.entry(*of).or_default() += 1;
        }
        Ok(Place {
            streams: self.clone(),
            of: wanted.iter().map(|(of, ..)| *of).collect(),
        })
    }

    fn standing(&self) -> MutexGuard<'_, HashMap<Of, u64>> {
        // Each entry is a single number: a panic cannot have left it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attaches `place` to the response, so that it is held until the body ends or is dropped.
pub(super) fn held(response: Response, place: Place) -> Response {
    if !response.status().is_success() {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _kept = &place;
        }))
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::response::{IntoResponse as _, Response};
    use backend::SessionId;
    use domain::network::AddressPrefix;

    use super::{Full, Streams, held};
    use crate::config::Limits;

    const LIMITS: Limits = Limits {
        times: 1,
        streams: 5,
        streams_per_network: 3,
        streams_per_session: 2,
    };

    fn network(number: u32) -> Option<AddressPrefix> {
        Some(AddressPrefix::V4(number.into()))
    }

    #[test]
    fn a_network_a_session_and_the_process_each_have_so_many() {
        let streams = Streams::default();
        let mut places: Vec<_> = (0..3)
            .map(|_| streams.open(network(1), &LIMITS).unwrap())
            .collect();
        let full = streams.open(network(1), &LIMITS).unwrap_err();
        assert!(
            matches!(full, Full::Share(share) if share.is_network),
            "{full:?}"
        );
        places.push(streams.open(network(2), &LIMITS).unwrap());
        places.push(streams.open(network(3), &LIMITS).unwrap());
        assert_eq!(
            streams.open(network(4), &LIMITS).unwrap_err(),
            Full::Process
        );
        places.remove(0);
        places.push(streams.open(network(1), &LIMITS).unwrap());
        let session = SessionId::from_bytes([1; 16]);
        let first = streams.open_in(session, &LIMITS).unwrap();
        let _second = streams.open_in(session, &LIMITS).unwrap();
        assert!(streams.open_in(session, &LIMITS).is_err());
        drop(first);
        let _third = streams.open_in(session, &LIMITS).unwrap();
    }

    #[test]
    fn a_place_is_kept_as_long_as_the_body_and_no_longer() {
        let streams = Streams::default();
        let body = Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
        let place = streams.open(network(1), &LIMITS).unwrap();
        let response = held(Response::new(body), place);
        assert_eq!(streams.standing().len(), 2);
        drop(response);
        assert_eq!(streams.standing().len(), 0);
        let place = streams.open(network(1), &LIMITS).unwrap();
        let refused = held(axum::http::StatusCode::NOT_FOUND.into_response(), place);
        assert_eq!(streams.standing().len(), 0, "{refused:?}");
    }
}
