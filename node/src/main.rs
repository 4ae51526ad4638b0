//! The validator of a Specie network.
//!
//! [`service`] puts the node together from the SDK's parts, [`cli`] and [`command`] are what an operator types,
//! [`rpc`] is what wallets ask, [`index`] knows who holds which coins, [`watch`] and [`metrics`] keep an eye on the
//! books.

mod cli;
mod command;
mod index;
mod keys;
mod metrics;
mod rpc;
mod service;
mod watch;

fn main() -> sc_cli::Result<()> {
    command::run()
}
