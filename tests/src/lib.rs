//! Local networks of real nodes.
//!
//! `specie-testnet` runs them by hand and plays the [`story`]; the scenarios in `scenarios/` start one each and test
//! what only a network can show. Nothing is mocked: the nodes are the shipped binary, people act by the `specie`
//! command line, and everything is waited for by blocks, never by time alone.

pub mod authors;
pub mod certificates;
pub mod chain;
pub mod cli;
pub mod dev;
pub mod folder;
pub mod identity;
pub mod measure;
pub mod metrics;
pub mod network;
pub mod payments;
pub mod people;
pub mod ports;
pub mod process;
pub mod rpc;
pub mod search;
pub mod status;
pub mod story;
pub mod test_network;

pub use network::{Network, Options};
pub use rpc::Rpc;
pub use test_network::TestNetwork;
