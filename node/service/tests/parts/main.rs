//! Tests of the service's parts. They stand outside of it, so that it is compiled once.

mod cli;
mod keys;
mod metrics;
mod rpc;
mod watch;
