//! What limits and alerts add to the cost of a payment.

use crate::{
    chain::Chain,
    cli::{read, shipped, LimitsOptions, Load},
    configuration::Configuration,
    folder,
    population::Population,
    report::{Report, Setting},
    rounds,
};
use anyhow::{ensure, Result};
use tokio::runtime::Handle;

fn configurations(options: &LimitsOptions) -> Result<Vec<Configuration>> {
    let variant = options.variant.as_deref().map(read).transpose()?;
    let built_in = if variant.is_some() { specie_runtime::WASM_BINARY_BLOATY } else { specie_runtime::WASM_BINARY };
    Ok(Configuration::all(variant, &shipped(options.runtime.as_deref(), built_in)?))
}

/// Measures all configurations.
pub fn measure(options: &LimitsOptions, handle: &Handle) -> Result<Report> {
    let LimitsOptions { payments, rounds: blocks, ref common, .. } = *options;
    let folder = folder(common)?;
    let mut population = Population::new(common.owners, common.seed);
    let mut chains = Vec::new();
    for configuration in configurations(options)? {
        let place = folder.path().join(&configuration.name);
        chains.push(Chain::create(configuration, &mut population, &place, handle)?);
    }
    ensure!(
        options.variant.is_none() || chains[0].spec_name()? != chains[1].spec_name()?,
        "--variant is not another runtime: its name is {}",
        chains[0].spec_name()?
    );
    let setting = Setting {
        measures: "microseconds of block import per payment: one transaction, signed by its payer, of one coin",
        payments,
        owners: common.owners,
        seed: common.seed,
    };
    let mut report = Report::new(setting, chains.iter().map(Chain::name));
    let load = Load { payments, rounds: blocks };
    rounds(common, load, &mut population, &mut chains, &mut report, Chain::pay)?;
    for chain in &chains {
        chain.check(&population)?;
    }
    Ok(report)
}
