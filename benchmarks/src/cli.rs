//! The command line.

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Measures the import of blocks of payments worth one coin each: microseconds a payment, and the ratio to the first line.
#[derive(Clone, Debug, Parser)]
#[command(name = "specie-bench", version)]
pub struct Cli {
    /// What is measured.
    #[command(subcommand)]
    pub(crate) measurement: Measurement,
}

/// What can be measured.
#[derive(Clone, Debug, Subcommand)]
pub enum Measurement {
    /// What limits and alerts add to a payment.
    ///
    /// Configurations: a runtime without limits (with --variant), limits in the runtime and none set, limits set for every
    /// class, and thresholds of alerts set as well.
    Limits(LimitsOptions),
    /// What a payment costs by order, compared to a transaction of the payer.
    ///
    /// The same payments as transactions, as orders in batches of 1, 10, 100 and 1 000, with signatures that are wrapped as
    /// browser extensions do, with signatures that are all bad, and with as many orders forgotten as are executed.
    Orders(OrdersOptions),
}

/// What all measurements are told.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Owners in the state, each with a few coins.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub owners: u32,
    /// Blocks of each line before those that are measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=50))]
    pub warm_up: u32,
    /// Seed of who pays whom.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder for the databases, which are removed at the end; a temporary one by default.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Prints JSON, with every round.
    #[arg(long)]
    pub json: bool,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Payments in a block, by as many owners.
    pub payments: u32,
    /// Blocks of each line.
    pub rounds: u32,
}

/// How limits are measured.
#[derive(Clone, Debug, Args)]
pub struct LimitsOptions {
    /// A runtime without limits, to which the others are compared; scripts/benchmark builds one.
    #[arg(long, value_name = "FILE.wasm")]
    pub variant: Option<PathBuf>,
    /// The runtime, in place of the one in this program. With --variant that is the one before it was compacted, as the
    /// variant is.
    #[arg(long, value_name = "FILE.wasm")]
    pub runtime: Option<PathBuf>,
    /// Payments in a block, by as many owners.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=4_000))]
    pub payments: u32,
    /// Blocks of each configuration that are measured.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub rounds: u32,
    /// What all measurements are told.
    #[command(flatten)]
    pub common: Common,
}

/// How orders are measured.
#[derive(Clone, Debug, Args)]
pub struct OrdersOptions {
    /// The runtime, in place of the one in this program. Blocks of 1 000 payments take one with larger blocks;
    /// scripts/benchmark builds it.
    #[arg(long, value_name = "FILE.wasm")]
    pub runtime: Option<PathBuf>,
    /// Payments in a block, by as many owners. Batches that do not make up that number are left out.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=4_000))]
    pub payments: u32,
    /// Blocks of each line that are measured.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub rounds: u32,
    /// What all measurements are told.
    #[command(flatten)]
    pub common: Common,
}

/// A runtime in a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// The runtime in a file, or else the one that this program was built with.
pub fn shipped(path: Option<&Path>, built_in: Option<&[u8]>) -> Result<Vec<u8>> {
    match path {
        Some(path) => read(path),
        None => Ok(built_in.context("this program was built without a runtime: give one with --runtime")?.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_measurement_has_usual_sizes() {
        let read = |name| Cli::parse_from(["specie-bench", name]).measurement;
        let (Measurement::Limits(limits), Measurement::Orders(orders)) = (read("limits"), read("orders")) else {
            panic!("other measurements than those named");
        };
        assert_eq!((limits.payments, limits.rounds, orders.payments, orders.rounds), (250, 60, 1_000, 30));
        assert!(Cli::try_parse_from(["specie-bench"]).is_err());
    }
}
