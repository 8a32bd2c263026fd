//! What comes from outside stays text: a corpus of markup is sent through every parameter of every route, every
//! argument of every server function and every stored text, over the real router, and no answer may hold any of it
//! as markup.
//!
//! None of the lists is written by hand. Routes are read from the router, functions from their registry, their
//! arguments and the names of query parameters from the source, stored texts from the database's own schema: what is
//! new is tried by itself, or the test says what it lacks.

mod corpus;
mod faults;
mod functions;
pub(super) mod log;
mod parameters;
mod sockets;
mod stored;
mod world;
