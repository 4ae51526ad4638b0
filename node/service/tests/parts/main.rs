//! Tests of the service's parts. They stand outside of it, so that it is compiled once.

mod ceremony;
mod cli;
mod database;
mod keys;
mod metrics;
mod rpc;
mod spawner;
mod watch;
