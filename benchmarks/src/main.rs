//! `specie-bench`: what limits and alerts add to the cost of a payment.
//!
//! Every configuration has a chain of its own with the same owners and coins. In every round each chain imports one
//! block of the same payments, one after the other and each time beginning with another chain, so that whatever slows
//! the machine down slows all of them down. What is measured is the import of a block by a full client, as a validator
//! does it: the signatures, the execution in Wasm, the root of the state and the commit to ParityDB, but no network and
//! no transaction pool.

mod chain;
mod configuration;
mod population;
mod report;

use anyhow::{ensure, Context, Result};
use chain::Chain;
use clap::Parser;
use configuration::Configuration;
use population::Population;
use report::Report;
use std::{fs, path::PathBuf};

/// Measures the import of blocks of payments, each signed by its payer and worth one coin: microseconds a payment, and
/// the ratio to the first configuration.
///
/// Configurations: a runtime without limits (with --variant), limits in the runtime and none set, limits set for every
/// class, and thresholds of alerts set as well.
#[derive(Clone, Debug, Parser)]
#[command(name = "specie-bench", version)]
struct Options {
    /// A runtime without limits, to which the others are compared; scripts/benchmark builds one.
    #[arg(long, value_name = "FILE.wasm")]
    variant: Option<PathBuf>,
    /// The runtime, in place of the one in this program. With --variant that is the one before it was compacted, as the
    /// variant is.
    #[arg(long, value_name = "FILE.wasm")]
    runtime: Option<PathBuf>,
    /// Owners in the state, each with a few coins.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    owners: u32,
    /// Payments in a block, by as many owners.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=4_000))]
    payments: u32,
    /// Blocks of each configuration that are measured.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=500))]
    rounds: u32,
    /// Blocks of each configuration before them.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=50))]
    warm_up: u32,
    /// Seed of who pays whom.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the databases, which are removed at the end; a temporary one by default.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Prints JSON, with every round.
    #[arg(long)]
    json: bool,
}

impl Options {
    fn configurations(&self) -> Result<Vec<Configuration>> {
        let read = |path: &PathBuf| fs::read(path).with_context(|| format!("could not read {}", path.display()));
        let variant = self.variant.as_ref().map(read).transpose()?;
        let built_in = if variant.is_some() { specie_runtime::WASM_BINARY_BLOATY } else { specie_runtime::WASM_BINARY };
        let shipped = match &self.runtime {
            Some(path) => read(path)?,
            None => built_in.context("this program was built without a runtime: give one with --runtime")?.to_vec(),
        };
        Ok(Configuration::all(variant, &shipped))
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    // Background tasks of the clients.
    let tokio = tokio::runtime::Runtime::new()?;
    let folder = match &options.folder {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    let folder = folder.context("could not make a folder for the databases")?;
    let mut population = Population::new(options.owners, options.seed);
    let mut chains = Vec::new();
    for configuration in options.configurations()? {
        let place = folder.path().join(configuration.name);
        chains.push(Chain::create(configuration, &mut population, &place, tokio.handle())?);
    }
    ensure!(
        options.variant.is_none() || chains[0].spec_name()? != chains[1].spec_name()?,
        "--variant is not another runtime: its name is {}",
        chains[0].spec_name()?
    );
    let mut report = Report::new(&options, chains.iter().map(Chain::name));
    for round in 0..options.warm_up + options.rounds {
        let payments = population.plan(options.payments)?;
        let mut times = vec![0.0; chains.len()];
        for turn in 0..chains.len() {
            let place = (turn + round as usize) % chains.len();
            let time = chains[place].pay(&population, &payments)?;
            times[place] = time.as_secs_f64() * 1e6 / f64::from(options.payments);
        }
        population.settle(&payments);
        if round >= options.warm_up {
            report.add(&times);
        }
    }
    for chain in &chains {
        chain.check(&population)?;
    }
    report.print(options.json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
