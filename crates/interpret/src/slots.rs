//! One recogniser per kind of field. Each takes the tokens that it understands and records the
//! words. Their order matters, because a token that is taken can no longer be misread.

pub(crate) mod akash;
pub(crate) mod cpu;
pub(crate) mod duration;
pub(crate) mod gpu;
pub(crate) mod memory;
pub(crate) mod money;
pub(crate) mod network;
pub(crate) mod persistence;
pub(crate) mod pricing;
pub(crate) mod priority;
pub(crate) mod region;
mod size;
pub(crate) mod workload;
