//! The sandbox from outside, through the client that Necto uses and over plain HTTP.
//!
//! The modules say `cfg(test)` although all of this is a test: the lints that allow `unwrap` in
//! tests recognise tests by it.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod money;
#[cfg(test)]
mod persistence;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod wallet_doors;
#[cfg(test)]
mod wallet_signs;
