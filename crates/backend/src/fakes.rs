//! The outside world for tests: scripted, deterministic, driven by its own clock only.

pub(crate) mod chain;
pub(crate) mod clock;
pub(crate) mod gate;
pub(crate) mod market;
pub(crate) mod played;
pub(crate) mod reach;
pub(crate) mod world;

pub(crate) use chain::FakeChain;
pub(crate) use clock::{FakeClock, FakeRandom};
pub(crate) use market::FakeMarket;
pub(crate) use reach::FakeReach;
pub(crate) use world::World;
