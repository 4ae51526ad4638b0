//! `specie-bench`: what payments cost at the import of a block.

use anyhow::Result;
use clap::Parser;

fn main() -> Result<()> {
    specie_benchmarks::run(specie_benchmarks::Cli::parse())
}
