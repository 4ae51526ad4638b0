//! The validator of a Specie network, as a library: `specie-node` is this with a version.
//!
//! [`service`] puts the node together from the SDK's parts, [`database`] opens what it keeps and [`spawner`] runs its
//! tasks; [`cli`] and [`command`] are what an operator types, [`ceremony`] makes the keys of a new network; [`rpc`] is what
//! wallets ask, [`index`] feeds the index of who holds which coins, [`watch`] and [`metrics`] keep an eye on the books.

pub mod ceremony;
pub mod cli;
pub mod command;
pub mod database;
pub mod index;
pub mod keys;
pub mod metrics;
pub mod rpc;
pub mod service;
pub mod spawner;
pub mod watch;
