//! Checks that outside text is never markup: a corpus of markup is sent through every parameter of every
//! route, every argument of every server function and every stored text, over the real router, and no
//! response may contain any of it as markup.
//!
//! None of the lists is written by hand. Routes are read from the router, functions from their registry,
//! arguments and names of query parameters from the source, stored texts from the database schema. So
//! anything new is tested automatically, or the test says what it lacks.

mod corpus;
mod faults;
mod functions;
pub(super) mod log;
mod parameters;
mod sockets;
mod stored;
mod world;
