//! What payments cost at the import of a block, with the real runtime and database.
//!
//! Everything that is compared has a chain of its own with the same owners and coins. In every round each chain imports
//! one block of the same payments, one after the other and each time beginning with another chain, so that whatever slows
//! the machine down slows all of them down. What is measured is the import of a block by a full client, as a validator
//! does it: the signatures, the execution in Wasm, the root of the state and the commit to ParityDB, but no network and
//! no transaction pool.

mod chain;
mod cli;
mod configuration;
mod limits;
mod orders;
mod population;
mod report;

pub use cli::Cli;

use anyhow::{Context, Result};
use cli::{Common, Load, Measurement};
use population::{Payment, Population};
use report::Report;
use std::time::Duration;
use tempfile::TempDir;

/// Measures, and prints the figures.
pub fn run(cli: Cli) -> Result<()> {
    // Background tasks of the clients.
    let tokio = tokio::runtime::Runtime::new()?;
    let (common, report) = match &cli.measurement {
        Measurement::Limits(options) => (&options.common, limits::measure(options, tokio.handle())?),
        Measurement::Orders(options) => (&options.common, orders::measure(options, tokio.handle())?),
    };
    report.print(common.json)
}

/// Where the databases are, which are removed at the end.
fn folder(common: &Common) -> Result<TempDir> {
    let folder = match &common.folder {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    folder.context("could not make a folder for the databases")
}

/// Has each of these import a block of the same payments, round by round, and notes how long a payment took.
fn rounds<L>(
    common: &Common,
    load: Load,
    population: &mut Population,
    lanes: &mut [L],
    report: &mut Report,
    import: impl Fn(&mut L, &Population, &[Payment]) -> Result<Duration>,
) -> Result<()> {
    for round in 0..common.warm_up + load.rounds {
        let payments = population.plan(load.payments)?;
        let mut times = vec![0.0; lanes.len()];
        for turn in 0..lanes.len() {
            let place = (turn + round as usize) % lanes.len();
            let time = import(&mut lanes[place], population, &payments)?;
            times[place] = time.as_secs_f64() * 1e6 / f64::from(load.payments);
        }
        population.settle(&payments);
        if round >= common.warm_up {
            report.add(&times);
        }
    }
    Ok(())
}
