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

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // As text: returned from `main`, it would be printed for programmers.
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        },
    }
}
